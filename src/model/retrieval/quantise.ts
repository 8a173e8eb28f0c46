/**
 * Items in int8, queries in int8 or int16. N items, D embedding size.
 *
 * Items have one scale a dimension, `v[i, d] ~ scales[d] * q[i, d]`, which folds into the query, so
 * that a scan is an integer dot product. A query is int8 to find rows, int16 to score them; either way the dot products
 * are exact integers: every kernel must agree with {@link scanInt8} and {@link dotProducts} to the bit.
 */
import { assertQuery, topK } from "./exact-scan.ts";
import type { Scored } from "./exact-scan.ts";
import { allowsRow, everyRow, rowFilter } from "./row-filter.ts";
import type { RowFilter } from "./row-filter.ts";

/** The item table: values shape [N, D] row-major, -127..127 (in four bits -7..7); scales shape [D]. */
export interface QuantisedItems {
  readonly values: Int8Array;
  readonly scales: Float32Array;
  readonly count: number;
  readonly dimensions: number;
}

/** @param vectors shape [N, D], row-major, finite @param range what the largest component of a dimension becomes; 7 fits four bits */
export function quantiseItems(vectors: Float32Array, dimensions: number, range = 127): QuantisedItems {
  const count = vectors.length / dimensions;
  return quantiseRows(count, dimensions, (row) => vectors.subarray(row * dimensions, (row + 1) * dimensions), range);
}

/** @param rowAt asked twice for each row; shape [D], finite */
export function quantiseRows(
  count: number,
  dimensions: number,
  rowAt: (row: number) => Float32Array,
  range = 127,
): QuantisedItems {
  const scales = new Float32Array(dimensions);
  for (let row = 0; row < count; row++) {
    const vector = rowAt(row);
    for (let d = 0; d < dimensions; d++) scales[d] = Math.max(scales[d]!, Math.abs(vector[d]!));
  }
  for (let d = 0; d < dimensions; d++) scales[d] = scales[d]! / range || 1;
  const values = new Int8Array(count * dimensions);
  for (let row = 0, at = 0; row < count; row++) {
    const vector = rowAt(row);
    for (let d = 0; d < dimensions; d++) values[at++] = Math.round(vector[d]! / scales[d]!);
  }
  return { values, scales, count, dimensions };
}

/** The rows' vectors as float32, shape [rows.length, D]. */
export function dequantiseRows(items: QuantisedItems, rows: ArrayLike<number>): Float32Array {
  const { dimensions, values, scales } = items;
  const out = new Float32Array(rows.length * dimensions);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * dimensions;
    for (let d = 0; d < dimensions; d++) out[i * dimensions + d] = values[from + d]! * scales[d]!;
  }
  return out;
}

/** A query with the items' scales folded in: score ~ scale * integer dot. */
export interface QuantisedQuery<Values = Int8Array> {
  readonly values: Values;
  readonly scale: number;
}

/**
 * The zero query gives zeros and scale 1.
 * @throws QUERY_INVALID
 */
export function quantiseQuery(query: Float32Array, items: QuantisedItems): QuantisedQuery {
  const { values, scale } = quantisedTo(127, query, items);
  return { values: Int8Array.from(values), scale };
}

/**
 * In int16, over the widest range whose dot products with bytes stay in int32: all of it up to 512 dimensions.
 * The zero query gives zeros and scale 1.
 * @throws QUERY_INVALID
 */
export function quantiseQueryInt16(query: Float32Array, items: QuantisedItems): QuantisedQuery<Int16Array> {
  const range = Math.min(32_767, Math.floor((2 ** 31 - 1) / (128 * items.dimensions)));
  const { values, scale } = quantisedTo(range, query, items);
  return { values: Int16Array.from(values), scale };
}

/** @param range what the largest component becomes */
function quantisedTo(range: number, query: Float32Array, items: QuantisedItems): QuantisedQuery<Float64Array> {
  assertQuery(query, items.dimensions);
  const folded = Float64Array.from(query, (value, d) => value * items.scales[d]!);
  const largest = folded.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = largest / range || 1;
  return { values: folded.map((value) => Math.round(value / scale)), scale };
}

/** @param query shape [D], of {@link quantiseQueryInt16} */
export function dotProduct({ values, dimensions }: QuantisedItems, row: number, query: Int16Array): number {
  let sum = 0;
  for (let d = 0, at = row * dimensions; d < dimensions; d++, at++) sum += values[at]! * query[d]!;
  return sum;
}

/** The exact slow twin of every kernel: {@link dotProduct} of all rows, shape [N]. */
export function dotProducts(items: QuantisedItems, query: Int16Array): Int32Array {
  const products = new Int32Array(items.count);
  for (let row = 0; row < items.count; row++) products[row] = dotProduct(items, row, query);
  return products;
}

/** The exact slow twin of every int8 scan: the K best allowed rows by integer dot product, ties by row. */
export function scanInt8(
  items: QuantisedItems,
  query: QuantisedQuery,
  k: number,
  filter: RowFilter = everyRow(items.count),
): Scored {
  const products = dotProducts(items, Int16Array.from(query.values));
  // Exact up to 1,040 dimensions: below 2^24.
  return topK(
    Float32Array.from(products, (product, row) => (allowsRow(filter, row) ? product : -Infinity)),
    k,
  );
}

/** The exact slow twin of a scan by group: the K best allowed rows of each. @param groupOf shape [N], 0 to `groups` - 1 */
export function scanGroupsInt8(
  items: QuantisedItems,
  query: QuantisedQuery,
  k: number,
  filter: RowFilter,
  groupOf: Uint8Array,
  groups: number,
): Scored[] {
  return Array.from({ length: groups }, (_, group) =>
    scanInt8(
      items,
      query,
      k,
      rowFilter(items.count, (row) => groupOf[row] === group && allowsRow(filter, row)),
    ),
  );
}
