/**
 * The settings that validation prefers: the best of a model's grid, and from there the way up, one step of one
 * parameter at a time. Where the best of the grid lies inside it, its neighbours are tried already and nothing more is;
 * where it lies at an edge, the search goes beyond it for as long as that is better.
 */
import type { ModelEntry, Params, Range } from "../train/model.ts";
import { keyOf } from "./search.ts";

/** What is searched: the grid `tried`, and how far `space` goes beyond it. */
export type Grid = Pick<ModelEntry, "defaults" | "tried" | "space">;

/** The grid that is left to search where some settings are fixed. */
export function withFixed({ defaults, tried, space }: Grid, fixed: Params): Grid {
  const left = Object.entries(tried).filter(([setting]) => fixed[setting] === undefined);
  return { defaults: { ...defaults, ...fixed }, tried: Object.fromEntries(left), space };
}

/** Every combination of the values that are tried; never empty. */
export function paramGrid({ defaults, tried }: Omit<Grid, "space">): Params[] {
  let grid: Params[] = [{ ...defaults }];
  for (const [param, values] of Object.entries(tried)) {
    grid = grid.flatMap((params) => (values ?? []).map((value) => ({ ...params, [param]: value })));
  }
  return grid;
}

/**
 * @param tried ascending
 * @returns ascending: those tried, and beyond them the values of the space; of a range, those that go on as the last two
 * that are tried do, by the same factor
 */
export function stepsOf(tried: readonly number[], space: Range | undefined): number[] {
  const lowest = tried[0]!;
  const highest = tried.at(-1)!;
  if (space === undefined || tried.length < 2) return [...tried];
  if ("values" in space) {
    const beyond = space.values.filter((value) => value < lowest || value > highest);
    return [...tried, ...beyond].toSorted((a, b) => a - b);
  }
  const goOn = (from: number, factor: number): number[] => {
    // Two digits, so that settings can be read and typed.
    const next = Number((from * factor).toPrecision(2));
    return next < space.low || next > space.high ? [] : [next, ...goOn(next, factor)];
  };
  const below = goOn(lowest, lowest / tried[1]!).toReversed();
  return [...below, ...tried, ...goOn(highest, highest / tried.at(-2)!)];
}

/** One step of one of the parameters that are tried away, down before up. */
export function neighboursOf({ tried, space }: Grid, params: Params): Params[] {
  return Object.entries(tried).flatMap(([param, values]) => {
    const steps = stepsOf(values ?? [], space[param]);
    const at = steps.indexOf(params[param]!);
    const next = [steps[at - 1], steps[at + 1]].filter((value) => value !== undefined);
    return next.map((value) => ({ ...params, [param]: value }));
  });
}

/**
 * The best settings, the first of equals; one setting alone is not tried.
 * @param tryOut higher is better; null or NaN: no measure of these. `done` were tried before, `total` will be as far as
 * is known
 */
export async function searchGrid(
  grid: Grid,
  tryOut: (params: Params, done: number, total: number) => Promise<number | null>,
): Promise<Params> {
  const known = new Set<string>();
  let next = paramGrid(grid);
  let best = { params: next[0]!, value: -Infinity };
  if (next.length === 1) return best.params;
  while (next.length > 0) {
    const total = known.size + next.length;
    for (const params of next) {
      const value = (await tryOut(params, known.size, total)) ?? -Infinity;
      known.add(keyOf(params));
      if (value > best.value) best = { params, value };
    }
    next = neighboursOf(grid, best.params).filter((params) => !known.has(keyOf(params)));
  }
  return best.params;
}
