import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EASE_MAX_ITEMS, trainEase, trainEaseModel } from "../../../../scripts/train/ease.ts";
import { buildInteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import { trainItemKnnModel } from "../../../../scripts/train/item-knn.ts";
import type { ScoredHistory } from "../../../../scripts/train/model.ts";
import { MODEL_NAMES, paramGrid, trainModel } from "../../../../scripts/train/models.ts";
import { itemPopularity } from "../../../../scripts/train/popularity.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { dense, maxDifference, naiveInverse, openPool, randomMatrix } from "./helpers.ts";

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

const history: ScoredHistory = { rows: Uint32Array.of(0, 3), weights: Float32Array.of(1, 2) };

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

  it("refuses a catalogue that is too large, with the remedy", async () => {
    const none = { userRows: new Uint32Array(0), itemRows: new Uint32Array(0), weights: new Float32Array(0) };
    const matrix = buildInteractionMatrix({ users: 1, items: EASE_MAX_ITEMS + 1, ...none });
    await expect(trainEase(matrix, { lambda: 1 }, pool)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining("--models"),
    });
  });
});

describe("item-kNN", () => {
  /** The score of j: sum of w_i s_ij over the history, s_ij counted where i is among the k best of j. */
  function naiveScores(matrix: InteractionMatrix, neighbours: number, shrinkage: number): number[] {
    const g = coOccurrences(matrix);
    return g.map((row, j) => {
      const ranked = row
        .map((value, i) => {
          return { i, value, similarity: value / (Math.sqrt(g[i]![i]! * row[j]!) + shrinkage) };
        })
        .filter(({ i, value }) => i !== j && value > 0)
        .sort((a, b) => b.similarity - a.similarity || a.i - b.i)
        .slice(0, neighbours);
      let score = 0;
      history.rows.forEach((row_, at) => {
        score += history.weights[at]! * (ranked.find(({ i }) => i === row_)?.similarity ?? 0);
      });
      return score;
    });
  }

  it.each([
    ["two neighbours", 2, 0],
    ["five neighbours, shrinkage", 5, 10],
    ["more neighbours than items", 100, 1],
  ] as const)("equals the naive model: %s", async (_, neighbours, shrinkage) => {
    const matrix = randomMatrix(60, 37, 0.1, 11, [1], [4, 36]);
    const model = await trainItemKnnModel(matrix, { neighbours, shrinkage }, pool);
    const scores = new Float32Array(37).fill(9);
    model.score(history, scores);
    const expected = naiveScores(matrix, neighbours, shrinkage);
    expect(Math.max(...expected)).toBeGreaterThan(0.01);
    expect(maxDifference(scores, expected)).toBeLessThan(1e-6);
  });

  it("prefers the lower row among equals", async () => {
    // One user with all items: every pair is equally similar, so each target keeps row 0 (and row 0 keeps row 1).
    const matrix = randomMatrix(1, 5, 2, 1);
    const model = await trainItemKnnModel(
      { ...matrix, weights: matrix.weights.fill(1) },
      { neighbours: 1, shrinkage: 0 },
      pool,
    );
    const scores = new Float32Array(5);
    model.score({ rows: Uint32Array.of(0), weights: Float32Array.of(1) }, scores);
    expect([...scores]).toEqual([0, 1, 1, 1, 1]);
    model.score({ rows: Uint32Array.of(3), weights: Float32Array.of(1) }, scores);
    expect([...scores]).toEqual([0, 0, 0, 0, 0]);
  });

  it("takes one item", async () => {
    const model = await trainItemKnnModel(randomMatrix(3, 1, 1, 1), { neighbours: 5, shrinkage: 0 }, pool);
    const scores = new Float32Array(1);
    model.score({ rows: Uint32Array.of(0), weights: Float32Array.of(1) }, scores);
    expect([...scores]).toEqual([0]);
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
    const grid = paramGrid(name);
    expect(new Set(grid.map((params) => JSON.stringify(params))).size).toBe(grid.length);
    const model = await trainModel(name, grid[0]!, matrix, pool);
    expect(model).toMatchObject({ name, params: grid[0]! });
    expect(model.trainCpuSeconds).toBeGreaterThanOrEqual(0);
    const scores = new Float32Array(23).fill(Number.NaN);
    model.score(history, scores);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(new Set(scores).size).toBeGreaterThan(1);
  });

  it("fills parameters that are left out", async () => {
    const model = await trainModel("ials", { epochs: 1 }, randomMatrix(20, 12, 0.3, 3), pool);
    expect(model.params).toMatchObject({ epochs: 1, dimensions: 64, seed: 1 });
  });
});
