/** What models whose scores are dot products have in common. N items, D dimensions, L history length. */
import { scoreAll } from "../../src/model/retrieval/exact-scan.ts";
import { foldInExact } from "../../src/model/tower/fold-in.ts";
import { foldInHistories } from "./fold-in-people.ts";
import type { Factors, Params, PersonProducts, Products, ScoredHistory, TrainedModel } from "./model.ts";

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

/** As {@link factorModel}, of whitened items and the fold-in. @param itemVectors shape [N, D] */
export function foldInModel(
  name: string,
  params: Params & { readonly dimensions: number },
  trainCpuSeconds: number,
  itemVectors: Float32Array,
): TrainedModel & { readonly factors: Factors } {
  const { dimensions } = params;
  const factors: Factors = {
    dimensions,
    itemVectors,
    userVector: (history) => foldInRows(itemVectors, dimensions, history),
  };
  const products = foldInProducts(itemVectors, dimensions);
  return { ...factorModel(name, params, trainCpuSeconds, factors), factors, products };
}

/** Scores that are the dot products themselves. */
function productsOf({ dimensions, itemVectors, userVector }: Factors): Products {
  return {
    dimensions,
    itemVectors,
    people: (histories) => histories.map((history) => asTheyAre(userVector(history))),
  };
}

/** As {@link productsOf} the fold-in of whitened items, which a kernel does for many people at once. */
export const foldInProducts = (itemVectors: Float32Array, dimensions: number): Products => ({
  dimensions,
  itemVectors,
  people: async (histories, pool) =>
    (await foldInHistories(histories, itemVectors, dimensions, pool)).map((vector) => asTheyAre(vector)),
});

const asTheyAre = (vector: Float32Array): PersonProducts => ({ vectors: [vector], scores: ([scores]) => scores! });

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
