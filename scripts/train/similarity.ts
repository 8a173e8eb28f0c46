/**
 * How alike two rows x, y of W numbers are, most of them 0. s shrinkage.
 *
 * - cosine: x.y / (|x| |y| + s)
 * - Jaccard (1901): of the columns where they are not 0, |X and Y| / (|X or Y| + s); weights do not count
 * - Pearson: the correlation over all W columns, absent ones being 0, (x.y - W mx my) / (W sx sy + s), m mean,
 *   s standard deviation. Of two sets this is the phi coefficient. (Over the columns that both have it would not be
 *   defined for sets, and two people with one rating in common would be perfectly alike.)
 *
 * Shrinkage lowers the similarity of rows with little in them (Bell and Koren 2007, section 2.2, in the form that leaves
 * one term in the denominator). Rows are alike where their similarity is above 0.
 */
import type { InteractionMatrix } from "./interaction-matrix.ts";

/** The parameter `similarity` is the place in this list. */
export const SIMILARITIES = ["cosine", "jaccard", "pearson"] as const;
export type Similarity = (typeof SIMILARITIES)[number];

/** A column of a correlation that varies less than this part of its squared norm is constant: the rest is rounding. */
const CONSTANT = 1e-6;

/**
 * Rows made ready: similarity = (dot - o_x o_y) / (n_x n_y + s), or with Jaccard dot / (n_x + n_y - dot + s), dot being
 * the product of the weights here.
 */
export interface ComparedRows {
  readonly matrix: InteractionMatrix;
  /** n, shape [rows]. */
  readonly norms: Float32Array;
  /** o, shape [rows]. */
  readonly offsets: Float32Array;
}

export function compareRows(matrix: InteractionMatrix, similarity: Similarity): ComparedRows {
  const { indptr } = matrix;
  const weights = similarity === "jaccard" ? new Float32Array(matrix.weights.length).fill(1) : matrix.weights;
  const norms = new Float32Array(matrix.users);
  const offsets = new Float32Array(matrix.users);
  for (let row = 0; row < matrix.users; row++) {
    const { norm, offset } = rowTerms(weights.subarray(indptr[row]!, indptr[row + 1]!), matrix.items, similarity);
    norms[row] = norm;
    offsets[row] = offset;
  }
  return { matrix: { ...matrix, weights }, norms, offsets };
}

/** @param weights of the columns that are not 0 @param width W */
export function rowTerms(
  weights: Float32Array,
  width: number,
  similarity: Similarity,
): { readonly norm: number; readonly offset: number } {
  if (similarity === "jaccard") return { norm: weights.length, offset: 0 };
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  if (similarity === "cosine") return { norm: Math.sqrt(squares), offset: 0 };
  const offset = weights.reduce((sum, weight) => sum + weight, 0) / Math.sqrt(width);
  const variation = squares - offset * offset;
  // A constant row correlates with nothing.
  return { norm: variation > CONSTANT * squares ? Math.sqrt(variation) : Infinity, offset };
}
