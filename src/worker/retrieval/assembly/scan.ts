/**
 * Integer dot products of rows with queries, and the K best allowed ones: of one query, of four at once, or of each
 * group of rows. Plain SIMD128. Exact twins: dotProducts, scanInt8 and scanGroupsInt8 in src/model/retrieval/quantise.ts.
 *
 * A key orders a result: the score in the high 32 bits, the row's complement in the low 32, so that
 * a greater key is a better result and ties go to the lowest row. Keys are unique.
 *
 * A list collects results; rows may be offered in any order. Its bytes: int32 count, k >= 1 and capacity > k, four
 * unused, int64 worst, and from byte 24 on `capacity` keys. The caller sets all but the keys, `count` to 0 and `worst`
 * to the least int64. When the list is full only the k best keys stay, and the k-th is `worst` from then on: what is no
 * better is never among the k best.
 *
 * `items` are the rows, int8, `stride` bytes each, a multiple of 16, padded with zero rows to a multiple of four rows.
 * `filter` has a bit a row, least significant first; none is set beyond the last row. Rows `first` to `end` - 1 are read,
 * from wherever they begin.
 */

/** Rows scored together: their four sums fill one vector. The table is padded to a multiple of it. */
const ROWS: i32 = 4;

function dot(values: v128, low: v128, high: v128): v128 {
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(values), low),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(values), high),
  );
}

/** The sums of the four lanes of each of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** The dot products of four rows. */
function products(first: usize, stride: usize, query: usize): v128 {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  for (let at: usize = 0; at < stride; at += 16) {
    const low = v128.load(query + (at << 1));
    const high = v128.load(query + (at << 1), 16);
    const values = first + at;
    a = i32x4.add(a, dot(v128.load(values), low, high));
    b = i32x4.add(b, dot(v128.load(values + stride), low, high));
    c = i32x4.add(c, dot(v128.load(values + stride * 2), low, high));
    d = i32x4.add(d, dot(v128.load(values + stride * 3), low, high));
  }
  return sums(a, b, c, d);
}

/**
 * The dot products of all rows, in their order.
 * @param query int16, `stride` components; no sum may leave int32
 * @param out room for `rows` int32, rounded up to a multiple of four
 */
export function score(items: usize, rows: i32, stride: usize, query: usize, out: usize): void {
  for (let row = 0; row < rows; row += ROWS, items += stride * ROWS, out += 16) {
    v128.store(out, products(items, stride, query));
  }
}

/** Moves the k greatest of `count` keys to the front, the k-th greatest to place k - 1 (Hoare 1961, FIND). */
function select(keys: usize, count: i32, k: i32): void {
  const target = k - 1;
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = load<i64>(keys + ((<usize>((left + right) >> 1)) << 3));
    let i = left;
    let j = right;
    while (i <= j) {
      while (load<i64>(keys + ((<usize>i) << 3)) > pivot) i++;
      while (load<i64>(keys + ((<usize>j) << 3)) < pivot) j--;
      if (i <= j) {
        const at = keys + ((<usize>i) << 3);
        const other = keys + ((<usize>j) << 3);
        const key = load<i64>(at);
        store<i64>(at, load<i64>(other));
        store<i64>(other, key);
        i++;
        j--;
      }
    }
    if (target <= j) right = j;
    else if (target >= i) left = i;
    else return;
  }
}

const WORST: usize = 16;
const KEYS: usize = 24;

/** Keeps the k best of a list, in no order, and lets go of the others. */
export function tighten(list: usize): void {
  const k = load<i32>(list, 4);
  const count = load<i32>(list);
  if (count < k) return;
  select(list + KEYS, count, k);
  store<i32>(list, k);
  store<i64>(list, load<i64>(list + KEYS + ((<usize>(k - 1)) << 3)), WORST);
}

function offer(list: usize, score: i32, row: i32): void {
  const key = ((<i64>score) << 32) | <i64>(<u32>~row);
  if (key <= load<i64>(list, WORST)) return;
  const count = load<i32>(list);
  store<i64>(list + KEYS + ((<usize>count) << 3), key);
  store<i32>(list, count + 1);
  if (count + 1 == load<i32>(list, 8)) tighten(list);
}

/** What a row must score to enter a list. */
function least(list: usize): i32 {
  return <i32>(load<i64>(list, WORST) >> 32);
}

function lane(scores: v128, at: i32): i32 {
  if (at == 0) return i32x4.extract_lane(scores, 0);
  if (at == 1) return i32x4.extract_lane(scores, 1);
  if (at == 2) return i32x4.extract_lane(scores, 2);
  return i32x4.extract_lane(scores, 3);
}

