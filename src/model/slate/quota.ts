/**
 * Quota re-ranking: no label on too many items of a screen.
 */

/**
 * Walks down the list and puts off an item that would be the `limit + 1`-th of its screen with one of
 * its labels; where nothing else is left, what was put off follows in its order.
 * @param ranked best first
 * @param screen items a screen
 * @param limit most items of a screen that share a label
 * @returns a permutation of `ranked`; nothing in: nothing out
 */
export function quota(
  ranked: readonly number[],
  labelsOf: (row: number) => readonly number[],
  screen: number,
  limit: number,
): number[] {
  const left = [...ranked];
  const dealt: number[] = [];
  let counts = new Map<number, number>();
  while (left.length > 0) {
    if (dealt.length % screen === 0) counts = new Map();
    const fits = (row: number): boolean => labelsOf(row).every((label) => (counts.get(label) ?? 0) < limit);
    const [row] = left.splice(Math.max(0, left.findIndex(fits)), 1) as [number];
    for (const label of labelsOf(row)) counts.set(label, (counts.get(label) ?? 0) + 1);
    dealt.push(row);
  }
  return dealt;
}
