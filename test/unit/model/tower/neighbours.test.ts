import { describe, expect, test } from "vitest";
import { addNeighbours, neighbourTable, neighbourValue, scaleOf } from "../../../../src/model/tower/neighbours.ts";
import { tableOf } from "../../../support/scoring.ts";

describe("neighbourTable", () => {
  const table = tableOf(4, [
    [2, 3, 127],
    [2, 0, -63.5],
    [0, 3, 64],
    [0, 0, 31.75],
    [1, 3, 0.25],
  ]);

  test("by source, targets ascending; a weight is the value over its target's scale, and nothing is left out", () => {
    expect([...table.indptr]).toEqual([0, 2, 2, 4, 4]);
    expect([...table.targets]).toEqual([0, 3, 0, 3]);
    expect([...table.weights]).toEqual([64, 64, -127, 127]);
  });

  test("scales are steps of a sixteenth of an octave below the largest; an unused target has the largest", () => {
    expect([...table.scales]).toEqual([0.5, 1, 1, 1]);
    expect(
      tableOf(2, [
        [0, 0, 127],
        [0, 1, 120],
      ]).scales[1],
    ).toBe(scaleOf(1, 1));
  });

  test("a target's largest value is never cut, and is off by half a scale at most", () => {
    for (let value = 0.02; value < 1000; value *= 1.07) {
      const { weights, scales } = tableOf(2, [
        [0, 0, 1000],
        [1, 1, value],
      ]);
      expect(weights[1]).toBeGreaterThanOrEqual(121);
      expect(weights[1]).toBeLessThanOrEqual(127);
      expect(Math.abs(weights[1]! * scales[1]! - value)).toBeLessThanOrEqual(scales[1]! / 2);
    }
  });

  test("no entry: scales of 1", () => {
    const none = neighbourTable(
      { sources: new Uint32Array(0), targets: new Uint32Array(0), values: new Float32Array(0) },
      3,
    );
    expect(none).toEqual({
      indptr: new Uint32Array(4),
      targets: new Uint32Array(0),
      weights: new Int8Array(0),
      scales: Float32Array.of(1, 1, 1),
    });
  });

  test("a history adds each of its entries times its weight", () => {
    const sums = new Float64Array(4).fill(10);
    addNeighbours(table, Uint32Array.of(2, 1, 0), Float32Array.of(1, 1, 0.5), sums);
    expect([...sums]).toEqual([10 - 63.5 + 16, 10, 10, 10 + 127 + 32]);
  });

  test("one entry, or 0 where there is none", () => {
    const all = Array.from({ length: 4 }, (_, source) => [0, 1, 2, 3].map((to) => neighbourValue(table, source, to)));
    expect(all).toEqual([
      [32, 0, 0, 64],
      [0, 0, 0, 0],
      [-63.5, 0, 0, 127],
      [0, 0, 0, 0],
    ]);
  });
});
