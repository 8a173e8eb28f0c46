/** How sure a mean is, and a difference of two. */

/** Mean and standard error of the mean, NaN values left out. None: mean NaN. */
export function meanAndError(values: readonly number[]): { mean: number; standardError: number } {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / Math.max(1, known.length - 1) / known.length) };
}

/** The mean of the differences, the bounds of its 95 % interval, and how likely chance alone is. */
export interface PairedDifference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
}

/**
 * The paired bootstrap (Efron & Tibshirani 1993): the people are drawn again with replacement, `samples` times, each
 * with both values. The interval is that of the percentiles (section 13.3); the p-value is twice the smaller share of
 * the drawn means at or beyond 0 on either side, at least 2 / (samples + 1) and at most 1.
 *
 * @param a,b one value a person, in the same order; people with a NaN are left out
 * @param random uniform in [0, 1)
 * @returns NaN throughout where nobody is left
 */
export function pairedBootstrap(
  a: readonly number[],
  b: readonly number[],
  random: () => number,
  samples: number,
): PairedDifference {
  const differences = Float64Array.from(a, (value, person) => value - b[person]!).filter(
    (difference) => !Number.isNaN(difference),
  );
  const people = differences.length;
  const means = Float64Array.from({ length: samples }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < people; drawn++) sum += differences[Math.floor(random() * people)]!;
    return sum / people;
  }).sort();
  const notAbove = means.filter((mean) => mean <= 0).length;
  const notBelow = means.filter((mean) => mean >= 0).length;
  return {
    difference: differences.reduce((sum, difference) => sum + difference, 0) / people,
    low: quantile(means, 0.025),
    high: quantile(means, 0.975),
    pValue: people === 0 ? NaN : Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (samples + 1)),
  };
}

/** The value below which the share `q` of the ascending `values` lies, between neighbours in proportion. */
export function quantile(values: Float64Array, q: number): number {
  const place = q * (values.length - 1);
  const low = values[Math.floor(place)]!;
  const high = values[Math.ceil(place)]!;
  return low + (high - low) * (place - Math.floor(place));
}
