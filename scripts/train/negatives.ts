/** From what training by gradients draws its negatives, and how WARP weighs them. */
import type { InteractionMatrix } from "./interaction-matrix.ts";

/** Places of the table of negatives that are not drawn all alike, as in word2vec (Mikolov et al. 2013). */
const NEGATIVE_PLACES = 2 ** 20;

/** Items as often as they are to be drawn. Those without interactions are unknown, not negative: they are left out. */
export function negativeTable(matrix: InteractionMatrix, power: number): Uint32Array {
  const counts = new Float64Array(matrix.items);
  for (const item of matrix.indices) counts[item]!++;
  const trained = Uint32Array.from(counts.keys()).filter((item) => counts[item]! > 0);
  if (power === 0) return trained;
  const total = trained.reduce((sum, item) => sum + counts[item]! ** power, 0);
  const table = new Uint32Array(trained.length === 0 ? 0 : NEGATIVE_PLACES);
  let sum = 0;
  let place = 0;
  for (const item of trained) {
    sum += counts[item]! ** power;
    const end = Math.round((sum / total) * NEGATIVE_PLACES);
    table.fill(item, place, end);
    place = end;
  }
  return table;
}

/** shape [count + 1]: H(0) = 0, H(k) = 1 + 1/2 + ... + 1/k */
export function harmonicNumbers(count: number): Float64Array {
  const numbers = new Float64Array(count + 1);
  for (let k = 1; k <= count; k++) numbers[k] = numbers[k - 1]! + 1 / k;
  return numbers;
}
