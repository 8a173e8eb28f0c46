/**
 * The one inner loop of all dense kernels: a 4 x 8 tile of A += sign * X'Y, float32.
 * X [count, .] and Y [count, .] are row-major; the tile reads 4 columns of X and 8 of Y.
 * Eight accumulators, two rows of Y and one splat of X stay in the 16 registers of SSE.
 */
export function addTile(
  a: usize,
  aStride: usize,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  count: u32,
  sign: f32,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (let k: u32 = 0; k < count; k++) {
    const y0 = v128.load(y);
    const y1 = v128.load(y, 16);
    const x0 = v128.load_splat<f32>(x);
    c00 = f32x4.add(c00, f32x4.mul(x0, y0));
    c01 = f32x4.add(c01, f32x4.mul(x0, y1));
    const x1 = v128.load_splat<f32>(x, 4);
    c10 = f32x4.add(c10, f32x4.mul(x1, y0));
    c11 = f32x4.add(c11, f32x4.mul(x1, y1));
    const x2 = v128.load_splat<f32>(x, 8);
    c20 = f32x4.add(c20, f32x4.mul(x2, y0));
    c21 = f32x4.add(c21, f32x4.mul(x2, y1));
    const x3 = v128.load_splat<f32>(x, 12);
    c30 = f32x4.add(c30, f32x4.mul(x3, y0));
    c31 = f32x4.add(c31, f32x4.mul(x3, y1));
    x += xStride;
    y += yStride;
  }
  const s = f32x4.splat(sign);
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c00)));
  v128.store(a, f32x4.add(v128.load(a, 16), f32x4.mul(s, c01)), 16);
  a += aStride;
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c10)));
  v128.store(a, f32x4.add(v128.load(a, 16), f32x4.mul(s, c11)), 16);
  a += aStride;
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c20)));
  v128.store(a, f32x4.add(v128.load(a, 16), f32x4.mul(s, c21)), 16);
  a += aStride;
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c30)));
  v128.store(a, f32x4.add(v128.load(a, 16), f32x4.mul(s, c31)), 16);
}

/** The same for a tile of 4 x 4 on the diagonal of X'X: of a tile of 4 x 8 half would be for nothing. */
export function addDiagonalTile(a: usize, x: usize, stride: usize, count: u32, sign: f32): void {
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let c2 = f32x4.splat(0);
  let c3 = f32x4.splat(0);
  for (let k: u32 = 0; k < count; k++) {
    const row = v128.load(x);
    c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(x), row));
    c1 = f32x4.add(c1, f32x4.mul(v128.load_splat<f32>(x, 4), row));
    c2 = f32x4.add(c2, f32x4.mul(v128.load_splat<f32>(x, 8), row));
    c3 = f32x4.add(c3, f32x4.mul(v128.load_splat<f32>(x, 12), row));
    x += stride;
  }
  const s = f32x4.splat(sign);
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c0)));
  a += stride;
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c1)));
  a += stride;
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c2)));
  a += stride;
  v128.store(a, f32x4.add(v128.load(a), f32x4.mul(s, c3)));
}
