/**
 * What `build` writes and the browser runs, up to the score: the towers and their tables as they are quantised, the
 * history through the user tower, scored by what the browser scores with. Slate and rules come after it, and so does the
 * ranker, which learns from impressions. Beside it the same in float32, and the dot product alone.
 */
import { RETRIEVAL, TOWER } from "../../src/model/config.ts";
import { scoreAll } from "../../src/model/retrieval/exact-scan.ts";
import { rowsToScan, scoredRows } from "../../src/model/retrieval/personal.ts";
import { dequantiseRows, quantiseQuery, quantiseQueryInt16, scanInt8 } from "../../src/model/retrieval/quantise.ts";
import { everyRow, withoutRows } from "../../src/model/retrieval/row-filter.ts";
import type { TowerInput } from "../../src/model/tower/history.ts";
import { LAST_INTERESTS, popularityFactorOf, scorerOf } from "../../src/model/tower/scorer.ts";
import { foldInTensor } from "../../src/model/tower/user-tower.ts";
import { foldInRows } from "./factor-model.ts";
import { ialsEntry } from "./ials.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, PersonProducts, Products, ScoredHistory, TrainedModel, TrainingData } from "./model.ts";
import { itemPopularity } from "./popularity.ts";
import { openBackend } from "./tensor-ops.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { NO_ENTRIES, recentInput, towersOf, TOWERS_DEFAULTS, trainTowers } from "./towers.ts";
import type { TowerParts, TowersParams } from "./towers.ts";

/** How the people of an evaluation are scored: one by one, and many at once where that is the same. */
type Scoring = Pick<TrainedModel, "score" | "products">;

/** @throws INTERNAL where tfjs does not run */
async function shippedModel(parts: TowerParts, popularity: Float32Array): Promise<Scoring> {
  await openBackend();
  const { items, residual, transitions, params } = towersOf(parts);
  const popularityFactor = popularityFactorOf(popularity, params.popularityExponent);
  const model = { items, residual, transitions, params: TOWER, popularityFactor };
  const folded = ({ rows, weights }: ScoredHistory): { user: Float32Array; input: TowerInput } => {
    const input = recentInput(rows, weights, params.recencyDecay);
    const vectors = dequantiseRows(items, input.rows);
    const tensor = foldInTensor(vectors, input.weights, input.targets, items.dimensions, TOWER.conjugateGradientSteps);
    const user = tensor.dataSync<"float32">();
    tensor.dispose();
    return { user, input };
  };
  const score: Scoring["score"] = (history, out) => {
    const { user, input } = folded(history);
    const scorer = scorerOf(model, user, input);
    const scan = rowsToScan(model, RETRIEVAL.personal);
    if (scan === 0) {
      out.set(scorer.all());
      return;
    }
    // What neither the scan nor a table finds stands below all that is found.
    const filter = withoutRows(everyRow(items.count), history.rows);
    const scanned = scanInt8(items, quantiseQuery(user, items), scan, filter).rows;
    const found = scoredRows(scorer, scanned, items.count, filter);
    out.fill((found.scores.at(-1) ?? 0) - 1);
    found.rows.forEach((row, at) => (out[row] = found.scores[at]!));
  };
  if (rowsToScan(model, 0) > 0) return { score };
  const people: Products["people"] = (histories) =>
    histories.map((history) => {
      const { user, input } = folded(history);
      return {
        vectors: halvesOf(quantiseQueryInt16(user, items).values),
        scores: ([high, low]) => scorerOf(model, user, input, () => ofHalves(high!, low!)).all(),
      };
    });
  return { score, products: { dimensions: items.dimensions, itemVectors: Float32Array.from(items.values), people } };
}

