/**
 * Reasons: the history item that carries a score most.
 *
 * D embedding size, L history length. With the whitened fold-in x = A^-1 b of tower/fold-in.ts,
 * taking event i out is a rank-one downdate (Sherman & Morrison 1950):
 *
 *   z.(x - x_without_i) = w_i (t_i - z_i.x) / (1 - w_i z_i.A^-1 z_i)  z.A^-1 z_i
 *
 * With A = F F' each of these products is one of forward solutions, `u.A^-1 v = (F^-1 u).(F^-1 v)`: one an event, one an
 * item. To the drop comes what the event adds by the neighbour tables (scorer.ts); the popularity factor is the same for
 * all of them.
 */
import { dequantiseRows } from "../retrieval/quantise.ts";
import { choleskyFactor, forwardSolve, normalEquations } from "../tower/fold-in.ts";
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
  const dot = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += a[d]! * b[d]!;
    return sum;
  };
  const user = forwardSolve(matrix, rightHandSide, dimensions);
  const interests = interestsOf(input, params);
  const parts = Array.from(input.weights.keys())
    .filter((l) => input.targets[l] === 1)
    .map((l, at) => {
      const solved = forwardSolve(matrix, vectors.subarray(l * dimensions, (l + 1) * dimensions), dimensions);
      const weight = input.weights[l]!;
      return {
        row: interests.rows[at]!,
        solved,
        scale: (weight * (1 - dot(solved, user))) / (1 - weight * dot(solved, solved)),
        residual: interests.residual[at]!,
        transition: interests.transitions[at]!,
      };
    });
  return {
    strongest(shown) {
      const item = forwardSolve(matrix, dequantiseRows(items, [shown]), dimensions);
      let best = -1;
      let most = 0;
      for (const { row, solved, scale, residual: share, transition } of parts) {
        const added = share * neighbourValue(residual, row, shown);
        const followed = transitions ? transition * neighbourValue(transitions, row, shown) : 0;
        const part = scale * dot(solved, item) + added + followed;
        if (part > most) {
          most = part;
          best = row;
        }
      }
      return best;
    },
  };
}
