import { describe, expect, test } from "vitest";
import { SLATE } from "../../../../src/model/config.ts";
import { profileOf } from "../../../../src/model/ranking/features.ts";
import { composeHome } from "../../../../src/model/slate/home.ts";
import type { HomeShelf } from "../../../../src/model/slate/home.ts";
import { quota } from "../../../../src/model/slate/quota.ts";
import { roundRobin, roundRobinByScreen } from "../../../../src/model/slate/round-robin.ts";
import { byContent, byCosine } from "../../../../src/model/slate/similar.ts";
import { standingListsOf } from "../../../../src/model/slate/standing-lists.ts";
import { catalogueOf } from "../../../support/catalogue.ts";

describe("round-robin", () => {
  test("groups take turns in the order of their best item", () => {
    const groupOf = (row: number): number => Math.floor(row / 10);
    expect(roundRobin([10, 11, 20, 12, 30, 21], groupOf)).toEqual([10, 20, 30, 11, 21, 12]);
    expect(roundRobin([], groupOf)).toEqual([]);
    expect(roundRobin([3, 1, 2], () => 0)).toEqual([3, 1, 2]);
  });

  test("by screens: each from the best that are left, and nothing is lost", () => {
    const ranked = [10, 11, 12, 20, 13, 30];
    const groupOf = (row: number): number => Math.floor(row / 10);
    // The first screen of two is dealt from 10, 11, 12; 20 has to wait for the second.
    expect(roundRobinByScreen(ranked, groupOf, 2, 3)).toEqual([10, 11, 12, 20, 13, 30]);
    expect(roundRobinByScreen(ranked, groupOf, 2, 4)).toEqual([10, 20, 11, 30, 12, 13]);
    expect(roundRobinByScreen([], groupOf, 2, 3)).toEqual([]);
  });
});

describe("quota", () => {
  test("no label on more than its share of a screen, unless nothing else is left", () => {
    const labels: Record<number, number[]> = { 1: [7], 2: [7], 3: [7, 8], 4: [8], 5: [], 6: [7] };
    const labelsOf = (row: number): number[] => labels[row]!;
    expect(quota([1, 2, 3, 4, 5, 6], labelsOf, 3, 1)).toEqual([1, 4, 5, 2, 3, 6]);
    expect(quota([1, 2, 6], labelsOf, 3, 1)).toEqual([1, 2, 6]);
    expect(quota([], labelsOf, 3, 1)).toEqual([]);
  });
});

describe("standing lists", () => {
  test("popular and newest first, unknown dates left out, kinds by size", () => {
    const lists = standingListsOf(
      catalogueOf([
        { kind: "film", popularity: 1, year: 1990 },
        { kind: "book", popularity: 5, year: 2001 },
        { kind: "book", popularity: 5 },
        { popularity: 9, year: 1960 },
      ]),
    );
    expect(lists.popular).toEqual([3, 1, 2, 0]);
    expect(lists.recent).toEqual([1, 0, 3]);
    expect(lists.groups).toEqual([
      { group: "book", items: 2 },
      { group: "film", items: 1 },
    ]);
  });

  test("one kind: categories part the catalogue; known dates go before years", () => {
    const lists = standingListsOf(
      catalogueOf([
        { kind: "film", category: "Drama", year: 2020 },
        { kind: "film", category: "Comedy", year: 1930, availableFrom: 5 },
        { kind: "film", category: "Comedy", year: 1931, availableFrom: 9 },
      ]),
    );
    expect(lists.groups.map(({ group }) => group)).toEqual(["Comedy", "Drama"]);
    expect(lists.recent).toEqual([2, 1, 0]);
  });
});

/** 400 items, 4 kinds, 40 clusters of ten, the lower row the more popular. */
const COUNT = 400;
const catalogue = catalogueOf(
  Array.from({ length: COUNT }, (_, row) => ({
    kind: `kind ${row % 4}`,
    popularity: COUNT - row,
    year: 1900 + (row % 100),
  })),
);
const clusterOf = Uint16Array.from({ length: COUNT }, (_, row) => Math.floor(row / 10));
const lists = standingListsOf(catalogue);
const source = { catalogue, clusterOf };

