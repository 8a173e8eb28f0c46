/**
 * The user tower's exact twin: the whitened fold-in, solved by Cholesky in float64.
 *
 * L history length, D embedding size. Items are whitened, `z = C^-1 v` with
 * `C C' = alpha0 V'V + lambda alpha0 N I`, so that the ridge regression of iALS (Hu et al. 2008,
 * eq. 4; Rendle et al. 2021, section 3) becomes
 *
 *   x = (I + Z' W Z)^-1 Z' W t
 *
 * with one weight w and one target t an event: 1 for interest, 0 for a dismissal. The score of an
 * item is z.x. A history shorter than D is solved in its own L unknowns (the matrix inversion lemma):
 *
 *   x = B' (I + B B')^-1 W^1/2 t,   B = W^1/2 Z
 */

/** The normal equations of one history: A = I + Z'WZ [D, D], b = Z'Wt [D], float64. */
export interface NormalEquations {
  readonly matrix: Float64Array;
  readonly rightHandSide: Float64Array;
}

/**
 * @param vectors shape [L, D], row-major, whitened item vectors of the history
 * @param weights shape [L], >= 0
 * @param targets shape [L], 1 interest, 0 dismissal
 */
export function normalEquations(
  vectors: Float32Array,
  weights: Float32Array,
  targets: Float32Array,
  dimensions: number,
): NormalEquations {
  const matrix = new Float64Array(dimensions * dimensions);
  const rightHandSide = new Float64Array(dimensions);
  for (let d = 0; d < dimensions; d++) matrix[d * dimensions + d] = 1;
  for (let l = 0; l < weights.length; l++) {
    const row = vectors.subarray(l * dimensions, (l + 1) * dimensions);
    const weight = weights[l]!;
    const pull = weight * targets[l]!;
    for (let i = 0; i < dimensions; i++) {
      rightHandSide[i]! += pull * row[i]!;
      const scaled = weight * row[i]!;
      for (let j = 0; j <= i; j++) matrix[i * dimensions + j]! += scaled * row[j]!;
    }
  }
  for (let i = 0; i < dimensions; i++) {
    for (let j = i + 1; j < dimensions; j++) matrix[i * dimensions + j] = matrix[j * dimensions + i]!;
  }
  return { matrix, rightHandSide };
}

/** In place: the lower triangle of a symmetric positive definite matrix [D, D] becomes its Cholesky factor. */
export function choleskyFactor(matrix: Float64Array, dimensions: number): void {
  for (let i = 0; i < dimensions; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * dimensions + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * dimensions + k]! * matrix[j * dimensions + k]!;
      matrix[i * dimensions + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * dimensions + j]!;
    }
  }
}

/** Solves L y = b for a factor made by {@link choleskyFactor}; `b` is kept. */
export function forwardSolve(factor: Float64Array, b: ArrayLike<number>, dimensions: number): Float64Array {
  const y = new Float64Array(dimensions);
  for (let i = 0; i < dimensions; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * dimensions + k]! * y[k]!;
    y[i] = sum / factor[i * dimensions + i]!;
  }
  return y;
}

/** Solves L L' x = b for a factor made by {@link choleskyFactor}; `b` is kept. */
export function choleskySolve(factor: Float64Array, b: Float64Array, dimensions: number): Float64Array {
  const x = forwardSolve(factor, b, dimensions);
  for (let i = dimensions - 1; i >= 0; i--) {
    for (let k = i + 1; k < dimensions; k++) x[i]! -= factor[k * dimensions + i]! * x[k]!;
    x[i]! /= factor[i * dimensions + i]!;
  }
  return x;
}

/**
 * The user vector, shape [D].
 * No history: the zero vector, which scores every item alike.
 */
export function foldInExact(
  vectors: Float32Array,
  weights: Float32Array,
  targets: Float32Array,
  dimensions: number,
): Float32Array {
  if (weights.length < dimensions) return foldInShort(vectors, weights, targets, dimensions);
  const { matrix, rightHandSide } = normalEquations(vectors, weights, targets, dimensions);
  choleskyFactor(matrix, dimensions);
  return Float32Array.from(choleskySolve(matrix, rightHandSide, dimensions));
}

function foldInShort(
  vectors: Float32Array,
  weights: Float32Array,
  targets: Float32Array,
  dimensions: number,
): Float32Array {
  const length = weights.length;
  const roots = Float64Array.from(weights, Math.sqrt);
  const scaled = new Float64Array(length * dimensions);
  for (let l = 0, at = 0; l < length; l++) {
    for (let d = 0; d < dimensions; d++, at++) scaled[at] = roots[l]! * vectors[at]!;
  }
  const matrix = new Float64Array(length * length);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let d = 0; d < dimensions; d++) sum += scaled[i * dimensions + d]! * scaled[j * dimensions + d]!;
      matrix[i * length + j] = sum;
    }
  }
  choleskyFactor(matrix, length);
  const shares = choleskySolve(
    matrix,
    roots.map((root, at) => root * targets[at]!),
    length,
  );
  const user = new Float64Array(dimensions);
  for (let l = 0; l < length; l++) {
    for (let d = 0; d < dimensions; d++) user[d]! += shares[l]! * scaled[l * dimensions + d]!;
  }
  return Float32Array.from(user);
}
