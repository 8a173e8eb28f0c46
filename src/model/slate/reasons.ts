/**
 * Reasons: the history item whose removal lowers a score most.
 *
 * D embedding size, L history length. With the whitened fold-in x = A^-1 b of tower/fold-in.ts,
 * taking event i out is a rank-one downdate (Sherman & Morrison 1950):
 *
 *   x - x_without_i = g_i w_i (t_i - z_i.x) / (1 - w_i z_i.g_i),   g_i = A^-1 z_i
 *
 * so that the drop of any item's score is one dot product with a vector made once an event.
 */
import { choleskyFactor, choleskySolve, normalEquations } from "../tower/fold-in.ts";
import type { TowerInput } from "../tower/history.ts";

export interface Explainer {
  /**
   * The row of the interest that carries this item's score most, or -1 where none lifts it.
   * @param vector the item's vector, shape [D]
   */
  strongest(vector: Float32Array): number;
}

/** @param vectors the history's vectors, shape [L, D], row-major. No history: `strongest` is always -1. */
export function explainerOf(input: TowerInput, vectors: Float32Array, dimensions: number): Explainer {
  const { matrix, rightHandSide } = normalEquations(vectors, input.weights, input.targets, dimensions);
  choleskyFactor(matrix, dimensions);
  const user = choleskySolve(matrix, rightHandSide, dimensions);
  const drops: { row: number; direction: Float64Array }[] = [];
  input.rows.forEach((row, l) => {
    if (input.targets[l] !== 1) return;
    const vector = Float64Array.from(vectors.subarray(l * dimensions, (l + 1) * dimensions));
    const direction = choleskySolve(matrix, vector, dimensions);
    const weight = input.weights[l]!;
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
    const scale = (weight * (1 - dot(vector, user))) / (1 - weight * dot(vector, direction));
    drops.push({ row, direction: direction.map((value) => value * scale) });
  });
  return {
    strongest(vector) {
      let best = -1;
      let bestDrop = 0;
      for (const { row, direction } of drops) {
        let drop = 0;
        for (let d = 0; d < dimensions; d++) drop += vector[d]! * direction[d]!;
        if (drop > bestDrop) {
          bestDrop = drop;
          best = row;
        }
      }
      return best;
    },
  };
}
