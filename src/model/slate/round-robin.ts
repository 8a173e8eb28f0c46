/**
 * Round-robin re-ranking: one item of each group in turn.
 */

import { SLATE } from "../config.ts";

/**
 * Groups take turns in the order of their best item; within a group the order is kept.
 * @param ranked best first
 * @returns a permutation of `ranked`; nothing in: nothing out
 */
export function roundRobin(ranked: readonly number[], groupOf: (row: number) => number): number[] {
  const turns = new Map<number, number>();
  return ranked
    .map((row, rank) => {
      const group = groupOf(row);
      const turn = turns.get(group) ?? 0;
      turns.set(group, turn + 1);
      return { row, rank, turn };
    })
    .toSorted((a, b) => a.turn - b.turn || a.rank - b.rank)
    .map(({ row }) => row);
}

/** What each screen of a shelf is dealt from: the best of one and a half times its length. */
export const POOL = 1.5 * SLATE.screen;

/** How personal shelves are dealt: screen by screen, each spread over the clusters of the embeddings. */
export function spreadOverClusters(ranked: readonly number[], clusterOf: Uint16Array): number[] {
  return roundRobinByScreen(ranked, (row) => clusterOf[row]!, SLATE.screen, POOL);
}

/**
 * Round-robin screen by screen: each screen of `screen` items is dealt from the best `pool` that are
 * left, so that spreading over groups never lifts an item far above its rank.
 * @returns a permutation of `ranked`
 */
export function roundRobinByScreen(
  ranked: readonly number[],
  groupOf: (row: number) => number,
  screen: number,
  pool: number,
): number[] {
  let left = [...ranked];
  const dealt: number[] = [];
  while (left.length > 0) {
    const chosen = roundRobin(left.slice(0, pool), groupOf).slice(0, screen);
    const taken = new Set(chosen);
    left = left.filter((row) => !taken.has(row));
    dealt.push(...chosen);
  }
  return dealt;
}
