import { expect, it } from "vitest";
import { Random } from "../../../../scripts/world/random.ts";

const draws = (random: Random, count = 20_000): number[] => Array.from({ length: count }, () => random.uniform());
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

it("gives the same numbers for the same seed and label, others for others", () => {
  const first = draws(new Random(1, "a"), 5);
  expect(draws(new Random(1, "a"), 5)).toEqual(first);
  for (const other of [new Random(2, "a"), new Random(1, "b"), new Random(1, "")]) {
    expect(draws(other, 5).some((value) => first.includes(value))).toBe(false);
  }
});

it("is uniform in [0, 1)", () => {
  const values = draws(new Random(3, "uniform"));
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  const tenths = Array.from({ length: 10 }, (_, n) => values.filter((value) => Math.floor(value * 10) === n).length);
  // Chi-squared with 9 degrees of freedom: 27.9 is passed once in a thousand.
  expect(tenths.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(27.9);
});

it("has normal draws of the right mean and deviation", () => {
  const random = new Random(4, "moments");
  const normal = Array.from({ length: 20_000 }, () => random.normal());
  expect(Math.abs(mean(normal))).toBeLessThan(0.03);
  expect(Math.abs(mean(normal.map((value) => value ** 2)) - 1)).toBeLessThan(0.04);
});

it("has tickets that draw in proportion to their weights, without replacement", () => {
  const random = new Random(4, "tickets");
  const weights = [1, 2, 5];
  const firsts = [0, 0, 0];
  const seconds = [0, 0, 0];
  for (let n = 0; n < 20_000; n++) {
    const tickets = weights.map((weight) => random.ticket(weight));
    const order = [0, 1, 2].toSorted((a, b) => tickets[b]! - tickets[a]!);
    firsts[order[0]!]!++;
    if (order[0] === 2) seconds[order[1]!]!++;
  }
  firsts.forEach((count, place) => expect(Math.abs(count / 20_000 - weights[place]! / 8)).toBeLessThan(0.015));
  expect(Math.abs(seconds[1]! / firsts[2]! - 2 / 3)).toBeLessThan(0.015);
});

it("draws by weight, and every whole number of a range", () => {
  const random = new Random(5, "weights");
  const counts = [0, 0, 0];
  for (let n = 0; n < 10_000; n++) counts[random.weighted([1, 0, 3])]!++;
  expect(counts[1]).toBe(0);
  expect(Math.abs(counts[2]! / 10_000 - 0.75)).toBeLessThan(0.02);
  const whole = new Set(Array.from({ length: 200 }, () => random.integer(2, 5)));
  expect([...whole].toSorted()).toEqual([2, 3, 4, 5]);
});
