import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bprEntry, logisticEntry, warpEntry } from "../../../../scripts/train/factorisation-models.ts";
import { ialsEntry } from "../../../../scripts/train/ials.ts";
import type { ModelEntry, Params, ScoredHistory, TrainedModel, TrainingData } from "../../../../scripts/train/model.ts";
import { partialEpochs } from "../../../../scripts/train/partial-fit.ts";
import { popularityEntry } from "../../../../scripts/train/popularity.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { twoTowerEntry } from "../../../../scripts/train/two-tower.ts";
import { areaUnderCurve } from "../../../../src/model/metrics/ranking-metrics.ts";
import { openPool } from "./helpers.ts";
import { dataOf, historyOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

const USERS = 240;
const ITEMS = 60;
const TASTES = 6;
/** Nobody has the last items yet when the old model is fitted, and the last people are not there. */
const OLD_ITEMS = 56;
const OLD_USERS = 225;

interface World {
  /** Nine tenths of the interactions, the last people and items left out; all of them. */
  readonly old: TrainingData;
  readonly all: TrainingData;
  /** Other people. */
  readonly tested: readonly { readonly history: ScoredHistory; readonly targets: ReadonlySet<number> }[];
}

/** People and items have tastes; who meets what by chance has it the likelier the better the tastes agree. */
function makeWorld(): World {
  const random = seededRandom(11);
  const vectors = (count: number): number[][] =>
    Array.from({ length: count }, () => Array.from({ length: TASTES }, () => gaussian(random)));
  const items = vectors(ITEMS);
  const rowOf = (person: readonly number[]): number[] =>
    items.map((item) => {
      const agreement = item.reduce((sum, value, d) => sum + value * person[d]!, 0);
      return random() < 1 / (1 + Math.exp(2.5 - 1.5 * agreement)) ? 1 : 0;
    });
  const rows = vectors(USERS).map(rowOf);
  const oldRows = rows
    .slice(0, OLD_USERS)
    .map((row) => row.map((value, item) => (item < OLD_ITEMS && random() < 0.92 ? value : 0)));
  const tested = vectors(200)
    .map(rowOf)
    .map((row) => [...row.keys()].filter((item) => row[item] === 1))
    .filter((own) => own.length >= 6)
    .map((own) => {
      const targets = new Set(own.filter((_, at) => at % 3 === 0));
      return { history: historyOf(own.filter((item) => !targets.has(item))), targets };
    });
  return { old: dataOf(matrixOf(oldRows)), all: dataOf(matrixOf(rows)), tested };
}

const world = makeWorld();

/** Over the people for whom it is defined. @param from the first item that counts */
function meanAuc(model: TrainedModel, from = 0): number {
  const values = world.tested.map(({ history, targets }) => {
    const scores = Float32Array.from(scoresOf(model, history, ITEMS)).fill(-Infinity, 0, from);
    for (const row of history.rows) scores[row] = -Infinity;
    return areaUnderCurve(scores, new Set([...targets].filter((item) => item >= from)));
  });
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/** Pearson's, of everybody's scores. */
function correlation(a: TrainedModel, b: TrainedModel): number {
  const all = (model: TrainedModel): number[] =>
    world.tested.flatMap(({ history }) => {
      const scores = scoresOf(model, history, ITEMS);
      const mean = scores.reduce((sum, value) => sum + value, 0) / ITEMS;
      return scores.map((value) => value - mean);
    });
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  const [x, y] = [all(a), all(b)];
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

const small = { dimensions: 8, epochs: 20 };
const MODELS = [
  ["popularity", popularityEntry, {}],
  ["ials", ialsEntry, { dimensions: 8 }],
  ["logistic", logisticEntry, small],
  ["bpr", bprEntry, small],
  ["warp", warpEntry, small],
  ["two-tower", twoTowerEntry, { ...small, hidden: 8, learningRate: 0.02, batch: 16 }],
] as unknown as [string, ModelEntry, Params][];

describe.each(MODELS)("partial fit of %s", (_, entry, own) => {
  const params = { ...entry.defaults, ...own };

  it("is as good as a fit from zero, new people and items included", async () => {
    const before = await entry.train(world.old, params, { pool });
    const epochs: number[] = [];
    const onEpoch = (epoch: number, total: number): void => {
      expect(total).toBe(partialEpochs(params["epochs"]!));
      epochs.push(epoch);
    };
    const after = await entry.partialFit!(before, world.all, { pool, onEpoch });
    const fresh = await entry.train(world.all, params, { pool });
    expect(after).toMatchObject({ name: before.name, params });
    expect(epochs.length).toBeLessThan(0.3 * (params["epochs"] ?? 1));
    expect(Math.abs(meanAuc(after) - meanAuc(fresh))).toBeLessThan(0.015);
    expect(meanAuc(after)).toBeGreaterThan(meanAuc(before));
    // Among the new items alone, chance is .5.
    expect(meanAuc(before, OLD_ITEMS)).toBe(0.5);
    expect(meanAuc(after, OLD_ITEMS)).toBeGreaterThan(0.6);
  });

  it("changes little where nothing is new", async () => {
    const before = await entry.train(world.all, params, { pool });
    const after = await entry.partialFit!(before, world.all, { pool });
    expect(correlation(before, after)).toBeGreaterThan(0.9);
    expect(Math.abs(meanAuc(after) - meanAuc(before))).toBeLessThan(0.01);
  });
});
