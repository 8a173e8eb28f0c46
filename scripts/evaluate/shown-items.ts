/** What people consumed beside what the models show them: items, and the groups that they belong to. */
import { UNKNOWN_YEAR } from "../../src/model/catalogue/catalogue.ts";
import type { DatasetItems } from "../import/dataset.ts";
import { itemStatistics } from "./item-statistics.ts";
import type { Fold } from "./protocol.ts";

/** First places of a list that are looked at. */
export const SHOWN_PLACES = 5;
/** Items of a list of the most consumed or the most recommended. */
const MOST = 10;
/** Groups of a division; the rest is one more. */
const MOST_GROUPS = 12;
const POPULARITY_BANDS = 5;

export interface CountedItem {
  readonly item: number;
  readonly count: number;
  /** Of the people counted. */
  readonly share: number;
}

export interface ShownItems {
  /** By people of the training, most first, at most 10. */
  readonly consumed: readonly CountedItem[];
  /** By model: the items in most top fives of the people measured, most first, at most 10. */
  readonly recommended: readonly { readonly model: string; readonly items: readonly CountedItem[] }[];
  /** Ways to divide the items by what they are; those that put all items into one group are left out. */
  readonly divisions: readonly Division[];
}

export interface Division {
  readonly by: "kind" | "genre" | "decade" | "popularity";
  readonly groups: readonly {
    readonly name: string;
    /** Of the interactions of the training. */
    readonly consumed: number;
    /** Of all places in the top fives, in the order of `recommended`. */
    readonly recommended: readonly number[];
  }[];
}

/** @param lists of each model, one list a person, item rows, best first */
export function shownItems(
  fold: Fold,
  models: readonly { readonly model: string; readonly lists: readonly Uint32Array[] }[],
): ShownItems {
  const { matrix, items } = fold.data;
  const { owners, people } = itemStatistics(matrix);
  const shown = models.map(({ lists }) => {
    const counts = new Uint32Array(matrix.items);
    for (const list of lists) for (const item of list.subarray(0, SHOWN_PLACES)) counts[item]!++;
    return counts;
  });
  const divisions = {
    kind: (item: number) => items.kind[item]!,
    genre: (item: number) => items.category[item]! || items.genreCode[item]! || (items.themes[item]![0] ?? ""),
    decade: (item: number) => decadeOf(items, item),
  };
  return {
    consumed: mostOf(owners, people),
    recommended: models.map(({ model, lists }, at) => ({ model, items: mostOf(shown[at]!, lists.length) })),
    divisions: [
      ...Object.entries(divisions).map(([by, groupOf]) => ({
        by: by as keyof typeof divisions,
        groups: largestGroups(owners, shown, (item) => groupOf(item) || "unknown"),
      })),
      { by: "popularity" as const, groups: popularityBands(owners, shown) },
    ].filter(({ groups }) => groups.length > 1),
  };
}

function mostOf(counts: Uint32Array, people: number): CountedItem[] {
  return Array.from(counts.keys())
    .filter((item) => counts[item]! > 0)
    .toSorted((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST)
    .map((item) => ({ item, count: counts[item]!, share: counts[item]! / people }));
}

/** "1990s"; "" where the year is unknown. */
export function decadeOf(items: DatasetItems, item: number): string {
  const year = items.year[item]!;
  return year === UNKNOWN_YEAR ? "" : `${Math.floor(year / 10) * 10}s`;
}

/** The groups with the most interactions, most first; all others are "other". */
function largestGroups(
  owners: Uint32Array,
  shown: readonly Uint32Array[],
  groupOf: (item: number) => string,
): Division["groups"] {
  const sizes = new Map<string, number>();
  for (const [item, count] of owners.entries()) sizes.set(groupOf(item), (sizes.get(groupOf(item)) ?? 0) + count);
  const names = [...sizes.keys()].toSorted((a, b) => sizes.get(b)! - sizes.get(a)! || (a < b ? -1 : 1));
  const kept = names.slice(0, names.length > MOST_GROUPS ? MOST_GROUPS - 1 : MOST_GROUPS);
  const rows = new Map(kept.map((name, row) => [name, row]));
  if (names.length > kept.length) kept.push("other");
  return groupShares(kept, owners, shown, (item) => rows.get(groupOf(item)) ?? kept.length - 1);
}

/**
 * Fifths of all interactions, the most popular items first: a band has the share .2 of what is consumed, up to the
 * last item that it takes, so that any other share in the lists is the model's doing. Items that nobody has are in the
 * last.
 */
function popularityBands(owners: Uint32Array, shown: readonly Uint32Array[]): Division["groups"] {
  const byPopularity = Array.from(owners.keys()).toSorted((a, b) => owners[b]! - owners[a]! || a - b);
  const total = owners.reduce((sum, count) => sum + count, 0);
  const bands: number[][] = [];
  let before = 0;
  for (const item of byPopularity) {
    const fifth = Math.min(POPULARITY_BANDS - 1, Math.floor((POPULARITY_BANDS * before) / total));
    (bands[fifth] ??= []).push(item);
    before += owners[item]!;
  }
  const bandOf = new Uint8Array(owners.length);
  let first = 1;
  // A very popular item may span several fifths: those have no band.
  const names = Object.values(bands).map((own, band) => {
    for (const item of own) bandOf[item] = band;
    const last = first + own.length - 1;
    const name =
      first === last ? `rank ${first}` : `ranks ${first.toLocaleString("en")} to ${last.toLocaleString("en")}`;
    first = last + 1;
    return name;
  });
  return groupShares(names, owners, shown, (item) => bandOf[item]!);
}

function groupShares(
  names: readonly string[],
  owners: Uint32Array,
  shown: readonly Uint32Array[],
  groupOf: (item: number) => number,
): Division["groups"] {
  const shares = (counts: Uint32Array): number[] => {
    const sums = names.map(() => 0);
    let total = 0;
    for (const [item, count] of counts.entries()) {
      sums[groupOf(item)]! += count;
      total += count;
    }
    return sums.map((sum) => (total > 0 ? sum / total : 0));
  };
  const consumed = shares(owners);
  const recommended = shown.map(shares);
  return names.map((name, group) => ({
    name,
    consumed: consumed[group]!,
    recommended: recommended.map((each) => each[group]!),
  }));
}
