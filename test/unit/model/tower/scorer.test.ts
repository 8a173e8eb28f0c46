import { describe, expect, test } from "vitest";
import { quantiseItems, dequantiseRows } from "../../../../src/model/retrieval/quantise.ts";
import type { TowerInput } from "../../../../src/model/tower/history.ts";
import { interestsOf, LAST_INTERESTS, popularityFactorOf, scorerOf } from "../../../../src/model/tower/scorer.ts";
import { scoringOf, tableOf } from "../../../support/scoring.ts";

/** Two dimensions, scale 1/2: the rows are (1, 0), (0, 1), (1, 1), (-1, 2). */
const items = {
  values: Int8Array.of(2, 0, 0, 2, 2, 2, -2, 4),
  scales: Float32Array.of(0.5, 0.5),
  count: 4,
  dimensions: 2,
};
const input = (rows: number[], weights: number[], targets = rows.map(() => 1)): TowerInput => ({
  rows: Uint32Array.from(rows),
  weights: Float32Array.from(weights),
  targets: Float32Array.from(targets),
});
const user = Float32Array.of(0.5, 2);
const scores = (model: ReturnType<typeof scoringOf>, history: TowerInput): number[] => {
  const scorer = scorerOf(model, user, history);
  return [0, 1, 2, 3].map((row) => scorer.at(row));
};
/** A query in int16 is off by a 65,534th of its largest component at most. */
const near = (expected: readonly number[]): number[] => expected.map((value) => expect.closeTo(value, 3) as number);

describe("the score", () => {
  test("is the dot product where there are no tables", () => {
    expect(scores(scoringOf(items), input([0], [1]))).toEqual(near([0.5, 2, 2.5, 3.5]));
  });

  test("the residual adds by the history's weight, 1 at most; dismissals add nothing", () => {
    const residual = tableOf(4, [
      [0, 1, 127],
      [2, 1, 127],
      [3, 0, 127],
    ]);
    const model = scoringOf(items, { residual });
    expect(scores(model, input([3, 0, 2], [2, 0.25, 4], [0, 1, 1]))).toEqual(
      near([0.5, 2 + 0.25 * 127 + 127, 2.5, 3.5]),
    );
  });

  test("transitions count from the newest interest back, whatever its weight", () => {
    const transitions = tableOf(4, [
      [0, 3, 127],
      [1, 3, 64],
    ]);
    const model = scoringOf(items, { transitions });
    // Newest first: 2, 1, 0, the dismissal between them left out.
    const history = input([0, 1, 3, 2], [9, 9, 9, 9], [1, 1, 0, 1]);
    expect(scores(model, history)).toEqual(near([0.5, 2, 2.5, 3.5 + 0.5 * 64 + 0.25 * 127]));
  });

  test("what is popular is divided by its popularity's power, 1 at least", () => {
    const popularityFactor = popularityFactorOf(Float32Array.of(0, 1, 4, 16), 0.5);
    expect([...popularityFactor]).toEqual([1, 1, 0.5, 0.25]);
    const residual = tableOf(4, [[0, 3, 4.5]]);
    const all = scores(scoringOf(items, { popularityFactor, residual }), input([0], [1]));
    expect(all[2]).toBeCloseTo(1.25, 4);
    expect(all[3]).toBeCloseTo(2, 4);
  });

  test("of all rows at once is to the bit that of each", () => {
    let seed = 3;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
    for (const [count, dimensions] of [
      [10, 2],
      [11, 4],
      [50, 6],
      [51, 64],
      [50, 130],
    ] as const) {
      const quantised = quantiseItems(Float32Array.from({ length: count * dimensions }, random), dimensions);
      const vector = Float32Array.from({ length: dimensions }, random);
      const residual = tableOf(count, [
        [7, 3, 0.4],
        [7, 9, -0.2],
      ]);
      const scorer = scorerOf(scoringOf(quantised, { residual }), vector, input([7], [1]));
      const vectors = dequantiseRows(
        quantised,
        Array.from({ length: count }, (_, row) => row),
      );
      expect([...scorer.all()]).toEqual(Array.from({ length: count }, (_, row) => scorer.at(row)));
      const dot = vector.reduce((sum, value, d) => sum + value * vectors[8 * dimensions + d]!, 0);
      expect(scorer.at(8)).toBeCloseTo(dot, 3);
      expect(scorer.neighbours()).toEqual([3, 9]);
    }
  });

  test("of all rows is made of the kernel's dot products", () => {
    const asked: Int16Array[] = [];
    const scorer = scorerOf(scoringOf(items), user, input([0], [1]), (query) => {
      asked.push(query);
      return Int32Array.of(32_767, 0, 0, -65_534);
    });
    // The folded query is (1/4, 1).
    expect([...scorer.all()]).toEqual([1, 0, 0, -2]);
    expect(asked).toEqual([Int16Array.of(8192, 32_767)]);
  });

  test("a user that is no number is QUERY_INVALID", () => {
    expect(() => scorerOf(scoringOf(items), Float32Array.of(1, Number.NaN), input([0], [1]))).toThrow(
      expect.objectContaining({ code: "QUERY_INVALID" }),
    );
  });

  test("only what says nothing of any item is silent", () => {
    const zero = new Float32Array(2);
    const residual = tableOf(4, [[0, 1, 1]]);
    const nobody = input([], []);
    expect(scorerOf(scoringOf(items, { residual }), zero, nobody)).toMatchObject({ silent: true });
    expect(scorerOf(scoringOf(items, { residual }), zero, input([2], [1])).silent).toBe(true);
    expect(scorerOf(scoringOf(items, { residual }), zero, input([0], [1])).silent).toBe(false);
    expect(scorerOf(scoringOf(items, { residual }), user, input([2], [1])).silent).toBe(false);
  });
});

test("transitions are followed from the last interests only", () => {
  const rows = Array.from({ length: LAST_INTERESTS + 2 }, (_, at) => at);
  const interests = interestsOf(input(rows, rows), { orderDecay: 0.5 });
  expect([...interests.rows]).toEqual(rows);
  expect([...interests.residual.subarray(0, 3)]).toEqual([0, 1, 1]);
  expect([...interests.transitions.subarray(0, 3)]).toEqual([0, 0, 0.5 ** (LAST_INTERESTS - 1)]);
  expect(interests.transitions.at(-1)).toBe(1);
});
