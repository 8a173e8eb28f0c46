/**
 * What the fast scans share: rows padded to whole vectors, and keys that order results.
 *
 * N items, D embedding size, K results.
 */
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems } from "../../model/retrieval/quantise.ts";

/** Bytes of a vector in both kernels: a row is a whole number of them. */
export const VECTOR_BYTES = 16;

/** Bytes of a padded row. */
export function strideOf(dimensions: number): number {
  return Math.ceil(dimensions / VECTOR_BYTES) * VECTOR_BYTES;
}

/**
 * Copies the rows `from` to `to - 1` with zeros up to the stride, which add nothing to a dot product.
 * @param target shape [to - from, stride], all zero
 */
export function copyRows(items: QuantisedItems, from: number, to: number, target: Int8Array): void {
  const { dimensions, values } = items;
  const stride = strideOf(dimensions);
  if (stride === dimensions) {
    target.set(values.subarray(from * dimensions, to * dimensions));
    return;
  }
  for (let row = from; row < to; row++) {
    target.set(values.subarray(row * dimensions, (row + 1) * dimensions), (row - from) * stride);
  }
}

/**
 * The k best of keys. A key has the score (int32) in its high half and the row's complement in its
 * low half, so that the greatest is the best and ties go to the lowest row.
 * @param keys at least k; sorted in place
 */
export function bestOfKeys(keys: BigInt64Array, k: number): Scored {
  keys.sort();
  const halves = new Int32Array(keys.buffer, keys.byteOffset, keys.length * 2);
  const rows = new Uint32Array(k);
  const scores = new Float32Array(k);
  for (let rank = 0, at = halves.length - 2; rank < k; rank++, at -= 2) {
    rows[rank] = ~halves[at]!;
    scores[rank] = halves[at + 1]!;
  }
  return { rows, scores };
}