/** Numbers of 16 bits as 256 high + low, both so small that float32 adds their products with bytes exactly up to D = 1,000. */
const halvesOf = (values: Int16Array): [high: Float32Array, low: Float32Array] => {
  const high = Float32Array.from(values, (value) => Math.round(value / 256));
  return [high, Float32Array.from(values, (value, d) => value - 256 * high[d]!)];
};
const ofHalves = (high: Float32Array, low: Float32Array): Int32Array =>
  Int32Array.from(high, (value, at) => 256 * value + low[at]!);

/** Nothing quantised, and the fold-in solved exactly: the twin that says what quantisation costs. */
function floatModel({ vectors, residual, transitions, params }: TowerParts, popularity: Float32Array): Scoring {
  const { dimensions } = params;
  const popularityFactor = popularityFactorOf(popularity, params.popularityExponent);
  const [entriesOf, followersOf] = [residual, transitions].map(({ sources }) => {
    const places = new Map<number, number[]>();
    sources.forEach((source, at) => places.set(source, [...(places.get(source) ?? []), at]));
    return (source: number): readonly number[] => places.get(source) ?? [];
  }) as [PlacesOf, PlacesOf];
  const person = ({ rows, weights }: ScoredHistory): PersonProducts => {
    const input = recentInput(rows, weights, params.recencyDecay);
    return {
      vectors: [foldInRows(vectors, dimensions, input)],
      scores: ([out]) => {
        input.rows.forEach((row, at) => {
          const weight = params.residualWeight * Math.min(1, input.weights[at]!);
          for (const p of entriesOf(row)) out![residual.targets[p]!]! += weight * residual.values[p]!;
          const age = input.rows.length - 1 - at;
          if (age >= LAST_INTERESTS) return;
          const decayed = params.transitionWeight * TOWER.orderDecay ** age;
          for (const p of followersOf(row)) out![transitions.targets[p]!]! += decayed * transitions.values[p]!;
        });
        popularityFactor.forEach((factor, row) => (out![row]! *= factor));
        return out!;
      },
    };
  };
  return {
    score(history, out) {
      const { vectors: users, scores } = person(history);
      scoreAll(users[0]!, vectors, dimensions, out);
      scores([out]);
    },
    products: { dimensions, itemVectors: vectors, people: (histories) => histories.map(person) },
  };
}

type PlacesOf = (source: number) => readonly number[];
type Build = (parts: TowerParts, popularity: Float32Array) => Scoring | Promise<Scoring>;

const BUILDS = {
  shipped: shippedModel,
  "shipped-float32": floatModel,
  "shipped-dot": (parts, popularity) =>
    shippedModel({ ...parts, residual: NO_ENTRIES, transitions: NO_ENTRIES }, popularity),
} as const satisfies Record<string, Build>;

/** One of the three, of towers that are trained. */
export async function modelOfTowers(
  name: keyof typeof BUILDS,
  parts: TowerParts,
  data: TrainingData,
  trainCpuSeconds: number,
): Promise<TrainedModel> {
  const popularity = itemPopularity(data.matrix);
  const { score, products } = await BUILDS[name](parts, popularity);
  return {
    name,
    params: { ...parts.params },
    trainCpuSeconds,
    score: (history, out) => (history.rows.length === 0 ? out.set(popularity) : score(history, out)),
    ...(products && { products }),
  };
}

const entryOf = (name: keyof typeof BUILDS): ModelEntry<TowersParams> => ({
  defaults: { ...ialsEntry.defaults, ...TOWERS_DEFAULTS },
  // Chosen part by part (evaluate/choose-towers.ts): a grid would be too large.
  tried: {},
  space: {},
  train: async (data: TrainingData, params: TowersParams, { pool }: { readonly pool: ThreadPool }) => {
    const { result, cpuSeconds } = await measureCpu(() => trainTowers(data, params, pool));
    return modelOfTowers(name, result, data, cpuSeconds);
  },
});

export const shippedEntry = entryOf("shipped");
export const shippedFloat32Entry = entryOf("shipped-float32");
export const shippedDotEntry = entryOf("shipped-dot");
