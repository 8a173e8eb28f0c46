import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateModel, meanNdcg } from "../../../../scripts/evaluate/evaluate.ts";
import { itemStatistics } from "../../../../scripts/evaluate/item-statistics.ts";
import { scorePeople } from "../../../../scripts/evaluate/score-people.ts";
import { factorModel } from "../../../../scripts/train/factor-model.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { maxDifference, openPool } from "../train/helpers.ts";
import { fixedModel, foldOf } from "./helpers.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

describe("a list", () => {
  test("masks the history, misses what nobody was fitted on, counts coverage over trained items", async () => {
    const fold = foldOf(5, [[0, 1, 2]], [{ history: [0], targets: [1, 4] }]);
    const { row, lists } = await evaluateModel(fixedModel([9, 3, 4, 8, 7]), fold, pool);
    // Left to rank: items 2 and 1. Target 1 stands second, target 4 is unknown.
    expect(lists).toEqual([Uint32Array.of(2, 1)]);
    expect(row.recallAt20).toBe(0.5);
    expect(row.precisionAt10).toBe(0.1);
    expect(row.mrrAt100).toBe(0.5);
    expect(row.hitRateAt10).toBe(1);
    expect(row.mapAt10).toBe(0.25);
    expect(row.ndcgAt100).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12);
    expect(row.auc).toBe(0);
    expect(row.coverageAt20).toBeCloseTo(2 / 3, 12);
    // Shown 0, 1, 1 times: (-2 * 0 + 0 * 1/2 + 2 * 1/2) / 2.
    expect(row.giniAt20).toBe(0.5);
    // The one person of the training has both.
    expect(row.noveltyAt20).toBe(0);
    expect(row.diversityAt10).toBe(0);
    expect(await meanNdcg(fixedModel([9, 3, 4, 8, 7]), fold, pool)).toBe(row.ndcgAt100);
  });

  test("ranks the candidates only: cold items among themselves", async () => {
    const warm = foldOf(5, [[0, 1, 2]], [{ history: [0], targets: [4] }]);
    const fold = { ...warm, candidates: Uint8Array.of(0, 0, 0, 1, 1) };
    const { row, lists } = await evaluateModel(fixedModel([9, 9, 9, 2, 1]), fold, pool);
    expect(lists).toEqual([Uint32Array.of(3, 4)]);
    expect(row.mrrAt100).toBe(0.5);
    expect(row.coverageAt20).toBe(1);
  });

  test("ties go by the tie order where there is one, otherwise by row", async () => {
    const byRow = foldOf(4, [[0, 1, 2, 3]], [{ history: [0], targets: [1] }]);
    const model = fixedModel([9, 5, 5, 6]);
    expect((await evaluateModel(model, byRow, pool)).lists).toEqual([Uint32Array.of(3, 1, 2)]);
    const ordered = { ...byRow, tieOrder: Uint32Array.of(2, 3, 1, 0) };
    expect((await evaluateModel(model, ordered, pool)).lists).toEqual([Uint32Array.of(3, 2, 1)]);
  });

  test("means and standard errors are over people", async () => {
    const people = [
      { history: [0], targets: [1] },
      { history: [0], targets: [2] },
    ];
    const { row, values } = await evaluateModel(fixedModel([0, 2, 1]), foldOf(3, [[0, 1, 2]], people), pool);
    expect(values.mrrAt100).toEqual([1, 0.5]);
    expect(row.mrrAt100).toBe(0.75);
    expect(row.se.mrrAt100).toBeCloseTo(0.25, 12);
  });
});

describe("scores by the kernel", () => {
  test.each([
    [1, 1, 1],
    [7, 3, 5],
    [70, 64, 64],
    [130, 1030, 12],
  ])("%i people, %i items, %i dimensions: those of the model itself", async (people, items, dimensions) => {
    const random = seededRandom(people);
    const normal = (count: number): Float32Array => Float32Array.from({ length: count }, () => gaussian(random));
    const model = factorModel("dot", {}, 0, {
      dimensions,
      itemVectors: normal(items * dimensions),
      userVector: ({ rows }) => Float32Array.from({ length: dimensions }, (_, d) => Math.sin(rows[0]! + d)),
    });
    const { users } = foldOf(
      items,
      [],
      Array.from({ length: people }, (_, person) => ({ history: [person], targets: [0] })),
    );
    const seen: number[] = [];
    const expected = new Float32Array(items);
    await scorePeople(model, users, items, pool, (scores, person) => {
      seen.push(person);
      model.score(users[person]!.history, expected);
      expect(scores).toHaveLength(items);
      expect(maxDifference(scores, expected)).toBeLessThan(1e-4);
      // The visitor may change what it got.
      scores.fill(-Infinity);
    });
    expect(seen).toEqual(Array.from({ length: people }, (_, person) => person));
  });

  test("stop where they are cancelled, and so do scores one by one", async () => {
    const stop = new AbortController();
    const stopping = await openPool({ threads: 1, signal: stop.signal });
    try {
      const { users } = foldOf(2, [], [{ history: [0], targets: [1] }]);
      stop.abort();
      const one = Float32Array.of(1);
      const byKernel = factorModel("dot", {}, 0, {
        dimensions: 1,
        itemVectors: Float32Array.of(1, 2),
        userVector: () => one,
      });
      for (const model of [byKernel, fixedModel([1, 2])]) {
        await expect(scorePeople(model, users, 2, stopping, () => {})).rejects.toMatchObject({ code: "CANCELLED" });
      }
    } finally {
      await stopping.close();
    }
  });
});

test("items are alike by the people who have them", () => {
  // Item 0: people 0 and 1; item 1: people 0, 1 and 2; item 2: person 2; item 3: nobody.
  const { people, owners, cosine } = itemStatistics(
    foldOf(
      4,
      [
        [0, 1],
        [0, 1],
        [1, 2],
      ],
      [],
    ).data.matrix,
  );
  expect(people).toBe(3);
  expect([...owners]).toEqual([2, 3, 1, 0]);
  expect(cosine(0, 1)).toBeCloseTo(2 / Math.sqrt(6), 12);
  expect(cosine(1, 0)).toBe(cosine(0, 1));
  expect(cosine(2, 1)).toBeCloseTo(1 / Math.sqrt(3), 12);
  expect(cosine(0, 2)).toBe(0);
  expect(cosine(3, 1)).toBe(0);
});
