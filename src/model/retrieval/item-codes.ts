/**
 * Items in four bits a dimension, as a bundle holds them. N items, D embedding size.
 *
 * Vectors are whitened and randomly rotated, so the components of one item look like draws of one normal distribution:
 * `v[i, d] ~ scale_i LEVELS[code]`, the levels those of the best 16-level quantiser of a normal variable (Max,
 * "Quantizing for minimum distortion", 1960, table I), the scale the one of least squares. On MovieLens 1M and four other
 * data sets 128 dimensions at 4 bits beat 64 at 8, which have the same bytes (docs/towers.md).
 */

import { EngineError } from "../errors.ts";
import { quantiseRows } from "./quantise.ts";
import type { QuantisedItems } from "./quantise.ts";

/** Above zero, in standard deviations; those below are their mirror image. */
const HALF = [0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6181, 2.0691, 2.7326] as const;
const LEVELS = Float32Array.from([...HALF.toReversed().map((level) => -level), ...HALF]);
/** Between neighbouring levels. */
const BOUNDS = Float32Array.from({ length: LEVELS.length - 1 }, (_, at) => (LEVELS[at]! + LEVELS[at + 1]!) / 2);

export interface ItemCodes {
  readonly count: number;
  /** Even. */
  readonly dimensions: number;
  /** shape [N, D / 2]: of two dimensions the first in the low half of a byte. */
  readonly codes: Uint8Array;
  /** shape [N], of `largest` / 65535. */
  readonly scales: Uint16Array;
  readonly largest: number;
}

/**
 * @param vectors shape [N, D], row-major, finite; a row of zeros stays one
 * @throws FILE_FORMAT for an odd D
 */
export function encodeItems(vectors: Float32Array, dimensions: number): ItemCodes {
  if (dimensions % 2 === 1) throw new EngineError("FILE_FORMAT", { file: "items", reason: `${dimensions} is odd` });
  const count = vectors.length / dimensions;
  const codes = new Uint8Array(vectors.length / 2);
  const exact = new Float64Array(count);
  for (let item = 0; item < count; item++) {
    const row = vectors.subarray(item * dimensions, (item + 1) * dimensions);
    const deviation = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / dimensions);
    if (deviation === 0) continue;
    let dot = 0;
    let square = 0;
    row.forEach((value, d) => {
      const code = codeOf(value / deviation);
      codes[(item * dimensions + d) >> 1]! |= code << (4 * (d & 1));
      dot += value * LEVELS[code]!;
      square += LEVELS[code]! ** 2;
    });
    exact[item] = dot / square;
  }
  const largest = exact.reduce((max, scale) => Math.max(max, scale), 0);
  const scales = Uint16Array.from(exact, (scale) => Math.round((scale / largest) * 65_535));
  return { count, dimensions, codes, scales, largest };
}

function codeOf(value: number): number {
  let code = 0;
  for (let half = 8; half > 0; half >>= 1) if (value > BOUNDS[code + half - 1]!) code += half;
  return code;
}

/** shape [N, D], row-major, float32. */
export function decodeItems(items: ItemCodes): Float32Array {
  const vectors = new Float32Array(items.count * items.dimensions);
  for (let item = 0; item < items.count; item++) {
    decodeItem(items, item, vectors.subarray(item * items.dimensions, (item + 1) * items.dimensions));
  }
  return vectors;
}

/** @param out shape [D] */
function decodeItem({ dimensions, codes, scales, largest }: ItemCodes, item: number, out: Float32Array): Float32Array {
  const scale = (scales[item]! / 65_535) * largest;
  const from = (item * dimensions) >> 1;
  for (let d = 0; d < dimensions; d++) out[d] = scale * LEVELS[(codes[from + (d >> 1)]! >> (4 * (d & 1))) & 15]!;
  return out;
}

/** The int8 table that is scanned: `quantiseItems` of the decoded items, without ever holding them as float32. */
export function itemsOfCodes(codes: ItemCodes): QuantisedItems {
  const vector = new Float32Array(codes.dimensions);
  return quantiseRows(codes.count, codes.dimensions, (item) => decodeItem(codes, item, vector));
}
