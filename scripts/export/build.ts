/** `affiche build` as one readable function: split, train, evaluate, cluster, rank, quantise. */
import { bundleToFiles } from "../../src/model/bundle/bundle.ts";
import type { Manifest } from "../../src/model/bundle/manifest.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import { areaUnderCurve } from "../../src/model/metrics/ranking-metrics.ts";
import { meanAndError } from "../../src/model/metrics/statistics.ts";
import { FEATURE_NAMES } from "../../src/model/ranking/features.ts";
import { rank } from "../../src/model/ranking/ranker.ts";
import type { Ranker } from "../../src/model/ranking/ranker.ts";
import { evaluateModel } from "../evaluate/evaluate.ts";
import type { MetricName, ModelRow } from "../evaluate/evaluate.ts";
import { loadProtocol } from "../evaluate/load-protocol.ts";
import { describeProtocol } from "../evaluate/report.ts";
import type { EvaluationReport } from "../evaluate/report.ts";
import type { TowersTrial } from "../evaluate/choose-towers.ts";
import { selectParams, selectTowers } from "../evaluate/select.ts";
import { readDataset } from "../import/dataset.ts";
import type { Dataset } from "../import/dataset.ts";
import type { Reading } from "../import/row-report.ts";
import type { Reporter } from "../output.ts";
import { buildInteractionMatrix } from "../train/interaction-matrix.ts";
import type { TrainingData } from "../train/model.ts";
import { trainModel } from "../train/models.ts";
import { trainRanker } from "../train/ranker.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import type { TowersParams } from "../train/towers.ts";
import { assemble } from "./assemble.ts";
import { listTimes, rankingExamples } from "./impressions.ts";
import type { Examples } from "./impressions.ts";
import { writeBundle } from "./write-bundle.ts";

export interface BuildOptions {
  readonly data: string;
  readonly out: string;
  readonly split: string;
  readonly version: number | null;
  readonly seed: number;
  /** Of vectors and tables. */
  readonly bytesPerItem: number;
  readonly reading: Reading;
}

/** What a head reaches on lists shown after those it was trained on. */
export interface HeadReport {
  readonly positives: number;
  readonly auc: number;
  /** Mean over the lists that hold both labels: what a score of the person alone cannot reach. */
  readonly aucWithinList: number;
  /** The same two for retrieval's score and for popularity alone. */
  readonly retrieval: { readonly auc: number; readonly aucWithinList: number };
  readonly popularity: { readonly auc: number; readonly aucWithinList: number };
}

export interface RankerReport {
  readonly trainedOn: number;
  readonly testedOn: number;
  readonly click: HeadReport;
  readonly booking: HeadReport;
}

export interface BuildReport {
  readonly manifest: Manifest;
  readonly evaluation: EvaluationReport;
  /** What the towers were chosen of, the best first. */
  readonly towers: readonly TowersTrial[];
  /** null: no impressions, the score is retrieval's. */
  readonly ranker: RankerReport | null;
}

const PUBLISHED = [
  "ndcgAt100",
  "recallAt20",
  "recallAt50",
  "hitsRecallAt20",
  "precisionAt10",
  "auc",
] as const satisfies readonly MetricName[];

/** Of the lists in order of time: items learn from what came before the first bound, the ranker between both. */
const RANKER_FROM = 0.6;
const RANKER_TEST_FROM = 0.85;

export async function buildBundle(options: BuildOptions, pool: ThreadPool, out: Reporter): Promise<BuildReport> {
  const { seed, reading } = options;
  const dataset = await readDataset(options.data, reading);
  const protocol = await loadProtocol(options.data, dataset, options.split, seed, reading);

  const chosen = await selectTowers(protocol, options.bytesPerItem, pool, out);
  const { params } = chosen;
  const ials = await selectParams("ials", protocol, pool, out);
  const models: ModelRow[] = [];
  for (const model of [
    await trainModel("popularity", {}, protocol.test.data, { pool }),
    await trainModel("ials", ials, protocol.test.data, { pool }),
    await trainModel("shipped", params, protocol.test.data, { pool }),
  ]) {
    out.log(`${model.name}: measuring ...`);
    models.push((await evaluateModel(model, protocol.test, pool)).row);
  }
  const evaluation = { ...describeProtocol(dataset, protocol), models };

  const ranking = await buildRanker(dataset, params, pool, out);
  out.log("Fitting the items that ship to all events ...");
  const data = positiveData(dataset, Infinity);
  const { bundle } = await assemble(dataset, data, params, pool);
  const files = bundleToFiles({ ...bundle, ranker: ranking?.ranker ?? null });
  const manifest = await writeBundle(
    options.out,
    files,
    {
      data: {
        name: dataset.meta.name,
        simulated: dataset.meta.simulated,
        users: dataset.users.length,
        items: dataset.items.ids.length,
        interactions: data.matrix.indices.length,
      },
      dimensions: params.dimensions,
      clusters: bundle.clusters.starts.length - 1,
      ranker: ranking ? "trained" : "retrieval",
      evaluation: { ...evaluation, models: models.map(published), ranker: ranking?.report ?? null },
    },
    options.version,
  );
  return { manifest, evaluation, towers: chosen.trials, ranker: ranking?.report ?? null };
}

/** What a bundle tells of a model: no time, which differs from run to run where equal input gives equal bytes. */
function published(row: ModelRow): Record<string, unknown> {
  const metrics = (from: Readonly<Record<MetricName, number>>) => PUBLISHED.map((name) => [name, from[name]] as const);
  return {
    name: row.name,
    params: row.params,
    ...Object.fromEntries(metrics(row)),
    coverageAt20: row.coverageAt20,
    se: Object.fromEntries(metrics(row.se)),
  };
}

