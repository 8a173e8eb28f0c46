/** Small catalogues by hand. */
import { Catalogue, UNKNOWN_YEAR } from "../../src/model/catalogue/catalogue.ts";
import { CodeColumn, CodeListColumn, TextColumn } from "../../src/model/catalogue/columns.ts";

export interface ItemFacts {
  readonly title?: string;
  readonly maker?: string;
  readonly kind?: string;
  readonly category?: string;
  readonly subcategory?: string;
  readonly themes?: readonly string[];
  readonly year?: number;
  readonly price?: number;
  readonly popularity?: number;
  readonly availableFrom?: number;
  readonly availableUntil?: number;
}

/** Ids are "0", "1" ... by row. */
export function catalogueOf(items: readonly ItemFacts[]): Catalogue {
  const texts = (key: "title" | "maker" | "kind" | "category" | "subcategory"): string[] =>
    items.map((item) => item[key] ?? "");
  const blank = items.map(() => "");
  const numbers = (key: "price" | "availableFrom" | "availableUntil"): number[] =>
    items.map((item) => item[key] ?? NaN);
  return new Catalogue({
    ids: TextColumn.from(items.map((_, row) => String(row))),
    titles: TextColumn.from(texts("title")),
    makers: TextColumn.from(texts("maker")),
    urls: TextColumn.from(blank),
    kind: CodeColumn.from(texts("kind")),
    category: CodeColumn.from(texts("category")),
    subcategory: CodeColumn.from(texts("subcategory")),
    genreCode: CodeColumn.from(blank),
    language: CodeColumn.from(blank),
    country: CodeColumn.from(blank),
    themes: CodeListColumn.from(items.map((item) => item.themes ?? [])),
    year: Int32Array.from(items, (item) => item.year ?? UNKNOWN_YEAR),
    price: Float32Array.from(numbers("price")),
    latitude: new Float32Array(items.length).fill(NaN),
    longitude: new Float32Array(items.length).fill(NaN),
    popularity: Float32Array.from(items, (item) => item.popularity ?? 0),
    availableFrom: Float64Array.from(numbers("availableFrom")),
    availableUntil: Float64Array.from(numbers("availableUntil")),
  });
}
