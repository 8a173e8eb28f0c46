/** Items by their titles, as people type them. Runs in Node and, inlined, in a browser. N items. */
import { UNKNOWN_YEAR } from "../../../src/model/catalogue/catalogue.ts";
import { folded } from "../../train/text-features.ts";

export interface TitledItems {
  readonly ids: readonly string[];
  readonly titles: readonly string[];
  /** shape [N], UNKNOWN_YEAR when unknown. */
  readonly year: ArrayLike<number>;
}

/** A row, or why there is none and what was perhaps meant, the likeliest first. */
export type Found =
  | { readonly row: number }
  | { readonly row: null; readonly reason: "unknown" | "ambiguous"; readonly candidates: readonly number[] };

/** Candidates that are named. */
const NAMED = 5;

/** Names all distinct: the title; of equal titles each with its year, or with its id where that does not tell them apart. */
export function labelsOf({ ids, titles, year }: TitledItems): string[] {
  const dated = titles.map((title, row) => (year[row] === UNKNOWN_YEAR ? title : `${title} (${year[row]!})`));
  const titleCounts = countsOf(titles);
  const taken = countsOf(dated);
  return titles.map((title, row) => {
    if (titleCounts.get(title) === 1) return title;
    return taken.get(dated[row]!) === 1 && !titleCounts.has(dated[row]!) ? dated[row]! : `${title} [${ids[row]!}]`;
  });
}

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

export class TitleIndex {
  readonly labels: readonly string[];
  readonly #items: TitledItems;
  readonly #folded: readonly string[];
  /** Rows, the most popular first. */
  readonly #rows: readonly number[];

  /** @param popularity shape [N]: of equally near titles the more popular is named first */
  constructor(items: TitledItems, popularity: Float32Array) {
    this.labels = labelsOf(items);
    this.#items = items;
    this.#folded = this.labels.map(folded);
    this.#rows = Array.from(items.ids.keys()).toSorted((a, b) => popularity[b]! - popularity[a]! || a - b);
  }

  /** The first that something matches of: the label, the title, the id, the same without case and accents, a prefix. */
  find(text: string): Found {
    const wanted = folded(text.trim());
    const { titles, ids } = this.#items;
    const tests: readonly ((row: number) => boolean)[] = [
      (row) => this.labels[row] === text.trim(),
      (row) => titles[row] === text.trim(),
      (row) => ids[row] === text.trim(),
      (row) => this.#folded[row] === wanted || folded(titles[row]!) === wanted,
      (row) => wanted !== "" && this.#folded[row]!.startsWith(wanted),
    ];
    for (const test of tests) {
      const rows = this.#rows.filter(test);
      if (rows.length === 1) return { row: rows[0]! };
      if (rows.length > 1) return { row: null, reason: "ambiguous", candidates: rows.slice(0, NAMED) };
    }
    return { row: null, reason: "unknown", candidates: this.#nearest(wanted) };
  }

  /** Rows whose label begins with the text, then those that hold it, each the most popular first. */
  matching(text: string, most: number): number[] {
    const wanted = folded(text.trim());
    const holding = this.#rows.filter((row) => this.#folded[row]!.includes(wanted));
    const begins = (row: number): boolean => this.#folded[row]!.startsWith(wanted);
    return [...holding.filter(begins), ...holding.filter((row) => !begins(row))].slice(0, most);
  }

  /** Those that hold the text, then those of the fewest edits. */
  #nearest(wanted: string): number[] {
    const holding = wanted === "" ? [] : this.matching(wanted, NAMED);
    const edits = this.#folded.map((label) => editDistance(label, wanted));
    const near = this.#rows.filter((row) => !holding.includes(row)).toSorted((a, b) => edits[a]! - edits[b]!);
    return [...holding, ...near].slice(0, NAMED);
  }
}

/** Letters put in, left out or replaced (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      row.push(Math.min(before[j + 1]! + 1, row[j]! + 1, before[j]! + Number(a[i] !== b[j])));
    }
    before = row;
  }
  return before[b.length]!;
}
