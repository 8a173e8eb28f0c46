import { describe, expect, test } from "vitest";
import { labelsOf, TitleIndex } from "../../../../../scripts/evaluate/parts/titles.ts";
import type { Found } from "../../../../../scripts/evaluate/parts/titles.ts";
import { UNKNOWN_YEAR } from "../../../../../src/model/catalogue/catalogue.ts";

const ITEMS = [
  ["Alien", 1979],
  ["Aliens", 1986],
  ["Psycho", 1960],
  ["Psycho", 1998],
  ["Hamlet", 1990],
  ["Hamlet", 1990],
  ["Élan", UNKNOWN_YEAR],
  ["i0", UNKNOWN_YEAR],
  ["Return of the Alien", UNKNOWN_YEAR],
] as const;
const titled = {
  ids: ITEMS.map((_, row) => `i${row}`),
  titles: ITEMS.map(([title]) => title),
  year: ITEMS.map(([, year]) => year),
};
const index = new TitleIndex(titled, Float32Array.from([5, 9, 1, 2, 0, 0, 0, 0, 7]));

test("equal titles are told apart by year, or by id where the year does not", () => {
  expect(labelsOf(titled).slice(0, 7)).toEqual([
    "Alien",
    "Aliens",
    "Psycho (1960)",
    "Psycho (1998)",
    "Hamlet [i4]",
    "Hamlet [i5]",
    "Élan",
  ]);
});

describe("a title", () => {
  test.each([
    ["Alien", 0],
    ["  Alien ", 0],
    ["Psycho (1998)", 3],
    ["Hamlet [i5]", 5],
    ["i1", 1],
    // A title before an id.
    ["i0", 7],
    ["ALIENS", 1],
    ["elan", 6],
    ["E\u0301LAN", 6],
    ["return", 8],
  ])("%j is row %i", (text, row) => {
    expect(index.find(text)).toEqual({ row });
  });

  test.each<[string, Extract<Found, { row: null }>["reason"], number[]]>([
    // The more popular first.
    ["Psycho", "ambiguous", [3, 2]],
    ["psycho", "ambiguous", [3, 2]],
    ["ali", "ambiguous", [1, 0]],
    ["the alien", "unknown", [8]],
    ["Alein", "unknown", [0]],
    ["", "unknown", []],
  ])("%j is %s", (text, reason, candidates) => {
    const found = index.find(text) as Extract<Found, { row: null }>;
    expect(found).toMatchObject({ row: null, reason });
    expect(found.candidates.slice(0, candidates.length)).toEqual(candidates);
    expect(found.candidates.length).toBeLessThanOrEqual(5);
  });

  test("is offered where it begins with what is typed, then where it holds it", () => {
    expect(index.matching("alien", 20)).toEqual([1, 0, 8]);
    expect(index.matching("alien", 2)).toEqual([1, 0]);
  });
});
