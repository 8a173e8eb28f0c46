/**
 * The lists that hold for everybody: popular and new rows, made once a bundle.
 */
import { UNKNOWN_YEAR } from "../catalogue/catalogue.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";

export interface StandingLists {
  /** All rows, most positive interactions first. */
  readonly popular: readonly number[];
  /** Rows with a known date, newest first: by `available_from` where the catalogue has it, else by year. */
  readonly recent: readonly number[];
  /** The column that parts the catalogue for shelves: its kind, or its category where there is one kind. */
  readonly groupOf: (row: number) => string;
  /** Known groups, by their number of items, most first. */
  readonly groups: readonly { readonly group: string; readonly items: number }[];
}

export function standingListsOf({ columns, count }: Catalogue): StandingLists {
  const rows = Array.from({ length: count }, (_, row) => row);
  const popularity = (row: number): number => columns.popularity[row]!;
  const byPopularity = (a: number, b: number): number => popularity(b) - popularity(a) || a - b;
  const from = (row: number): number => {
    const seconds = columns.availableFrom[row]!;
    return Number.isNaN(seconds) ? -Infinity : seconds;
  };
  // Two unknown dates differ by NaN, which falls through like 0.
  const byDate = (a: number, b: number): number =>
    from(b) - from(a) || columns.year[b]! - columns.year[a]! || byPopularity(a, b);
  const dated = (row: number): boolean => from(row) > -Infinity || columns.year[row] !== UNKNOWN_YEAR;
  const column = columns.kind.values.length > 2 ? columns.kind : columns.category;
  const sizes = new Map<string, number>();
  for (const row of rows) sizes.set(column.at(row), (sizes.get(column.at(row)) ?? 0) + 1);
  sizes.delete("");
  return {
    popular: rows.toSorted(byPopularity),
    recent: rows.filter(dated).toSorted(byDate),
    groupOf: (row) => column.at(row),
    groups: [...sizes].map(([group, items]) => ({ group, items })).toSorted((a, b) => b.items - a.items),
  };
}

/** The first of a list that pass, as many as are wanted: of a million rows few have to be asked. */
export function firstOf(rows: readonly number[], count: number, passes: (row: number) => boolean): number[] {
  const found: number[] = [];
  for (const row of rows) {
    if (found.length === count) break;
    if (passes(row)) found.push(row);
  }
  return found;
}
