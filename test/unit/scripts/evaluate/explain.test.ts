import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explain } from "../../../../scripts/evaluate/explain.ts";
import { explanationTable } from "../../../../scripts/evaluate/explain-table.ts";
import type { EvaluatedUser, Fold } from "../../../../scripts/evaluate/protocol.ts";
import { factorModel, weightedSum } from "../../../../scripts/train/factor-model.ts";
import { trainIalsModel } from "../../../../scripts/train/ials.ts";
import type { TrainedModel } from "../../../../scripts/train/model.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { foldInExact } from "../../../../src/model/tower/fold-in.ts";
import { openPool, randomMatrix } from "../train/helpers.ts";
import { fixedModel, foldOf } from "./helpers.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 1 });
});
afterAll(() => pool.close());

const explained = (model: TrainedModel, fold: Fold, k: number, person: Partial<EvaluatedUser> = {}) =>
  explain(model, fold, { ...fold.users[0]!, ...person }, k, pool);

/** One dimension; the history is folded in with t = 1. */
const foldInModel = (vectors: readonly number[]): TrainedModel => {
  const itemVectors = Float32Array.from(vectors);
  return factorModel("fold-in", {}, 0, {
    dimensions: 1,
    itemVectors,
    userVector: ({ rows, weights }) =>
      foldInExact(
        Float32Array.from(rows, (row) => itemVectors[row]!),
        weights,
        new Float32Array(rows.length).fill(1),
        1,
      ),
  });
};

describe("the list and the ground truth", () => {
  test("hits, misses with their ranks, and targets that nobody was fitted on", async () => {
    const fold = foldOf(6, [[0, 1, 2, 3, 4]], [{ history: [0], targets: [2, 4, 5] }]);
    const { recommended, targets, hits, ndcgAt100 } = await explained(fixedModel([9, 1, 4, 3, 2, 8]), fold, 2);
    expect(recommended.map(({ item, score, hit }) => [item, score, hit])).toEqual([
      [2, 4, true],
      [3, 3, false],
    ]);
    expect(targets).toEqual([
      { item: 2, rank: 1 },
      { item: 4, rank: 3 },
      { item: 5, rank: null },
    ]);
    expect(hits).toBe(1);
    expect(ndcgAt100).toBeCloseTo((1 + 1 / Math.log2(4)) / (1 + 1 / Math.log2(3) + 1 / Math.log2(4)), 12);
  });

  test("equal scores go by the tie order where there is one, otherwise by row", async () => {
    const fold = foldOf(4, [[0, 1, 2, 3]], [{ history: [0], targets: [1] }]);
    const model = fixedModel([9, 5, 5, 6]);
    const order = async (own: Fold) => (await explained(model, own, 3)).recommended.map(({ item }) => item);
    expect(await order(fold)).toEqual([3, 1, 2]);
    expect(await order({ ...fold, tieOrder: Uint32Array.of(2, 3, 1, 0) })).toEqual([3, 2, 1]);
  });

  test("what was consumed is ordered by weight, then by value, then latest first", async () => {
    const fold = foldOf(6, [[0, 1, 2, 3, 4, 5]], [{ history: [0, 1, 2, 3, 4], targets: [5] }]);
    const history = {
      rows: Uint32Array.of(0, 1, 2, 3, 4),
      weights: Float32Array.of(1, 1, 4, 1, 1),
      values: Float32Array.of(3, 5, NaN, NaN, NaN),
    };
    const { consumed } = await explained(fixedModel([0, 0, 0, 0, 0, 0]), fold, 1, { history });
    expect(consumed.map(({ item }) => item)).toEqual([2, 1, 0, 4, 3]);
    expect(consumed[0]).toEqual({ item: 2, weight: 4, value: NaN });
  });

  test("a list longer than the catalogue is the catalogue without the history", async () => {
    const fold = foldOf(3, [[0, 1, 2]], [{ history: [0], targets: [1] }]);
    expect((await explained(fixedModel([3, 2, 1]), fold, 50)).recommended).toHaveLength(2);
  });
});

