import { describe, expect, test } from "vitest";
import { compareWith } from "../../../../scripts/evaluate/compare.ts";
import { METRICS } from "../../../../scripts/evaluate/evaluate.ts";
import type { Measurement } from "../../../../scripts/evaluate/evaluate.ts";
import { segmentRows } from "../../../../scripts/evaluate/segments.ts";
import { foldOf } from "./helpers.ts";

/** @param values of every metric, one a person */
function measured(name: string, values: readonly number[], lists: readonly (readonly number[])[] = []): Measurement {
  return {
    row: { name } as Measurement["row"],
    values: Object.fromEntries(METRICS.map((metric) => [metric, values])) as Measurement["values"],
    lists: lists.map((list) => Uint32Array.from(list)),
  };
}

describe("segments, worked by hand", () => {
  // Items by interactions: 0 has four, 1 three, 2 two, 3 one, of ten: 0 begins within the first fifth, 3 beyond .8.
  const trained = [[0, 1, 2, 3], [0, 1, 2], [0, 1], [0]];
  const fold = foldOf(5, trained, [
    { history: [3], targets: [0, 1] },
    { history: [0, 1], targets: [2] },
    { history: [0, 1, 2], targets: [3, 4] },
  ]);
  const rows = segmentRows(
    fold,
    measured(
      "x",
      [],
      [
        [0, 2, 1],
        [3, 2],
        [4, 0],
      ],
    ),
  );
  const of = (by: string) =>
    rows
      .filter((row) => row.by === by)
      .map(({ segment, people, targets, recallAt20 }) => ({
        segment,
        people,
        targets,
        recallAt20,
      }));

  test("activity: terciles of the history", () => {
    expect(of("activity")).toEqual([
      { segment: "low, 1 to 1 items", people: 1, targets: 2, recallAt20: 1 },
      { segment: "middle, 2 to 2 items", people: 1, targets: 1, recallAt20: 1 },
      { segment: "high, 3 to 3 items", people: 1, targets: 2, recallAt20: 0.5 },
    ]);
  });

  test("popularity: 20, 60, 20 % of the interactions; what nobody has is in the tail", () => {
    expect(of("popularity")).toEqual([
      { segment: "head", people: 1, targets: 1, recallAt20: 1 },
      { segment: "middle", people: 2, targets: 2, recallAt20: 1 },
      { segment: "tail", people: 1, targets: 2, recallAt20: 0.5 },
    ]);
    // The list stays whole: item 1 is still third in it.
    const middle = rows.find(({ segment }) => segment === "middle")!;
    expect(middle.ndcgAt100).toBeCloseTo((1 / 2 + 1 / Math.log2(3)) / 2, 12);
    expect(middle.se.ndcgAt100).toBeCloseTo((1 / Math.log2(3) - 1 / 2) / 2, 12);
  });

  test("kind: of the target; without one it is unknown", () => {
    expect(of("kind")).toEqual([
      { segment: "unknown", people: 2, targets: 2, recallAt20: 0.5 },
      { segment: "film", people: 3, targets: 3, recallAt20: 1 },
    ]);
  });

  test("people with equal histories stay together", () => {
    const equal = foldOf(
      3,
      [[0, 1, 2]],
      [
        { history: [0], targets: [1] },
        { history: [1], targets: [2] },
        { history: [2], targets: [0] },
      ],
    );
    const activity = segmentRows(equal, measured("x", [], [[1], [2], [0]])).filter(({ by }) => by === "activity");
    expect(activity.map(({ segment, people }) => [segment, people])).toEqual([["low, 1 to 1 items", 3]]);
  });
});

test("comparison: the others minus the baseline, pair by pair, from one seed", () => {
  const baseline = measured("base", [0, 0, 0, 0]);
  const better = measured("better", [1, 1, 1, 1]);
  const mixed = measured("mixed", [1, -1, 1, -1]);
  const [first, second] = compareWith(baseline, [better, baseline, mixed], 1);
  expect(first).toMatchObject({ name: "better", ndcgAt100: { difference: 1, low: 1, high: 1, pValue: 2 / 10_001 } });
  expect(second).toMatchObject({ name: "mixed", auc: { difference: 0, low: -1, high: 1 } });
  expect(second!.recallAt20.pValue).toBe(1);
  expect(compareWith(baseline, [mixed], 1)[0]).toEqual(second);
  expect(compareWith(baseline, [baseline], 1)).toEqual([]);
});
