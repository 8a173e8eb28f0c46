/**
 * Cells: which rows of a clustered table an exact scan need not read, and which it need not read whole.
 *
 * By Cauchy and Schwarz a row v of a cell with centre c scores q.v = q.c + q.(v - c) <= q.c + |q||v - c|. Rows stand by
 * |v - c| within a cell, the farthest first, so that what can still reach a score is a prefix of it. A bound for a whole
 * cell prunes next to nothing: its farthest row decides it.
 *
 * The prefix is read in a sketch first, four bits a component: v - c ~ step_c * level, so that
 * q.v <= q.c + step_c q.level + |q| error_c with the largest |v - c - step_c level| of the cell. Of random directions in
 * many dimensions q.(v - c) is far below |q||v - c|, and few rows are left whose eight bits have to be read.
 *
 * N items, D embedding size, C cells. Everything is in the units of the int8 components and centres are integers, so
 * that q.c is one, and bounds hold for the integer scores.
 */
import type { QuantisedItems } from "./quantise.ts";

export interface Cells {
  /** Cell c holds the rows `starts[c]` to `starts[c + 1] - 1`; shape [C + 1], ascending from 0 to N. */
  readonly starts: Uint32Array;
  /** shape [C, D], the means, rounded. */
  readonly centres: Int8Array;
  /** No row from here on in its cell is farther from the centre; shape [N], descending within a cell. */
  readonly radii: Float32Array;
  /** shape [C], at least 1. */
  readonly steps: Uint8Array;
}

/** Above what float32 and the order of a sum can take away from a bound. */
const ROUNDING = 1 + 1e-6;
/** Scores are integers: what is this far below one cannot be it. */
const HALF = 0.5;
/** Levels of a sketch: four bits. */
const LEAST_LEVEL = -8;
const GREATEST_LEVEL = 7;

/** @param starts shape [C + 1]; rows may stand in any order within a cell, but the farther come first the more is pruned */
export function cellsOf(items: QuantisedItems, starts: Uint32Array): Cells {
  const { values, count, dimensions } = items;
  const cells = starts.length - 1;
  const centres = new Int8Array(cells * dimensions);
  const radii = new Float32Array(count);
  const steps = new Uint8Array(cells).fill(1);
  const sums = new Float64Array(dimensions);
  for (let cell = 0; cell < cells; cell++) {
    const first = starts[cell]!;
    const end = starts[cell + 1]!;
    if (end === first) continue;
    sums.fill(0);
    for (let at = first * dimensions, d = 0; at < end * dimensions; at++, d = d + 1 === dimensions ? 0 : d + 1) {
      sums[d]! += values[at]!;
    }
    const centre = centres.subarray(cell * dimensions, (cell + 1) * dimensions);
    for (let d = 0; d < dimensions; d++) centre[d] = Math.round(sums[d]! / (end - first));
    let farthest = 0;
    let widest = 0;
    for (let row = end - 1; row >= first; row--) {
      let square = 0;
      for (let d = 0, at = row * dimensions; d < dimensions; d++, at++) {
        const residual = values[at]! - centre[d]!;
        square += residual * residual;
        widest = Math.max(widest, Math.abs(residual));
      }
      farthest = Math.max(farthest, Math.sqrt(square) * ROUNDING);
      radii[row] = farthest;
    }
    steps[cell] = Math.max(1, Math.ceil(widest / (HALF - LEAST_LEVEL)));
  }
  return { starts, centres, radii, steps };
}

/**
 * Makes the sketch of every row: levels from -8 to 7, the nearest there is.
 * @param tell asked in the order of rows; `levels` is written over after each, shape [D]
 * @returns shape [C], the largest error of a row's sketch
 */
export function sketchRows(
  { values, dimensions }: QuantisedItems,
  { starts, centres, steps }: Cells,
  tell: (row: number, levels: Int8Array) => void,
): Float32Array {
  const levels = new Int8Array(dimensions);
  return Float32Array.from(steps, (step, cell) => {
    let largest = 0;
    for (let row = starts[cell]!; row < starts[cell + 1]!; row++) {
      let square = 0;
      for (let d = 0, at = row * dimensions, of = cell * dimensions; d < dimensions; d++, at++, of++) {
        const residual = values[at]! - centres[of]!;
        const level = Math.max(LEAST_LEVEL, Math.min(GREATEST_LEVEL, Math.floor(residual / step + HALF)));
        levels[d] = level;
        square += (residual - step * level) ** 2;
      }
      largest = Math.max(largest, square);
      tell(row, levels);
    }
    return Math.sqrt(largest) * ROUNDING;
  });
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

/** @param query shape [D], integers of one byte */
export function cellOrder({ starts, centres }: Cells, query: ArrayLike<number>): CellOrder {
  const cells = starts.length - 1;
  const dots = new Float64Array(cells);
  // Dot product and cell in one number, exact below 2^53: sorted without a comparison of ours.
  const keys = new Float64Array(cells);
  for (let cell = 0, at = 0; cell < cells; cell++) {
    let dot = 0;
    for (let d = 0; d < query.length; d++, at++) dot += query[d]! * centres[at]!;
    dots[cell] = dot;
    keys[cell] = cell - dot * cells;
  }
  keys.sort();
  const order = new Uint32Array(cells);
  for (let at = 0; at < cells; at++) order[at] = keys[at]! - Math.floor(keys[at]! / cells) * cells;
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

/** The most by which a row can score above `q.c + step q.level`. @param error of its cell, by {@link sketchRows} */
export const slackOf = ({ norm }: CellOrder, error: number): number => Math.ceil(norm * error + HALF);
