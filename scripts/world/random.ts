/** Seeded randomness: the same seed and label give the same numbers on every machine. */

/** sfc32 of PractRand (Chris Doty-Humphrey): 128 bits of state, period of at least 2^32. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param label names a stream of its own, so that one more draw in one place moves no other */
  constructor(seed: number, label: string) {
    let hash = 0x811c9dc5 ^ seed;
    for (const unit of label) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
    this.#a = seed | 0;
    this.#b = hash;
    this.#c = Math.imul(hash, 0x9e3779b9);
    for (let n = 0; n < 15; n++) this.uniform();
  }

  /** In [0, 1), 32 bits. */
  uniform(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number from low to high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.uniform());
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Mean 0, deviation 1 (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * The largest tickets are a draw without replacement in proportion to the weights (Efraimidis and
   * Spirakis 2006, "Weighted random sampling with a reservoir"; in logarithms).
   */
  ticket(weight: number): number {
    return Math.log(1 - this.uniform()) / weight;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.integer(0, values.length - 1)]!;
  }

  /** A place, by its share of the weights. */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let n = 0; n < weights.length; n++) total += weights[n]!;
    let left = total * this.uniform();
    for (let n = 0; n < weights.length - 1; n++) {
      left -= weights[n]!;
      if (left < 0) return n;
    }
    return weights.length - 1;
  }
}
