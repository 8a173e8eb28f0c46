/**
 * Neighbour tables: what one item of a history adds to the scores of a few others, beside the dot product.
 *
 * N items, E entries. Sparse and kept by source, since a history is a list of sources.
 */

/** Source i adds `weights[p] * scales[targets[p]]` to item targets[p], p from indptr[i] to indptr[i + 1] - 1. */
export interface NeighbourTable {
  /** shape [N + 1] */
  readonly indptr: Uint32Array;
  /** shape [E], ascending within a source */
  readonly targets: Uint32Array;
  /** shape [E], -127..127 */
  readonly weights: Int8Array;
  /** shape [N], by target, > 0 */
  readonly scales: Float32Array;
}

/** Entries one by one, in any order; three columns of length E, each (source, target) at most once. */
export interface NeighbourEntries {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly values: Float32Array;
}

/** Scales are the largest one over powers of this: a byte then reaches down to a 60,000th of it (2^-16). */
export const STEPS_PER_OCTAVE = 16;

/**
 * The table of entries, one scale a target; entries that round to nothing are left out.
 * @param items N
 */
export function neighbourTable({ sources, targets, values }: NeighbourEntries, items: number): NeighbourTable {
  const largest = new Float64Array(items);
  values.forEach((value, at) => (largest[targets[at]!] = Math.max(largest[targets[at]!]!, Math.abs(value))));
  const top = largest.reduce((max, value) => Math.max(max, value), 0);
  const largestScale = top === 0 ? 1 : Math.fround(top / 127);
  const scales = Float32Array.from(largest, (value) => scaleOf(stepsBelow(value, top), largestScale));
  const weights = Int8Array.from(values, (value, at) => Math.round(value / scales[targets[at]!]!));
  // Two stable counting sorts, by target and then by source.
  const order = sortedBy(sources, sortedBy(targets, Uint32Array.from(weights.keys()), items), items);
  const kept = order.filter((at) => weights[at] !== 0);
  const indptr = new Uint32Array(items + 1);
  for (const at of kept) indptr[sources[at]! + 1]!++;
  for (let item = 0; item < items; item++) indptr[item + 1]! += indptr[item]!;
  return {
    indptr,
    targets: kept.map((at) => targets[at]!),
    weights: Int8Array.from(kept, (at) => weights[at]!),
    scales,
  };
}

/** `order`, stably sorted by `keys`, all under `count`. */
function sortedBy(keys: Uint32Array, order: Uint32Array, count: number): Uint32Array {
  const next = new Uint32Array(count + 1);
  for (const at of order) next[keys[at]! + 1]!++;
  for (let key = 0; key < count; key++) next[key + 1]! += next[key]!;
  const sorted = new Uint32Array(order.length);
  for (const at of order) sorted[next[keys[at]!]!++] = at;
  return sorted;
}

/** The most steps below the largest that still hold a target's largest value, 0 to 255; a target of no entry takes 0. */
const stepsBelow = (value: number, top: number): number =>
  value === 0 ? 0 : Math.min(255, Math.floor(Math.log2(top / value) * STEPS_PER_OCTAVE + 1e-9));

/** The scale that is so many steps below the largest, float32. */
export const scaleOf = (steps: number, largestScale: number): number =>
  Math.fround(largestScale * 2 ** (-steps / STEPS_PER_OCTAVE));

/**
 * Adds what a history adds.
 * @param rows shape [L], sources
 * @param weights shape [L]
 * @param sums shape [N], by target
 */
export function addNeighbours(
  { indptr, targets, weights: entries, scales }: NeighbourTable,
  rows: Uint32Array,
  weights: Float32Array,
  sums: Float64Array,
): void {
  rows.forEach((row, at) => {
    const weight = weights[at]!;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      const target = targets[p]!;
      sums[target]! += weight * entries[p]! * scales[target]!;
    }
  });
}

/** What one source adds to one target; 0 where the table has no such entry. */
export function neighbourValue(
  { indptr, targets, weights, scales }: NeighbourTable,
  source: number,
  target: number,
): number {
  let from = indptr[source]!;
  let to = indptr[source + 1]!;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (targets[middle]! < target) from = middle + 1;
    else to = middle;
  }
  return from < indptr[source + 1]! && targets[from] === target ? weights[from]! * scales[target]! : 0;
}
