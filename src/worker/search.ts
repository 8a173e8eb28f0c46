/** Search over titles, makers and themes: MiniSearch, with accents folded, built once a bundle. */
import MiniSearch from "minisearch";
import type { Catalogue } from "../model/catalogue/catalogue.ts";

const COMBINING_MARKS = /\p{M}/gu;

function fold(term: string): string {
  return term.normalize("NFD").replace(COMBINING_MARKS, "").toLowerCase();
}

export class ItemSearch {
  readonly #index: MiniSearch;

  constructor({ columns, count }: Catalogue) {
    this.#index = new MiniSearch({
      fields: ["title", "maker", "themes", "kind"],
      idField: "row",
      processTerm: fold,
      searchOptions: {
        prefix: true,
        fuzzy: 0.2,
        boost: { title: 4, maker: 2 },
        combineWith: "AND",
        // Of equal matches the one that more people chose.
        boostDocument: (row) => 1 + Math.log1p(columns.popularity[row as number]!) / 10,
      },
    });
    this.#index.addAll(
      Array.from({ length: count }, (_, row) => ({
        row,
        title: columns.titles.at(row),
        maker: columns.makers.at(row),
        themes: columns.themes.at(row).join(" "),
        kind: columns.kind.at(row),
      })),
    );
  }

  /** Rows, best first; a blank query gives none. */
  rows(query: string, limit: number): number[] {
    if (query.trim() === "") return [];
    return this.#index
      .search(query)
      .slice(0, limit)
      .map(({ id }) => id as number);
  }
}
