import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainIals, trainIalsModel } from "../../../../scripts/train/ials.ts";
import type { IalsParams } from "../../../../scripts/train/ials.ts";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import { transpose } from "../../../../scripts/train/interaction-matrix.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { whiten } from "../../../../scripts/train/whiten.ts";
import { dense, maxDifference, naiveInverse, openPool, randomMatrix } from "./helpers.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

/** (base + ridge I + sum w v v')^-1 sum w v, float64. */
function ridge(
  vectors: readonly (readonly number[])[],
  weights: readonly number[],
  base: number[][],
  ridgeTerm: number,
) {
  const dimensions = base.length;
  const matrix = base.map((row, i) =>
    row.map((value, j) => {
      const sum = vectors.reduce((total, v, l) => total + weights[l]! * v[i]! * v[j]!, value);
      return i === j ? sum + ridgeTerm : sum;
    }),
  );
  const right = Array.from({ length: dimensions }, (_, i) =>
    vectors.reduce((sum, v, l) => sum + weights[l]! * v[i]!, 0),
  );
  return naiveInverse(matrix).map((row) => dot(row, right));
}

function gramian(vectors: readonly (readonly number[])[], dimensions: number, scale: number): number[][] {
  return Array.from({ length: dimensions }, (_, i) =>
    Array.from({ length: dimensions }, (_unused, j) => scale * vectors.reduce((sum, v) => sum + v[i]! * v[j]!, 0)),
  );
}

/** The same algorithm in plain float64. */
function naiveIals(matrix: InteractionMatrix, { dimensions, epochs, lambda, alpha0, seed }: IalsParams): number[] {
  const random = seededRandom(seed);
  const start = (): number[] => {
    return Array.from({ length: dimensions }, () => Math.fround((0.1 / Math.sqrt(dimensions)) * gaussian(random)));
  };
  let items = Array.from({ length: matrix.items }, start);
  let users: number[][] = [];
  const half = (rows: InteractionMatrix, fixed: number[][]): number[][] => {
    const base = gramian(fixed, dimensions, alpha0);
    return Array.from({ length: rows.users }, (_, row) => {
      const indices = [...rows.indices.subarray(rows.indptr[row], rows.indptr[row + 1])];
      const weights = [...rows.weights.subarray(rows.indptr[row], rows.indptr[row + 1])];
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const vectors = indices.map((index) => fixed[index]!);
      return ridge(vectors, weights, base, lambda * (total + alpha0 * fixed.length));
    });
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    users = half(matrix, items);
    items = half(transpose(matrix), users);
  }
  return items.flat();
}

const params = (dimensions: number): IalsParams => ({ dimensions, epochs: 3, lambda: 0.02, alpha0: 0.4, seed: 5 });

