/**
 * Search over titles, makers, themes and kinds, with accents folded, built once a bundle: MiniSearch's index for a
 * catalogue of usual size; a large one, whose index would take minutes and gigabytes, is read through.
 */
import MiniSearch from "minisearch";
import type { Catalogue } from "../model/catalogue/catalogue.ts";
import { SEARCH } from "../model/config.ts";
import { topK } from "../model/retrieval/exact-scan.ts";

export interface ItemSearch {
  /** Rows, best first; a blank query gives none. */
  rows(query: string, limit: number): Promise<number[]>;
}

export const itemSearchOf = (catalogue: Catalogue): ItemSearch =>
  catalogue.count <= SEARCH.indexed ? new IndexedSearch(catalogue) : new ReadSearch(catalogue);

const COMBINING_MARKS = /\p{M}/gu;
const PLAIN = /^[\0-\x7f]*$/u;

function fold(term: string): string {
  return PLAIN.test(term) ? term.toLowerCase() : term.normalize("NFD").replace(COMBINING_MARKS, "").toLowerCase();
}

/** Forgives a letter in five, and words that are not at their end yet. */
class IndexedSearch implements ItemSearch {
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

  rows(query: string, limit: number): Promise<number[]> {
    if (query.trim() === "") return Promise.resolve([]);
    const found = this.#index.search(query).slice(0, limit);
    return Promise.resolve(found.map(({ id }) => id as number));
  }
}

const WORD_BREAKS = /[^\p{L}\p{N}\n\t]+/gu;
const LINE_BREAKS = /[\n\t]/gu;
/** Rows whose text is made at a time; others may ask the worker between. */
const ROWS_AT_ONCE = 20_000;
/** In a line, between the title and what else is known. */
const BEHIND_TITLE = "\t";

/** Every word has to begin with what was asked; titles come first, then what more people chose. */
class ReadSearch implements ItemSearch {
  readonly #catalogue: Catalogue;
  /** A line a row, each word behind a space. Made for the first search. */
  #lines: Promise<{ readonly text: string; readonly starts: Uint32Array }> | null = null;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  async rows(query: string, limit: number): Promise<number[]> {
    const words = fold(query.replaceAll(LINE_BREAKS, " "))
      .split(WORD_BREAKS)
      .filter(Boolean)
      .map((word) => ` ${word}`);
    if (words.length === 0) return [];
    this.#lines ??= this.#read();
    const { text, starts } = await this.#lines;
    const longest = words.reduce((a, b) => (b.length > a.length ? b : a));
    const rows: number[] = [];
    const scores: number[] = [];
    let row = 0;
    for (let at = text.indexOf(longest); at >= 0; at = text.indexOf(longest, starts[row])) {
      row = rowAt(starts, at, row);
      const line = text.slice(starts[row], starts[row + 1]);
      row++;
      if (!words.every((word) => line.includes(word))) continue;
      const title = line.indexOf(BEHIND_TITLE);
      const named = words.every((word) => line.lastIndexOf(word, title) >= 0);
      rows.push(row - 1);
      scores.push((named ? IN_TITLE : 0) + this.#catalogue.columns.popularity[row - 1]!);
    }
    return Array.from(topK(Float32Array.from(scores), limit).rows, (place) => rows[place]!);
  }

  async #read(): Promise<{ text: string; starts: Uint32Array }> {
    const { columns, count } = this.#catalogue;
    const starts = new Uint32Array(count + 1);
    const parts: string[] = [];
    for (let first = 0; first < count; first += ROWS_AT_ONCE) {
      const lines: string[] = [];
      for (let row = first; row < Math.min(count, first + ROWS_AT_ONCE); row++) {
        const rest = `${columns.makers.at(row)} ${columns.themes.at(row).join(" ")} ${columns.kind.at(row)}`;
        const [title, more] = [columns.titles.at(row), rest].map((text) => text.replaceAll(LINE_BREAKS, " "));
        lines.push(`${title}${BEHIND_TITLE} ${more}`);
      }
      const text = ` ${fold(lines.join("\n ")).replaceAll(WORD_BREAKS, " ")}`;
      let row = first;
      for (const line of text.split("\n")) starts[row + 1] = starts[row++]! + line.length;
      parts.push(text.replaceAll("\n", ""));
      await new Promise((resolve) => setTimeout(resolve));
    }
    return { text: parts.join(""), starts };
  }
}

/** More than anybody's popularity, and few enough bits for float32 to tell popularities apart below it. */
const IN_TITLE = 2 ** 23;

/** The row whose line holds the character `at`, from `row` on. */
function rowAt(starts: Uint32Array, at: number, row: number): number {
  let low = row;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
