/**
 * int8 items and queries. N items, D embedding size.
 *
 * Items have one scale a dimension, `v[i, d] ~ scales[d] * q[i, d]`, which folds into the query, so
 * that a scan is an integer dot product. Scores of items and queries so quantised are exact
 * integers: every kernel must agree with {@link scanInt8} to the bit.
 */
import { assertQuery, topK } from "./exact-scan.ts";
import type { Scored } from "./exact-scan.ts";

/** The item table: values shape [N, D] row-major, -127..127; scales shape [D]. */
export interface QuantisedItems {
  readonly values: Int8Array;
  readonly scales: Float32Array;
  readonly count: number;
  readonly dimensions: number;
}

/** @param vectors shape [N, D], row-major, finite */
export function quantiseItems(vectors: Float32Array, dimensions: number): QuantisedItems {
  const count = vectors.length / dimensions;
  return quantiseRows(count, dimensions, (row) => vectors.subarray(row * dimensions, (row + 1) * dimensions));
}

/** @param rowAt asked twice for each row; shape [D], finite */
export function quantiseRows(count: number, dimensions: number, rowAt: (row: number) => Float32Array): QuantisedItems {
  const scales = new Float32Array(dimensions);
  for (let row = 0; row < count; row++) {
    const vector = rowAt(row);
    for (let d = 0; d < dimensions; d++) scales[d] = Math.max(scales[d]!, Math.abs(vector[d]!));
  }
  for (let d = 0; d < dimensions; d++) scales[d] = scales[d]! / 127 || 1;
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

/** An int8 query with the items' scales folded in: score ~ scale * integer dot. */
export interface QuantisedQuery {
  readonly values: Int8Array;
  readonly scale: number;
}

/**
 * The zero query gives zeros and scale 1.
 * @throws QUERY_INVALID
 */
export function quantiseQuery(query: Float32Array, items: QuantisedItems): QuantisedQuery {
  assertQuery(query, items.dimensions);
  const folded = query.map((value, d) => value * items.scales[d]!);
  const largest = folded.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = largest / 127 || 1;
  return { values: Int8Array.from(folded, (value) => Math.round(value / scale)), scale };
}

/** The exact slow twin of every int8 scan: the K best rows by integer dot product, ties by row. */
export function scanInt8(items: QuantisedItems, query: QuantisedQuery, k: number): Scored {
  const { dimensions, values, count } = items;
  const dots = new Int32Array(count);
  for (let row = 0, at = 0; row < count; row++, at += dimensions) {
    let dot = 0;
    for (let d = 0; d < dimensions; d++) dot += values[at + d]! * query.values[d]!;
    dots[row] = dot;
  }
  return topK(dots, k);
}
