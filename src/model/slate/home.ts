/**
 * The home page: which shelves, and which rows on each. No row stands twice on a page, and a shelf
 * with too little to say stays away.
 */
import { SLATE } from "../config.ts";
import type { Profile } from "../ranking/features.ts";
import { quota } from "./quota.ts";
import { POOL, roundRobin, spreadOverClusters } from "./round-robin.ts";
import { firstOf } from "./standing-lists.ts";
import type { StandingLists } from "./standing-lists.ts";

export interface HomeIngredients {
  /** Filtered candidates of every source, best score first. */
  readonly ranked: readonly number[];
  /** Interests that lead a shelf of their own, each with its nearest rows, nearest first, filtered. */
  readonly becauseOf: readonly { readonly row: number; readonly nearest: readonly number[] }[];
  readonly lists: StandingLists;
  /** What may be shown: not seen, not dismissed, available. */
  readonly allowed: (row: number) => boolean;
  readonly clusterOf: Uint16Array;
  /** Codes of a row's themes. */
  readonly themesOf: (row: number) => readonly number[];
  /** The groups of the person's interests, strongest first. */
  readonly favouriteGroups: readonly string[];
  readonly profile: Profile;
}

export type HomeTopic =
  | { readonly type: "for-you" | "popular" | "new" | "discover" }
  | { readonly type: "because"; readonly row: number }
  | { readonly type: "kind"; readonly kind: string };

export interface HomeShelf {
  readonly topic: HomeTopic;
  readonly rows: readonly number[];
}

/** The first page: at most this many of a screen share a theme. */
const THEME_QUOTA = 4;
/** "New" takes the best of this many times its length, newest first. */
const RECENT_POOL = 3;
const KIND_SHELVES = 2;

export function composeHome(ingredients: HomeIngredients): HomeShelf[] {
  const { ranked, becauseOf, lists, allowed, clusterOf, favouriteGroups, profile } = ingredients;
  const rank = new Map(ranked.map((row, at) => [row, at]));
  const used = new Set<number>();
  const shelves: HomeShelf[] = [];
  const unused = (rows: readonly number[]): number[] => rows.filter((row) => !used.has(row));
  const add = (topic: HomeTopic, rows: readonly number[], length: number = SLATE.shelf): void => {
    const kept = rows.slice(0, length);
    if (kept.length < SLATE.minimum) return;
    for (const row of kept) used.add(row);
    shelves.push({ topic, rows: kept });
  };

  add({ type: "for-you" }, dealForYou(ranked, ingredients), SLATE.forYou);
  for (const { row, nearest } of becauseOf) add({ type: "because", row }, unused(nearest));

  const groups = [...new Set([...favouriteGroups, ...lists.groups.map(({ group }) => group)])];
  for (const kind of groups.slice(0, KIND_SHELVES)) {
    const inKind = (row: number): boolean => lists.groupOf(row) === kind;
    const best = unused(ranked).filter(inKind);
    // No more than its screens can be dealt from.
    const rest = firstOf(
      lists.popular,
      SLATE.shelf + POOL,
      (row) => inKind(row) && allowed(row) && !rank.has(row) && !used.has(row),
    );
    add({ type: "kind", kind }, spreadOverClusters([...best, ...rest], clusterOf));
  }
  const showable = (row: number): boolean => allowed(row) && !used.has(row);
  add({ type: "popular" }, firstOf(lists.popular, SLATE.shelf, showable));

  const newest = firstOf(lists.recent, SLATE.shelf * RECENT_POOL, showable);
  const rankOf = (row: number): number => rank.get(row) ?? Infinity;
  add(
    { type: "new" },
    newest.toSorted((a, b) => (rankOf(a) === rankOf(b) ? 0 : rankOf(a) - rankOf(b))),
  );
  const unexplored = unused(ranked).filter((row) => !profile.cluster.has(clusterOf[row]!));
  add(
    { type: "discover" },
    roundRobin(unexplored, (row) => clusterOf[row]!),
  );
  return shelves;
}

/**
 * The personal shelf. A first page spreads over every kind and theme, later ones over the clusters of
 * the person's tastes.
 * @returns a permutation of `ranked`
 */
export function dealForYou(
  ranked: readonly number[],
  { lists, clusterOf, themesOf, profile }: Pick<HomeIngredients, "lists" | "clusterOf" | "themesOf" | "profile">,
): number[] {
  if (profile.historyLength > 0) return spreadOverClusters(ranked, clusterOf);
  const groupNumber = new Map(lists.groups.map(({ group }, at) => [group, at]));
  const kindOf = (row: number): number => groupNumber.get(lists.groupOf(row)) ?? -1;
  return quota(roundRobin(ranked, kindOf), themesOf, SLATE.screen, THEME_QUOTA);
}
