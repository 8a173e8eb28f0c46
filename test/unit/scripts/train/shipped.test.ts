import { afterAll, beforeAll, expect, it } from "vitest";
import { trainIalsModel } from "../../../../scripts/train/ials.ts";
import type { IalsModel } from "../../../../scripts/train/ials.ts";
import { shippedModel } from "../../../../scripts/train/shipped.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { TOWER } from "../../../../src/model/config.ts";
import { scoreAll } from "../../../../src/model/retrieval/exact-scan.ts";
import { dequantiseRows, quantiseItems, quantiseQuery, scanInt8 } from "../../../../src/model/retrieval/quantise.ts";
import { foldInExact } from "../../../../src/model/tower/fold-in.ts";
import { openPool, randomMatrix } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, scoresOf } from "./model-data.ts";

const ITEMS = 900;
const DIMENSIONS = 16;
const matrix = randomMatrix(200, ITEMS, 0.05, 1);
let pool: ThreadPool;
let fitted: IalsModel;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
  fitted = await trainIalsModel(
    matrix,
    { dimensions: DIMENSIONS, epochs: 4, lambda: 0.003, alpha0: 0.3, seed: 1 },
    pool,
  );
});
afterAll(() => pool.close());

const HISTORY = historyOf([3, 800, 41, 7], [1, 2, 1, 4]);
const best = (scores: readonly number[], k: number): number[] =>
  [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]! || a - b).slice(0, k);

/** The float64 twin of what the device does, with the weights that the tower gives. */
function twin(weights: readonly number[]): Float32Array {
  const items = quantiseItems(fitted.factors.itemVectors, DIMENSIONS);
  const ones = new Float32Array(weights.length).fill(1);
  return foldInExact(dequantiseRows(items, HISTORY.rows), Float32Array.from(weights), ones, DIMENSIONS);
}

it("scores the int8 items with the tower's vector, the newest event in full and older ones less", async () => {
  const model = await shippedModel(fitted, dataOf(matrix, { sequences: matrix.indices }));
  const scores = scoresOf(model, HISTORY, ITEMS);
  const items = quantiseItems(fitted.factors.itemVectors, DIMENSIONS);
  const decay = TOWER.recencyDecay;
  const user = twin([1 * decay ** 3, 2 * decay ** 2, decay, 4]);
  const expected = new Float32Array(ITEMS);
  scoreAll(user, dequantiseRows(items, [...expected.keys()]), DIMENSIONS, expected);
  const retrieved = scanInt8(items, quantiseQuery(user, items), 400).rows;
  for (const row of retrieved) expect(scores[row]).toBeCloseTo(expected[row]!, 3);
  // What the scan does not bring stands below, whatever its exact score; the twin's last digits may move the border.
  const found = new Set(retrieved);
  const lowest = Math.min(...[...found].map((row) => scores[row]!));
  expect(Math.max(...scores.filter((_, row) => !found.has(row)))).toBeLessThanOrEqual(lowest + 1e-3);
});

it("weighs all events alike where the data has no order", async () => {
  const model = await shippedModel(fitted, dataOf(matrix));
  const scores = scoresOf(model, HISTORY, ITEMS);
  const items = quantiseItems(fitted.factors.itemVectors, DIMENSIONS);
  const expected = new Float32Array(ITEMS);
  scoreAll(twin([1, 2, 1, 4]), dequantiseRows(items, [...expected.keys()]), DIMENSIONS, expected);
  expect(best(scores, 20)).toEqual(best([...expected], 20));
});

it("counts the newest items alone, as many as the tower takes", async () => {
  const model = await shippedModel(fitted, dataOf(matrix));
  const rows = Array.from({ length: TOWER.maxHistory + 50 }, (_, at) => at);
  const all = scoresOf(model, historyOf(rows), ITEMS);
  const newest = scoresOf(model, historyOf(rows.slice(50)), ITEMS);
  expect(best(all, 30)).toEqual(best(newest, 30));
});

it("goes by popularity without a history", async () => {
  const model = await shippedModel(fitted, dataOf(matrix));
  const popularity = new Float32Array(ITEMS);
  matrix.indices.forEach((item, at) => (popularity[item]! += matrix.weights[at]!));
  const scores = scoresOf(model, EMPTY, ITEMS);
  scores.forEach((score, item) => expect(score).toBeCloseTo(popularity[item]!, 4));
});
