/** Measures a fitted model on people: the item side is the code that runs in the browser. */
import { coverage, diversityAt, giniIndex, noveltyAt } from "../../src/model/metrics/list-metrics.ts";
import {
  areaUnderCurve,
  averagePrecisionAt,
  hitAt,
  hitsRecallAt,
  ndcgAt,
  precisionAt,
  recallAt,
  reciprocalRankAt,
} from "../../src/model/metrics/ranking-metrics.ts";
import { meanAndError } from "../../src/model/metrics/statistics.ts";
import { topK } from "../../src/model/retrieval/exact-scan.ts";
import type { TrainedModel } from "../train/model.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { itemStatistics } from "./item-statistics.ts";
import type { ItemStatistics } from "./item-statistics.ts";
import type { Fold } from "./protocol.ts";
import { scorePeople } from "./score-people.ts";

/** What is known of one person when the list is there. */
interface Ranked {
  /** Item rows, best first. */
  readonly list: Uint32Array;
  readonly targets: ReadonlySet<number>;
  /** shape [N], -Infinity for masked items. */
  readonly scores: Float32Array;
  readonly statistics: ItemStatistics;
}

const PER_PERSON = {
  ndcgAt10: ({ list, targets }) => ndcgAt(list, targets, 10),
  ndcgAt20: ({ list, targets }) => ndcgAt(list, targets, 20),
  ndcgAt100: ({ list, targets }) => ndcgAt(list, targets, 100),
  recallAt20: ({ list, targets }) => recallAt(list, targets, 20),
  recallAt50: ({ list, targets }) => recallAt(list, targets, 50),
  hitsRecallAt10: ({ list, targets }) => hitsRecallAt(list, targets, 10),
  hitsRecallAt20: ({ list, targets }) => hitsRecallAt(list, targets, 20),
  precisionAt10: ({ list, targets }) => precisionAt(list, targets, 10),
  mapAt10: ({ list, targets }) => averagePrecisionAt(list, targets, 10),
  mrrAt100: ({ list, targets }) => reciprocalRankAt(list, targets, 100),
  hitRateAt10: ({ list, targets }) => hitAt(list, targets, 10),
  auc: ({ scores, targets }) => areaUnderCurve(scores, targets),
  noveltyAt20: ({ list, statistics }) => noveltyAt(list, 20, statistics.owners, statistics.people),
  diversityAt10: ({ list, statistics }) => diversityAt(list, 10, statistics.cosine),
} as const satisfies Record<string, (ranked: Ranked) => number>;

export type MetricName = keyof typeof PER_PERSON;
export const METRICS = Object.keys(PER_PERSON) as MetricName[];
const LONGEST_LIST = 100;
/** The first places count for coverage and Gini. */
const SHOWN = 20;

export type ByMetric<T> = Readonly<Record<MetricName, T>>;
const byMetric = <T>(value: (name: MetricName) => T): ByMetric<T> =>
  Object.fromEntries(METRICS.map((name) => [name, value(name)])) as ByMetric<T>;

export interface ModelRow extends ByMetric<number> {
  readonly name: string;
  readonly params: Readonly<Record<string, number>>;
  /** The share of the items that could be recommended which stand in somebody's first 20. */
  readonly coverageAt20: number;
  /** Of how often each of them stands there. */
  readonly giniAt20: number;
  /** Standard errors of the means. */
  readonly se: ByMetric<number>;
  readonly trainCpuSeconds: number;
}

/** The row, and what it is the mean of: in the order of the fold's people. */
export interface Measurement {
  readonly row: ModelRow;
  /** NaN where a metric is undefined for a person. */
  readonly values: ByMetric<readonly number[]>;
  /** Item rows, best first, at most 100. */
  readonly lists: readonly Uint32Array[];
}

/** @throws CANCELLED */
export async function evaluateModel(model: TrainedModel, fold: Fold, pool: ThreadPool): Promise<Measurement> {
  const { items } = fold.data.matrix;
  const statistics = itemStatistics(fold.data.matrix);
  const values = byMetric((): number[] => []);
  const lists: Uint32Array[] = [];
  const shown = new Uint32Array(items);
  await forEachList(model, fold, pool, (list, targets, scores) => {
    for (const item of list.subarray(0, SHOWN)) shown[item]!++;
    const person = { list, targets, scores, statistics };
    for (const name of METRICS) values[name].push(PER_PERSON[name](person));
    lists.push(list);
  });
  const summary = byMetric((name) => meanAndError(values[name]));
  const counts = shown.filter((_, item) => fold.candidates[item] === 1);
  const row = {
    name: model.name,
    params: model.params,
    ...byMetric((name) => summary[name].mean),
    coverageAt20: coverage(counts),
    giniAt20: giniIndex(counts),
    se: byMetric((name) => summary[name].standardError),
    trainCpuSeconds: model.trainCpuSeconds,
  };
  return { row, values, lists };
}

/** The mean NDCG@100 alone, by which settings are chosen. @throws CANCELLED */
export async function meanNdcg(model: TrainedModel, fold: Fold, pool: ThreadPool): Promise<number> {
  const values: number[] = [];
  await forEachList(model, fold, pool, (list, targets) => values.push(ndcgAt(list, targets, 100)));
  return meanAndError(values).mean;
}

/**
 * Items of the history and items that are no candidates are masked; a target among the latter is a miss.
 * @param visit gets each person's first 100 item rows, targets and scores (masked: -Infinity) in turn
 */
export async function forEachList(
  model: TrainedModel,
  { data, users, candidates, tieOrder }: Fold,
  pool: ThreadPool,
  visit: (list: Uint32Array, targets: ReadonlySet<number>, scores: Float32Array) => void,
): Promise<void> {
  const masked = Uint32Array.from(candidates.keys()).filter((item) => candidates[item] === 0);
  await scorePeople(model, users, data.matrix.items, pool, (scores, person) => {
    const { history, targets } = users[person]!;
    for (const item of masked) scores[item] = -Infinity;
    for (const item of history.rows) scores[item] = -Infinity;
    visit(ranked(scores, tieOrder), targets, scores);
  });
}

/** Item rows, best first. */
function ranked(scores: Float32Array, tieOrder: Uint32Array | null): Uint32Array {
  if (tieOrder === null) return topK(scores, LONGEST_LIST).rows;
  const inOrder = new Float32Array(scores.length);
  for (let place = 0; place < inOrder.length; place++) inOrder[place] = scores[tieOrder[place]!]!;
  return topK(inOrder, LONGEST_LIST).rows.map((place) => tieOrder[place]!);
}
