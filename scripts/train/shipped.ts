/**
 * What `build` writes and the browser runs, up to the score: the towers and their tables as they are quantised, the
 * history through the user tower, scored by what the browser scores with. Slate and rules come after it, and so does the
 * ranker, which learns from impressions. Beside it the same in float32, and the dot product alone.
 */
import { RETRIEVAL, TOWER } from "../../src/model/config.ts";
import { scoreAll } from "../../src/model/retrieval/exact-scan.ts";
import { rowsToScan, scoredRows } from "../../src/model/retrieval/personal.ts";
import { dequantiseRows, quantiseQuery, scanInt8 } from "../../src/model/retrieval/quantise.ts";
import { foldInExact } from "../../src/model/tower/fold-in.ts";
import { LAST_INTERESTS, popularityFactorOf, scorerOf } from "../../src/model/tower/scorer.ts";
import { foldInTensor } from "../../src/model/tower/user-tower.ts";
import { ialsEntry } from "./ials.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, ScoredHistory, TrainedModel, TrainingData } from "./model.ts";
import { itemPopularity } from "./popularity.ts";
import { openBackend } from "./tensor-ops.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { NO_ENTRIES, recentInput, towersOf, TOWERS_DEFAULTS, trainTowers } from "./towers.ts";
import type { TowerParts, TowersParams } from "./towers.ts";

/** @throws INTERNAL where tfjs does not run */
async function shippedModel(parts: TowerParts, popularity: Float32Array): Promise<Score> {
  await openBackend();
  const { items, residual, transitions, params } = towersOf(parts);
  const popularityFactor = popularityFactorOf(popularity, params.popularityExponent);
  const model = { items, residual, transitions, params: TOWER, popularityFactor };
  return ({ rows, weights }, out) => {
    const input = recentInput(rows, weights, params.recencyDecay);
    const vectors = dequantiseRows(items, input.rows);
    const tensor = foldInTensor(vectors, input.weights, input.targets, items.dimensions, TOWER.conjugateGradientSteps);
    const user = tensor.dataSync<"float32">();
    tensor.dispose();
    const scorer = scorerOf(model, user, input);
    const scan = rowsToScan(model, RETRIEVAL.personal + rows.length);
    if (scan === 0) {
      out.set(scorer.all());
      return;
    }
    // What neither the scan nor a table finds stands below all that is found.
    const scanned = scanInt8(items, quantiseQuery(user, items), scan).rows;
    const found = scoredRows(scorer, scanned, items.count);
    out.fill(found.scores.at(-1)! - 1);
    found.rows.forEach((row, at) => (out[row] = found.scores[at]!));
  };
}

/** Nothing quantised, and the fold-in solved exactly: the twin that says what quantisation costs. */
function floatModel({ vectors, residual, transitions, params }: TowerParts, popularity: Float32Array): Score {
  const { dimensions } = params;
  const popularityFactor = popularityFactorOf(popularity, params.popularityExponent);
  const bySource = [residual, transitions].map(({ sources }) => {
    const places = new Map<number, number[]>();
    sources.forEach((source, at) => places.set(source, [...(places.get(source) ?? []), at]));
    return places;
  });
  return ({ rows, weights }, out) => {
    const input = recentInput(rows, weights, params.recencyDecay);
    const history = new Float32Array(input.rows.length * dimensions);
    input.rows.forEach((row, at) => {
      history.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), at * dimensions);
    });
    scoreAll(foldInExact(history, input.weights, input.targets, dimensions), vectors, dimensions, out);
    input.rows.forEach((row, at) => {
      const weight = params.residualWeight * Math.min(1, input.weights[at]!);
      for (const p of bySource[0]!.get(row) ?? []) out[residual.targets[p]!]! += weight * residual.values[p]!;
      const age = input.rows.length - 1 - at;
      if (age >= LAST_INTERESTS) return;
      const decayed = params.transitionWeight * TOWER.orderDecay ** age;
      for (const p of bySource[1]!.get(row) ?? []) out[transitions.targets[p]!]! += decayed * transitions.values[p]!;
    });
    popularityFactor.forEach((factor, row) => (out[row]! *= factor));
  };
}

type Score = (history: ScoredHistory, out: Float32Array) => void;
type Build = (parts: TowerParts, popularity: Float32Array) => Score | Promise<Score>;

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
  const score = await BUILDS[name](parts, popularity);
  return {
    name,
    params: { ...parts.params },
    trainCpuSeconds,
    score: (history, out) => (history.rows.length === 0 ? out.set(popularity) : score(history, out)),
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
