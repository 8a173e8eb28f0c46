/**
 * Integer dot products of rows with queries, and the K best allowed ones: of one query, of four at once, or of each
 * group of rows. Exact twins: dotProducts, scanInt8 and scanGroupsInt8 in src/model/retrieval/quantise.ts.
 *
 * Compiled twice, with relaxed SIMD and without; both give the same integers. The relaxed dot product leaves open what a
 * byte over 127 in its second operand is and whether the sum of two products saturates at 16 bits: neither happens here,
 * for the second operand is a magnitude or a nibble, and 2 * 128 * 127 < 2^15.
 *
 * A row has 8 bits a component, int8, or 4 bits, the component plus 8; of a byte's two the lower is of component i of
 * its group of 32, the upper of component i + 16. `stride` is its bytes, a multiple of 16; rows are padded with zero
 * components, and the table with rows to a multiple of four. Rows `first` to `end` - 1 are read, from wherever they begin.
 * `filter` has a bit a row, least significant first; none is set beyond the last row.
 *
 * A key orders a result: the score in the high 32 bits, the row's complement in the low 32, so that
 * a greater key is a better result and ties go to the lowest row. Keys are unique.
 *
 * A list collects results; rows may be offered in any order. Its bytes: int32 count, k >= 1 and capacity > k, four
 * unused, int64 worst, and from byte 24 on `capacity` keys. The caller sets all but the keys, `count` to 0 and `worst`
 * to the least int64. When the list is full only the k best keys stay, and the k-th is `worst` from then on: what is no
 * better is never among the k best.
 */

/** Rows scored together: their four sums fill one vector. The table is padded to a multiple of it. */
const ROWS: i32 = 4;

/** The sums of the four lanes of each of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/**
 * A query as the kernels read it: for each 16 bytes of a row what they are multiplied by, and from byte `tailOf` on a
 * vector that the sums begin with.
 *
 * Relaxed, 8 bits: magnitudes and signs (0 or -1). (v ^ -1)|q| is vq - |q| where q < 0: the sums begin with all that lack.
 * Relaxed, 4 bits: the int8 components of the lower nibbles, then of the upper; the sums begin with -8 times all of them.
 * Plain, 8 bits: int16. Plain, 4 bits: a pair of bytes, read as one int16 and shifted by 0, 4, 8 and 12, has four nibbles
 * in all, each with the ones above it; a component less 16 times the one below it takes those away again.
 */
@inline
function stepOf(bits: i32): usize {
  return ASC_FEATURE_RELAXED_SIMD || bits == 8 ? 32 : 64;
}
@inline
function tailOf(bits: i32, stride: usize): usize {
  return (stride >> 4) * stepOf(bits);
}
/** Bytes of a prepared query, at most 2 a component and 16. */
@inline
export function slotOf(bits: i32, stride: usize): usize {
  return tailOf(bits, stride) + 16;
}

/** @param from int8, as many components as a row, -127..127 @param to `slotOf` bytes */
export function prepare(bits: i32, stride: usize, from: usize, to: usize): void {
  const tail = to + tailOf(bits, stride);
  const bytes = bits == 8 ? 16 : 32;
  let start: i32 = 0;
  for (let at: usize = 0; at < stride; at += 16, from += bytes, to += stepOf(bits)) {
    if (ASC_FEATURE_RELAXED_SIMD && bits == 8) {
      const values = v128.load(from);
      v128.store(to, i8x16.abs(values));
      v128.store(to, i8x16.shr_s(values, 7), 16);
      for (let i: usize = 0; i < 16; i++) start += max(0, -(<i32>load<i8>(from + i)));
    } else if (ASC_FEATURE_RELAXED_SIMD) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      for (let i: usize = 0; i < 32; i++) start -= 8 * <i32>load<i8>(from + i);
    } else if (bits == 8) {
      v128.store(to, i16x8.extend_low_i8x16_s(v128.load(from)));
      v128.store(to, i16x8.extend_high_i8x16_s(v128.load(from)), 16);
    } else {
      for (let i: usize = 0; i < 16; i += 2) {
        const a = <i32>load<i8>(from + i);
        const b = <i32>load<i8>(from + i, 16);
        const c = <i32>load<i8>(from + i, 1);
        const d = <i32>load<i8>(from + i, 17);
        store<i16>(to + i, a);
        store<i16>(to + i, b - 16 * a, 16);
        store<i16>(to + i, c - 16 * b, 32);
        store<i16>(to + i, d - 16 * c, 48);
        // d's nibble is read with its sign, which the 8 that is added to it makes right.
        start -= 8 * (a + b + c);
      }
    }
  }
  v128.store(tail, i32x4(start, 0, 0, 0));
}