describe("reasons", () => {
  test("of a fold-in are parts that sum to the score", async () => {
    // A = 1 + 1*1 + 1*2*2 = 6, x = (1 + 2) / 6, score of item 2: .5 = 1/6 from item 0 and 2/6 from item 1.
    const fold = foldOf(3, [[0, 1, 2]], [{ history: [0, 1], targets: [2] }]);
    const { recommended, reasonsAre } = await explained(foldInModel([1, 2, 1]), fold, 1);
    expect(reasonsAre).toBe("parts");
    expect(recommended[0]!.score).toBeCloseTo(0.5, 6);
    expect(recommended[0]!.reasons.map(({ item }) => item)).toEqual([1, 0]);
    expect(recommended[0]!.reasons[0]!.amount).toBeCloseTo(2 / 6, 12);
    expect(recommended[0]!.reasons[1]!.amount).toBeCloseTo(1 / 6, 12);
  });

  test("of iALS as it is fitted: three consumed items make up the score", async () => {
    const matrix = randomMatrix(60, 30, 0.2, 4);
    const params = { dimensions: 8, epochs: 3, lambda: 0.01, alpha0: 0.3, seed: 1 };
    const model = await trainIalsModel(matrix, params, pool);
    const fold = foldOf(30, [Array.from({ length: 30 }, (_, item) => item)], [{ history: [3, 7, 11], targets: [2] }]);
    const { recommended, reasonsAre } = await explained(model, fold, 1);
    expect(reasonsAre).toBe("parts");
    const [best] = recommended;
    expect(best!.reasons).toHaveLength(3);
    expect(best!.reasons.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(best!.score, 5);
  });

  test("of other models are what the score loses; where it is linear that is the item's own share", async () => {
    const vectors = Float32Array.of(3, -1, 2, 1);
    const model = factorModel("linear", {}, 0, {
      dimensions: 1,
      itemVectors: vectors,
      userVector: ({ rows, weights }) => weightedSum(vectors, 1, rows, weights),
    });
    const fold = foldOf(4, [[0, 1, 2, 3]], [{ history: [0, 1, 2], targets: [3] }]);
    const { recommended, reasonsAre } = await explained(model, fold, 1);
    expect(reasonsAre).toBe("losses");
    // Score 3 - 1 + 2 = 4; item 1 lowers it and is no reason.
    expect(recommended[0]).toMatchObject({
      score: 4,
      reasons: [
        { item: 0, amount: 3 },
        { item: 2, amount: 2 },
      ],
    });
  });

  test("there are none where the history does not matter, and none without a history", async () => {
    const fold = foldOf(3, [[0, 1, 2]], [{ history: [0], targets: [1] }]);
    expect((await explained(fixedModel([1, 2, 3]), fold, 1)).recommended[0]!.reasons).toEqual([]);
    const history = { rows: new Uint32Array(0), weights: new Float32Array(0), values: new Float32Array(0) };
    const { consumed, recommended } = await explained(foldInModel([1, 2, 1]), fold, 1, { history });
    expect([consumed, recommended[0]!.reasons]).toEqual([[], []]);
  });
});

describe("the table", () => {
  const TITLES = [
    "Plain",
    "\u6771\u4eac\u4e8b\u5909 ".repeat(9),
    "Hostile \u001B[31mred\n\u202Eend of a title that is much too long",
    "e\u0301".repeat(60),
  ];
  const columns = (line: string): number =>
    Array.from(line.replaceAll(/\p{M}/gu, "")).reduce(
      (sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 2 : 1),
      0,
    );

  test("keeps within 100 columns whatever the titles, and passes no control character on", async () => {
    const fold = foldOf(4, [[0, 1, 2]], [{ history: [1, 0], targets: [2, 3] }]);
    const text = explanationTable(await explained(foldInModel([1, 2, 1, 1]), fold, 5), TITLES, 5);
    const lines = text.split("\n");
    expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(100);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(lines[0]).toBe("2 items consumed; of 2 targets 1 are among the first 5 (*); NDCG@100 0.6131");
    expect(lines.some((line) => /^Plain +1 +- {3}/u.test(line))).toBe(true);
    expect(text).toContain("  1 * Hostile");
    expect(text).toContain("rank none");
    expect(text).toContain("sums to the score");
  });

  test("says how much is left out", async () => {
    const fold = foldOf(4, [[0, 1, 2, 3]], [{ history: [0, 1], targets: [2, 3] }]);
    const text = explanationTable(await explained(fixedModel([4, 3, 2, 1]), fold, 1), TITLES, 1);
    expect(text.match(/\.\.\. 1 more with --json/gu)).toHaveLength(2);
    expect(text).toContain("would lose");
  });
});
