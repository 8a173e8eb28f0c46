/** Measures a fitted model on people: the item side is the code that runs in the browser. */
import {
  areaUnderCurve,
  hitsRecallAt,
  meanAndError,
  ndcgAt,
  precisionAt,
  recallAt,
} from "../../src/model/metrics/ranking-metrics.ts";
import { topK } from "../../src/model/retrieval/exact-scan.ts";
import type { TrainedModel } from "../train/model.ts";
import type { Fold } from "./protocol.ts";

const PER_PERSON = {
  ndcgAt100: (ranked, targets) => ndcgAt(ranked, targets, 100),
  recallAt20: (ranked, targets) => recallAt(ranked, targets, 20),
  recallAt50: (ranked, targets) => recallAt(ranked, targets, 50),
  hitsRecallAt20: (ranked, targets) => hitsRecallAt(ranked, targets, 20),
  precisionAt10: (ranked, targets) => precisionAt(ranked, targets, 10),
  auc: (_, targets, scores) => areaUnderCurve(scores, targets),
} as const satisfies Record<
  string,
  (ranked: Uint32Array, targets: ReadonlySet<number>, scores: Float32Array) => number
>;

export type MetricName = keyof typeof PER_PERSON;
const METRICS = Object.keys(PER_PERSON) as MetricName[];
const LONGEST_LIST = 100;

export interface ModelRow extends Readonly<Record<MetricName, number>> {
  readonly name: string;
  readonly params: Readonly<Record<string, number>>;
  /** The share of the trained items that stand in somebody's first 20. */
  readonly coverageAt20: number;
  /** Standard errors of the means. */
  readonly se: Readonly<Record<MetricName, number>>;
  readonly trainCpuSeconds: number;
}

/** Items of the history and items that nobody in training has are masked; a target among the latter is a miss. */
export function evaluateModel(model: TrainedModel, fold: Fold, progress: (done: number) => void): ModelRow {
  const { items, indices } = fold.matrix;
  const trained = new Uint8Array(items);
  for (const item of indices) trained[item] = 1;
  const values = Object.fromEntries(METRICS.map((name) => [name, [] as number[]])) as Record<MetricName, number[]>;
  const shown = new Uint8Array(items);
  const scores = new Float32Array(items);
  fold.users.forEach(({ history, targets }, done) => {
    model.score(history, scores);
    for (let item = 0; item < items; item++) if (trained[item] === 0) scores[item] = -Infinity;
    for (const item of history.rows) scores[item] = -Infinity;
    const { rows } = topK(scores, LONGEST_LIST);
    for (const item of rows.subarray(0, 20)) shown[item] = 1;
    for (const name of METRICS) values[name].push(PER_PERSON[name](rows, targets, scores));
    progress(done + 1);
  });
  const summaries = METRICS.map((name) => [name, meanAndError(values[name])] as const);
  const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
  return {
    name: model.name,
    params: model.params,
    ...(Object.fromEntries(summaries.map(([name, { mean }]) => [name, mean])) as Record<MetricName, number>),
    coverageAt20: count(shown) / count(trained),
    se: Object.fromEntries(summaries.map(([name, { standardError }]) => [name, standardError])) as Record<
      MetricName,
      number
    >,
    trainCpuSeconds: model.trainCpuSeconds,
  };
}
