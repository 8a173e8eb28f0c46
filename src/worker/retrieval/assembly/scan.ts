/**
 * The K best allowed rows by their integer dot products (products.ts): of one query, of four at once, or of each
 * group of rows. Exact twins: dotProducts, scanInt8 and scanGroupsInt8 in src/model/retrieval/quantise.ts.
 *
 * Rows `first` to `end` - 1 are read, from wherever they begin. `filter` has a bit a row, least significant first; none is
 * set beyond the last row. Results go to lists (lists.ts).
 */
import { least, offer } from "./lists";
import { add, ANY, lane, product, products, ROWS, slotOf, stepOf, sums, tailOf } from "./products";

export { tighten } from "./lists";
export { prepare, score, slotOf } from "./products";

/** Of the four rows from `row` on, which is a multiple of four: a bit for each that is allowed, from `first` to `end` - 1. */
function allowedOf(filter: usize, row: i32, first: i32, end: i32): i32 {
  let bits = (<i32>load<u8>(filter + (row >> 3)) >> (row & 4)) & 15;
  if (row < first) bits &= 15 << (first - row);
  if (row + ROWS > end) bits &= 15 >> (row + ROWS - end);
  return bits;
}

@inline
function scanOf(
  bits: i32,
  known: usize,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  query: usize,
  list: usize,
): void {
  let threshold = i32x4.splat(least(list));
  for (let row = first & ~(ROWS - 1); row < end; row += ROWS) {
    const allowed = allowedOf(filter, row, first, end);
    if (!allowed) continue;
    const scores = products(bits, known, stride, items + <usize>row * stride, query);
    let over = i32x4.bitmask(i32x4.ge_s(scores, threshold)) & allowed;
    if (!over) continue;
    for (; over; over &= over - 1) {
      const at = ctz(over);
      offer(list, lane(scores, at), row + at);
    }
    threshold = i32x4.splat(least(list));
  }
}

/** One query. @param query prepared */
export function scan(
  bits: i32,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  query: usize,
  list: usize,
): void {
  if (bits == 4) {
    if (stride == 32) scanOf(4, 32, 32, items, filter, first, end, query, list);
    else if (stride == 64) scanOf(4, 64, 64, items, filter, first, end, query, list);
    else scanOf(4, ANY, stride, items, filter, first, end, query, list);
  } else if (stride == 64) scanOf(8, 64, 64, items, filter, first, end, query, list);
  else if (stride == 128) scanOf(8, 128, 128, items, filter, first, end, query, list);
  else scanOf(8, ANY, stride, items, filter, first, end, query, list);
}

/** What a row's sketch must score for the row to enter a list, rounded down. */
@inline
function leastSketch(list: usize, base: i32, step: i32): i32 {
  const above = <i64>least(list) - <i64>base;
  const quotient = above / step;
  return <i32>max<i64>(quotient - i64(above < quotient * step), i32.MIN_VALUE);
}

@inline
function scanCellOf(
  known: usize,
  sketchStride: usize,
  sketches: usize,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  base: i32,
  step: i32,
  sketchQuery: usize,
  query: usize,
  list: usize,
): void {
  let threshold = i32x4.splat(leastSketch(list, base, step));
  for (let row = first & ~(ROWS - 1); row < end; row += ROWS) {
    const allowed = allowedOf(filter, row, first, end);
    if (!allowed) continue;
    const scores = products(4, known, sketchStride, sketches + <usize>row * sketchStride, sketchQuery);
    let over = i32x4.bitmask(i32x4.ge_s(scores, threshold)) & allowed;
    if (!over) continue;
    for (; over; over &= over - 1) {
      const now = row + ctz(over);
      offer(list, product(stride, items + <usize>now * stride, query), now);
    }
    threshold = i32x4.splat(leastSketch(list, base, step));
  }
}

/**
 * One query over rows of a cell: of each its sketch of 4 bits a component, and of those whose sketch leaves it open the
 * row itself, of 8.
 * @param base what the score of a row is at most above `step` times that of its sketch
 * @param sketchQuery prepared for 4 bits @param query for 8
 */
export function scanCell(
  sketchStride: usize,
  sketches: usize,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  base: i32,
  step: i32,
  sketchQuery: usize,
  query: usize,
  list: usize,
): void {
  if (sketchStride == 32) scanCellOf(32, 32, sketches, stride, items, filter, first, end, base, step, sketchQuery, query, list);
  else if (sketchStride == 64) scanCellOf(64, 64, sketches, stride, items, filter, first, end, base, step, sketchQuery, query, list);
  else scanCellOf(ANY, sketchStride, sketches, stride, items, filter, first, end, base, step, sketchQuery, query, list);
}

