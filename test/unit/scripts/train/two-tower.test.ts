import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import { openBackend, sparseProduct, sparseTransposed } from "../../../../scripts/train/tensor-ops.ts";
import type { SparseMatrix } from "../../../../scripts/train/tensor-ops.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { makeBatch, pooledWeights } from "../../../../scripts/train/two-tower-batch.ts";
import { softmaxLoss, towerGradients, WEIGHT_NAMES } from "../../../../scripts/train/two-tower-step.ts";
import type { Batch, TowerWeights } from "../../../../scripts/train/two-tower-step.ts";
import { trainTwoTower, twoTowerEntry } from "../../../../scripts/train/two-tower.ts";
import { maxDifference, openPool, randomMatrix } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, itemsOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 1 });
  await openBackend();
});
afterAll(() => pool.close());

const sparse = (shape: [number, number], entries: readonly (readonly [number, number, number])[]): SparseMatrix => {
  return {
    shape,
    rows: Uint32Array.from(entries, ([row]) => row),
    columns: Uint32Array.from(entries, ([, column]) => column),
    values: Float32Array.from(entries, ([, , value]) => value),
  };
};

describe("sparse products", () => {
  const matrix = sparse(
    [2, 3],
    [
      [1, 0, 2],
      [1, 2, 3],
    ],
  );

  it("equal the dense ones", () => {
    const dense = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    expect([...sparseProduct(matrix, dense).dataSync()]).toEqual([0, 0, 17, 22]);
    const other = tf.tensor2d([9, 9, 1, 10], [2, 2]);
    expect([...sparseProduct(sparseTransposed(matrix), other).dataSync()]).toEqual([2, 20, 0, 0, 3, 30]);
  });

  it("take a matrix without entries and one without columns", () => {
    expect([...sparseProduct(sparse([2, 1], []), tf.tensor2d([1, 2], [1, 2])).dataSync()]).toEqual([0, 0, 0, 0]);
    expect([...sparseProduct(sparse([1, 0], []), tf.tensor2d([], [0, 2])).dataSync()]).toEqual([0, 0]);
  });
});

describe("the gradients of the towers, by finite differences", () => {
  const [B, N, F, D, H] = [2, 5, 2, 3, 4];
  const SHAPES = { ids: [N, D + 1], content: [F, D + 1], enter: [D + 1, H], threshold: [H], leave: [H, D] } as const;
  const features = sparse(
    [N, F],
    [
      [0, 0, 1],
      [1, 0, 0.6],
      [1, 1, 0.8],
      [4, 1, 1],
    ],
  );
  const batch = (): Batch => {
    return {
      history: sparse(
        [B, N],
        [
          [0, 0, 0.6],
          [0, 1, 0.8],
          [1, 4, 1],
        ],
      ),
      targets: tf.tensor2d([0, 0, 0.25, 0.75, 0, 0, 1, 0, 0, 0], [B, N]),
      mask: tf.tensor2d([-1e9, -1e9, 0, 0, 0, 0, 0, 0, 0, -1e9], [B, N]),
    };
  };
  const random = seededRandom(4);
  const values = Object.fromEntries(
    WEIGHT_NAMES.map((name) => {
      const length = SHAPES[name].reduce((product, size) => product * size, 1);
      return [name, Float32Array.from({ length }, () => 0.7 * gaussian(random))];
    }),
  ) as Record<(typeof WEIGHT_NAMES)[number], Float32Array>;
  const weights = (): TowerWeights =>
    Object.fromEntries(
      WEIGHT_NAMES.map((name) => [name, tf.tensor(values[name], [...SHAPES[name]])]),
    ) as unknown as TowerWeights;

  it.each([false, true])("with an item that has no id: %s", (dropped) => {
    const keep = (): Tensor2D | null => (dropped ? tf.tensor2d([1, 0, 1, 0, 1], [N, 1]) : null);
    const lossNow = (): number => {
      const now = batch();
      return softmaxLoss(towerGradients(weights(), features, keep(), now).probabilities, now.targets);
    };
    const { gradients } = towerGradients(weights(), features, keep(), batch());
    for (const name of WEIGHT_NAMES) {
      const numerical = values[name].map((value, at) => {
        values[name][at] = value + 0.01;
        const high = lossNow();
        values[name][at] = value - 0.01;
        const low = lossNow();
        values[name][at] = value;
        return (high - low) / 0.02;
      });
      expect(gradients[name].shape).toEqual([...SHAPES[name]]);
      expect(Math.max(...numerical.map(Math.abs)), name).toBeGreaterThan(0.01);
      expect(maxDifference(gradients[name].dataSync(), numerical), name).toBeLessThan(2e-3);
    }
  });

  it("the loss is that of a worked example", () => {
    const probabilities = tf.tensor2d([0.5, 0.5, 0, 0.2, 0, 0.8], [2, 3]);
    const targets = tf.tensor2d([0.5, 0.5, 0, 0, 0, 1], [2, 3]);
    expect(softmaxLoss(probabilities, targets)).toBeCloseTo((-Math.log(0.5) - Math.log(0.8)) / 2, 6);
  });
});

