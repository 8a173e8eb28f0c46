/**
 * Reasons: the history item that carries a score most.
 *
 * D embedding size, L history length. With the whitened fold-in x = A^-1 b of tower/fold-in.ts,
 * taking event i out is a rank-one downdate (Sherman & Morrison 1950):
 *
 *   x - x_without_i = g_i w_i (t_i - z_i.x) / (1 - w_i z_i.g_i),   g_i = A^-1 z_i
 *
 * so that the drop of any item's dot product is one dot product with a vector made once an event. To it comes what the
 * event adds by the neighbour tables (scorer.ts); the popularity factor is the same for all of them.
 */
import { dequantiseRows } from "../retrieval/quantise.ts";
import { choleskyFactor, choleskySolve, normalEquations } from "../tower/fold-in.ts";
import type { TowerInput } from "../tower/history.ts";
import { neighbourValue } from "../tower/neighbours.ts";
import { interestsOf } from "../tower/scorer.ts";
import type { ScoringModel } from "../tower/scorer.ts";

export interface Explainer {
  /** The row of the interest that carries the score of this row most, or -1 where none lifts it. */
  strongest(row: number): number;
}

/** No history: `strongest` is always -1. */
export function explainerOf(model: ScoringModel, input: TowerInput): Explainer {
  const { items, residual, transitions, params } = model;
  const { dimensions } = items;
  const vectors = dequantiseRows(items, input.rows);
  const { matrix, rightHandSide } = normalEquations(vectors, input.weights, input.targets, dimensions);
  choleskyFactor(matrix, dimensions);
  const user = choleskySolve(matrix, rightHandSide, dimensions);
  const directions: Float64Array[] = [];
  input.weights.forEach((weight, l) => {
    if (input.targets[l] !== 1) return;
    const vector = Float64Array.from(vectors.subarray(l * dimensions, (l + 1) * dimensions));
    const direction = choleskySolve(matrix, vector, dimensions);
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
    const scale = (weight * (1 - dot(vector, user))) / (1 - weight * dot(vector, direction));
    directions.push(direction.map((value) => value * scale));
  });
  const interests = interestsOf(input, params);
  return {
    strongest(row) {
      const vector = dequantiseRows(items, [row]);
      let best = -1;
      let most = 0;
      interests.rows.forEach((interest, at) => {
        let part = interests.residual[at]! * neighbourValue(residual, interest, row);
        if (transitions) part += interests.transitions[at]! * neighbourValue(transitions, interest, row);
        const direction = directions[at]!;
        for (let d = 0; d < dimensions; d++) part += vector[d]! * direction[d]!;
        if (part > most) {
          most = part;
          best = interest;
        }
      });
      return best;
    },
  };
}