/**
 * Positive events before a time; the weight of a pair is its strongest event's, its place in the person's order its first
 * event's.
 */
function positiveData({ events, meta, users, items }: Dataset, before: number): TrainingData {
  const positive = new Set<string>(meta.positiveEvents);
  const kept = Array.from(events.user.keys()).filter(
    (at) => positive.has(EVENT_KINDS[events.event[at]!]!) && !(events.timestamp[at]! >= before),
  );
  const matrix = buildInteractionMatrix({
    users: users.length,
    items: items.ids.length,
    userRows: Uint32Array.from(kept, (at) => events.user[at]!),
    itemRows: Uint32Array.from(kept, (at) => events.item[at]!),
    weights: Float32Array.from(kept, (at) => meta.weights[EVENT_KINDS[events.event[at]!]!] ?? 1),
  });
  const sequences = new Uint32Array(matrix.indices.length);
  const next = matrix.indptr.slice();
  const seen = new Set<number>();
  for (const at of kept.toSorted((a, b) => events.timestamp[a]! - events.timestamp[b]! || a - b)) {
    const [user, item] = [events.user[at]!, events.item[at]!];
    const pair = user * items.ids.length + item;
    if (!seen.has(pair)) sequences[next[user]!++] = item;
    seen.add(pair);
  }
  return { matrix, values: null, sequences: meta.timeUnit === "none" ? null : sequences, items };
}

/**
 * The ranker by impression, in order of time: the items it learns on know nothing of its lists, and it
 * is measured on later ones. What ships is fitted to all lists after the items' bound.
 */
async function buildRanker(
  dataset: Dataset,
  params: TowersParams,
  pool: ThreadPool,
  out: Reporter,
): Promise<{ ranker: Ranker; report: RankerReport } | null> {
  const { impressions } = dataset;
  if (!impressions || impressions.lists === 0) {
    out.log("No impressions: there is no ranker, the score is retrieval's.");
    return null;
  }
  const times = listTimes(impressions);
  if (times.some(Number.isNaN)) {
    out.log("The impressions have no timestamps: there is no ranker, the score is retrieval's.");
    return null;
  }
  const inTime = Array.from(times.keys()).toSorted((a, b) => times[a]! - times[b]! || a - b);
  const at = (share: number): number => Math.floor(share * inTime.length);
  const lists = inTime.slice(at(RANKER_FROM));
  const trainLists = at(RANKER_TEST_FROM) - at(RANKER_FROM);
  const before = times[lists[0]!]!;
  out.log("Fitting items to the events before the ranker's lists ...");
  const assembled = await assemble(dataset, positiveData(dataset, before), params, pool);
  const examples = rankingExamples(dataset, impressions, assembled, lists, (done) =>
    out.progress("lists with their features", done, lists.length),
  );
  const trainLength = lengthOfLists(examples, trainLists);
  const train = sliceExamples(examples, 0, trainLength);
  const test = sliceExamples(examples, trainLength, examples.list.length);
  const measured = trainRanker(train);
  const ranker = trainRanker(examples);
  if (!measured || !ranker) return null;
  const scores = rank(measured, test.features);
  return {
    ranker,
    report: {
      trainedOn: train.list.length,
      testedOn: test.list.length,
      click: headReport(test, test.clicked, scores.click),
      booking: headReport(test, test.booked, scores.booking),
    },
  };
}

/** The examples of the first lists. */
function lengthOfLists({ list }: Examples, lists: number): number {
  let seen = 0;
  const end = list.findIndex((number, at) => number !== list[at - 1] && ++seen > lists);
  return end < 0 ? list.length : end;
}

function sliceExamples(examples: Examples, from: number, to: number): Examples {
  return {
    features: examples.features.slice(from * FEATURE_NAMES.length, to * FEATURE_NAMES.length),
    list: examples.list.slice(from, to),
    position: examples.position.slice(from, to),
    clicked: examples.clicked.slice(from, to),
    booked: examples.booked.slice(from, to),
  };
}

function headReport(examples: Examples, labels: Uint8Array, scores: Float32Array): HeadReport {
  const feature = (name: (typeof FEATURE_NAMES)[number]): Float32Array => {
    const column = FEATURE_NAMES.indexOf(name);
    return scores.map((_, k) => examples.features[k * FEATURE_NAMES.length + column]!);
  };
  const measure = (values: Float32Array): { auc: number; aucWithinList: number } => ({
    auc: areaUnderCurve(values, positives(labels)),
    aucWithinList: withinLists(values, labels, examples.list),
  });
  return {
    positives: labels.reduce((sum, label) => sum + label, 0),
    ...measure(scores),
    retrieval: measure(feature("retrievalScore")),
    popularity: measure(feature("popularity")),
  };
}

function positives(labels: Uint8Array): Set<number> {
  return new Set(Array.from(labels.keys()).filter((k) => labels[k] === 1));
}

function withinLists(scores: Float32Array, labels: Uint8Array, list: Uint32Array): number {
  const values: number[] = [];
  for (let from = 0; from < list.length;) {
    let to = from + 1;
    while (to < list.length && list[to] === list[from]) to++;
    const targets = positives(labels.subarray(from, to));
    if (targets.size > 0 && targets.size < to - from) values.push(areaUnderCurve(scores.slice(from, to), targets));
    from = to;
  }
  return meanAndError(values).mean;
}
