import type { Random } from "../train/random.ts";

/** The values in a random order, by one number each. */
export function shuffled<T>(values: Iterable<T>, random: Random): T[] {
  return Array.from(values, (value) => ({ value, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
