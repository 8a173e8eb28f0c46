/**
 * Which settings are tried, and in what order.
 *
 * - `random`: n settings, each drawn from the model's space (Bergstra and Bengio 2012, "Random search for
 *   hyper-parameter optimization").
 * - `halving`: n settings with few epochs, the best third of them with three times as many, and so on up to the most
 *   epochs of the space: successive halving (Jamieson and Talwalkar 2016) as in one bracket of Hyperband (Li et al. 2018,
 *   Algorithm 1): n_i = floor(n / eta^i) settings with r_i = R eta^(i - s) epochs, i from 0 to s, the largest s with
 *   eta^s <= min(n, R). Every trial is a fit from the start with its whole schedule of learning rates. The settings of a
 *   model without epochs are all tried in full: on a part of the people other regularisation would be best.
 */
import type { ModelEntry, Params, Range } from "../train/model.ts";
import { seededRandom } from "../train/random.ts";

export const METHODS = ["random", "halving"] as const;

export interface Search {
  readonly method: (typeof METHODS)[number];
  /** n, for each model; fewer where the space has fewer settings. >= 1 */
  readonly trials: number;
  readonly seed: number;
}

/** What is searched. */
export type SearchSpace = Pick<ModelEntry, "defaults" | "space">;

/** Of one setting. */
export interface Outcome {
  readonly params: Params;
  /** Mean on validation; null: the training did not converge. */
  readonly ndcgAt100: number | null;
}

/** Trials of the same number of epochs. */
export interface Rung {
  readonly trials: number;
  /** null: as drawn, or the model has none. */
  readonly epochs: number | null;
}

/** Near e, which is best in theory; Li et al. 2018 advise 3 or 4. */
const ETA = 3;

/** Settings that were drawn before are drawn anew; a space of n settings has then been seen but for a chance of n e^-100. */
const DRAWS_A_TRIAL = 100;

/** Never empty; the first has the settings drawn, the others the best of the one before. */
export function rungsOf({ defaults, space }: SearchSpace, settings: number, { method }: Search): readonly Rung[] {
  if (method === "random" || defaults["epochs"] === undefined) return [{ trials: settings, epochs: null }];
  const most = highest(space["epochs"], defaults["epochs"]);
  let last = 0;
  while (ETA ** (last + 1) <= Math.min(settings, most)) last++;
  return Array.from({ length: last + 1 }, (_, at) => {
    return { trials: Math.floor(settings / ETA ** at), epochs: Math.round(most * ETA ** (at - last)) };
  });
}

function highest(range: Range | undefined, otherwise: number): number {
  if (range === undefined) return otherwise;
  return "values" in range ? Math.max(...range.values) : range.high;
}

/** Distinct, the defaults first: random search never ends below them. */
export function drawSettings({ defaults, space }: SearchSpace, { method, trials, seed }: Search): readonly Params[] {
  const ranges = Object.entries(space).flatMap(([name, range]) => {
    return range === undefined || (method === "halving" && name === "epochs") ? [] : [{ name, range }];
  });
  const random = seededRandom(seed);
  const settings = new Map([[keyOf(defaults), defaults]]);
  for (let draws = 0; draws < DRAWS_A_TRIAL * trials && settings.size < trials; draws++) {
    const drawn = ranges.map(({ name, range }) => [name, draw(range, random())] as const);
    const params: Params = { ...defaults, ...Object.fromEntries(drawn) };
    settings.set(keyOf(params), params);
  }
  return [...settings.values()];
}

/** @param uniform in [0, 1) */
function draw(range: Range, uniform: number): number {
  if ("values" in range) return range.values[Math.floor(uniform * range.values.length)]!;
  // Three digits, so that settings can be read and typed.
  return Number((range.low * (range.high / range.low) ** uniform).toPrecision(3));
}

/** The same for the same settings. */
export const keyOf = (params: Params): string => JSON.stringify(params);

/** Tries one setting after another; settings that did not converge get no further. */
export async function searchSettings(
  space: SearchSpace,
  search: Search,
  tryOut: (params: Params, rung: number) => Promise<Outcome>,
): Promise<void> {
  let settings = drawSettings(space, search);
  for (const [at, { trials, epochs }] of rungsOf(space, settings.length, search).entries()) {
    const outcomes: Outcome[] = [];
    for (const params of settings.slice(0, trials)) {
      outcomes.push(await tryOut(epochs === null ? params : { ...params, epochs }, at));
    }
    settings = bestFirst(outcomes).map(({ params }) => params);
  }
}

/** Without those that did not converge; the first of equals first. */
export function bestFirst<T extends Outcome>(outcomes: readonly T[]): readonly T[] {
  return outcomes.filter(({ ndcgAt100 }) => ndcgAt100 !== null).toSorted((a, b) => b.ndcgAt100! - a.ndcgAt100!);
}
