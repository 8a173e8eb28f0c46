import { describe, expect, it } from "vitest";
import { neighboursOf, paramGrid, searchGrid, stepsOf } from "../../../../scripts/evaluate/grid-search.ts";
import type { Grid } from "../../../../scripts/evaluate/grid-search.ts";
import { MODEL_NAMES, modelEntry } from "../../../../scripts/train/models.ts";
import type { Params } from "../../../../scripts/train/model.ts";

const grid: Grid = {
  defaults: { seed: 1, rate: 0.3, k: 20 },
  tried: { rate: [0.1, 0.3, 1], k: [10, 20] },
  space: { seed: { values: [1, 2] }, rate: { low: 0.01, high: 10 }, k: { values: [2, 5, 10, 15, 40] } },
};

describe("the steps of a parameter", () => {
  it("go on beyond what is tried by the factor of its last two, within the range", () => {
    expect(stepsOf([0.1, 0.3, 1], { low: 0.01, high: 10 })).toEqual([0.011, 0.033, 0.1, 0.3, 1, 3.3]);
    expect(stepsOf([100, 200], { low: 25, high: 400 })).toEqual([25, 50, 100, 200, 400]);
    expect(stepsOf([100, 200], { low: 100, high: 399 })).toEqual([100, 200]);
  });

  it("are the values of the space beyond what is tried, and none of those between", () => {
    expect(stepsOf([10, 20], { values: [2, 5, 10, 15, 40] })).toEqual([2, 5, 10, 20, 40]);
  });

  it("are what is tried without a space, and where one value leaves no direction", () => {
    expect(stepsOf([10, 20], undefined)).toEqual([10, 20]);
    expect(stepsOf([10], { low: 1, high: 100 })).toEqual([10]);
    expect(stepsOf([], { low: 1, high: 100 })).toEqual([]);
  });

  it.each(MODEL_NAMES)("of %s ascend", (name) => {
    const { tried, space } = modelEntry(name);
    for (const [param, values = []] of Object.entries(tried)) {
      const steps = stepsOf(values, space[param]);
      expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
      expect(steps).toEqual(expect.arrayContaining([...values]));
    }
  });
});

it("goes one step of one parameter that is tried, down before up", () => {
  expect(neighboursOf(grid, { seed: 1, rate: 1, k: 10 })).toEqual([
    { seed: 1, rate: 0.3, k: 10 },
    { seed: 1, rate: 3.3, k: 10 },
    { seed: 1, rate: 1, k: 5 },
    { seed: 1, rate: 1, k: 20 },
  ]);
  expect(neighboursOf(grid, { seed: 1, rate: 0.011, k: 40 })).toEqual([
    { seed: 1, rate: 0.033, k: 40 },
    { seed: 1, rate: 0.011, k: 20 },
  ]);
});

describe("the search", () => {
  /** What was chosen, and what was tried on the way, "rate k". */
  async function search(value: (rate: number, k: number) => number | null): Promise<{ best: Params; tried: string[] }> {
    const tried: string[] = [];
    const best = await searchGrid(grid, async ({ rate, k }, done, total) => {
      expect(done).toBe(tried.length);
      expect(total).toBeGreaterThan(done);
      tried.push(`${rate} ${k}`);
      return value(rate!, k!);
    });
    return { best, tried };
  }
  const whole = ["0.1 10", "0.1 20", "0.3 10", "0.3 20", "1 10", "1 20"];

  it("tries the grid, and around a best of it what lies outside alone", async () => {
    const { best, tried } = await search((rate, k) => (rate === 0.3 ? 1 : 0) + k / 100 - (k > 20 ? 1 : 0));
    expect(best).toEqual({ seed: 1, rate: 0.3, k: 20 });
    expect(tried).toEqual([...whole, "0.3 40"]);
  });

  it("goes beyond an edge for as long as it is better, and along another parameter on the way", async () => {
    const { best, tried } = await search((rate, k) => -Math.abs(Math.log(rate / 0.033)) - Math.abs(Math.log(k / 5)));
    expect(best).toEqual({ seed: 1, rate: 0.033, k: 5 });
    expect(tried).toEqual([...whole, "0.033 10", "0.1 5", "0.011 10", "0.033 5", "0.033 20", "0.011 5", "0.033 2"]);
  });

  it("ends at the ends of the space", async () => {
    expect((await search((rate, k) => rate + k)).best).toEqual({ seed: 1, rate: 3.3, k: 40 });
  });

  it("takes the first of equals, and passes over what has no measure", async () => {
    expect((await search(() => 0.5)).best).toEqual({ seed: 1, rate: 0.1, k: 10 });
    expect((await search((rate) => (rate === 0.1 ? null : 0.5))).best).toEqual({ seed: 1, rate: 0.3, k: 10 });
    expect((await search((rate) => (rate === 0.1 ? Number.NaN : -1))).best).toEqual({ seed: 1, rate: 0.3, k: 10 });
    expect((await search(() => null)).best).toEqual({ seed: 1, rate: 0.1, k: 10 });
  });

  it("tries nothing where there is one choice", async () => {
    const fail = async (): Promise<number> => Promise.reject(new Error("tried"));
    expect(await searchGrid({ ...grid, tried: {} }, fail)).toEqual(grid.defaults);
    expect(paramGrid({ ...grid, tried: {} })).toEqual([grid.defaults]);
  });
});
