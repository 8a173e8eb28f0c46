import { describe, expect, test } from "vitest";
import { pageByParts } from "../../../../../scripts/evaluate/parts/page-by-parts.ts";
import type { PartedPage } from "../../../../../scripts/evaluate/parts/page-by-parts.ts";
import { decodeParted, encodeParted } from "../../../../../scripts/evaluate/parts/parted-file.ts";
import { partedTable } from "../../../../../scripts/evaluate/parts/parted-table.ts";
import { moveOf } from "../../../../../scripts/evaluate/parts/view.ts";
import { tinyTowers } from "./helpers.ts";

const places = (page: PartedPage): [number, number | null][][] =>
  page.lists.map(({ shown }) => shown.map(({ item, before }) => [item, before]));

describe("the lists", () => {
  test("each part moves what its entries speak of; history and untrained items are in none", () => {
    // Item 3 rises by the residual table, item 4 by the transitions from the newest.
    const { towers } = tinyTowers([[0, 3, 5]], [[1, 4, 9]]);
    const page = pageByParts(towers, [0, 1], 9);
    expect(page.history).toEqual([0, 1]);
    expect(page.lists.map(({ part }) => part)).toEqual(["dot", "residual", "order"]);
    expect(places(page)).toEqual([
      [
        [2, null],
        [3, null],
        [4, null],
      ],
      [
        [3, 2],
        [2, 1],
        [4, 3],
      ],
      [
        [4, 3],
        [3, 1],
        [2, 2],
      ],
    ]);
  });

  test("the place before a part is counted beyond the list", () => {
    const { towers } = tinyTowers([[0, 4, 5]], null);
    const page = pageByParts(towers, [0], 1);
    expect(places(page)).toEqual([[[1, null]], [[4, 4]]]);
    expect(page.made.map(({ item }) => item)).toEqual([4]);
  });

  test("a repeated title counts where it stands last; no history has no page", () => {
    const { towers } = tinyTowers([], []);
    expect(pageByParts(towers, [0, 1, 0], 9).history).toEqual([1, 0]);
    const empty = pageByParts(towers, [], 9);
    expect(empty.made).toEqual([]);
    expect(empty.lists.map(({ shown }) => shown.length)).toEqual([0, 0, 0]);
  });

  test("popularity divides the scores of the lists, not what they are made of", () => {
    const plain = pageByParts(tinyTowers([], null).towers, [0], 9);
    const divided = pageByParts(tinyTowers([], null, { popularityExponent: 1 }).towers, [0], 9);
    const score = (page: PartedPage) => page.lists[0]!.shown.find(({ item }) => item === 1)!.score;
    expect(score(divided)).toBeCloseTo(score(plain) / 8, 6);
    const sum = (page: PartedPage) => page.made.find(({ item }) => item === 1)!.sum;
    expect(sum(divided)).toBe(sum(plain));
  });
});

describe("what a score is made of", () => {
  test("the parts are those of the tables, sum to the score, and name who gave most", () => {
    const { towers } = tinyTowers(
      [[0, 3, 5]],
      [
        [1, 3, 2],
        [0, 3, 4],
      ],
      { recencyDecay: 0.5 },
    );
    const { lists, made } = pageByParts(towers, [0, 1], 9);
    const three = made.find(({ item }) => item === 3)!;
    // Item 0 is the older one: .5 of 5, and with the order's decay .7 of 4.
    expect(three.parts[1]).toBeCloseTo(0.5 * 5, 5);
    expect(three.parts[2]).toBeCloseTo(2 + 0.7 * 4, 1);
    expect(three.most!.item).toBe(0);
    expect(three.most!.amount).toBeGreaterThan(0.5 * 5 + 0.7 * 4 - 0.1);
    for (const each of made) {
      expect(each.parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(each.sum, 12);
      expect(lists.at(-1)!.shown.find(({ item }) => item === each.item)!.score).toBeCloseTo(each.sum, 4);
      expect(lists[0]!.shown.find(({ item }) => item === each.item)!.score).toBeCloseTo(each.parts[0]!, 4);
    }
  });

  test("nobody gave most of a score that nothing lifts", () => {
    const { towers } = tinyTowers([[0, 1, -50]], null);
    const one = pageByParts(towers, [0], 9).made.find(({ item }) => item === 1)!;
    expect(one.sum).toBeLessThan(0);
    expect(one.most).toBeNull();
  });
});

test.each([
  [null, 3, ""],
  [3, 3, ""],
  [6, 3, "new"],
  [5, 3, "+2"],
  [1, 3, "-2"],
] as const)("from %s to %i is %j of 5 places", (before, place, move) => {
  expect(moveOf({ item: 0, score: 0, before }, place, 5)).toBe(move);
});

describe("the file", () => {
  test.each([[null], [[[1, 4, 9]] as const]])("holds what the lists need, with transitions %j", (transitions) => {
    const { towers, codes } = tinyTowers([[0, 3, 5]], transitions, { recencyDecay: 0.9, popularityExponent: 0.1 });
    const read = decodeParted(encodeParted(towers, codes));
    expect(pageByParts(read, [0, 1], 9)).toEqual(pageByParts(towers, [0, 1], 9));
  });

  test("that is cut off is refused", () => {
    const { towers, codes } = tinyTowers([], null);
    expect(() => decodeParted(encodeParted(towers, codes).slice(0, -16))).toThrow(/cut off/u);
  });
});

describe("the table", () => {
  const LABELS = ["A", "B".repeat(60), "\u001B[31mred", "東京".repeat(30), "E", "F"];

  test("keeps within 100 columns and passes no control character on", () => {
    const { towers } = tinyTowers([[0, 4, 5]], [[0, 4, 5]]);
    const text = partedTable(pageByParts(towers, [0], 9), LABELS, 0);
    const columns = (line: string) =>
      Array.from(line).reduce((sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 2 : 1), 0);
    expect(Math.max(...text.split("\n").map(columns))).toBeLessThanOrEqual(100);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text).toMatch(/^ {2}1 B+… +E +\+3 +E$/mu);
    expect(text).toContain("With the order");
    expect(text).not.toContain("There is no list");
  });

  test("says why there is no list with the order, and what divides the scores", () => {
    const { towers } = tinyTowers([], null, { popularityExponent: 0.2 });
    const text = partedTable(pageByParts(towers, [0], 2), LABELS, 0.2);
    expect(text).toContain("There is no list with the order");
    expect(text).toContain("popularity^0.2");
  });
});
