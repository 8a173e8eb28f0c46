/**
 * The highest dot products, for a library that knows distances or angles only: an item gets a dimension more, so that all
 * have the same length L, (v, sqrt(L^2 - |v|^2)), and a query gets a zero there. The order by distance, and by angle, is
 * then that of the dot products (Bachrach et al., Speeding up the Xbox recommender system using a Euclidean transformation
 * for inner-product spaces, RecSys 2014, section 3).
 *
 * N items, D embedding size.
 */
import type { Clustered } from "./clustered.ts";

/** Rows of shape [N, D], row-major. */
export type Rows = Pick<Clustered, "vectors" | "count" | "dimensions">;

/** Shape [N, D + 1]. */
export function ofSameLength({ vectors, count, dimensions }: Rows): Rows {
  const rowAt = (row: number): Float32Array => vectors.subarray(row * dimensions, (row + 1) * dimensions);
  const squares = Float64Array.from({ length: count }, (_, row) =>
    rowAt(row).reduce((sum, value) => sum + value * value, 0),
  );
  const longest = squares.reduce((most, square) => Math.max(most, square), 0);
  const longer = new Float32Array(count * (dimensions + 1));
  for (let row = 0; row < count; row++) {
    longer.set(rowAt(row), row * (dimensions + 1));
    longer[(row + 1) * (dimensions + 1) - 1] = Math.sqrt(longest - squares[row]!);
  }
  return { vectors: longer, count, dimensions: dimensions + 1 };
}

/** The query to ask those with. */
export const withZero = (query: Float32Array): Float32Array<ArrayBuffer> => Float32Array.of(...query, 0);
