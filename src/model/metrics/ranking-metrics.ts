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

/** 1 where a target is among the first k, otherwise 0; its mean over people is the hit rate HR@k. */
export function hitAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  return hitsAt(ranked, targets, k) > 0 ? 1 : 0;
}

/**
 * AP@k, the mean of the precision at the rank of each hit, over min(k, T) so that a perfect list has 1; its mean over
 * people is MAP@k (Manning, Raghavan & Schütze 2008, section 8.4, eq. 8.8, cut at k).
 */
export function averagePrecisionAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  let hits = 0;
  let sum = 0;
  for (let i = 0; i < Math.min(k, ranked.length); i++) if (targets.has(ranked[i]!)) sum += ++hits / (i + 1);
  return sum / Math.min(k, targets.size);
}

/** 1 / rank of the first hit, 0 beyond k; its mean over people is MRR@k (Voorhees 1999). */
export function reciprocalRankAt(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  for (let i = 0; i < Math.min(k, ranked.length); i++) if (targets.has(ranked[i]!)) return 1 / (i + 1);
  return 0;
}

/**
 * The chance that a target scores above an item that is neither target nor masked; ties count half
 * (Mann & Whitney 1947). Masked items score -Infinity and are left out; a target that scores
 * -Infinity is unknown to the model and loses to every item.
 *
 * One pass over the scores, O(N log T).
 * @param scores shape [N]
 * @returns NaN where no item is left to compare with
 */
export function areaUnderCurve(scores: Float32Array, targets: ReadonlySet<number>): number {
  const known = Float32Array.from(targets, (row) => scores[row] ?? -Infinity)
    .filter((score) => score !== -Infinity)
    .sort();
  const size = known.length;
  let ranked = 0;
  // What the targets lose against each item, in halves: two for a target below it, one for a tie.
  let lost = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!;
    if (score === -Infinity) continue;
    ranked++;
    const below = lowerBound(known, score);
    let notAbove = below;
    while (notAbove < size && known[notAbove] === score) notAbove++;
    lost += below + notAbove;
  }
  const others = ranked - size;
  // The pass met the targets too: among themselves and with themselves they lose half.
  return others === 0 ? NaN : (ranked * size - lost / 2 - size ** 2 / 2) / (targets.size * others);
}

/** How many of the ascending `values` are below `value`. */
function lowerBound(values: Float32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
