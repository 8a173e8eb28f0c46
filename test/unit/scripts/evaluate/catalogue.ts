/** Items with attributes, written down. */
import type { DatasetItems } from "../../../../scripts/import/dataset.ts";
import { UNKNOWN_YEAR } from "../../../../src/model/catalogue/catalogue.ts";

export interface Item {
  readonly title?: string;
  readonly kind?: string;
  readonly category?: string;
  readonly genreCode?: string;
  readonly themes?: readonly string[];
  readonly year?: number;
}

/** Items of which nothing is known. */
export const plainItems = (count: number): Item[] => Array.from({ length: count }, () => ({}));

/** Default title: "Item 3". */
export function catalogueOf(items: readonly Item[]): DatasetItems {
  const unknown = items.map(() => "");
  return {
    ids: items.map((_, item) => String(item)),
    titles: items.map(({ title }, item) => title ?? `Item ${item}`),
    makers: unknown,
    kind: items.map(({ kind = "" }) => kind),
    category: items.map(({ category = "" }) => category),
    subcategory: unknown,
    genreCode: items.map(({ genreCode = "" }) => genreCode),
    language: unknown,
    country: unknown,
    urls: unknown,
    themes: items.map(({ themes = [] }) => themes),
    year: Int32Array.from(items, ({ year = UNKNOWN_YEAR }) => year),
    price: new Float32Array(items.length).fill(NaN),
    availableFrom: new Float64Array(items.length).fill(NaN),
    availableUntil: new Float64Array(items.length).fill(NaN),
    latitude: new Float32Array(items.length).fill(NaN),
    longitude: new Float32Array(items.length).fill(NaN),
  };
}
