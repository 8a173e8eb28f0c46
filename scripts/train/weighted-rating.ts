/**
 * The weighted rating of the Internet Movie Database ("true Bayesian estimate" of its Top 250): the same score for
 * everyone,
 *
 *   WR = v / (v + m) R + m / (v + m) C
 *
 * v ratings of the item, R their mean, C the mean of all ratings, m the votes at which an item's own mean counts half:
 * a quantile of the votes of the rated items. An item without ratings: C.
 */
import { EngineError } from "../../src/model/errors.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, TrainedModel, TrainingData } from "./model.ts";

export type WeightedRatingParams = {
  /** Of m among the votes, 0 to 1. */
  readonly quantile: number;
};

/** Ratings keep to a scale: stars and half stars, points of 10 or of 100. Play counts and hours do not. */
const SCALE_STEPS = 101;

/** @throws DATA_INVALID where {@link weightedRatingEntry} refuses */
export function weightedRatings(data: TrainingData, { quantile }: WeightedRatingParams): Float32Array {
  const reason = refusal(data);
  if (reason !== null) throw new EngineError("DATA_INVALID", { path: "events.csv", reason });
  const votes = new Float64Array(data.matrix.items);
  const sums = new Float64Array(data.matrix.items);
  data.values!.forEach((value, at) => {
    if (Number.isNaN(value)) return;
    const item = data.matrix.indices[at]!;
    votes[item]!++;
    sums[item]! += value;
  });
  const rated = votes.filter((count) => count > 0).sort();
  const m = rated[Math.floor(quantile * (rated.length - 1))]!;
  const total = (column: Float64Array): number => column.reduce((sum, value) => sum + value, 0);
  const mean = total(sums) / total(votes);
  // v R is the sum of the ratings.
  return Float32Array.from(votes, (v, item) => (sums[item]! + m * mean) / (v + m));
}

function refusal({ values }: TrainingData): string | null {
  const remedy = 'leave "weighted-rating" out of --models';
  const steps = new Set(values);
  steps.delete(NaN);
  if (steps.size === 0) return `the interactions have no ratings; ${remedy}`;
  if (steps.size <= SCALE_STEPS) return null;
  return `the interactions have ${steps.size} different values, more than a scale of ratings has steps; ${remedy}`;
}

export const weightedRatingEntry: ModelEntry<WeightedRatingParams> = {
  defaults: { quantile: 0.9 },
  tried: { quantile: [0.5, 0.8, 0.9, 0.95, 0.99] },
  space: { quantile: { values: [0, 0.25, 0.5, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1] } },
  refusal,
  async train(data, params): Promise<TrainedModel> {
    const { result, cpuSeconds } = await measureCpu(async () => weightedRatings(data, params));
    return {
      name: "weighted-rating",
      params: { ...params },
      trainCpuSeconds: cpuSeconds,
      score: (_history, out) => out.set(result),
    };
  },
};