function compose(interests: number[], blocked: ReadonlySet<number> = new Set()): HomeShelf[] {
  const input = {
    rows: Uint32Array.from(interests),
    weights: new Float32Array(interests.length).fill(1),
    targets: new Float32Array(interests.length).fill(1),
  };
  const allowed = (row: number): boolean => !interests.includes(row) && !blocked.has(row);
  return composeHome({
    ranked: lists.popular.filter(allowed).slice(0, 300),
    becauseOf: interests.slice(0, 1).map((row) => ({
      row,
      nearest: Array.from({ length: 30 }, (_, near) => (row + near + 1) % COUNT).filter(allowed),
    })),
    lists,
    allowed,
    clusterOf,
    themesOf: (row) => [row % 3],
    favouriteGroups: interests.map((row) => lists.groupOf(row)),
    // The page is dealt from what is ranked: no score is read.
    profile: profileOf(source, input, {
      at: () => 0,
      all: () => new Float32Array(COUNT),
      neighbours: () => [],
      silent: true,
    }),
  });
}

describe("the home page", () => {
  test.each([
    ["nobody", []],
    ["someone", [205, 210]],
  ])("%s sees For you and at least five more shelves", (_, interests) => {
    const shelves = compose(interests);
    expect(shelves[0]!.topic.type).toBe("for-you");
    expect(shelves.length).toBeGreaterThanOrEqual(6);
    const rows = shelves.flatMap((shelf) => shelf.rows);
    expect(new Set(rows).size).toBe(rows.length);
    for (const shelf of shelves) expect(shelf.rows.length).toBeGreaterThanOrEqual(SLATE.minimum);
  });

  test("a first page spreads over the kinds", () => {
    const [forYou] = compose([]);
    expect(new Set(forYou!.rows.slice(0, 4).map((row) => lists.groupOf(row))).size).toBe(4);
  });

  test("the person's kinds come first, discovery leaves their clusters, nothing blocked appears", () => {
    const blocked = new Set([0, 1, 2, 206]);
    const shelves = compose([205, 210], blocked);
    const kinds = shelves.flatMap(({ topic }) => (topic.type === "kind" ? [topic.kind] : []));
    expect(kinds).toEqual(["kind 1", "kind 2"]);
    const discover = shelves.find(({ topic }) => topic.type === "discover")!;
    expect(discover.rows.every((row) => clusterOf[row] !== 20 && clusterOf[row] !== 21)).toBe(true);
    expect(shelves.flatMap(({ rows }) => rows).filter((row) => blocked.has(row))).toEqual([]);
  });

  test("a shelf with too little to say stays away", () => {
    const blocked = new Set(Array.from({ length: COUNT - 6 }, (_, row) => row));
    expect(compose([], blocked).map(({ topic }) => topic.type)).toEqual(["for-you"]);
    expect(compose([], new Set(lists.popular))).toEqual([]);
  });
});

describe("similar offers", () => {
  test("by angle, not by length; a zero vector comes last", () => {
    const items = {
      values: Int8Array.of(1, 0, 100, 50, 2, 0, 0, 0),
      scales: Float32Array.of(1, 1),
      count: 4,
      dimensions: 2,
    };
    expect(byCosine(items, 0, [1, 3, 2])).toEqual([2, 1, 3]);
  });

  test("by content: maker, themes and category; what shares nothing is left out", () => {
    const rows = byContent(
      catalogueOf([
        { maker: "Verne", category: "novel", themes: ["sea", "travel"] },
        { maker: "Verne", category: "novel", themes: ["sea", "travel"] },
        { maker: "Loti", themes: ["sea"] },
        { maker: "Proust", themes: ["memory"] },
        { category: "novel", popularity: 5 },
      ]),
      0,
    );
    expect(rows).toEqual([1, 4, 2]);
  });
});
