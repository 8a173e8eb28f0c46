/**
 * All eigenvalues and eigenvectors of a small dense symmetric matrix, float64: cyclic Jacobi rotations (Golub and
 * Van Loan, "Matrix Computations", 4th edition, section 8.5). D rows and columns.
 */
import { EngineError } from "../../src/model/errors.ts";

export interface SymmetricEigen {
  /** shape [D], descending. */
  readonly values: Float64Array;
  /** shape [D, D]: row k is the unit eigenvector of value k. Its sign is arbitrary, but the same for the same matrix. */
  readonly vectors: Float64Array;
}

/** Convergence is quadratic: 6 to 10 sweeps do (Golub and Van Loan, section 8.5.4). */
const MAX_SWEEPS = 30;
/** Entries below this part of the geometric mean of their two diagonal entries, or of the largest one, are zero. */
const TOLERANCE = 1e-12;
const NEGLIGIBLE = 1e-16;

/** @throws INTERNAL for entries that are not finite */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  const a = matrix.slice();
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  for (let sweep = 0; !rotatePairs(a, vectors, size); sweep++) {
    if (sweep === MAX_SWEEPS) throw new EngineError("INTERNAL", { reason: "an eigen-decomposition found no end" });
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j]! - a[i * size + i]! || i - j);
  const sorted = new Float64Array(size * size);
  order.forEach((i, k) => sorted.set(vectors.subarray(i * size, (i + 1) * size), k * size));
  return { values: Float64Array.from(order, (i) => a[i * size + i]!), vectors: sorted };
}

/** One sweep over all pairs; true: nothing was left to do. */
function rotatePairs(a: Float64Array, vectors: Float64Array, size: number): boolean {
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, Math.abs(a[i * size + i]!));
  let done = true;
  for (let p = 0; p < size; p++) {
    for (let q = p + 1; q < size; q++) {
      const off = a[p * size + q]!;
      const [first, second] = [a[p * size + p]!, a[q * size + q]!];
      const scale = Math.max(TOLERANCE * Math.sqrt(Math.abs(first * second)), NEGLIGIBLE * largest);
      if (Math.abs(off) <= scale) continue;
      done = false;
      const tau = (second - first) / (2 * off);
      const tangent = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
      const cosine = 1 / Math.sqrt(1 + tangent * tangent);
      const sine = tangent * cosine;
      rotateRows(a, p, q, cosine, sine, size);
      for (let at = 0; at < size * size; at += size) {
        const [x, y] = [a[at + p]!, a[at + q]!];
        a[at + p] = cosine * x - sine * y;
        a[at + q] = sine * x + cosine * y;
      }
      rotateRows(vectors, p, q, cosine, sine, size);
    }
  }
  return done;
}

function rotateRows(a: Float64Array, p: number, q: number, cosine: number, sine: number, size: number): void {
  for (let k = 0; k < size; k++) {
    const [x, y] = [a[p * size + k]!, a[q * size + k]!];
    a[p * size + k] = cosine * x - sine * y;
    a[q * size + k] = sine * x + cosine * y;
  }
}
