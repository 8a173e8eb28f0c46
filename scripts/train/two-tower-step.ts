/**
 * The two towers and their loss, forward and backward, in tfjs-core ops. The gradients are written out: tfjs-core has
 * none of its own in Node, and they would multiply by transposed matrices, which the wasm backend does slowly: the
 * product of [256, 64] with the transpose of [3706, 64] takes 97 CPU ms, with a matrix that was transposed before 14.
 *
 * B users of a batch, N items, F features, D embedding size, H hidden units.
 *
 *   V = keep * ids + S content                     items, shape [N, D + 1]; the last column is the bias
 *   h = P V,  z = h W1 + b,  x = h_D + relu(z) W2  people, shape [B, D]; h_D is h without its last column
 *   p = softmax([x, 1] V' + mask),  loss = -1/B sum t ln p
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { sparseProduct, sparseTransposed } from "./tensor-ops.ts";
import type { SparseMatrix } from "./tensor-ops.ts";

/** The weights of both towers. */
export type TowerWeights<T1 = Tensor1D, T2 = Tensor2D> = {
  /** shape [N, D + 1] */
  readonly ids: T2;
  /** shape [F, D + 1] */
  readonly content: T2;
  /** W1, shape [D + 1, H] */
  readonly enter: T2;
  /** b, shape [H] */
  readonly threshold: T1;
  /** W2, shape [H, D] */
  readonly leave: T2;
};
export const WEIGHT_NAMES = ["ids", "content", "enter", "threshold", "leave"] as const;

/** Some people's items, divided into history and targets. */
export interface Batch {
  /** P, shape [B, N] */
  readonly history: SparseMatrix;
  /** t, shape [B, N], of sum 1 in each row */
  readonly targets: Tensor2D;
  /** shape [B, N], added to the scores: 0, or far below 0 for an item that is out of the question */
  readonly mask: Tensor2D;
}

/**
 * V.
 * @param features S, shape [N, F]
 * @param keep shape [N, 1], 0 where an item has no id in this step; null: all have
 */
export function itemTower(
  { ids, content }: Pick<TowerWeights, "ids" | "content">,
  features: SparseMatrix,
  keep: Tensor2D | null,
): Tensor2D {
  return tf.add(keep === null ? ids : tf.mul(ids, keep), sparseProduct(features, content));
}

/** [x, 1], shape [B, D + 1], and relu(z), shape [B, H]. @param pooled h */
export function historyTower(
  pooled: Tensor2D,
  { enter, threshold, leave }: Pick<TowerWeights, "enter" | "threshold" | "leave">,
): { people: Tensor2D; hidden: Tensor2D } {
  const hidden: Tensor2D = tf.relu(tf.add(tf.matMul(pooled, enter), threshold));
  const person: Tensor2D = tf.add(withoutLast(pooled), tf.matMul(hidden, leave));
  return { people: tf.concat2d([person, tf.ones([pooled.shape[0], 1])], 1), hidden };
}

const withoutLast = (rows: Tensor2D): Tensor2D => tf.slice(rows, [0, 0], [-1, rows.shape[1] - 1]);

/** -1/B sum t ln p, a number. */
export function softmaxLoss(probabilities: Tensor2D, targets: Tensor2D): number {
  // 1e-30 is far below float32's noise, and has a logarithm.
  const total = tf.sum(tf.mul(targets, tf.log(tf.add(probabilities, 1e-30))));
  return -total.dataSync()[0]! / targets.shape[0];
}

/** p, shape [B, N], and the gradient of the loss by each weight. */
export function towerGradients(
  weights: TowerWeights,
  features: SparseMatrix,
  keep: Tensor2D | null,
  { history, targets, mask }: Batch,
): { probabilities: Tensor2D; gradients: TowerWeights } {
  const { enter, leave } = weights;
  const items = itemTower(weights, features, keep);
  const pooled = sparseProduct(history, items);
  const { people, hidden } = historyTower(pooled, weights);
  const probabilities = tf.softmax(tf.add(tf.matMul(people, tf.transpose(items)), mask) as Tensor2D);

  const share = 1 / targets.shape[0];
  const ofScores: Tensor2D = tf.sub(probabilities, targets);
  const ofPeople: Tensor2D = tf.mul(withoutLast(tf.matMul(ofScores, items)), share);
  // The step of relu(z) is that of z.
  const ofHidden: Tensor2D = tf.mul(tf.matMul(ofPeople, tf.transpose(leave)), tf.step(hidden));
  const residual = tf.concat2d([ofPeople, tf.zeros([ofPeople.shape[0], 1])], 1);
  const ofPooled: Tensor2D = tf.add(residual, tf.matMul(ofHidden, tf.transpose(enter)));
  const ofItems: Tensor2D = tf.add(
    tf.mul(tf.transpose(tf.matMul(tf.transpose(people), ofScores)), share),
    sparseProduct(sparseTransposed(history), ofPooled),
  );
  const gradients: TowerWeights = {
    ids: keep === null ? ofItems : tf.mul(ofItems, keep),
    content: sparseProduct(sparseTransposed(features), ofItems),
    enter: tf.matMul(tf.transpose(pooled), ofHidden),
    threshold: tf.sum(ofHidden, 0),
    leave: tf.matMul(tf.transpose(hidden), ofPeople),
  };
  return { probabilities, gradients };
}
