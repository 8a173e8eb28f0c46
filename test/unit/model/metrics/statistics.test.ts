import { describe, expect, test } from "vitest";
import { meanAndError, pairedBootstrap, quantile } from "../../../../src/model/metrics/statistics.ts";

function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test("mean and its standard error", () => {
  expect(meanAndError([1, 2, 3, NaN])).toEqual({ mean: 2, standardError: Math.sqrt(1 / 3) });
  expect(meanAndError([4])).toEqual({ mean: 4, standardError: 0 });
  expect(meanAndError([]).mean).toBeNaN();
});

test("quantiles lie between neighbours in proportion", () => {
  const values = Float64Array.of(1, 2, 4);
  expect([0, 0.25, 0.5, 0.75, 1].map((q) => quantile(values, q))).toEqual([1, 1.5, 2, 3, 4]);
});

describe("paired bootstrap", () => {
  test("a difference that everybody has is certain", () => {
    expect(pairedBootstrap([3, 4, 5], [1, 2, 3], lehmer(1), 999)).toEqual({
      difference: 2,
      low: 2,
      high: 2,
      pValue: 2 / 1000,
    });
  });

  test("no difference is chance", () => {
    expect(pairedBootstrap([1, 2], [1, 2], lehmer(1), 99)).toEqual({ difference: 0, low: 0, high: 0, pValue: 1 });
  });

  test("differences 0, 0, 0, 3: no 3 is drawn with chance (3/4)^4, and more than two with 13/256", () => {
    const { difference, low, high, pValue } = pairedBootstrap([1, 1, 1, 4], [1, 1, 1, 1], lehmer(7), 20_000);
    expect(difference).toBe(0.75);
    expect(low).toBe(0);
    // P(mean >= 9/4) = (4 * 3 + 1) / 256 = .051, P(mean = 3) = .004.
    expect(high).toBe(2.25);
    // Twice the share of means at or below 0; the standard error of the share is .0033.
    expect(pValue).toBeGreaterThan(2 * (0.75 ** 4 - 0.012));
    expect(pValue).toBeLessThan(2 * (0.75 ** 4 + 0.012));
  });

  test("its spread is that of the mean, not that of the two unpaired", () => {
    const random = lehmer(3);
    const b = Array.from({ length: 400 }, () => 10 * random());
    const a = b.map((value) => value + 0.1 + (random() - 0.5));
    const { difference, low, high } = pairedBootstrap(a, b, lehmer(5), 4000);
    // Uniform noise of width 1: standard error sqrt(1 / 12 / 400) = .0144.
    expect((high - low) / 2).toBeGreaterThan(1.96 * 0.0144 * 0.9);
    expect((high - low) / 2).toBeLessThan(1.96 * 0.0144 * 1.1);
    expect(Math.abs(difference - 0.1)).toBeLessThan(0.05);
  });

  test("is seeded, and leaves undefined people out", () => {
    const make = (seed: number) => pairedBootstrap([1, 5, NaN, 2], [2, 2, 2, NaN], lehmer(seed), 200);
    expect(make(1)).toEqual(make(1));
    expect(make(1).difference).toBe(1);
    expect(pairedBootstrap([NaN], [1], lehmer(1), 10).pValue).toBeNaN();
  });
});
