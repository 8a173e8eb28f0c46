import { describe, expect, test } from "vitest";
import type { Catalogue } from "../../../src/model/catalogue/catalogue.ts";
import { SEARCH } from "../../../src/model/config.ts";
import { itemSearchOf } from "../../../src/worker/search.ts";

const NAMED: readonly (readonly [title: string, maker: string, themes: readonly string[], kind: string])[] = [
  ["L’Été meurtrier", "Sébastien Japrisot", ["vengeance"], "novel"],
  ["Un été", "Vincent Almendros", ["sea"], "novel"],
  ["Vengeance", "Nobody", ["summer"], "film"],
  ["Line\nbroken title", "Tab\t Maker", [], "film"],
];

/** The named works first, then as many of no name as make up the count; the later a work the more popular. */
function catalogueOf(count: number): Pick<Catalogue, "count" | "columns"> {
  const column = <T>(named: (work: (typeof NAMED)[number]) => T, other: T) => ({
    at: (row: number): T => (row < NAMED.length ? named(NAMED[row]!) : other),
  });
  return {
    count,
    columns: {
      titles: column(([title]) => title, "…"),
      makers: column(([, maker]) => maker, ""),
      themes: column(([, , themes]) => [...themes], []),
      kind: column(([, , , kind]) => kind, "other"),
      popularity: Float32Array.from({ length: count }, (_, row) => row),
    } as unknown as Catalogue["columns"],
  };
}

describe.each([
  ["by its index", NAMED.length],
  ["by reading, beyond what is indexed", SEARCH.indexed + 1],
])("search %s", (_, count) => {
  const search = itemSearchOf(catalogueOf(count) as Catalogue);

  test.each([
    ["ete", [1, 0]],
    ["ÉTÉ", [1, 0]],
    ["ete meu", [0]],
    ["venge", [2, 0]],
    ["vengeance japrisot", [0]],
    ["broken title", [3]],
    ["maker", [3]],
    ["ete film", []],
    ["", []],
    [" \t\n", []],
  ])("%j", async (query, rows) => {
    expect((await search.rows(query, 10)).toSorted()).toEqual(rows.toSorted());
  });

  test("titles come first, and no more than are wanted", async () => {
    expect((await search.rows("vengeance", 10))[0]).toBe(2);
    expect(await search.rows("novel", 1)).toHaveLength(1);
  });
});

test("a large catalogue puts the more popular first, and finds every row of many", async () => {
  const search = itemSearchOf(catalogueOf(SEARCH.indexed + 1) as Catalogue);
  expect(await search.rows("ete", 10)).toEqual([1, 0]);
  expect(await search.rows("other", 3)).toEqual([50_000, 49_999, 49_998]);
  expect(await search.rows("other", 60_000)).toHaveLength(SEARCH.indexed + 1 - NAMED.length);
});
