/** What the training says of its items, for the metrics of lists. */
import { transpose } from "../train/interaction-matrix.ts";
import type { InteractionMatrix } from "../train/interaction-matrix.ts";

export interface ItemStatistics {
  /** People of the training. */
  readonly people: number;
  /** shape [N], the people of the training who have each item. */
  readonly owners: Uint32Array;
  /**
   * Between two items as the sets of people who have them, |A and B| / sqrt(|A| |B|): the same vectors for every model,
   * and every data set has them. An item that nobody has: 0.
   */
  readonly cosine: (a: number, b: number) => number;
}

export function itemStatistics(matrix: InteractionMatrix): ItemStatistics {
  const { indptr, indices } = transpose(matrix);
  const owners = Uint32Array.from({ length: matrix.items }, (_, item) => indptr[item + 1]! - indptr[item]!);
  // The same few pairs stand in most lists.
  const known = new Map<number, number>();
  const common = (a: number, b: number): number => {
    let [p, q, count] = [indptr[a]!, indptr[b]!, 0];
    while (p < indptr[a + 1]! && q < indptr[b + 1]!) {
      const difference = indices[p]! - indices[q]!;
      if (difference === 0) count++;
      if (difference <= 0) p++;
      if (difference >= 0) q++;
    }
    return count;
  };
  return {
    people: matrix.users,
    owners,
    cosine: (a, b) => {
      const key = Math.min(a, b) * matrix.items + Math.max(a, b);
      let value = known.get(key);
      if (value === undefined) {
        value = common(a, b) / Math.sqrt(Math.max(1, owners[a]! * owners[b]!));
        known.set(key, value);
      }
      return value;
    },
  };
}
