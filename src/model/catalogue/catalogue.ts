/**
 * The catalogue: items as columns, rows in cluster-major order (the order of the item table).
 */
import type { ItemCard } from "../contract.ts";
import { tensorOf } from "../bundle/tensor-file.ts";
import type { Tensor, TensorFile } from "../bundle/tensor-file.ts";
import { EngineError } from "../errors.ts";
import { CodeColumn, CodeListColumn, TextColumn } from "./columns.ts";

/** "Unknown" in the number columns. */
export const UNKNOWN_YEAR = -32768;

const TEXTS = ["ids", "titles", "makers", "urls"] as const;
const CODES = ["kind", "category", "subcategory", "genreCode", "language", "country"] as const;

export interface CatalogueColumns
  extends Readonly<Record<(typeof TEXTS)[number], TextColumn>>, Readonly<Record<(typeof CODES)[number], CodeColumn>> {
  readonly themes: CodeListColumn;
  /** {@link UNKNOWN_YEAR} when unknown. */
  readonly year: Int32Array;
  /** NaN when unknown. */
  readonly price: Float32Array;
  /** Seconds since 1970; NaN: no limit. */
  readonly availableFrom: Float64Array;
  readonly availableUntil: Float64Array;
  /** Degrees; NaN when unknown. */
  readonly latitude: Float32Array;
  readonly longitude: Float32Array;
  /** Sum of the weights of the positive interactions in the training data. */
  readonly popularity: Float32Array;
}

export class Catalogue {
  readonly columns: CatalogueColumns;
  readonly #rows: ReadonlyMap<string, number>;

  constructor(columns: CatalogueColumns) {
    this.columns = columns;
    const rows = new Map<string, number>();
    for (let row = 0; row < columns.ids.length; row++) rows.set(columns.ids.at(row), row);
    this.#rows = rows;
  }

  get count(): number {
    return this.columns.ids.length;
  }

  /** -1 when the catalogue has no such item. */
  rowOf(itemId: string): number {
    return this.#rows.get(itemId) ?? -1;
  }

  /** @throws ITEM_UNKNOWN */
  requireRow(itemId: string): number {
    const row = this.rowOf(itemId);
    if (row < 0) throw new EngineError("ITEM_UNKNOWN", { itemId });
    return row;
  }

  /** @param nowSeconds seconds since 1970 */
  isAvailable(row: number, nowSeconds: number): boolean {
    const { availableFrom, availableUntil } = this.columns;
    return !(availableFrom[row]! > nowSeconds) && !(availableUntil[row]! < nowSeconds);
  }

  card(row: number, cluster: number): ItemCard {
    const { columns } = this;
    const year = columns.year[row]!;
    const price = columns.price[row]!;
    return {
      id: columns.ids.at(row),
      title: columns.titles.at(row),
      maker: columns.makers.at(row),
      year: year === UNKNOWN_YEAR ? null : year,
      kind: columns.kind.at(row),
      category: columns.category.at(row),
      subcategory: columns.subcategory.at(row),
      genreCode: columns.genreCode.at(row),
      themes: columns.themes.at(row),
      language: columns.language.at(row),
      country: columns.country.at(row),
      price: Number.isNaN(price) ? null : price,
      url: columns.urls.at(row),
      cluster,
    };
  }
}

export function catalogueToFile({ columns }: Catalogue): TensorFile {
  const count = columns.ids.length;
  const tensors: Record<string, Tensor> = {};
  for (const name of TEXTS) {
    const { offsets, bytes } = columns[name];
    tensors[`${name}.offsets`] = { dtype: "uint32", shape: [count + 1], data: offsets };
    tensors[`${name}.bytes`] = { dtype: "uint8", shape: [bytes.length], data: bytes };
  }
  for (const name of CODES) tensors[name] = { dtype: "uint16", shape: [count], data: columns[name].codes };
  const { themes } = columns;
  tensors["themes.offsets"] = { dtype: "uint32", shape: [count + 1], data: themes.offsets };
  tensors["themes.codes"] = { dtype: "uint16", shape: [themes.codes.length], data: themes.codes };
  tensors["year"] = { dtype: "int32", shape: [count], data: columns.year };
  for (const name of ["price", "latitude", "longitude", "popularity"] as const) {
    tensors[name] = { dtype: "float32", shape: [count], data: columns[name] };
  }
  for (const name of ["availableFrom", "availableUntil"] as const) {
    tensors[name] = { dtype: "float64", shape: [count], data: columns[name] };
  }
  const vocabularies = Object.fromEntries([...CODES, "themes" as const].map((name) => [name, columns[name].values]));
  return { meta: { vocabularies }, tensors };
}

/** @throws FILE_FORMAT */
export function catalogueFromFile(file: TensorFile): Catalogue {
  const fail = (reason: string): never => {
    throw new EngineError("FILE_FORMAT", { file: "catalogue", reason });
  };
  const vocabularies = (file.meta as { vocabularies?: Record<string, string[]> } | null)?.vocabularies ?? {};
  const offsetsOf = (name: string, shape: number[], end: number): Uint32Array => {
    const offsets = tensorOf(file, `${name}.offsets`, "uint32", shape).data;
    const ascending = offsets.every((offset, at) => at === 0 || offset >= offsets[at - 1]!);
    if (offsets[0] !== 0 || offsets.at(-1) !== end || !ascending) fail(`the offsets of ${name} are not valid`);
    return offsets;
  };
  const vocabularyOf = (name: string, codes: Uint16Array): string[] => {
    const values = vocabularies[name];
    if (!Array.isArray(values) || !values.every((value) => typeof value === "string")) {
      return fail(`the vocabulary of ${name} is missing`);
    }
    return codes.every((code) => code < values.length) ? values : fail(`a code of ${name} has no value`);
  };
  const text = (name: string): TextColumn => {
    const bytes = tensorOf(file, `${name}.bytes`, "uint8", [-1]).data;
    return new TextColumn(offsetsOf(name, [-1], bytes.length), bytes);
  };
  const ids = text("ids");
  const shape = [ids.length];
  const texts = Object.fromEntries(TEXTS.map((name) => [name, text(name)]));
  if (Object.values(texts).some((column) => column.length !== ids.length)) fail("the text columns differ in length");
  const codes = CODES.map((name) => {
    const data = tensorOf(file, name, "uint16", shape).data;
    return [name, new CodeColumn(data, vocabularyOf(name, data))];
  });
  const themeCodes = tensorOf(file, "themes.codes", "uint16", [-1]).data;
  const themeOffsets = offsetsOf("themes", [ids.length + 1], themeCodes.length);
  return new Catalogue({
    ...(texts as Record<(typeof TEXTS)[number], TextColumn>),
    ...(Object.fromEntries(codes) as Record<(typeof CODES)[number], CodeColumn>),
    themes: new CodeListColumn(themeOffsets, themeCodes, vocabularyOf("themes", themeCodes)),
    year: tensorOf(file, "year", "int32", shape).data,
    price: tensorOf(file, "price", "float32", shape).data,
    latitude: tensorOf(file, "latitude", "float32", shape).data,
    longitude: tensorOf(file, "longitude", "float32", shape).data,
    popularity: tensorOf(file, "popularity", "float32", shape).data,
    availableFrom: tensorOf(file, "availableFrom", "float64", shape).data,
    availableUntil: tensorOf(file, "availableUntil", "float64", shape).data,
  });
}
