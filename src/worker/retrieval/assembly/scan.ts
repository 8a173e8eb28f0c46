/**
 * Integer dot products of all rows with one query, and the K best of them.
 * Plain SIMD128. Exact twins: dotProducts and scanInt8 in src/model/retrieval/quantise.ts.
 *
 * A key orders a result: the score in the high 32 bits, the row's complement in the low 32, so that
 * a greater key is a better result and ties go to the lowest row. Keys are unique.
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
 * @param items as for `scan`, and so are `stride` and `query`; no sum may leave int32
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

/**
 * @param items the rows, int8, `stride` bytes each, padded with zero rows to a multiple of four rows
 * @param stride bytes of a row, a multiple of 16
 * @param query int16, `stride` components
 * @param keys room for `capacity` keys
 * @param capacity greater than k; the more, the rarer a selection
 * @param k 1 to `rows`
 * @returns the number of keys, k: the best, in no order
 */
export function scan(items: usize, rows: i32, stride: usize, query: usize, keys: usize, capacity: i32, k: i32): i32 {
  let count = 0;
  // Below every score; once the buffer has been full, the k-th best score so far. A later row that
  // only equals it loses the tie.
  let threshold = i32.MIN_VALUE;
  let first = items;
  for (let row = 0; row < rows; row += ROWS, first += stride * ROWS) {
    const scores = products(first, stride, query);
    let over = i32x4.bitmask(i32x4.gt_s(scores, i32x4.splat(threshold)));
    while (over) {
      const lane = ctz(over);
      over &= over - 1;
      if (row + lane >= rows) break;
      let score: i32;
      if (lane == 0) score = i32x4.extract_lane(scores, 0);
      else if (lane == 1) score = i32x4.extract_lane(scores, 1);
      else if (lane == 2) score = i32x4.extract_lane(scores, 2);
      else score = i32x4.extract_lane(scores, 3);
      store<i64>(keys + ((<usize>count) << 3), ((<i64>score) << 32) | <i64>(<u32>~(row + lane)));
      count++;
      if (count == capacity) {
        select(keys, count, k);
        count = k;
        threshold = <i32>(load<i64>(keys + ((<usize>(k - 1)) << 3)) >> 32);
      }
    }
  }
  if (count > k) select(keys, count, k);
  return min(count, k);
}
