/**
 * Cells: which rows of a clustered table an exact scan need not read.
 *
 * By Cauchy and Schwarz a row v of a cell with centre c scores q.v = q.c + q.(v - c) <= q.c + |q||v - c|. Rows stand by
 * |v - c| within a cell, the farthest first, so that what can still reach a score is a prefix of it. A bound for a whole
 * cell prunes next to nothing: its farthest row decides it.
 *
 * N items, D embedding size, C cells. Everything is in the units of the int8 components, so that bounds hold for the
 * integer scores.
 */
import type { QuantisedItems } from "./quantise.ts";

export interface Cells {
  /** Cell c holds the rows `starts[c]` to `starts[c + 1] - 1`; shape [C + 1], ascending from 0 to N. */
  readonly starts: Uint32Array;
  /** shape [C, D], the means. */
  readonly centres: Float32Array;
  /** No row from here on in its cell is farther from the centre; shape [N], descending within a cell. */
  readonly radii: Float32Array;
}

/** Above what float32 and the order of a sum can take away from a bound. */
const ROUNDING = 1 + 1e-6;
/** Scores are integers: what is this far below one cannot be it. */
const HALF = 0.5;

/** @param starts shape [C + 1]; rows may stand in any order within a cell, but the farther come first the more is pruned */
export function cellsOf({ values, count, dimensions }: QuantisedItems, starts: Uint32Array): Cells {
  const cells = starts.length - 1;
  const centres = new Float32Array(cells * dimensions);
  const radii = new Float32Array(count);
  const sums = new Float64Array(dimensions);
  for (let cell = 0; cell < cells; cell++) {
    const first = starts[cell]!;
    const end = starts[cell + 1]!;
    sums.fill(0);
    for (let at = first * dimensions, d = 0; at < end * dimensions; at++, d = d + 1 === dimensions ? 0 : d + 1) {
      sums[d]! += values[at]!;
    }
    const centre = centres.subarray(cell * dimensions, (cell + 1) * dimensions);
    if (end > first) centre.set(sums.map((sum) => sum / (end - first)));
    let farthest = 0;
    for (let row = end - 1; row >= first; row--) {
      let square = 0;
      for (let d = 0, at = row * dimensions; d < dimensions; d++, at++) square += (values[at]! - centre[d]!) ** 2;
      farthest = Math.max(farthest, Math.sqrt(square) * ROUNDING);
      radii[row] = farthest;
    }
  }
  return { starts, centres, radii };
}

/** A query before the cells. */
export interface CellOrder {
  /** shape [C], q.c by cell. */
  readonly dots: Float64Array;
  /** shape [C], cells by q.c, highest first: a good threshold is found soon. */
  readonly order: Uint32Array;
  /** |q| */
  readonly norm: number;
}

/** @param query shape [D], integers */
export function cellOrder({ starts, centres }: Cells, query: ArrayLike<number>): CellOrder {
  const dots = new Float64Array(starts.length - 1);
  for (let cell = 0, at = 0; cell < dots.length; cell++) {
    for (let d = 0; d < query.length; d++, at++) dots[cell]! += query[d]! * centres[at]!;
  }
  const order = Uint32Array.from(dots.keys()).sort((a, b) => dots[b]! - dots[a]! || a - b);
  let square = 0;
  for (let d = 0; d < query.length; d++) square += query[d]! ** 2;
  return { dots, order, norm: Math.sqrt(square) };
}

/** The end of the prefix of a cell that can score `least` or more: rows from there on cannot. */
export function reachOf({ starts, radii }: Cells, { dots, norm }: CellOrder, cell: number, least: number): number {
  const short = least - HALF - dots[cell]!;
  let from = starts[cell]!;
  let to = starts[cell + 1]!;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (norm * radii[middle]! < short) to = middle;
    else from = middle + 1;
  }
  return from;
}
