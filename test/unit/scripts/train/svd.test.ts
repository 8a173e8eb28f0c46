import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { svdEntry, trainSvdModel } from "../../../../scripts/train/svd.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { maxDifference, openPool } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

const PAIRS = matrixOf([
  [1, 1, 0],
  [1, 1, 0],
  [0, 0, 1],
]);

describe("svd", () => {
  it("projects the history on the largest singular vectors", async () => {
    // The singular values are 2 along (1, 1, 0) / sqrt 2 and 1 along (0, 0, 1).
    const train = (dimensions: number) => trainSvdModel(dataOf(PAIRS), { ...svdEntry.defaults, dimensions }, pool);
    const one = await train(1);
    expect(maxDifference(scoresOf(one, historyOf([0, 2], [3, 1]), 3), [1.5, 1.5, 0])).toBeLessThan(1e-5);
    const two = await train(2);
    expect(maxDifference(scoresOf(two, historyOf([0, 2], [3, 1]), 3), [1.5, 1.5, 1])).toBeLessThan(1e-5);
    expect(scoresOf(two, EMPTY, 3)).toEqual([0, 0, 0]);
  });

  it("scales the columns before it looks for the vectors", async () => {
    // Columns (3, 0), (0, 1): the first singular vector is the first item's. With exponent -1 they become
    // (3, 0) / 9 and (0, 1) / 1, and it is the second's.
    const data = dataOf(
      matrixOf([
        [3, 0],
        [0, 1],
      ]),
    );
    const scores = async (popularityExponent: number): Promise<number[]> => {
      const model = await trainSvdModel(data, { ...svdEntry.defaults, dimensions: 1, popularityExponent }, pool);
      return scoresOf(model, historyOf([0, 1]), 2);
    };
    expect(maxDifference(await scores(1), [1, 0])).toBeLessThan(1e-5);
    expect(maxDifference(await scores(-1), [0, 1])).toBeLessThan(1e-5);
  });

  it("centres ratings on each person's mean", async () => {
    // (5, 3) and (4, 2) both become (1, -1): the only vector. A history of 5 and 1 is (2, -2); NaN counts as the mean.
    const data = dataOf(
      matrixOf([
        [1, 1, 0],
        [1, 1, 1],
      ]),
      { values: Float32Array.of(5, 3, 4, 2, NaN) },
    );
    const model = await trainSvdModel(data, { ...svdEntry.defaults, dimensions: 2, centred: 1 }, pool);
    const scores = scoresOf(model, historyOf([0, 1, 2], [1, 1, 1], [5, 1, NaN]), 3);
    expect(maxDifference(scores, [2, -2, 0])).toBeLessThan(1e-5);
    expect(scoresOf(model, EMPTY, 3)).toEqual([0, 0, 0]);
    const unrated = trainSvdModel(dataOf(PAIRS), { ...svdEntry.defaults, centred: 1 }, pool);
    await expect(unrated).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining("centred 0"),
    });
  });
});
