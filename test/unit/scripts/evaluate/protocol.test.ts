import { describe, expect, test } from "vitest";
import { evaluateModel } from "../../../../scripts/evaluate/evaluate.ts";
import { makeProtocol, makeStrongSplit } from "../../../../scripts/evaluate/protocol.ts";
import { SPLIT_PARTS } from "../../../../scripts/import/dataset.ts";
import type { Dataset, Split, SplitPart } from "../../../../scripts/import/dataset.ts";
import { EVENT_KINDS } from "../../../../src/model/interactions/interaction.ts";
import type { EventKind } from "../../../../src/model/interactions/interaction.ts";

type Event = readonly [user: number, item: number, event: EventKind];

function datasetOf(users: number, items: number, events: readonly Event[]): Dataset {
  return {
    meta: {
      name: "tiny",
      timeUnit: "none",
      positiveEvents: ["click", "booking"],
      weights: { booking: 4 },
      simulated: false,
    },
    items: { ids: Array.from({ length: items }, (_, item) => String(item)) } as unknown as Dataset["items"],
    users: Array.from({ length: users }, (_, user) => String(user)),
    events: {
      user: Uint32Array.from(events, ([user]) => user),
      item: Uint32Array.from(events, ([, item]) => item),
      event: Uint8Array.from(events, ([, , event]) => EVENT_KINDS.indexOf(event)),
      timestamp: new Float64Array(events.length).fill(NaN),
      value: new Float32Array(events.length).fill(NaN),
    },
    impressions: null,
    badRows: 0,
    userRow: Number,
    itemRow: Number,
  };
}

function splitOf(rows: readonly (readonly [user: number, item: number, part: SplitPart])[]): Split {
  return {
    user: Uint32Array.from(rows, ([user]) => user),
    item: Uint32Array.from(rows, ([, item]) => item),
    part: Uint8Array.from(rows, ([, , part]) => SPLIT_PARTS.indexOf(part)),
  };
}

describe("protocols", () => {
  const dataset = datasetOf(4, 6, [
    [0, 0, "click"],
    [0, 0, "booking"],
    [0, 1, "click"],
  ]);

  test("people with a folded-in part are new: it is their history, and nothing of theirs is fitted", () => {
    const split = splitOf([
      [0, 0, "train"],
      [0, 1, "train"],
      [1, 2, "val_in"],
      [1, 3, "val_out"],
      [2, 0, "test_in"],
      [2, 4, "test_out"],
      [2, 5, "test_out"],
    ]);
    const { validation, test: fold } = makeProtocol("strong", dataset, split, 1);
    expect(fold.matrix.users).toBe(1);
    expect([...fold.matrix.indices]).toEqual([0, 1]);
    // The strongest event of a pair weighs it; a kind without a weight has 1.
    expect([...fold.matrix.weights]).toEqual([4, 1]);
    expect(fold.users).toEqual([
      { history: { rows: Uint32Array.of(0), weights: Float32Array.of(1) }, targets: new Set([4, 5]) },
    ]);
    expect([...validation.users[0]!.targets]).toEqual([3]);
  });

  test("others are fitted, and the test fits and remembers their validation part too", () => {
    const split = splitOf([
      [0, 0, "train"],
      [0, 1, "val_out"],
      [0, 2, "test_out"],
      [1, 3, "train"],
    ]);
    const { validation, test: fold } = makeProtocol("random", dataset, split, 1);
    expect([...validation.matrix.indices]).toEqual([0, 3]);
    expect([...fold.matrix.indices]).toEqual([0, 1, 3]);
    expect([...fold.users[0]!.history.rows]).toEqual([0, 1]);
    expect([...fold.users[0]!.targets]).toEqual([2]);
  });

  test("without a validation part a seeded tenth of the training items serves, and the test fits them again", () => {
    const rows = Array.from({ length: 20 }, (_, item) => [0, item, "train"] as const);
    const wide = datasetOf(1, 21, []);
    const make = (seed: number) => makeProtocol("published", wide, splitOf([...rows, [0, 20, "test_out"]]), seed);
    const { validation, test: fold } = make(1);
    expect(validation.users[0]!.targets.size).toBe(2);
    expect(validation.matrix.indices).toHaveLength(18);
    expect(fold.matrix.indices).toHaveLength(20);
    expect(make(1).validation.users).toEqual(validation.users);
    expect(
      [1, 2, 3, 4].some(
        (seed) => [...make(seed).validation.users[0]!.targets].join() !== [...validation.users[0]!.targets].join(),
      ),
    ).toBe(true);
  });

  test("a split without targets is refused", () => {
    expect(() => makeProtocol("x", dataset, splitOf([[0, 0, "train"]]), 1)).toThrow(/no test_out/u);
  });
});

test("a strong split made here holds out whole people and only trained items", () => {
  const events = Array.from({ length: 60 }, (_, user) =>
    Array.from({ length: user % 3 === 0 ? 4 : 10 }, (__, at): Event => [user, (user * 7 + at * 3) % 40, "click"]),
  ).flat();
  const split = makeStrongSplit(datasetOf(60, 40, [...events, [1, 39, "dismiss"]]), 5);
  const parts = new Map<number, Set<string>>();
  split.user.forEach((user, at) => {
    if (!parts.has(user)) parts.set(user, new Set());
    parts.get(user)!.add(SPLIT_PARTS[split.part[at]!]!);
  });
  const sides = [...parts.values()].map((of) => [...of].map((part) => part.split("_")[0]!));
  for (const side of sides) expect(new Set(side).size).toBe(1);
  expect(sides.filter(([side]) => side === "test")).toHaveLength(4);
  expect(sides.filter(([side]) => side === "val")).toHaveLength(4);
  // People with fewer than five items are left out.
  expect(parts.size).toBe(40);
  const trained = new Set([...split.item].filter((_, at) => SPLIT_PARTS[split.part[at]!] === "train"));
  expect([...split.item].every((item) => trained.has(item))).toBe(true);
  expect(makeStrongSplit(datasetOf(60, 40, events), 5)).toEqual(makeStrongSplit(datasetOf(60, 40, events), 5));
});

test("the history is masked, an item nobody was fitted on is a miss, coverage counts trained items", () => {
  const dataset = datasetOf(2, 5, []);
  const split = splitOf([
    [0, 0, "train"],
    [0, 1, "train"],
    [0, 2, "train"],
    [1, 0, "test_in"],
    [1, 1, "test_out"],
    [1, 4, "test_out"],
    [0, 3, "val_out"],
  ]);
  const { test: fold } = makeProtocol("strong", dataset, split, 1);
  const row = evaluateModel(
    { name: "fixed", params: {}, trainCpuSeconds: 0, score: (_, out) => out.set([9, 3, 4, 8, 7]) },
    fold,
    () => {},
  );
  // Left to rank: items 2 and 1. Target 1 stands second, target 4 is unknown.
  expect(row.recallAt20).toBe(0.5);
  expect(row.precisionAt10).toBe(0.1);
  expect(row.ndcgAt100).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12);
  expect(row.auc).toBe(0);
  expect(row.coverageAt20).toBeCloseTo(2 / 3, 12);
});
