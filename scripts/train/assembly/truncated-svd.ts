/** What the truncated SVD multiplies. S: the width of its dense matrices, a multiple of 16. */
import { addTile } from "./tile";

const PANEL_ROWS: u32 = 64;
const PANEL_BYTES: usize = 256;

/** output = X dense for the rows [begin, end) of the sparse X; dense [., S], output [., S]. */
export function sparseProduct(
  scratch: usize,
  begin: u32,
  end: u32,
  indptr: usize,
  indices: usize,
  weights: usize,
  dense: usize,
  output: usize,
  size: u32,
): void {
  const stride = (<usize>size) << 2;
  for (let row = begin; row < end; row++) {
    const first = load<u32>(indptr + (row << 2));
    const last = load<u32>(indptr + (row << 2), 4);
    const target = output + row * stride;
    for (let d: usize = 0; d < stride; d += 64) {
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      for (let at = first; at < last; at++) {
        const weight = v128.load_splat<f32>(weights + (at << 2));
        const source = dense + load<u32>(indices + (at << 2)) * stride + d;
        s0 = f32x4.add(s0, f32x4.mul(weight, v128.load(source)));
        s1 = f32x4.add(s1, f32x4.mul(weight, v128.load(source, 16)));
        s2 = f32x4.add(s2, f32x4.mul(weight, v128.load(source, 32)));
        s3 = f32x4.add(s3, f32x4.mul(weight, v128.load(source, 48)));
      }
      v128.store(target + d, s0);
      v128.store(target + d, s1, 16);
      v128.store(target + d, s2, 32);
      v128.store(target + d, s3, 48);
    }
  }
}

/**
 * rows = rows T in place for the rows [begin, end) of `rows` [., S], T [S, S]. `begin` is a multiple of 4, and the memory
 * of the rows ends with a whole four of them.
 * @param scratch 64 S float32
 */
export function transformRows(scratch: usize, begin: u32, end: u32, rows: usize, transform: usize, size: u32): void {
  const stride = (<usize>size) << 2;
  for (let first = begin; first < end; first += PANEL_ROWS) {
    const count = min(PANEL_ROWS, (end - first + 3) & ~3);
    for (let i: u32 = 0; i < count; i++) {
      const row = rows + (first + i) * stride;
      for (let d: u32 = 0; d < size; d++) {
        store<f32>(scratch + d * PANEL_BYTES + (i << 2), load<f32>(row + (d << 2)));
      }
    }
    memory.fill(rows + first * stride, 0, count * stride);
    for (let i: u32 = 0; i < count; i += 4) {
      for (let j: u32 = 0; j < size; j += 8) {
        addTile(
          rows + (first + i) * stride + (j << 2),
          stride,
          scratch + (i << 2),
          PANEL_BYTES,
          transform + (j << 2),
          stride,
          size,
          1,
        );
      }
    }
  }
}
