/** What models whose scores are dot products have in common. N items, D dimensions, L history length. */
import { scoreAll } from "../../src/model/retrieval/exact-scan.ts";
import { foldInExact } from "../../src/model/tower/fold-in.ts";
import type { Factors, Params, Products, ScoredHistory, TrainedModel } from "./model.ts";

export function factorModel(name: string, params: Params, trainCpuSeconds: number, factors: Factors): TrainedModel {
  const { dimensions, itemVectors, userVector } = factors;
  return {
    name,
    params: { ...params },
    trainCpuSeconds,
    factors,
    products: productsOf(factors),
    score: (history, out) => scoreAll(userVector(history), itemVectors, dimensions, out),
  };
}

/** Scores that are the dot products themselves. */
export function productsOf({ dimensions, itemVectors, userVector }: Factors): Products {
  return {
    dimensions,
    itemVectors,
    person: (history) => ({ vectors: [userVector(history)], scores: ([scores]) => scores! }),
  };
}

/**
 * The weighted sum of rows, shape [D]; no rows: zeros.
 * @param vectors shape [N, D], row-major
 * @param rows shape [L], rows of `vectors`
 * @param weights shape [L]
 */
export function weightedSum(
  vectors: Float32Array,
  dimensions: number,
  rows: Uint32Array,
  weights: Float32Array,
): Float32Array {
  const sum = new Float32Array(dimensions);
  rows.forEach((row, at) => {
    const weight = weights[at]!;
    const start = row * dimensions;
    for (let d = 0; d < dimensions; d++) sum[d]! += weight * vectors[start + d]!;
  });
  return sum;
}

/** Whitened items, and the user tower's exact twin to fold a history in. */
export const foldInFactors = (itemVectors: Float32Array, dimensions: number): Factors => ({
  dimensions,
  itemVectors,
  userVector: (history) => foldInRows(itemVectors, dimensions, history),
});

/** The exact fold-in of rows of whitened items, shape [D]. */
export function foldInRows(
  itemVectors: Float32Array,
  dimensions: number,
  { rows, weights }: Pick<ScoredHistory, "rows" | "weights">,
): Float32Array {
  const history = new Float32Array(rows.length * dimensions);
  rows.forEach((row, at) => {
    history.set(itemVectors.subarray(row * dimensions, (row + 1) * dimensions), at * dimensions);
  });
  return foldInExact(history, weights, new Float32Array(rows.length).fill(1), dimensions);
}
