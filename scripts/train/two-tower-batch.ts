/** What a step of the two towers is shown: some people's items, divided anew into history and targets. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { userRows } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import type { Random } from "./random.ts";
import type { SparseMatrix } from "./tensor-ops.ts";
import type { Batch } from "./two-tower-step.ts";

/** Its softmax is 0 in float32. */
const MASKED = -1e9;

/** The weights of a history, of length 1 together: w / sqrt(sum w^2). No history: none. */
export function pooledWeights(weights: Float32Array): Float32Array {
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  return weights.map((weight) => weight / norm);
}

/**
 * @param users rows of the matrix with two items at least
 * @param trained shape [N], 1 where an item has interactions: the others are no negatives
 * @param targetShare the chance of an item to be a target; each person has one target and one item of history at least
 */
export function makeBatch(
  matrix: InteractionMatrix,
  users: Uint32Array,
  trained: Uint8Array,
  targetShare: number,
  random: Random,
): Batch {
  const { items, indptr, indices, weights } = matrix;
  const histories: { at: number; rows: Uint32Array; weights: Float32Array }[] = [];
  const targets = new Float32Array(users.length * items);
  const mask = new Float32Array(users.length * items);
  const untrained = Float32Array.from(trained, (flag) => (flag === 1 ? 0 : MASKED));
  users.forEach((user, at) => {
    const rows = indices.subarray(indptr[user], indptr[user + 1]);
    const own = weights.subarray(indptr[user], indptr[user + 1]);
    const isTarget = Uint8Array.from(rows, () => (random() < targetShare ? 1 : 0));
    const forced = Math.floor(random() * rows.length);
    if (isTarget.every((flag) => flag === isTarget[0])) isTarget[forced] = 1 - isTarget[0]!;
    const total = own.reduce((sum, weight, k) => sum + weight * isTarget[k]!, 0);
    const row = at * items;
    mask.set(untrained, row);
    rows.forEach((item, k) => {
      if (isTarget[k] === 1) targets[row + item] = own[k]! / total;
      else mask[row + item] = MASKED;
    });
    const inHistory = (_: number, k: number): boolean => isTarget[k] === 0;
    histories.push({ at, rows: rows.filter(inHistory), weights: pooledWeights(own.filter(inHistory)) });
  });
  const length = histories.reduce((sum, { rows }) => sum + rows.length, 0);
  const history: SparseMatrix = {
    shape: [users.length, items],
    rows: new Uint32Array(length),
    columns: new Uint32Array(length),
    values: new Float32Array(length),
  };
  let start = 0;
  for (const { at, rows, weights } of histories) {
    history.rows.fill(at, start, start + rows.length);
    history.columns.set(rows, start);
    history.values.set(weights, start);
    start += rows.length;
  }
  return {
    history,
    targets: tf.tensor2d(targets, [users.length, items]),
    mask: tf.tensor2d(mask, [users.length, items]),
  };
}

/** shape [N, 1]: 0 where an item has no id in a step. */
export function idMask(items: number, dropout: number, random: Random): Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: items }, () => (random() < dropout ? 0 : 1)),
    [items, 1],
  );
}

/** The same matrix, entry by entry. */
export function sparseMatrix(matrix: InteractionMatrix): SparseMatrix {
  const { users, items, indices, weights } = matrix;
  return { shape: [users, items], rows: userRows(matrix), columns: indices, values: weights };
}
