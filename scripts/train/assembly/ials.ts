/**
 * iALS. S: the embedding size rounded up to a multiple of 8; matrices are [S, S], row-major, and only
 * their upper triangle counts (what lies close under the diagonal is written and never read).
 */
import { addDiagonalTile, addTile } from "./tile";

/** Rows multiplied at a time: 64 x 64 float32 are 16 KiB, so panel and matrix share a 48 KiB L1 cache. */
const PANEL_ROWS: u32 = 64;

/** Rows [i, i + 4) of A += sign P'P, from their diagonal on, for a panel P [count, S]. */
function addGramianRows(a: usize, panel: usize, count: u32, size: u32, i: u32, sign: f32): void {
  const stride = (<usize>size) << 2;
  const row = a + i * stride;
  const x = panel + (i << 2);
  let j = i;
  if (j & 4) {
    addDiagonalTile(row + (j << 2), x, stride, count, sign);
    j += 4;
  }
  for (; j < size; j += 8) addTile(row + (j << 2), stride, x, stride, panel + (j << 2), stride, count, sign);
}

/** A += P'P for a panel P [count, S]. */
function addGramian(a: usize, panel: usize, count: u32, size: u32): void {
  for (let i: u32 = 0; i < size; i += 4) addGramianRows(a, panel, count, size, i, 1);
}

/** The Gramian of rows [begin, end) of `rows` [., S], written to the matrix number begin / blockRows of `output`. */
export function gramian(
  scratch: usize,
  begin: u32,
  end: u32,
  rows: usize,
  output: usize,
  size: u32,
  blockRows: u32,
): void {
  const stride = (<usize>size) << 2;
  const matrix = output + (begin / blockRows) * size * stride;
  memory.fill(matrix, 0, size * stride);
  for (let row = begin; row < end; row += PANEL_ROWS) {
    addGramian(matrix, rows + row * stride, min(PANEL_ROWS, end - row), size);
  }
}

/** target[from, size) -= factor * source[from, size), from rounded down to a multiple of 4. */
function subtractRow(target: usize, source: usize, factor: f32, from: u32, size: u32): void {
  const f = f32x4.splat(factor);
  for (let j = from & ~3; j < size; j += 4) {
    const at = (<usize>j) << 2;
    v128.store(target + at, f32x4.sub(v128.load(target + at), f32x4.mul(f, v128.load(source + at))));
  }
}

/** A = U'U in place, four rows at a time, left-looking; `inverses` [S] receives 1 / diag(U). */
export function cholesky(a: usize, inverses: usize, size: u32): void {
  const stride = (<usize>size) << 2;
  for (let i: u32 = 0; i < size; i += 4) {
    addGramianRows(a, a, i, size, i, -1);
    for (let k = i; k < i + 4; k++) {
      const row = a + k * stride;
      for (let p = i; p < k; p++) subtractRow(row, a + p * stride, load<f32>(a + p * stride + (k << 2)), k, size);
      const inverse: f32 = 1 / sqrt<f32>(load<f32>(row + (k << 2)));
      store<f32>(inverses + (k << 2), inverse);
      const scale = f32x4.splat(inverse);
      for (let j = k & ~3; j < size; j += 4) {
        v128.store(row + (j << 2), f32x4.mul(scale, v128.load(row + (j << 2))));
      }
    }
  }
}

/** Solves U'y = b in place of b [S]. */
export function forwardSubstitute(u: usize, inverses: usize, b: usize, size: u32): void {
  const stride = (<usize>size) << 2;
  for (let k: u32 = 0; k < size; k++) {
    const value: f32 = load<f32>(b + (k << 2)) * load<f32>(inverses + (k << 2));
    store<f32>(b + (k << 2), value);
    const row = u + k * stride;
    let j = k + 1;
    for (; j < size && (j & 3) != 0; j++) {
      store<f32>(b + (j << 2), load<f32>(b + (j << 2)) - value * load<f32>(row + (j << 2)));
    }
    if (j < size) subtractRow(b, row, value, j, size);
  }
}

