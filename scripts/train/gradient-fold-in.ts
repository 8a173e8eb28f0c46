/**
 * How a person whom training has not seen becomes a vector: as many passes over the history as training had epochs,
 * with the same loss, steps and drawn negatives, the items fixed; from the zero vector, which an empty history keeps. So
 * there is no setting of its own, and people whom training has seen are treated alike.
 *
 * D embedding size, L history length; vectors have D + 1 columns, the bias of the items last. Exact twin of one user's
 * steps in assembly/factorisation.ts, in float64.
 */
import { sigmoid } from "../../src/model/ranking/ranker.ts";
import type { ScoredHistory } from "./model.ts";
import { seededRandom, shuffle } from "./random.ts";

/** In the order of the kernel's codes. */
export const LOSSES = ["logistic", "bpr", "warp"] as const;
export type Loss = (typeof LOSSES)[number];

export type FactorisationParams = {
  readonly dimensions: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** The share of the learning rate that is gone at the last epoch, linearly; 0 to 1. */
  readonly decay: number;
  readonly regularisation: number;
  /** Logistic: negatives of an interaction. Otherwise draws, until one is a negative (BPR) or violates (WARP). */
  readonly draws: number;
  /** Negatives are drawn in proportion to their interactions to this power; WARP needs 0, all alike. */
  readonly negativePower: number;
  /** 1: with the features of the items; 0: without. */
  readonly features: number;
  readonly seed: number;
};

/**
 * @param itemVectors shape [N, D + 1], row-major
 * @param negatives item rows among which negatives are drawn
 * @param harmonic H(k) for k up to their number
 * @returns shape [D + 1], the last is 1
 */
export function foldInByGradients(
  loss: Loss,
  { rows, weights }: ScoredHistory,
  itemVectors: Float32Array,
  negatives: Uint32Array,
  harmonic: Float64Array,
  { dimensions, epochs, learningRate, decay, regularisation, draws, seed }: FactorisationParams,
): Float32Array {
  const width = dimensions + 1;
  const user = new Float64Array(width);
  const squares = new Float64Array(width).fill(1);
  user[dimensions] = 1;
  let userBias = 0;
  let userBiasSquares = 1;
  const random = seededRandom(seed);
  const known = new Set(rows);
  const order = Uint32Array.from(rows.keys());
  let rate = learningRate;

  const scoreOf = (item: number): number => {
    let sum = 0;
    for (let d = 0, at = item * width; d < width; d++, at++) sum += user[d]! * itemVectors[at]!;
    return sum;
  };
  const step = (d: number, slope: number): void => {
    const gradient = slope + regularisation * user[d]!;
    squares[d]! += gradient * gradient;
    user[d]! -= (rate * gradient) / Math.sqrt(squares[d]!);
  };
  const stepTowards = (item: number, slope: number): void => {
    for (let d = 0, at = item * width; d < dimensions; d++, at++) step(d, slope * itemVectors[at]!);
    userBiasSquares += slope * slope;
    userBias -= (rate * slope) / Math.sqrt(userBiasSquares);
  };
  const stepBetween = (positive: number, negative: number, slope: number): void => {
    const p = positive * width;
    const n = negative * width;
    for (let d = 0; d < dimensions; d++) step(d, slope * (itemVectors[p + d]! - itemVectors[n + d]!));
  };
  const draw = (): number => negatives[Math.floor(random() * negatives.length)]!;

  for (let epoch = 0; epoch < epochs; epoch++) {
    rate = learningRate * (1 - (decay * epoch) / epochs);
    shuffle(order, random);
    for (const at of order) {
      const item = rows[at]!;
      const weight = weights[at]!;
      if (loss === "logistic") {
        stepTowards(item, -weight * sigmoid(-scoreOf(item) - userBias));
        for (let k = 0; k < draws; k++) {
          const other = draw();
          if (!known.has(other)) stepTowards(other, weight * sigmoid(scoreOf(other) + userBias));
        }
        continue;
      }
      const score = scoreOf(item);
      for (let trial = 1; trial <= draws; trial++) {
        const other = draw();
        if (known.has(other)) continue;
        const margin = score - scoreOf(other);
        if (loss === "bpr") stepBetween(item, other, -weight * sigmoid(-margin));
        else if (margin < 1) stepBetween(item, other, -weight * harmonic[Math.floor(negatives.length / trial)]!);
        else continue;
        break;
      }
    }
  }
  return Float32Array.from(user);
}
