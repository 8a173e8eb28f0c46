/** Seeded random numbers: the same seed gives the same numbers on every machine. */

export type Random = () => number;

/** Uniform in [0, 1): Mulberry32 (Tommy Ettinger, 2017), a 32-bit counter and a mixing function. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal number (Box and Muller, 1958). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** In place (Fisher and Yates). */
export function shuffle<T>(values: { readonly length: number; [at: number]: T }, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [values[last], values[other]] = [values[other]!, values[last]!];
  }
}

/** A copy in a random order. */
export function shuffled<T>(values: Iterable<T>, random: Random): T[] {
  const list = [...values];
  shuffle(list, random);
  return list;
}