/** Solves U x = y in place of y [S]. */
export function backSubstitute(u: usize, inverses: usize, b: usize, size: u32): void {
  const stride = (<usize>size) << 2;
  for (let k: u32 = size; k-- > 0;) {
    const row = u + k * stride;
    let value = load<f32>(b + (k << 2));
    let j = k + 1;
    for (; j < size && (j & 3) != 0; j++) value -= load<f32>(row + (j << 2)) * load<f32>(b + (j << 2));
    let sums = f32x4.splat(0);
    for (; j < size; j += 4) sums = f32x4.add(sums, f32x4.mul(v128.load(row + (j << 2)), v128.load(b + (j << 2))));
    value -= f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1);
    value -= f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
    store<f32>(b + (k << 2), value * load<f32>(inverses + (k << 2)));
  }
}

/**
 * A += sum w v v' and b += sum w v over the interactions [first, last), v their rows of `vectors` [., S].
 * @param panel 64 S float32
 * @returns sum w
 */
export function addInteractions(
  a: usize,
  b: usize,
  panel: usize,
  indices: usize,
  weights: usize,
  vectors: usize,
  first: u32,
  last: u32,
  size: u32,
): f32 {
  const stride = (<usize>size) << 2;
  let total: f32 = 0;
  for (let at = first; at < last; at += PANEL_ROWS) {
    const count = min(PANEL_ROWS, last - at);
    for (let k: u32 = 0; k < count; k++) {
      const weight = load<f32>(weights + ((at + k) << 2));
      const source = vectors + <usize>load<u32>(indices + ((at + k) << 2)) * stride;
      const target = panel + k * stride;
      const w = f32x4.splat(weight);
      const root = f32x4.splat(sqrt<f32>(weight));
      for (let d: usize = 0; d < stride; d += 16) {
        const v = v128.load(source + d);
        v128.store(target + d, f32x4.mul(root, v));
        v128.store(b + d, f32x4.add(v128.load(b + d), f32x4.mul(w, v)));
      }
      total += weight;
    }
    addGramian(a, panel, count, size);
  }
  return total;
}

/**
 * One half-step: each entity's factor given the other side's.
 * A = base + (ridge + lambda sum w) I + sum w v v', b = sum w v over its interactions, x = A^-1 b.
 * An entity without interactions gets the zero vector.
 * @param scratch (S S + 2 S + 64 S) float32
 * @param base [S, S], alpha0 times the Gramian of `fixed`
 */
export function solveEntities(
  scratch: usize,
  begin: u32,
  end: u32,
  indptr: usize,
  indices: usize,
  weights: usize,
  fixed: usize,
  solved: usize,
  base: usize,
  size: u32,
  ridge: f32,
  lambda: f32,
): void {
  const stride = (<usize>size) << 2;
  const a = scratch;
  const inverses = a + size * stride;
  const b = inverses + stride;
  const panel = b + stride;
  for (let entity = begin; entity < end; entity++) {
    const first = load<u32>(indptr + (entity << 2));
    const last = load<u32>(indptr + (entity << 2), 4);
    const output = solved + <usize>entity * stride;
    if (first == last) {
      memory.fill(output, 0, stride);
      continue;
    }
    memory.copy(a, base, size * stride);
    memory.fill(b, 0, stride);
    const total = addInteractions(a, b, panel, indices, weights, fixed, first, last, size);
    const diagonal: f32 = ridge + lambda * total;
    for (let k: u32 = 0; k < size; k++) {
      const at = a + k * stride + (k << 2);
      store<f32>(at, load<f32>(at) + diagonal);
    }
    cholesky(a, inverses, size);
    forwardSubstitute(a, inverses, b, size);
    backSubstitute(a, inverses, b, size);
    memory.copy(output, b, stride);
  }
}