describe("trainIals", () => {
  it.each([
    ["20 users, 15 items, 1 dimension", randomMatrix(20, 15, 0.3, 1), 1],
    ["5 dimensions, a user and an item without interactions", randomMatrix(21, 17, 0.3, 2, [3], [0, 16]), 5],
    ["8 dimensions", randomMatrix(30, 10, 0.4, 3), 8],
    ["19 dimensions, more than 64 interactions of one item", randomMatrix(150, 9, 0.7, 4), 19],
    ["one user", randomMatrix(1, 11, 0.6, 5), 4],
    ["one item", randomMatrix(12, 1, 0.9, 6), 4],
  ] as const)("equals its float64 twin: %s", async (_, matrix, dimensions) => {
    const factors = await trainIals(matrix, params(dimensions), pool);
    const twin = naiveIals(matrix, params(dimensions));
    const scale = Math.max(...twin.map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    expect(maxDifference(factors, twin) / scale).toBeLessThan(2e-4);
  });

  it("sums the Gramian of more than one block", async () => {
    // 1,024 rows are a block; two dimensions keep the twin quick.
    const matrix = randomMatrix(2500, 6, 0.4, 8);
    const twin = naiveIals(matrix, params(2));
    expect(maxDifference(await trainIals(matrix, params(2), pool), twin)).toBeLessThan(2e-4);
  });

  it("gives no factors for no items, and zeros without interactions", async () => {
    expect(await trainIals(randomMatrix(3, 0, 0, 1), params(4), pool)).toEqual(new Float32Array(0));
    expect(await trainIals(randomMatrix(3, 2, 0, 1), params(4), pool)).toEqual(new Float32Array(8));
  });

  it("refuses parameters without a finite solution", async () => {
    const none = { ...params(4), lambda: 0, alpha0: 0 };
    await expect(trainIals(randomMatrix(3, 2, 1, 1), none, pool)).rejects.toMatchObject({ code: "INTERNAL" });
  });
});

describe("whiten", () => {
  const matrix = randomMatrix(40, 25, 0.3, 9);
  const { dimensions, lambda, alpha0 } = params(6);

  it("keeps the scores of the unwhitened fold-in", async () => {
    const factors = await trainIals(matrix, params(6), pool);
    const model = await trainIalsModel(matrix, params(6), pool);
    const items = Array.from({ length: 25 }, (_, item) => [
      ...factors.subarray(item * dimensions, (item + 1) * dimensions),
    ]);
    const base = gramian(items, dimensions, alpha0);
    const rows = Uint32Array.of(2, 11, 24);
    const weights = Float32Array.of(1, 0.5, 3);
    const user = ridge(
      [...rows].map((row) => items[row]!),
      [...weights],
      base,
      lambda * alpha0 * 25,
    );
    const scores = new Float32Array(25);
    model.score({ rows, weights, values: new Float32Array(3).fill(NaN) }, scores);
    const expected = items.map((item) => dot(item, user));
    expect(Math.max(...expected)).toBeGreaterThan(0.05);
    expect(maxDifference(scores, expected)).toBeLessThan(1e-5);
  });

  it("makes z_i.z_j = v_i' M^-1 v_j, whatever the rotation", async () => {
    const factors = await trainIals(matrix, params(6), pool);
    const products = [1, 2].map((seed) => {
      const z = whiten(factors, { dimensions, lambda, alpha0, seed });
      const rows = Array.from({ length: 25 }, (_, item) => [...z.subarray(item * dimensions, (item + 1) * dimensions)]);
      return { z, gram: rows.flatMap((a) => rows.map((b) => dot(a, b))) };
    });
    expect(maxDifference(products[0]!.z, products[1]!.z)).toBeGreaterThan(0.01);
    expect(maxDifference(products[0]!.gram, products[1]!.gram)).toBeLessThan(1e-5);
    const items = Array.from({ length: 25 }, (_, i) => [...factors.subarray(i * dimensions, (i + 1) * dimensions)]);
    const m = gramian(items, dimensions, alpha0).map((row, i) =>
      row.map((value, j) => (i === j ? value + lambda * alpha0 * 25 : value)),
    );
    const inverse = naiveInverse(m);
    const expected = items.flatMap((a) =>
      items.map((b) =>
        dot(
          inverse.map((row) => dot(row, b)),
          a,
        ),
      ),
    );
    expect(maxDifference(products[0]!.gram, expected)).toBeLessThan(1e-5);
  });

  it("scores every item 0 for an empty history", async () => {
    const model = await trainIalsModel(matrix, params(6), pool);
    const scores = new Float32Array(25).fill(7);
    const none = new Float32Array(0);
    model.score({ rows: new Uint32Array(0), weights: none, values: none }, scores);
    expect(scores).toEqual(new Float32Array(25));
  });

  it("tells of every epoch with the model as it is then", async () => {
    const told: [number, Float32Array][] = [];
    const model = await trainIalsModel(matrix, params(6), pool, (epoch, { factors, trainCpuSeconds }) => {
      expect(trainCpuSeconds).toBeGreaterThan(0);
      told.push([epoch, factors.itemVectors]);
    });
    expect(told.map(([epoch]) => epoch)).toEqual([1, 2, 3]);
    expect(told[2]![1]).toEqual(model.factors.itemVectors);
    expect(maxDifference(told[0]![1], told[2]![1])).toBeGreaterThan(0.001);
    const { factors } = await trainIalsModel(matrix, { ...params(6), epochs: 1 }, pool);
    expect(told[0]![1]).toEqual(factors.itemVectors);
  });

  it("leaves no items as they are", () => {
    expect(whiten(new Float32Array(0), { dimensions, lambda, alpha0, seed: 1 })).toEqual(new Float32Array(0));
  });
});

describe("the matrix of the tests", () => {
  it("has users and items without interactions where asked", () => {
    const rows = dense(randomMatrix(21, 17, 0.3, 2, [3], [0, 16]));
    expect(rows[3]!.every((value) => value === 0)).toBe(true);
    expect(rows.every((row) => row[0] === 0 && row[16] === 0)).toBe(true);
  });
});
