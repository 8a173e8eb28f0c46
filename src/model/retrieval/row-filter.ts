/**
 * Which rows a search may find, one bit each: what a scan leaves out costs nothing afterwards, and K rows are found
 * wherever K are allowed. N items.
 */

/** Row r is bit r % 8 of byte r / 8; shape [ceil(N / 8)], bits beyond N are 0. */
export type RowFilter = Uint8Array;

export function rowFilter(count: number, allows: (row: number) => boolean): RowFilter {
  const filter = new Uint8Array(Math.ceil(count / 8));
  for (let row = 0; row < count; row++) if (allows(row)) filter[row >> 3]! |= 1 << (row & 7);
  return filter;
}

export function everyRow(count: number): RowFilter {
  const filter = new Uint8Array(Math.ceil(count / 8)).fill(0xff);
  if (count % 8 !== 0) filter[filter.length - 1] = 0xff >> (8 - (count % 8));
  return filter;
}

export const allowsRow = (filter: RowFilter, row: number): boolean => ((filter[row >> 3]! >> (row & 7)) & 1) === 1;

/** A copy that allows none of `rows`; rows below 0 are of no item. */
export function withoutRows(filter: RowFilter, rows: Iterable<number>): RowFilter {
  const copy = filter.slice();
  for (const row of rows) if (row >= 0) copy[row >> 3]! &= ~(1 << (row & 7));
  return copy;
}
