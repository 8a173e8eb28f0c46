import { describe, expect, it, test } from "vitest";
import { bestFirst, drawSettings, rungsOf, searchSettings } from "../../../../scripts/evaluate/search.ts";
import type { Search, SearchSpace } from "../../../../scripts/evaluate/search.ts";
import type { Params } from "../../../../scripts/train/model.ts";

const space: SearchSpace = {
  defaults: { rate: 0.5, epochs: 10, seed: 1 },
  space: { rate: { low: 0.01, high: 1 }, epochs: { values: [5, 10, 20] } },
};
const random = (trials: number, seed = 1): Search => ({ method: "random", trials, seed });
const halving = (trials: number, seed = 1): Search => ({ method: "halving", trials, seed });

describe("the rungs of successive halving", () => {
  test.each([
    // 3^2 <= 20: 20 / 9 = 2.2 and 20 / 3 = 6.7 epochs.
    [
      20,
      20,
      [
        [20, 2],
        [6, 7],
        [2, 20],
      ],
    ],
    [
      27,
      27,
      [
        [27, 1],
        [9, 3],
        [3, 9],
        [1, 27],
      ],
    ],
    // The settings are what ends it: 3^1 <= 8.
    [
      8,
      20,
      [
        [8, 7],
        [2, 20],
      ],
    ],
    // The epochs are: 3^1 <= 4.
    [
      100,
      4,
      [
        [100, 1],
        [33, 4],
      ],
    ],
    [2, 20, [[2, 20]]],
    [1, 1, [[1, 1]]],
  ])("of %i settings up to %i epochs", (settings, most, expected) => {
    const rungs = expected.map(([trials, epochs]) => ({ trials, epochs }));
    const values: SearchSpace = { ...space, space: { epochs: { values: [1, most] } } };
    expect(rungsOf(values, settings, halving(1))).toEqual(rungs);
    const range: SearchSpace = { ...space, space: { epochs: { low: 1, high: most } } };
    expect(rungsOf(range, settings, halving(1))).toEqual(rungs);
  });

  it("go up to the default where the space has no epochs", () => {
    expect(rungsOf({ ...space, space: {} }, 3, halving(3))).toEqual([
      { trials: 3, epochs: 3 },
      { trials: 1, epochs: 10 },
    ]);
  });

  it("are one, with what was drawn, in random search and for a model without epochs", () => {
    expect(rungsOf(space, 9, random(9))).toEqual([{ trials: 9, epochs: null }]);
    expect(rungsOf({ defaults: { k: 1 }, space: {} }, 9, halving(9))).toEqual([{ trials: 9, epochs: null }]);
  });
});

describe("the settings drawn", () => {
  it("are distinct, within the space, the defaults first, and the same for the same seed", () => {
    const settings = drawSettings(space, random(50));
    expect(settings).toHaveLength(50);
    expect(settings[0]).toEqual(space.defaults);
    expect(new Set(settings.map((params) => JSON.stringify(params))).size).toBe(50);
    for (const { rate, epochs, seed } of settings) {
      expect(rate).toBeGreaterThanOrEqual(0.01);
      expect(rate).toBeLessThanOrEqual(1);
      expect([5, 10, 20]).toContain(epochs);
      expect(seed).toBe(1);
    }
    expect(new Set(settings.map(({ epochs }) => epochs)).size).toBe(3);
    expect(drawSettings(space, random(50))).toEqual(settings);
    expect(drawSettings(space, random(50, 2))[1]).not.toEqual(settings[1]);
    expect(drawSettings(space, random(5))).toEqual(settings.slice(0, 5));
  });

  it("are log-uniform: as many below the geometric mean as above", () => {
    const rates = drawSettings(space, random(400)).map(({ rate }) => rate!);
    const below = rates.filter((rate) => rate < 0.1).length;
    // Of a fair coin 400 times: four standard deviations are 40.
    expect(Math.abs(below - 200)).toBeLessThan(40);
  });

  it("leave the epochs to the rungs in successive halving", () => {
    for (const { epochs } of drawSettings(space, halving(20))) expect(epochs).toBe(10);
  });

  it("are fewer where the space has fewer", () => {
    const small: SearchSpace = { defaults: { a: 1, b: 0 }, space: { a: { values: [1, 2] }, b: { values: [0, 3, 4] } } };
    const settings = drawSettings(small, random(100));
    expect(settings).toHaveLength(6);
    expect(drawSettings({ defaults: {}, space: {} }, random(100))).toEqual([{}]);
  });
});

describe("a search", () => {
  /** Runs it with an NDCG for each setting; what was tried, in order. */
  async function tried(search: Search, ndcg: (params: Params) => number | null): Promise<Params[][]> {
    const rungs: Params[][] = [];
    await searchSettings(space, search, async (params, rung) => {
      (rungs[rung] ??= []).push(params);
      return { params, ndcgAt100: ndcg(params) };
    });
    return rungs;
  }
  const rates = (rung: readonly Params[]): number[] => rung.map(({ rate }) => rate!);

  it("at random tries each setting once", async () => {
    expect(await tried(random(7), () => 0.5)).toEqual([drawSettings(space, random(7))]);
  });

  it("by halving gives the best third three times the epochs", async () => {
    const [first, second, third, ...rest] = await tried(halving(9), ({ rate }) => -Math.abs(rate! - 0.1));
    expect(rest).toEqual([]);
    const closest = rates(first!).toSorted((a, b) => Math.abs(a - 0.1) - Math.abs(b - 0.1));
    expect(first).toHaveLength(9);
    expect(rates(second!)).toEqual(closest.slice(0, 3));
    expect(rates(third!)).toEqual(closest.slice(0, 1));
    expect([first![0]!.epochs, second![0]!.epochs, third![0]!.epochs]).toEqual([2, 7, 20]);
  });

  it("goes on with the first of equals", async () => {
    const [first, second] = await tried(halving(9), () => 0.5);
    expect(rates(second!)).toEqual(rates(first!).slice(0, 3));
  });

  it("goes no further with what did not converge", async () => {
    const slow = rates(drawSettings(space, halving(9))).toSorted((a, b) => a - b)[0]!;
    const [, second, third] = await tried(halving(9), ({ rate }) => (rate === slow ? 0.1 : null));
    expect(rates(second!)).toEqual([slow]);
    expect(rates(third!)).toEqual([slow]);
    expect(await tried(halving(9), () => null)).toHaveLength(1);
  });
});

test("the best comes first, 0 before what did not converge", () => {
  const outcomes = [null, 0, 0.2, 0.1, 0.2].map((ndcgAt100, at) => ({ params: { at }, ndcgAt100 }));
  expect(bestFirst(outcomes).map(({ params }) => params.at)).toEqual([2, 4, 3, 1]);
});
