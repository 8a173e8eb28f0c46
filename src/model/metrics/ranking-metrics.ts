/**
 * Metrics of one person's ranked list. T targets, N items, k list length.
 *
 * `ranked` is best first, without masked items; `targets` are rows, including those the model does
 * not know, which can only be missed. No targets: the person is not evaluated, so T >= 1 throughout.
 */

/** Hits among the first k. */
export function hitsAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  let hits = 0;
  for (let i = 0; i < Math.min(k, ranked.length); i++) if (targets.has(ranked[i]!)) hits++;
  return hits;
}

/**
 * NDCG@k with gain 1 and discount 1 / log2(rank + 1) (Järvelin & Kekäläinen 2002); the ideal list
 * holds min(k, T) targets, as in Liang et al. 2018, section 4.2.
 */
export function ndcgAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  let gain = 0;
  for (let i = 0; i < Math.min(k, ranked.length); i++) if (targets.has(ranked[i]!)) gain += 1 / Math.log2(i + 2);
  let ideal = 0;
  for (let i = 0; i < Math.min(k, targets.size); i++) ideal += 1 / Math.log2(i + 2);
  return gain / ideal;
}

/** hits / min(k, T), Liang et al. 2018, section 4.2. */
export function recallAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  return hitsAt(ranked, targets, k) / Math.min(k, targets.size);
}

/** hits / T. */
export function hitsRecallAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  return hitsAt(ranked, targets, k) / targets.size;
}

/** hits / k. */
export function precisionAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  return hitsAt(ranked, targets, k) / k;
}

/**
 * The chance that a target scores above an item that is neither target nor masked; ties count half
 * (Mann & Whitney 1947). Masked items score -Infinity and are left out; a target that scores
 * -Infinity is unknown to the model and loses to every item.
 *
 * @param scores shape [N]
 * @returns NaN where no item is left to compare with
 */
export function areaUnderCurve(scores: Float32Array, targets: ReadonlySet<number>): number {
  const others = Float32Array.from(scores.filter((score, row) => score !== -Infinity && !targets.has(row))).sort();
  if (others.length === 0) return NaN;
  let wins = 0;
  for (const row of targets) {
    const score = scores[row] ?? -Infinity;
    wins += (lowerBound(others, score, false) + lowerBound(others, score, true)) / 2;
  }
  return wins / (targets.size * others.length);
}

/** How many of the ascending `values` are below `value`, or with `orEqual` not above it. */
function lowerBound(values: Float32Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value || (orEqual && values[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Mean and standard error of the mean, NaN values left out. None: mean NaN. */
export function meanAndError(values: readonly number[]): { mean: number; standardError: number } {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / Math.max(1, known.length - 1) / known.length) };
}