/** `sum` and the products of 16 bytes of a row. @param query where they begin in a prepared query */
@inline
function add(bits: i32, sum: v128, values: v128, query: usize): v128 {
  if (ASC_FEATURE_RELAXED_SIMD && bits == 8) {
    return i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.xor(values, v128.load(query, 16)), v128.load(query), sum);
  } else if (ASC_FEATURE_RELAXED_SIMD) {
    const nibble = i8x16.splat(15);
    const upper = v128.and(i16x8.shr_u(values, 4), nibble);
    sum = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(query), v128.and(values, nibble), sum);
    return i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(query, 16), upper, sum);
  } else if (bits == 8) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(values), v128.load(query)));
    return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(values), v128.load(query, 16)));
  } else {
    const signed = v128.xor(values, i16x8.splat(-32768));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(signed, v128.load(query)));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(signed, 4), v128.load(query, 16)));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(signed, 8), v128.load(query, 32)));
    return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(signed, 12), v128.load(query, 48)));
  }
}

@inline
function addTwo(bits: i32, sum: v128, row: usize, query: usize): v128 {
  return add(bits, add(bits, sum, v128.load(row), query), v128.load(row, 16), query + stepOf(bits));
}
@inline
function addFour(bits: i32, sum: v128, row: usize, query: usize): v128 {
  return addTwo(bits, addTwo(bits, sum, row, query), row + 32, query + 2 * stepOf(bits));
}

/** Not of a length that is known when this is compiled. */
const ANY: usize = 0;

/**
 * `sum` and the products of a whole row.
 * @param known its stride, or ANY: without a loop a fifth of the time less, for the embedding sizes that `build` chooses
 */
@inline
function addRow(bits: i32, known: usize, stride: usize, sum: v128, row: usize, query: usize): v128 {
  if (known == 32) return addTwo(bits, sum, row, query);
  if (known == 64) return addFour(bits, sum, row, query);
  if (known == 128) return addFour(bits, addFour(bits, sum, row, query), row + 64, query + 4 * stepOf(bits));
  for (let at: usize = 0; at < stride; at += 16, query += stepOf(bits)) {
    sum = add(bits, sum, v128.load(row + at), query);
  }
  return sum;
}

/** The dot products of four rows with a prepared query. */
@inline
function products(bits: i32, known: usize, stride: usize, rows: usize, query: usize): v128 {
  const start = v128.load(query + tailOf(bits, stride));
  return sums(
    addRow(bits, known, stride, start, rows, query),
    addRow(bits, known, stride, start, rows + stride, query),
    addRow(bits, known, stride, start, rows + stride * 2, query),
    addRow(bits, known, stride, start, rows + stride * 3, query),
  );
}

@inline
function dotInt16(values: v128, low: v128, high: v128): v128 {
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(values), low),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(values), high),
  );
}

/**
 * The dot products of all rows of 8 bits a component, in their order.
 * @param query int16, `stride` components; no sum may leave int32
 * @param out room for `rows` int32, rounded up to a multiple of four
 */
export function score(items: usize, rows: i32, stride: usize, query: usize, out: usize): void {
  for (let row = 0; row < rows; row += ROWS, items += stride * ROWS, out += 16) {
    let a = i32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let at: usize = 0; at < stride; at += 16) {
      const low = v128.load(query + (at << 1));
      const high = v128.load(query + (at << 1), 16);
      const values = items + at;
      a = i32x4.add(a, dotInt16(v128.load(values), low, high));
      b = i32x4.add(b, dotInt16(v128.load(values + stride), low, high));
      c = i32x4.add(c, dotInt16(v128.load(values + stride * 2), low, high));
      d = i32x4.add(d, dotInt16(v128.load(values + stride * 3), low, high));
    }
    v128.store(out, sums(a, b, c, d));
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

/** The dot product of one row with a prepared query. */
function product(stride: usize, row: usize, query: usize): i32 {
  const sum = addRow(8, ANY, stride, v128.load(query + tailOf(8, stride)), row, query);
  return lane(sum, 0) + lane(sum, 1) + lane(sum, 2) + lane(sum, 3);
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
