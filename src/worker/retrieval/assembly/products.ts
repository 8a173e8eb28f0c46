/**
 * Integer dot products of rows with prepared queries, and of all rows with a query of 16 bits.
 *
 * Compiled twice, with relaxed SIMD and without; both give the same integers. The relaxed dot product leaves open what a
 * byte over 127 in its second operand is and whether the sum of two products saturates at 16 bits: neither happens here,
 * for the second operand is a magnitude or a nibble, and 2 * 128 * 127 < 2^15.
 *
 * A row has 8 bits a component, int8, or 4 bits, the component plus 8; of a byte's two the lower is of component i of
 * its group of 32, the upper of component i + 16. `stride` is its bytes, a multiple of 16; rows are padded with zero
 * components, and the table with rows to a multiple of four.
 */

/** Rows scored together: their four sums fill one vector. The table is padded to a multiple of it. */
export const ROWS: i32 = 4;

/** The sums of the four lanes of each of four vectors. */
export function sums(a: v128, b: v128, c: v128, d: v128): v128 {
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
export function stepOf(bits: i32): usize {
  return ASC_FEATURE_RELAXED_SIMD || bits == 8 ? 32 : 64;
}
@inline
export function tailOf(bits: i32, stride: usize): usize {
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
export function add(bits: i32, sum: v128, values: v128, query: usize): v128 {
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
export const ANY: usize = 0;

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
export function products(bits: i32, known: usize, stride: usize, rows: usize, query: usize): v128 {
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

export function lane(scores: v128, at: i32): i32 {
  if (at == 0) return i32x4.extract_lane(scores, 0);
  if (at == 1) return i32x4.extract_lane(scores, 1);
  if (at == 2) return i32x4.extract_lane(scores, 2);
  return i32x4.extract_lane(scores, 3);
}

/** The dot product of one row with a prepared query. */
export function product(stride: usize, row: usize, query: usize): i32 {
  const sum = addRow(8, ANY, stride, v128.load(query + tailOf(8, stride)), row, query);
  return lane(sum, 0) + lane(sum, 1) + lane(sum, 2) + lane(sum, 3);
}