/** Offers the scores of one row to the lists of the four queries. */
function offerFour(scores: v128, over: i32, row: i32, lists: usize, listBytes: usize): void {
  for (; over; over &= over - 1) {
    const at = ctz(over);
    offer(lists + <usize>at * listBytes, lane(scores, at), row);
  }
}

@inline
function scanFourOf(
  bits: i32,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  query: usize,
  lists: usize,
  listBytes: usize,
): void {
  const query1 = query + slotOf(bits, stride);
  const query2 = query1 + slotOf(bits, stride);
  const query3 = query2 + slotOf(bits, stride);
  const list1 = lists + listBytes;
  const list2 = list1 + listBytes;
  const list3 = list2 + listBytes;
  const tail = tailOf(bits, stride);
  let threshold = i32x4(least(lists), least(list1), least(list2), least(list3));
  for (let row = first & ~1; row < end; row += 2) {
    const allowed = allowedOf(filter, row & ~(ROWS - 1), first, end) >> (row & 2);
    if (!(allowed & 3)) continue;
    const item = items + <usize>row * stride;
    let a = v128.load(query + tail);
    let b = v128.load(query1 + tail);
    let c = v128.load(query2 + tail);
    let d = v128.load(query3 + tail);
    let e = a;
    let f = b;
    let g = c;
    let h = d;
    let step: usize = 0;
    for (let at: usize = 0; at < stride; at += 16, step += stepOf(bits)) {
      const values = v128.load(item + at);
      const next = v128.load(item + stride + at);
      a = add(bits, a, values, query + step);
      e = add(bits, e, next, query + step);
      b = add(bits, b, values, query1 + step);
      f = add(bits, f, next, query1 + step);
      c = add(bits, c, values, query2 + step);
      g = add(bits, g, next, query2 + step);
      d = add(bits, d, values, query3 + step);
      h = add(bits, h, next, query3 + step);
    }
    const scores = sums(a, b, c, d);
    const nextScores = sums(e, f, g, h);
    const over = allowed & 1 ? i32x4.bitmask(i32x4.ge_s(scores, threshold)) : 0;
    const nextOver = allowed & 2 ? i32x4.bitmask(i32x4.ge_s(nextScores, threshold)) : 0;
    if (!(over | nextOver)) continue;
    offerFour(scores, over, row, lists, listBytes);
    offerFour(nextScores, nextOver, row + 1, lists, listBytes);
    threshold = i32x4(least(lists), least(list1), least(list2), least(list3));
  }
}

/** Four queries, two rows at a time. @param queries prepared, one after the other @param lists of `listBytes` each, one a query */
export function scan4(
  bits: i32,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  queries: usize,
  lists: usize,
  listBytes: usize,
): void {
  if (bits == 4) scanFourOf(4, stride, items, filter, first, end, queries, lists, listBytes);
  else if (stride == 64) scanFourOf(8, 64, items, filter, first, end, queries, lists, listBytes);
  else if (stride == 128) scanFourOf(8, 128, items, filter, first, end, queries, lists, listBytes);
  else scanFourOf(8, stride, items, filter, first, end, queries, lists, listBytes);
}

@inline
function scanGroupsOf(
  bits: i32,
  known: usize,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  query: usize,
  groupOf: usize,
  lists: usize,
  listBytes: usize,
): void {
  for (let row = first & ~(ROWS - 1); row < end; row += ROWS) {
    const allowed = allowedOf(filter, row, first, end);
    if (!allowed) continue;
    const scores = products(bits, known, stride, items + <usize>row * stride, query);
    for (let over = allowed; over; over &= over - 1) {
      const at = ctz(over);
      const list = lists + <usize>load<u8>(groupOf + row + at) * listBytes;
      const score = lane(scores, at);
      if (score >= least(list)) offer(list, score, row + at);
    }
  }
}

/**
 * One query, a list for each group of rows.
 * @param query prepared
 * @param groupOf uint8 a row
 * @param lists of `listBytes` each, one a group
 */
export function scanGroups(
  bits: i32,
  stride: usize,
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  query: usize,
  groupOf: usize,
  lists: usize,
  listBytes: usize,
): void {
  if (bits == 4) scanGroupsOf(4, ANY, stride, items, filter, first, end, query, groupOf, lists, listBytes);
  else if (stride == 64) scanGroupsOf(8, 64, 64, items, filter, first, end, query, groupOf, lists, listBytes);
  else scanGroupsOf(8, ANY, stride, items, filter, first, end, query, groupOf, lists, listBytes);
}
