import { describe, expect, test } from "vitest";
import { coverage, diversityAt, giniIndex, noveltyAt } from "../../../../src/model/metrics/list-metrics.ts";

describe("metrics of lists, worked by hand", () => {
  test("coverage: two of four items are shown", () => {
    expect(coverage([3, 0, 1, 0])).toBe(0.5);
  });

  test("Gini: even 0, one item 1, between by the formula", () => {
    expect(giniIndex([2, 2, 2])).toBe(0);
    expect(giniIndex([0, 0, 5])).toBe(1);
    // Shares 0, 1/4, 3/4: (-2 * 0 + 0 * 1/4 + 2 * 3/4) / 2.
    expect(giniIndex([3, 0, 1])).toBe(0.75);
    expect(giniIndex([0, 0])).toBeNaN();
  });

  test("novelty: 2 bits for an item of a quarter of the people, 0 for one that all have", () => {
    const owners = [2, 8, 0];
    expect(noveltyAt([0], 20, owners, 8)).toBe(2);
    expect(noveltyAt([0, 1], 20, owners, 8)).toBe(1);
    expect(noveltyAt([1, 0], 1, owners, 8)).toBe(0);
    // Nobody has it: as if one had.
    expect(noveltyAt([2], 20, owners, 8)).toBe(3);
    expect(noveltyAt([], 20, owners, 8)).toBeNaN();
  });

  test("diversity: 1 minus the mean cosine of the pairs of the first k", () => {
    const cosine = (a: number, b: number): number => (a + b) / 10;
    expect(diversityAt([1, 2, 3, 9], 3, cosine)).toBeCloseTo(1 - (0.3 + 0.4 + 0.5) / 3, 12);
    expect(diversityAt([1], 3, cosine)).toBeNaN();
  });
});
