import { expect, test } from "vitest";
import { shownItems } from "../../../../scripts/evaluate/shown-items.ts";
import type { Fold } from "../../../../scripts/evaluate/protocol.ts";
import { catalogueOf, plainItems } from "./catalogue.ts";
import type { Item } from "./catalogue.ts";
import { foldOf } from "./helpers.ts";

/** @param trained the items of each person */
const foldWith = (items: readonly Item[], trained: readonly (readonly number[])[]): Fold => {
  const fold = foldOf(items.length, trained, []);
  return { ...fold, data: { ...fold.data, items: catalogueOf(items) } };
};
const list = (...rows: number[]): Uint32Array => Uint32Array.from(rows);

test("the most consumed are counted by people, the most recommended by top fives: the sixth place is none", () => {
  const fold = foldWith(plainItems(7), [[0, 1], [0, 1], [0], [2]]);
  const lists = [list(6, 5, 4, 3, 2, 1), list(5, 6, 4, 3, 1, 0)];
  const { consumed, recommended } = shownItems(fold, [{ model: "a", lists }]);
  expect(consumed).toEqual([
    { item: 0, count: 3, share: 0.75 },
    { item: 1, count: 2, share: 0.5 },
    { item: 2, count: 1, share: 0.25 },
  ]);
  expect(recommended[0]!.items.map(({ item, count }) => [item, count])).toEqual([
    [3, 2],
    [4, 2],
    [5, 2],
    [6, 2],
    [1, 1],
    [2, 1],
  ]);
  expect(recommended[0]!.items[0]!.share).toBe(1);
});

test("shares of genres: category, else genre, else the first theme; a division into one group is left out", () => {
  const items = [
    { kind: "film", category: "Drama", themes: ["War"], year: 1994 },
    { kind: "film", genreCode: "JAZZ", year: 1999 },
    { kind: "film", themes: ["Comedy", "Crime"] },
    { kind: "film" },
  ];
  const fold = foldWith(items, [[0, 1], [0], [0, 2, 3]]);
  const { divisions } = shownItems(fold, [{ model: "a", lists: [list(1, 2), list(1, 3)] }]);
  expect(divisions.map(({ by }) => by)).toEqual(["genre", "decade", "popularity"]);
  expect(divisions[0]!.groups).toEqual([
    { name: "Drama", consumed: 3 / 6, recommended: [0] },
    { name: "Comedy", consumed: 1 / 6, recommended: [1 / 4] },
    { name: "JAZZ", consumed: 1 / 6, recommended: [2 / 4] },
    { name: "unknown", consumed: 1 / 6, recommended: [1 / 4] },
  ]);
  expect(divisions[1]!.groups.map(({ name, consumed }) => [name, consumed])).toEqual([
    ["1990s", 4 / 6],
    ["unknown", 2 / 6],
  ]);
});

test("more than twelve groups: the smallest are one", () => {
  // Group g has 20 - g interactions: the persons from 0 on.
  const items = Array.from({ length: 15 }, (_, at) => ({ category: `g${at}` }));
  const people = Array.from({ length: 20 }, (_, person) => [...items.keys()].filter((at) => person < 20 - at));
  const { divisions } = shownItems(foldWith(items, people), [{ model: "a", lists: [list(14)] }]);
  const genres = divisions.find(({ by }) => by === "genre")!.groups;
  expect(genres.map(({ name }) => name)).toEqual([...Array.from({ length: 11 }, (_, at) => `g${at}`), "other"]);
  expect(genres.at(-1)!.consumed).toBeCloseTo((9 + 8 + 7 + 6) / 195, 12);
  expect(genres.at(-1)!.recommended).toEqual([1]);
});

test("bands of popularity hold a fifth of the interactions each, in ranks; an item that spans several leaves them out", () => {
  // Item 0 has five people, items 1 to 5 have one each, items 6 and 7 nobody.
  const trained = [
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 4],
    [0, 5],
  ];
  const lists = [list(0, 5), list(0)];
  const { divisions } = shownItems(foldWith(plainItems(8), trained), [{ model: "a", lists }]);
  expect(divisions).toEqual([
    {
      by: "popularity",
      groups: [
        { name: "rank 1", consumed: 0.5, recommended: [2 / 3] },
        { name: "rank 2", consumed: 0.1, recommended: [0] },
        { name: "ranks 3 to 4", consumed: 0.2, recommended: [0] },
        { name: "ranks 5 to 8", consumed: 0.2, recommended: [1 / 3] },
      ],
    },
  ]);
});
