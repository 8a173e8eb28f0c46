/** Popularity: the same score for everyone, the sum of an item's weights. */
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, TrainedModel } from "./model.ts";

/** shape [N]: sum of the weights of each item's interactions; 0 without any. */
export function itemPopularity(matrix: InteractionMatrix): Float32Array {
  const popularity = new Float64Array(matrix.items);
  matrix.indices.forEach((item, at) => (popularity[item]! += matrix.weights[at]!));
  return Float32Array.from(popularity);
}

export async function trainPopularityModel(matrix: InteractionMatrix): Promise<TrainedModel> {
  const { result, cpuSeconds } = await measureCpu(async () => itemPopularity(matrix));
  return {
    name: "popularity",
    params: {},
    trainCpuSeconds: cpuSeconds,
    score: (_history, out) => out.set(result),
  };
}

export const popularityEntry: ModelEntry = {
  defaults: {},
  tried: {},
  space: {},
  train: ({ matrix }) => trainPopularityModel(matrix),
  // To count again is all that it takes.
  partialFit: (_, { matrix }) => trainPopularityModel(matrix),
};
