/** Every model beside one of them, person by person. */
import { pairedBootstrap } from "../../src/model/metrics/statistics.ts";
import type { PairedDifference } from "../../src/model/metrics/statistics.ts";
import { seededRandom } from "../train/random.ts";
import type { Measurement, MetricName } from "./evaluate.ts";

export const COMPARED = ["ndcgAt100", "recallAt20", "auc"] as const satisfies readonly MetricName[];

export interface Comparison extends Readonly<Record<(typeof COMPARED)[number], PairedDifference>> {
  readonly name: string;
}

/** The bounds of an interval then vary by about a hundredth of its width (Efron & Tibshirani 1993, section 19.3). */
const SAMPLES = 10_000;

/** The others minus `baseline`; each pair draws from the same seed, so that no pair depends on the others. */
export function compareWith(baseline: Measurement, others: readonly Measurement[], seed: number): Comparison[] {
  return others
    .filter((other) => other !== baseline)
    .map((other) => {
      const differences = COMPARED.map((metric) => {
        const pair = pairedBootstrap(other.values[metric], baseline.values[metric], seededRandom(seed), SAMPLES);
        return [metric, pair] as const;
      });
      return { name: other.row.name, ...Object.fromEntries(differences) } as Comparison;
    });
}
