import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paramGrid } from "../../../../scripts/evaluate/grid-search.ts";
import { EASE_MAX_SIZE, trainEase, trainEaseModel } from "../../../../scripts/train/ease.ts";
import { buildInteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import type { ScoredHistory, TrainingData } from "../../../../scripts/train/model.ts";
import { MODEL_NAMES, modelEntry, refusalOf, trainModel } from "../../../../scripts/train/models.ts";
import { itemPopularity } from "../../../../scripts/train/popularity.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { dense, maxDifference, naiveInverse, openPool, randomMatrix } from "./helpers.ts";
import { dataOf, itemsOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

/** X'X */
function coOccurrences(matrix: InteractionMatrix): number[][] {
  const rows = dense(matrix);
  return Array.from({ length: matrix.items }, (_, i) =>
    Array.from({ length: matrix.items }, (_unused, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
}

const history: ScoredHistory = {
  rows: Uint32Array.of(0, 3),
  weights: Float32Array.of(1, 2),
  values: Float32Array.of(NaN, NaN),
};

/** With what any model may ask for: ratings, an order, titles. */
const everything = (matrix: InteractionMatrix): TrainingData =>
  dataOf(matrix, {
    values: matrix.weights.map((weight) => Math.ceil(3 * weight)),
    sequences: matrix.indices,
    items: itemsOf(Array.from({ length: matrix.items }, (_, item) => ({ title: `Part ${item % 5} of ${item % 7}` }))),
  });

describe("EASE", () => {
  it.each([1, 2, 63, 64, 65, 130])("equals the naive inverse: %i items", async (items) => {
    const matrix = randomMatrix(90, items, 0.15, items, [5], items > 4 ? [2, items - 1] : []);
    const lambda = 3;
    const p = naiveInverse(
      coOccurrences(matrix).map((row, i) => row.map((value, j) => (i === j ? value + lambda : value))),
    );
    const expected = p.flatMap((row, i) => row.map((value, j) => (i === j ? 0 : -value / p[j]![j]!)));
    const weights = await trainEase(matrix, { lambda }, pool);
    expect(maxDifference(weights, expected)).toBeLessThan(2e-6);
  });

  it("scores by the weighted rows of the history", async () => {
    const matrix = randomMatrix(30, 7, 0.4, 2);
    const b = await trainEase(matrix, { lambda: 5 }, pool);
    const model = await trainEaseModel(matrix, { lambda: 5 }, pool);
    const scores = new Float32Array(7).fill(9);
    model.score(history, scores);
    const expected = Array.from({ length: 7 }, (_, j) => b[j]! + 2 * b[3 * 7 + j]!);
    expect(maxDifference(scores, expected)).toBeLessThan(1e-6);
  });

  it.each([1, 20, 63, 64, 65])("gives the same scores from the %i users where they are fewer", async (users) => {
    const matrix = randomMatrix(users, 90, 0.15, users, users > 4 ? [2] : [], [4]);
    const b = await trainEase(matrix, { lambda: 3 }, pool);
    const model = await trainEaseModel(matrix, { lambda: 3 }, pool);
    const scores = new Float32Array(90).fill(9);
    model.score(history, scores);
    const expected = Array.from({ length: 90 }, (_, j) => b[j]! + 2 * b[3 * 90 + j]!);
    expect(maxDifference(scores, expected)).toBeLessThan(2e-6);
  });

  it("refuses a catalogue that is too large, with the remedy", async () => {
    const none = { userRows: new Uint32Array(0), itemRows: new Uint32Array(0), weights: new Float32Array(0) };
    const matrix = buildInteractionMatrix({ users: EASE_MAX_SIZE + 1, items: EASE_MAX_SIZE + 1, ...none });
    await expect(trainEaseModel(matrix, { lambda: 1 }, pool)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining("--models"),
    });
  });
});

describe("popularity", () => {
  it("is the sum of the weights", () => {
    const matrix = randomMatrix(40, 9, 0.3, 6, [], [4]);
    const rows = dense(matrix);
    const expected = Array.from({ length: 9 }, (_, item) => rows.reduce((sum, row) => sum + row[item]!, 0));
    expect(maxDifference(itemPopularity(matrix), expected)).toBeLessThan(1e-5);
    expect(itemPopularity(matrix)[4]).toBe(0);
  });
});

describe("the models", () => {
  it.each(MODEL_NAMES)("%s trains from its grid and scores every item", async (name) => {
    const matrix = randomMatrix(60, 23, 0.3, 3);
    const grid = paramGrid(modelEntry(name));
    expect(new Set(grid.map((params) => JSON.stringify(params))).size).toBe(grid.length);
    const model = await trainModel(name, grid[0]!, everything(matrix), { pool });
    expect(model).toMatchObject({ name, params: grid[0]! });
    expect(model.trainCpuSeconds).toBeGreaterThanOrEqual(0);
    const scores = new Float32Array(23).fill(Number.NaN);
    model.score(history, scores);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(new Set(scores).size).toBeGreaterThan(1);
  });

  it("are refused, with the reason, where the data has nothing for them", () => {
    const tooMany = buildInteractionMatrix({
      users: EASE_MAX_SIZE + 1,
      items: EASE_MAX_SIZE + 1,
      userRows: new Uint32Array(0),
      itemRows: new Uint32Array(0),
      weights: new Float32Array(0),
    });
    const bare = dataOf(tooMany, { items: itemsOf([]) });
    expect(refusalOf("ease", bare)).toContain("20000");
    expect(refusalOf("ials", bare)).toBeNull();
    expect(refusalOf("ease", everything(randomMatrix(3, 4, 0.5, 1)))).toBeNull();
  });

  it("fills parameters that are left out", async () => {
    const model = await trainModel("ials", { epochs: 1 }, everything(randomMatrix(20, 12, 0.3, 3)), { pool });
    expect(model.params).toMatchObject({ epochs: 1, dimensions: 64, seed: 1 });
  });
});