describe("a batch", () => {
  const matrix = matrixOf([
    [1, 2, 0, 2],
    [0, 1, 1, 0],
  ]);

  it("divides each person's items; history and items that nobody has are masked", () => {
    const random = seededRandom(5);
    for (const share of [0, 0.5, 1]) {
      const { history, targets, mask } = makeBatch(
        matrix,
        Uint32Array.of(1, 0),
        Uint8Array.of(1, 1, 1, 0),
        share,
        random,
      );
      const [t, m] = [targets.arraySync(), mask.arraySync()];
      expect(history.shape).toEqual([2, 4]);
      [
        [1, 2],
        [0, 1, 3],
      ].forEach((items, at) => {
        const past = [...history.columns].filter((_, k) => history.rows[k] === at);
        const future = items.filter((item) => t[at]![item]! > 0);
        expect([...past, ...future].sort()).toEqual(items);
        expect(past.length).toBeGreaterThan(0);
        expect(future.length).toBeGreaterThan(0);
        expect(t[at]!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
        expect(m[at]!.map((value) => value < 0)).toEqual([0, 1, 2, 3].map((item) => past.includes(item) || item === 3));
        const squares = history.values.reduce((sum, value, k) => sum + (history.rows[k] === at ? value ** 2 : 0), 0);
        expect(squares).toBeCloseTo(1, 6);
      });
    }
  });

  it("weighs the history to length 1", () => {
    expect(maxDifference(pooledWeights(Float32Array.of(3, 4)), [0.6, 0.8])).toBeLessThan(1e-6);
    expect(pooledWeights(new Float32Array(0))).toHaveLength(0);
  });
});

/** Two groups with a taste each; the last item of each group has nobody yet. */
function tastes() {
  const noise = randomMatrix(80, 24, 0.6, 9);
  const rows = Array.from({ length: 80 }, () => Array.from({ length: 24 }, () => 0));
  for (let user = 0; user < 80; user++) {
    for (const item of noise.indices.subarray(noise.indptr[user], noise.indptr[user + 1])) {
      if (user % 2 === item % 2 && item < 22) rows[user]![item] = 1;
    }
  }
  const themes = rows[0]!.map((_, item) => ({ themes: [item % 2 === 0 ? "sea" : "stars"] }));
  return dataOf(matrixOf(rows), { items: itemsOf(themes) });
}

describe("two-tower", () => {
  const params = {
    ...twoTowerEntry.defaults,
    dimensions: 8,
    hidden: 8,
    epochs: 25,
    learningRate: 0.02,
    idDropout: 0.3,
  };

  it("learns who likes what, and places an item without interactions by its content", async () => {
    const model = await trainTwoTower(tastes(), params, { pool });
    const scores = scoresOf(model, historyOf([0, 2, 4]), 24);
    const liked = [6, 8, 10, 12, 14, 16, 18, 20].map((item) => scores[item]!);
    const others = [7, 9, 11, 13, 15, 17, 19, 21].map((item) => scores[item]!);
    expect(Math.min(...liked)).toBeGreaterThan(Math.max(...others));
    expect(scores[22]).toBeGreaterThan(Math.max(...others, scores[23]!));
    expect(model.state.ids.slice(22 * 9).every((value) => value === 0)).toBe(true);
    expect(model.factors.itemVectors.subarray(22 * 9, 23 * 9)).toEqual(model.state.content.subarray(0, 9));
  });

  it("gives the same bytes again, other bytes with another seed, and leaves no tensor behind", async () => {
    const short = { ...params, epochs: 2 };
    const one = await trainTwoTower(tastes(), short, { pool });
    const tensors = tf.memory().numTensors;
    const two = await trainTwoTower(tastes(), short, { pool });
    const other = await trainTwoTower(tastes(), { ...short, seed: 2 }, { pool });
    expect(one.state).toEqual(two.state);
    expect(other.state).not.toEqual(two.state);
    scoresOf(two, historyOf([0, 2, 4]), 24);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("ends when cancelled, and leaves no tensor behind", async () => {
    const stop = new AbortController();
    const own = await openPool({ threads: 1, signal: stop.signal });
    const tensors = tf.memory().numTensors;
    const told: number[] = [];
    const onEpoch = (epoch: number): void => {
      told.push(epoch);
      if (epoch === 2) stop.abort();
    };
    const training = trainTwoTower(tastes(), params, { pool: own, onEpoch });
    await expect(training).rejects.toMatchObject({ code: "CANCELLED" });
    expect(told).toEqual([1, 2]);
    expect(tf.memory().numTensors).toBe(tensors);
    await own.close();
  });

  it("has one order for everybody without a history", async () => {
    const model = await trainTwoTower(tastes(), params, { pool });
    const scores = scoresOf(model, EMPTY, 24);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(new Set(scores).size).toBeGreaterThan(10);
  });

  it("tells of every epoch and refuses what does not fit into memory", async () => {
    const epochs: number[] = [];
    await trainTwoTower(tastes(), { ...params, epochs: 2 }, { pool, onEpoch: (epoch) => void epochs.push(epoch) });
    expect(epochs).toEqual([1, 2]);
    const none = { users: 1, indptr: new Uint32Array(2), indices: new Uint32Array(0), weights: new Float32Array(0) };
    const { refusal } = twoTowerEntry;
    expect(refusal!({ ...tastes(), matrix: { ...none, items: 50_001 } })).toContain("--models");
    expect(refusal!(tastes())).toBeNull();
  });

  it("takes people with one item or none, and items of which nothing is known", async () => {
    const data = dataOf(
      matrixOf([
        [1, 0, 0],
        [0, 0, 0],
        [1, 1, 0],
      ]),
    );
    const model = await trainTwoTower(data, { ...params, epochs: 1 }, { pool });
    expect(scoresOf(model, historyOf([0]), 3).every(Number.isFinite)).toBe(true);
  });
});
