import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { transitionKnnEntry } from "../../../../scripts/train/transition-knn.ts";
import type { TransitionKnnParams } from "../../../../scripts/train/transition-knn.ts";
import { maxDifference, openPool } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 1 });
});
afterAll(() => pool.close());

// Person 0 took 2, 0, 3, 1; person 1 took 2 and 3; item 4 is nobody's.
const DATA = dataOf(
  matrixOf([
    [1, 1, 1, 1, 0],
    [0, 0, 1, 1, 0],
  ]),
  { sequences: Uint32Array.of(2, 0, 3, 1, 2, 3) },
);
const PLAIN = { window: 2, decay: 0.5, sourceExponent: 0, targetExponent: 0 };

const scores = async (params: Partial<TransitionKnnParams>, history = historyOf([2])): Promise<number[]> =>
  scoresOf(await transitionKnnEntry.train(DATA, { ...PLAIN, ...params }, { pool }), history, 5);

describe("transition-kNN", () => {
  it("counts what follows, less with the gap, never beyond the window or the person", async () => {
    // After 2: 0 at gap 1; 3 at gap 2 (.5) and, with person 1, at gap 1; 1 at gap 3.
    expect(await scores({})).toEqual([1, 0, 0, 1.5, 0]);
    expect(await scores({ window: 3 })).toEqual([1, 0.25, 0, 1.5, 0]);
    expect(await scores({ window: 1 })).toEqual([1, 0, 0, 1, 0]);
    // 1 ended person 0's history: nothing follows, not even person 1's beginning.
    expect(await scores({}, historyOf([1]))).toEqual([0, 0, 0, 0, 0]);
  });

  it("divides by powers of the popularity of both", async () => {
    // Two people have 2 and 3, one has 0.
    const expected = [1 * 2 ** -0.9, 0, 0, 1.5 * 2 ** -0.9 * 2 ** -0.5, 0];
    const actual = await scores({ sourceExponent: 0.9, targetExponent: 0.5 });
    expect(maxDifference(actual, expected)).toBeLessThan(1e-6);
  });

  it("adds the last items of the history, less the older they are", async () => {
    // 0, the last, leads to 3 (1) and 1 (.5); 2 before it counts half; the weights are 3 and 2.
    const actual = await scores({}, historyOf([2, 0], [2, 3]));
    expect(actual).toEqual([1, 1.5, 0, 3 + 1.5, 0]);
    expect(await scores({}, EMPTY)).toEqual([0, 0, 0, 0, 0]);
  });

  it("looks at ten items", async () => {
    const items = Array.from({ length: 12 }, (_, item) => item);
    const data = dataOf(matrixOf([items.map(() => 1)]), { sequences: Uint32Array.from(items) });
    const model = await transitionKnnEntry.train(data, { ...PLAIN, window: 1, decay: 1 }, { pool });
    const last = scoresOf(model, historyOf([0, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 12);
    expect(last).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  });

  it("refuses data without order", async () => {
    const unordered = dataOf(matrixOf([[1]]));
    expect(transitionKnnEntry.refusal!(unordered)).toContain("no order");
    expect(transitionKnnEntry.refusal!(DATA)).toBeNull();
    await expect(transitionKnnEntry.train(unordered, PLAIN, { pool })).rejects.toMatchObject({ code: "DATA_INVALID" });
  });
});
