import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import { symmetricEigen } from "../../../../scripts/train/symmetric-eigen.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { truncatedSvd } from "../../../../scripts/train/truncated-svd.ts";
import type { TruncatedSvd } from "../../../../scripts/train/truncated-svd.ts";
import { dense, maxDifference, openPool, randomMatrix } from "./helpers.ts";
import { matrixOf } from "./model-data.ts";

let pool: ThreadPool;
let single: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
  single = await openPool({ threads: 1 });
});
afterAll(() => Promise.all([pool.close(), single.close()]));

/** Column d of V. */
const columnOf = ({ vectors, values }: TruncatedSvd, d: number): number[] =>
  Array.from({ length: vectors.length / values.length }, (_, item) => vectors[item * values.length + d]!);

/** The same column, its largest entry positive. */
function signed(column: readonly number[]): number[] {
  const largest = column.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return column.map((value) => value * Math.sign(largest));
}

/** All singular values and right vectors from the eigen-decomposition of X'X, float64. */
function exactSvd(matrix: InteractionMatrix): { values: number[]; vectors: number[][] } {
  const rows = dense(matrix);
  const size = matrix.items;
  const gram = Float64Array.from({ length: size * size }, (_, at) => {
    return rows.reduce((sum, row) => sum + row[Math.floor(at / size)]! * row[at % size]!, 0);
  });
  const { values, vectors } = symmetricEigen(gram, size);
  return {
    values: Array.from(values, (value) => Math.sqrt(Math.max(0, value))),
    vectors: Array.from({ length: size }, (_, k) => [...vectors.subarray(k * size, (k + 1) * size)]),
  };
}

describe("truncatedSvd", () => {
  it("equals the worked example", async () => {
    // Singular values 4 along the second item, 3 along the first, and nothing else.
    const svd = await truncatedSvd(
      matrixOf([
        [3, 0, 0],
        [0, 4, 0],
      ]),
      { dimensions: 3, seed: 1 },
      pool,
    );
    expect(maxDifference(svd.values, [4, 3, 0])).toBeLessThan(1e-5);
    expect(maxDifference(columnOf(svd, 0).map(Math.abs), [0, 1, 0])).toBeLessThan(1e-5);
    expect(maxDifference(columnOf(svd, 1).map(Math.abs), [1, 0, 0])).toBeLessThan(1e-5);
    expect(columnOf(svd, 2)).toEqual([0, 0, 0]);
  });

  it.each([
    ["more users than items", 40, 21],
    ["more items than users", 12, 30],
    ["one item", 9, 1],
    ["one user", 1, 9],
  ])("equals the exact decomposition: %s", async (_, users, items) => {
    const matrix = randomMatrix(users, items, 0.4, 7, [2], [3]);
    const exact = exactSvd(matrix);
    const svd = await truncatedSvd(matrix, { dimensions: 5, seed: 3 }, pool);
    for (let d = 0; d < 5; d++) {
      const value = exact.values[d] ?? 0;
      expect(svd.values[d]).toBeCloseTo(value < 1e-4 ? 0 : value, 4);
      const expected = value < 1e-4 ? exact.vectors[0]!.map(() => 0) : signed(exact.vectors[d]!);
      expect(maxDifference(signed(columnOf(svd, d)), expected)).toBeLessThan(1e-3);
    }
  });

  it("keeps what the best subspace keeps, in a block narrower than the matrix", async () => {
    const matrix = randomMatrix(150, 90, 0.2, 5);
    const exact = exactSvd(matrix).values.slice(0, 8);
    const { values } = await truncatedSvd(matrix, { dimensions: 8, seed: 1 }, pool);
    const energy = (all: readonly number[]): number => all.reduce((sum, value) => sum + value ** 2, 0);
    expect(values[0]).toBeCloseTo(exact[0]!, 4);
    expect(energy([...values]) / energy(exact)).toBeGreaterThan(0.99);
    expect(energy([...values]) / energy(exact)).toBeLessThan(1.000_01);
  });

  it("is the same, byte for byte, with one thread and with two", async () => {
    const matrix = randomMatrix(700, 400, 0.03, 4);
    const params = { dimensions: 20, seed: 2 };
    const [two, one] = [await truncatedSvd(matrix, params, pool), await truncatedSvd(matrix, params, single)];
    expect(two.vectors).toEqual(one.vectors);
    expect(two.values).toEqual(one.values);
  });

  it("finds nothing in nothing", async () => {
    const svd = await truncatedSvd(randomMatrix(4, 3, 0, 1), { dimensions: 2, seed: 1 }, pool);
    expect([...svd.values, ...svd.vectors]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
