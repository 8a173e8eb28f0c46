/**
 * Content: what items say of themselves. Their TF-IDF vectors (text-features.ts) are reduced by truncated SVD (latent
 * semantic analysis: Deerwester et al. 1990; randomised: truncated-svd.ts) and made unit vectors; the score is the cosine
 * with the weighted mean of the history's. No interaction is looked at, so new items have a score like any other.
 *
 * N items, T terms, D dimensions. In memory: (N + T) D numbers beside the terms, never N x N.
 */
import type { DatasetItems } from "../import/dataset.ts";
import { factorModel, weightedSum } from "./factor-model.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, TrainedModel, TrainingData } from "./model.ts";
import { textFeatures } from "./text-features.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { truncatedSvd } from "./truncated-svd.ts";

export type ContentParams = {
  readonly dimensions: number;
  readonly seed: number;
};

/** Unit vectors, shape [N, D], row-major; an item without a term that another item has: zeros. */
export async function contentVectors(
  items: DatasetItems,
  params: ContentParams,
  pool: ThreadPool,
): Promise<Float32Array> {
  const { dimensions } = params;
  const { matrix } = textFeatures(items);
  const { vectors: termVectors } = await truncatedSvd(matrix, params, pool);
  const vectors = new Float32Array(matrix.users * dimensions);
  for (let item = 0; item < matrix.users; item++) {
    const [first, last] = [matrix.indptr[item]!, matrix.indptr[item + 1]!];
    const [terms, weights] = [matrix.indices.subarray(first, last), matrix.weights.subarray(first, last)];
    vectors.set(unit(weightedSum(termVectors, dimensions, terms, weights)), item * dimensions);
  }
  return vectors;
}

export async function trainContentModel(
  { items }: TrainingData,
  params: ContentParams,
  pool: ThreadPool,
): Promise<TrainedModel> {
  const { dimensions } = params;
  const { result: itemVectors, cpuSeconds } = await measureCpu(() => contentVectors(items, params, pool));
  return factorModel("content", params, cpuSeconds, {
    dimensions,
    itemVectors,
    userVector: ({ rows, weights }) => unit(weightedSum(itemVectors, dimensions, rows, weights)),
  });
}

/** Of length 1; zeros stay zeros. */
function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}

export const contentEntry: ModelEntry<ContentParams> = {
  defaults: { dimensions: 100, seed: 1 },
  tried: {},
  space: { dimensions: { values: [25, 50, 100, 200, 400] } },
  refusal: ({ items }) =>
    textFeatures(items).terms.length > 0
      ? null
      : 'the items have neither words nor attributes in common; leave "content" out of --models, or add columns to items.csv',
  train: (data, params, { pool }) => trainContentModel(data, params, pool),
};
