import { describe, expect, test } from "vitest";
import { TOWER } from "../../../../src/model/config.ts";
import type { TowerParams } from "../../../../src/model/bundle/bundle.ts";
import { targetOf, towerEvents, towerInput } from "../../../../src/model/tower/history.ts";
import type { TowerEvent } from "../../../../src/model/tower/history.ts";

const params: TowerParams = { ...TOWER, maxHistory: 4, recencyDecay: 0.5, positiveRating: 3 };
const { view, click, favourite, booking, rating, dismiss } = params.eventWeights;

const event = (row: number, kind: TowerEvent["event"], value?: number): TowerEvent => ({ row, event: kind, value });

/** [row, weight, target] of each item, oldest first. */
function input(events: readonly TowerEvent[], changed: Partial<TowerParams> = {}): number[][] {
  const { rows, weights, targets } = towerInput(events, { ...params, ...changed });
  return Array.from(rows, (row, l) => [row, weights[l]!, targets[l]!]);
}

describe("targetOf", () => {
  test.for([
    ["view", undefined, 1],
    ["click", undefined, 1],
    ["favourite", undefined, 1],
    ["booking", undefined, 1],
    ["dismiss", undefined, 0],
    ["rating", undefined, 1],
    ["rating", 3, 1],
    ["rating", 2.5, 0],
    ["rating", 0, 0],
  ] as const)("%s %s is %s", ([kind, value, target]) => {
    expect(targetOf(kind, value, params)).toBe(target);
  });

  test("an event that weighs nothing says nothing", () => {
    const weightless = { ...params, eventWeights: { ...params.eventWeights, view: 0 } };
    expect(targetOf("view", undefined, weightless)).toBeNull();
  });

  test("a threshold of 0 takes every rating as interest", () => {
    expect(targetOf("rating", 0, { ...params, positiveRating: 0 })).toBe(1);
  });
});

describe("towerInput", () => {
  test("no history: nothing", () => {
    expect(input([])).toEqual([]);
  });

  test("oldest first; the k-th newest item weighs decay^k", () => {
    expect(input([event(7, "click"), event(2, "booking"), event(5, "view")])).toEqual([
      [7, click * 0.25, 1],
      [2, booking * 0.5, 1],
      [5, view, 1],
    ]);
  });

  test("an item counts once, at its newest event, with its largest weight", () => {
    expect(input([event(1, "booking"), event(2, "favourite"), event(1, "view")])).toEqual([
      [2, favourite * 0.5, 1],
      [1, booking, 1],
    ]);
  });

  test("a newer dismissal overrides older interest, and the reverse", () => {
    expect(input([event(1, "booking"), event(1, "dismiss")])).toEqual([[1, dismiss, 0]]);
    expect(input([event(1, "dismiss"), event(1, "click")])).toEqual([[1, click, 1]]);
    // All that was of the newest opinion counts, the strongest of it.
    expect(input([event(1, "booking"), event(1, "dismiss"), event(1, "click")])).toEqual([[1, booking, 1]]);
  });

  test("a rating under the threshold is a dislike", () => {
    expect(input([event(1, "rating", 1), event(2, "rating", 5)])).toEqual([
      [1, rating * 0.5, 0],
      [2, rating, 1],
    ]);
  });

  test("items that left the catalogue are passed over and take no place", () => {
    expect(input([event(1, "click"), event(-1, "click"), event(-1, "booking")])).toEqual([[1, click, 1]]);
  });

  test("events that weigh nothing take no place", () => {
    const eventWeights = { ...params.eventWeights, view: 0 };
    expect(input([event(1, "click"), event(2, "view")], { eventWeights })).toEqual([[1, click, 1]]);
  });

  test("the newest maxHistory items count; their older events still do", () => {
    const events = [event(4, "booking"), event(9, "click"), ...[1, 2, 3, 4].map((row) => event(row, "click"))];
    expect(input(events, { recencyDecay: 1 })).toEqual([
      [1, click, 1],
      [2, click, 1],
      [3, click, 1],
      [4, booking, 1],
    ]);
  });
});

describe("towerEvents", () => {
  test("knows each item's row, -1 where the catalogue has none", () => {
    const rowOf = (itemId: string): number => ["a", "b"].indexOf(itemId);
    const history = [
      { id: "1", itemId: "b", event: "rating", atMs: 1, value: 4 },
      { id: "2", itemId: "gone", event: "click", atMs: 2 },
    ] as const;
    expect(towerEvents(history, rowOf)).toEqual([
      { row: 1, event: "rating", value: 4 },
      { row: -1, event: "click", value: undefined },
    ]);
  });
});