/** Of the four rows from `row` on, which is a multiple of four: a bit for each that is allowed, from `first` to `end` - 1. */
function allowedOf(filter: usize, row: i32, first: i32, end: i32): i32 {
  let bits = (<i32>load<u8>(filter + (row >> 3)) >> (row & 4)) & 15;
  if (row < first) bits &= 15 << (first - row);
  if (row + ROWS > end) bits &= 15 >> (row + ROWS - end);
  return bits;
}

/** One query. @param query int16, `stride` components */
export function scan(
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  stride: usize,
  query: usize,
  list: usize,
): void {
  let threshold = i32x4.splat(least(list));
  for (let row = first & ~(ROWS - 1); row < end; row += ROWS) {
    const allowed = allowedOf(filter, row, first, end);
    if (!allowed) continue;
    const scores = products(items + <usize>row * stride, stride, query);
    let over = i32x4.bitmask(i32x4.ge_s(scores, threshold)) & allowed;
    if (!over) continue;
    for (; over; over &= over - 1) {
      const at = ctz(over);
      offer(list, lane(scores, at), row + at);
    }
    threshold = i32x4.splat(least(list));
  }
}

/** Four queries, a row at a time. @param queries one after the other @param lists of `listBytes` each, one a query */
export function scan4(
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  stride: usize,
  queries: usize,
  lists: usize,
  listBytes: usize,
): void {
  const list1 = lists + listBytes;
  const list2 = list1 + listBytes;
  const list3 = list2 + listBytes;
  const queryBytes = stride << 1;
  let threshold = i32x4(least(lists), least(list1), least(list2), least(list3));
  for (let row = first & ~(ROWS - 1); row < end; row += ROWS) {
    for (let allowed = allowedOf(filter, row, first, end); allowed; allowed &= allowed - 1) {
      const now = row + ctz(allowed);
      const item = items + <usize>now * stride;
      let a = i32x4.splat(0);
      let b = i32x4.splat(0);
      let c = i32x4.splat(0);
      let d = i32x4.splat(0);
      for (let at: usize = 0; at < stride; at += 16) {
        const values = v128.load(item + at);
        const low = i16x8.extend_low_i8x16_s(values);
        const high = i16x8.extend_high_i8x16_s(values);
        let query = queries + (at << 1);
        a = i32x4.add(a, i32x4.dot_i16x8_s(low, v128.load(query)));
        a = i32x4.add(a, i32x4.dot_i16x8_s(high, v128.load(query, 16)));
        query += queryBytes;
        b = i32x4.add(b, i32x4.dot_i16x8_s(low, v128.load(query)));
        b = i32x4.add(b, i32x4.dot_i16x8_s(high, v128.load(query, 16)));
        query += queryBytes;
        c = i32x4.add(c, i32x4.dot_i16x8_s(low, v128.load(query)));
        c = i32x4.add(c, i32x4.dot_i16x8_s(high, v128.load(query, 16)));
        query += queryBytes;
        d = i32x4.add(d, i32x4.dot_i16x8_s(low, v128.load(query)));
        d = i32x4.add(d, i32x4.dot_i16x8_s(high, v128.load(query, 16)));
      }
      const scores = sums(a, b, c, d);
      let over = i32x4.bitmask(i32x4.ge_s(scores, threshold));
      if (!over) continue;
      for (; over; over &= over - 1) {
        const at = ctz(over);
        offer(lists + <usize>at * listBytes, lane(scores, at), now);
      }
      threshold = i32x4(least(lists), least(list1), least(list2), least(list3));
    }
  }
}

/**
 * One query, a list for each group of rows.
 * @param groupOf uint8 a row
 * @param lists of `listBytes` each, one a group
 */
export function scanGroups(
  items: usize,
  filter: usize,
  first: i32,
  end: i32,
  stride: usize,
  query: usize,
  groupOf: usize,
  lists: usize,
  listBytes: usize,
): void {
  for (let row = first & ~(ROWS - 1); row < end; row += ROWS) {
    const allowed = allowedOf(filter, row, first, end);
    if (!allowed) continue;
    const scores = products(items + <usize>row * stride, stride, query);
    for (let over = allowed; over; over &= over - 1) {
      const at = ctz(over);
      const list = lists + <usize>load<u8>(groupOf + row + at) * listBytes;
      const score = lane(scores, at);
      if (score >= least(list)) offer(list, score, row + at);
    }
  }
}
