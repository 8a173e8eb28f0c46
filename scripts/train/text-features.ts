/**
 * What is known of an item beside its interactions, as a sparse vector: the words of its title and of its maker's name,
 * and its attributes, weighted by TF-IDF. N items, T terms.
 */
import { UNKNOWN_YEAR } from "../../src/model/catalogue/catalogue.ts";
import { GrowingColumn } from "../import/columns.ts";
import type { DatasetItems } from "../import/dataset.ts";
import { buildInteractionMatrix } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";

export interface TextFeatures {
  /** T terms, in the order in which the items show them: "word:night", "category:drama", "decade:1990" ... */
  readonly terms: readonly string[];
  /**
   * Items x terms, rows of unit length: tf idf, tf how often the item has the term, idf = ln(N / n) for a term of n items
   * (Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988, table 1: "tfc"). Terms of one
   * item make it like no other and are left out; terms of all items tell nothing. An item without a term: an empty row.
   */
  readonly matrix: InteractionMatrix;
}

const ATTRIBUTES = {
  maker: "makers",
  kind: "kind",
  category: "category",
  subcategory: "subcategory",
  genre: "genreCode",
  language: "language",
  country: "country",
} as const satisfies Record<string, keyof DatasetItems>;

export function textFeatures(items: DatasetItems): TextFeatures {
  const count = items.ids.length;
  const termLists = items.ids.map((_, item) => termsOf(items, item));
  const owners = new Map<string, number>();
  for (const list of termLists) {
    for (const term of new Set(list)) owners.set(term, (owners.get(term) ?? 0) + 1);
  }
  const terms = [...owners.keys()].filter((term) => owners.get(term)! > 1 && owners.get(term)! < count);
  const rows = new Map(terms.map((term, row) => [term, row]));
  const itemRows = new GrowingColumn(Uint32Array);
  const termRows = new GrowingColumn(Uint32Array);
  const weights = new GrowingColumn(Float32Array);
  for (const [item, list] of termLists.entries()) {
    const own = new Map<number, number>();
    for (const term of list) {
      const row = rows.get(term);
      if (row !== undefined) own.set(row, (own.get(row) ?? 0) + Math.log(count / owners.get(term)!));
    }
    const norm = Math.hypot(...own.values());
    for (const [row, weight] of own) {
      itemRows.push(item);
      termRows.push(row);
      weights.push(weight / norm);
    }
  }
  const matrix = buildInteractionMatrix({
    users: count,
    items: terms.length,
    userRows: itemRows.finish(),
    itemRows: termRows.finish(),
    weights: weights.finish(),
  });
  return { terms, matrix };
}

/** The terms of one item, as often as it has them. */
function termsOf(items: DatasetItems, item: number): string[] {
  const year = items.year[item]!;
  const attributes = Object.entries(ATTRIBUTES).map(([name, column]) => [name, items[column][item]!] as const);
  return [
    ...[...words(items.titles[item]!), ...words(items.makers[item]!)].map((word) => `word:${word}`),
    ...attributes.filter(([, value]) => value !== "").map(([name, value]) => `${name}:${folded(value)}`),
    ...items.themes[item]!.map((theme) => `theme:${folded(theme)}`),
    ...(year === UNKNOWN_YEAR ? [] : [`decade:${Math.floor(year / 10) * 10}`]),
  ];
}

/** Runs of letters and digits of any script. */
const words = (text: string): string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** In lower case, without accents. */
export const folded = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
