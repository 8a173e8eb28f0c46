import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainEase } from "../../../../scripts/train/ease.ts";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import { trainLowRankEase, trainLowRankEaseModel } from "../../../../scripts/train/low-rank-ease.ts";
import { symmetricEigen } from "../../../../scripts/train/symmetric-eigen.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { dense, maxDifference, naiveInverse, openPool, randomMatrix } from "./helpers.ts";
import { EMPTY, historyOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
let single: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
  single = await openPool({ threads: 1 });
});
afterAll(() => Promise.all([pool.close(), single.close()]));

const range = (length: number): number[] => Array.from({ length }, (_, at) => at);
const multiply = (a: readonly number[][], b: readonly number[][]): number[][] =>
  a.map((row) => range(b[0]!.length).map((j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

/** The N x N weights U V' as the formulas say them, float64: P and the diagonal by plain inverses. */
function naive(matrix: InteractionMatrix, dimensions: number, lambda: number): number[][] {
  const x = dense(matrix);
  const n = matrix.items;
  const transposed = range(n).map((item) => x.map((row) => row[item]!));
  const g = multiply(transposed, x);
  const eigen = symmetricEigen(Float64Array.from(g.flat()), n);
  const v = range(n).map((item) => range(dimensions).map((d) => eigen.vectors[d * n + item]!));
  const vt = range(dimensions).map((d) => v.map((row) => row[d]!));
  const kept = multiply(
    v.map((row) => row.map((value, d) => value * eigen.values[d]!)),
    vt,
  );
  const p = naiveInverse(g.map((row, i) => row.map((value, j) => value + (i === j ? lambda : 0))));
  // G with the rest replaced by its diagonal.
  const replaced = kept.map((row, i) => row.map((value, j) => (i === j ? g[i]![i]! + lambda : value)));
  const diagonal = naiveInverse(replaced).map((row, i) => row[i]!);
  const b = p.map((row, i) => row.map((value, j) => (i === j ? 1 : 0) - value / diagonal[j]!));
  return multiply(b, multiply(v, vt));
}

describe("low-rank EASE", () => {
  it.each([
    ["3 of 20 dimensions", 60, 20, 3, 5],
    ["16 of 20 dimensions", 60, 20, 16, 0.5],
    ["more items than users", 12, 25, 6, 2],
  ])("equals the plain formulas: %s", async (_, users, items, dimensions, lambda) => {
    const matrix = randomMatrix(users, items, 0.3, 9, [1], [4]);
    const { itemVectors, historyVectors } = await trainLowRankEase(matrix, { dimensions, lambda, seed: 1 }, pool);
    const rows = (vectors: Float32Array): number[][] =>
      range(items).map((item) => [...vectors.subarray(item * dimensions, (item + 1) * dimensions)]);
    const v = rows(itemVectors);
    const weights = multiply(
      rows(historyVectors),
      range(dimensions).map((d) => v.map((row) => row[d]!)),
    );
    const expected = naive(matrix, dimensions, lambda);
    expect(Math.max(...expected.flat())).toBeGreaterThan(0.01);
    expect(maxDifference(weights.flat(), expected.flat())).toBeLessThan(2e-3);
  });

  it("is EASE when nothing is left out", async () => {
    const matrix = randomMatrix(80, 14, 0.4, 3);
    const ease = await trainEase(matrix, { lambda: 20 }, pool);
    const model = await trainLowRankEaseModel(matrix, { dimensions: 14, lambda: 20, seed: 1 }, pool);
    const expected = range(14).map((j) => ease[2 * 14 + j]! + 3 * ease[7 * 14 + j]!);
    expect(maxDifference(scoresOf(model, historyOf([2, 7], [1, 3]), 14), expected)).toBeLessThan(2e-3);
    expect(scoresOf(model, EMPTY, 14)).toEqual(range(14).map(() => 0));
  });

  it("leaves one item nothing to be told by", async () => {
    const model = await trainLowRankEaseModel(randomMatrix(5, 1, 1, 1), { dimensions: 2, lambda: 3, seed: 1 }, pool);
    expect(scoresOf(model, historyOf([0]), 1)[0]).toBeCloseTo(0, 6);
  });

  it("is the same, byte for byte, with one thread and with two", async () => {
    const matrix = randomMatrix(400, 300, 0.05, 4);
    const params = { dimensions: 20, lambda: 10, seed: 2 };
    expect(await trainLowRankEase(matrix, params, pool)).toEqual(await trainLowRankEase(matrix, params, single));
  });
});
