/** What a simulated world looks like from outside: the figures of docs/demo-world.md. */
import { countsOf } from "./catalogue.ts";
import type { World } from "./world.ts";

export interface WorldStatistics {
  readonly works: number;
  readonly kinds: number;
  readonly people: number;
  readonly impressions: number;
  readonly lists: number;
  readonly clicks: number;
  readonly favourites: number;
  readonly bookings: number;
  readonly dismissals: number;
  /** Share of impressions that were clicked. */
  readonly clickRate: number;
  /** The same at the first position and at the tenth of the random lists: position bias alone. */
  readonly exploreClickRateAt1: number;
  readonly exploreClickRateAt10: number;
  /** Positive events and distinct works of a person, mean; and the distinct works of the median person. */
  readonly meanEvents: number;
  readonly meanHistory: number;
  readonly medianHistory: number;
  /** Gini coefficient of the works' clicks: 0 all alike, 1 all on one. */
  readonly gini: number;
  /** Chance that two different works of one person's history differ in kind; mean over people. */
  readonly crossKind: number;
}

export function statisticsOf({ works, people, events, impressions }: World): WorldStatistics {
  const kindOf = new Map(works.map(({ id, kind }) => [id, kind]));
  const clicksOf = new Map(works.map(({ id }) => [id, 0]));
  const histories = new Map<string, Set<string>>(people.map(({ id }) => [id, new Set()]));
  const counts = { click: 0, favourite: 0, booking: 0, dismiss: 0, view: 0, rating: 0 };
  for (const [person, work, event] of events) {
    counts[event]++;
    if (event === "dismiss") continue;
    histories.get(person)!.add(work);
    if (event === "click") clicksOf.set(work, clicksOf.get(work)! + 1);
  }
  const lengths = [...histories.values()].map(({ size }) => size).toSorted((a, b) => a - b);
  const mixtures = [...histories.values()]
    .filter(({ size }) => size > 1)
    .map((history) => differInKind([...history].map((work) => kindOf.get(work)!)));
  const rate = (rows: World["impressions"]): number => mean(rows.map((row) => Number(row[7])));
  const exploreAt = (position: number): number =>
    rate(impressions.filter((row) => row[5] === "explore" && row[4] === position));
  return {
    works: works.length,
    kinds: new Set(kindOf.values()).size,
    people: people.length,
    impressions: impressions.length,
    lists: new Set(impressions.map(([list]) => list)).size,
    clicks: counts.click,
    favourites: counts.favourite,
    bookings: counts.booking,
    dismissals: counts.dismiss,
    clickRate: rate(impressions),
    exploreClickRateAt1: exploreAt(1),
    exploreClickRateAt10: exploreAt(10),
    meanEvents: (counts.click + counts.favourite + counts.booking) / people.length,
    meanHistory: mean(lengths),
    medianHistory: lengths[Math.floor(lengths.length / 2)] ?? 0,
    gini: gini([...clicksOf.values()]),
    crossKind: mean(mixtures),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** G = sum_i (2i - n - 1) x_i / (n sum x), x ascending, i from 1. Nothing at all: 0. */
export function gini(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const total = ascending.reduce((sum, value) => sum + value, 0);
  const weighted = ascending.reduce((sum, value, at) => sum + (2 * (at + 1) - ascending.length - 1) * value, 0);
  return total === 0 ? 0 : weighted / (ascending.length * total);
}

/** @param kinds of at least two works */
function differInKind(kinds: readonly string[]): number {
  const pairs = kinds.length * (kinds.length - 1);
  return 1 - [...countsOf(kinds).values()].reduce((sum, count) => sum + count * (count - 1), 0) / pairs;
}
