/**
 * What the lists themselves are like, whatever was hit: how much of the catalogue they show, how evenly, how well known
 * it is, how much alike. N items that could be recommended, k list length.
 */

/** The share of the N items that stand in somebody's list. @param counts shape [N], the lists that hold each item */
export function coverage(counts: ArrayLike<number>): number {
  let shown = 0;
  for (let row = 0; row < counts.length; row++) if (counts[row]! > 0) shown++;
  return shown / counts.length;
}

/**
 * The Gini index of how often each item is recommended: sum over j of (2j - N - 1) p_j / (N - 1), the shares p_j
 * ascending, j from 1 (Castells, Hurley & Vargas 2015, section 26.3.8): 0 when all items are recommended equally
 * often, 1 when only one is. One item or no list: NaN.
 */
export function giniIndex(counts: ArrayLike<number>): number {
  const ascending = Float64Array.from(counts).sort();
  const total = ascending.reduce((sum, count) => sum + count, 0);
  const size = ascending.length;
  return ascending.reduce((sum, count, at) => sum + (2 * (at + 1) - size - 1) * count, 0) / total / (size - 1);
}

/**
 * Mean self-information of the first k, in bits: -log2 of the share of the people who have the item (Zhou et al. 2010;
 * Vargas & Castells 2011, section 4.1). An item that nobody has counts as if one person had it. No list: NaN.
 * @param owners shape [N], the people of the training who have each item
 */
export function noveltyAt(ranked: ArrayLike<number>, k: number, owners: ArrayLike<number>, people: number): number {
  const length = Math.min(k, ranked.length);
  let bits = 0;
  for (let i = 0; i < length; i++) bits -= Math.log2(Math.max(1, owners[ranked[i]!]!) / people);
  return bits / length;
}

/**
 * Intra-list diversity: 1 - the mean cosine over all pairs of the first k (Ziegler et al. 2005, section 3.3; Vargas &
 * Castells 2011, section 4.2). Fewer than two items: NaN.
 */
export function diversityAt(ranked: ArrayLike<number>, k: number, cosine: (a: number, b: number) => number): number {
  const length = Math.min(k, ranked.length);
  let sum = 0;
  for (let i = 0; i < length; i++) for (let j = 0; j < i; j++) sum += cosine(ranked[i]!, ranked[j]!);
  return 1 - sum / ((length * (length - 1)) / 2);
}
