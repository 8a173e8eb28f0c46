import { describe, expect, test } from "vitest";
import { makeableProtocols, makeSplit } from "../../../../scripts/evaluate/made-splits.ts";
import { SPLIT_PARTS } from "../../../../scripts/import/dataset.ts";
import type { SplitPart } from "../../../../scripts/import/dataset.ts";
import { datasetOf, rowsOf } from "./helpers.ts";
import type { Event } from "./helpers.ts";

/** 60 people: a third with four items, the others with ten of 40; times run through the people in turn. */
const events = Array.from({ length: 60 }, (_, user) =>
  Array.from({ length: user % 3 === 0 ? 4 : 10 }, (__, at): Event => {
    return { user, item: (user * 7 + at * 3) % 40, time: 1000 * at + user };
  }),
).flat();
const dataset = datasetOf(60, 40, events, { timeUnit: "s" });
const PARTS: readonly SplitPart[] = ["train", "val_out", "test_out"];
const firstOf = (row: string): number => Number(row.split(" ")[0]);
const itemOf = (row: string): number => Number(row.split(" ")[1]);

test("what can be made depends on the times", () => {
  expect(makeableProtocols(dataset)).toEqual(["random", "leave-last-out", "temporal", "cold-items", "cold-users"]);
  expect(makeableProtocols(datasetOf(1, 1, [], { timeUnit: "order" }))).not.toContain("temporal");
  expect(makeableProtocols(datasetOf(1, 1, []))).toEqual(["random", "cold-items", "cold-users"]);
});

test.each(["random", "leave-last-out", "temporal", "cold-items", "cold-users"] as const)(
  "%s: every pair once, positive events only, the same for the same seed",
  (name) => {
    const make = (seed: number) => makeSplit(name, dataset, seed).split;
    const { split } = makeSplit(
      name,
      datasetOf(60, 40, [...events, { user: 1, item: 39, event: "dismiss", time: 5 }], { timeUnit: "s" }),
      5,
    );
    expect(split).toEqual(make(5));
    const pairs = SPLIT_PARTS.flatMap((part) => rowsOf(split, part));
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs).not.toContain("1 39");
    const seeded = name !== "leave-last-out" && name !== "temporal";
    expect(JSON.stringify(make(5)) !== JSON.stringify(make(6))).toBe(seeded);
  },
);

describe("random", () => {
  test("a tenth of each person's items for each part; who has fewer than five only trains", () => {
    const { split } = makeSplit("random", dataset, 5);
    for (const part of ["val_out", "test_out"] as const) {
      const people = rowsOf(split, part).map(firstOf);
      expect(people).toHaveLength(40);
      expect(new Set(people).size).toBe(40);
      expect(people.every((user) => user % 3 !== 0)).toBe(true);
    }
    expect(rowsOf(split, "train")).toHaveLength(20 * 4 + 40 * 8);
  });
});

describe("leave-last-out", () => {
  test("the last item is the test, the one before it the validation, by the first time", () => {
    const times = [3, 1, 2, 5, 4];
    const own = times.map((time, item): Event => ({ user: 0, item, time }));
    // Back to the first item: no news.
    const { split } = makeSplit(
      "leave-last-out",
      datasetOf(1, 5, [...own, { user: 0, item: 1, time: 9 }], { timeUnit: "order" }),
      1,
    );
    expect(PARTS.map((part) => rowsOf(split, part))).toEqual([["0 1", "0 2", "0 0"], ["0 4"], ["0 3"]]);
  });
});

describe("temporal", () => {
  test("one clock for all: the last tenth is the test, the tenth before it the validation", () => {
    const own = Array.from({ length: 21 }, (_, at): Event => ({ user: at % 2, item: at, time: 100 + at }));
    const untimed: Event = { user: 0, item: 30 };
    const { split, before } = makeSplit("temporal", datasetOf(2, 31, [...own, untimed], { timeUnit: "s" }), 1);
    expect(before).toEqual([116, 118]);
    expect(rowsOf(split, "val_out").map(itemOf).toSorted()).toEqual([116, 117].map((time) => time - 100));
    expect(rowsOf(split, "test_out").map(itemOf).toSorted()).toEqual([18, 19, 20]);
    expect(rowsOf(split, "train")).toContain("0 30");
  });
});

describe("cold-items", () => {
  test("a tenth of the items each is in nobody's training", () => {
    const { split, cold } = makeSplit("cold-items", dataset, 5);
    expect(cold).toBe(true);
    const [train, validation, held] = PARTS.map((part) => new Set(rowsOf(split, part).map(itemOf)));
    expect([train!.size, validation!.size, held!.size]).toEqual([32, 4, 4]);
    expect(new Set([...train!, ...validation!, ...held!]).size).toBe(40);
  });
});

describe("cold-users", () => {
  test("whole people are held out, of each a fifth as targets, and only trained items", () => {
    const { split } = makeSplit("cold-users", dataset, 5);
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
    const trained = new Set(rowsOf(split, "train").map(itemOf));
    expect([...split.item].every((item) => trained.has(item))).toBe(true);
    expect(rowsOf(split, "test_out").length).toBeLessThanOrEqual(8);
  });
});

test("lower values are left out before the split is made", () => {
  const rated = events.map((event, at) => ({ ...event, value: at % 2 === 0 ? 5 : 3 }));
  const made = makeSplit("random", datasetOf(60, 40, rated, { timeUnit: "s" }), 1, 4).split;
  const high = new Set(rated.filter(({ value }) => value >= 4).map(({ user, item }) => `${user} ${item}`));
  const pairs = SPLIT_PARTS.flatMap((part) => rowsOf(made, part));
  expect(pairs).toHaveLength(high.size);
  expect(pairs.every((pair) => high.has(pair))).toBe(true);
});

test("too little to measure is refused", () => {
  expect(() => makeSplit("random", datasetOf(1, 9, [{ user: 0, item: 0 }]), 1)).toThrow(/too few people/u);
  expect(() => makeSplit("cold-users", datasetOf(1, 9, [{ user: 0, item: 0 }]), 1)).toThrow(/too few people/u);
});
