import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldInPeople } from "../../../../scripts/train/fold-in-people.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import { fitResidual, residualEntries, strongest } from "../../../../scripts/train/residual-table.ts";
import type { ResidualFit } from "../../../../scripts/train/residual-table.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { foldInExact } from "../../../../src/model/tower/fold-in.ts";
import { dense, maxDifference, naiveInverse, openPool, randomMatrix } from "./helpers.ts";

const ITEMS = 40;
const DIMENSIONS = 6;
/** Item 7 and person 3 have nothing. */
const matrix = randomMatrix(60, ITEMS, 0.2, 1, [3], [7]);
const vectors = (() => {
  const random = seededRandom(2);
  return Float32Array.from({ length: ITEMS * DIMENSIONS }, () => 0.4 * gaussian(random));
})();
const vectorOf = (item: number): Float32Array => vectors.subarray(item * DIMENSIONS, (item + 1) * DIMENSIONS);
const params = { lambda: 3, userExponent: 0.5 };

/** A person's fold-in without some of the items. */
function folded(user: number, without: number | null): Float32Array {
  const at = Array.from(
    { length: matrix.indptr[user + 1]! - matrix.indptr[user]! },
    (_, k) => matrix.indptr[user]! + k,
  );
  const kept = at.filter((place) => matrix.indices[place] !== without);
  const history = Float32Array.from(kept.flatMap((place) => [...vectorOf(matrix.indices[place]!)]));
  const weights = Float32Array.from(kept, (place) => matrix.weights[place]!);
  return foldInExact(history, weights, new Float32Array(kept.length).fill(1), DIMENSIONS);
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

/** G, C, Lambda and kappa by their definitions, each held-out score by a fold-in of its own. */
function naive() {
  const taken = dense(matrix).map((row) => row.map((weight) => weight > 0));
  const lengths = taken.map((row) => row.filter(Boolean).length);
  const raw = lengths.map((length) => Math.max(1, length) ** -params.userExponent);
  const scale = matrix.indices.length / raw.reduce((sum, weight, user) => sum + weight * lengths[user]!, 0);
  const weights = raw.map((weight) => weight * scale);
  const scores = taken.map((row, user) => row.map((has, item) => dot(folded(user, has ? item : null), vectorOf(item))));
  let observed = 0;
  let squares = 0;
  taken.forEach((row, user) => {
    row.forEach((has, item) => {
      if (has) observed += weights[user]! * scores[user]![item]!;
      squares += weights[user]! * scores[user]![item]! ** 2;
    });
  });
  const kappa = observed / squares;
  const sum = (term: (user: number) => number): number =>
    weights.reduce((all, weight, user) => all + weight * term(user), 0);
  const both = (i: number, j: number): number => sum((user) => (taken[user]![i] && taken[user]![j] ? 1 : 0));
  const cross = (i: number, j: number): number =>
    sum((user) => (taken[user]![i] ? (taken[user]![j] ? 1 : 0) - kappa * scores[user]![j]! : 0));
  const counts = Array.from({ length: ITEMS }, (_, item) => taken.filter((row) => row[item]).length);
  const mean = matrix.indices.length / counts.filter((count) => count > 0).length;
  const ridge = (item: number): number => params.lambda * Math.sqrt(Math.max(1, counts[item]!) / mean);
  const solve = (sources: readonly number[], target: number): number[] => {
    const inverse = naiveInverse(sources.map((a) => sources.map((b) => both(a, b) + (a === b ? ridge(a) : 0))));
    return inverse.map((row) => row.reduce((all, value, k) => all + value * cross(sources[k]!, target), 0));
  };
  return { kappa, counts, cross, solve };
}

let pool: ThreadPool;
let fit: ResidualFit;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
  fit = await fitResidual(matrix, vectors, DIMENSIONS, params, pool);
});
afterAll(() => pool.close());

const sourcesOf = (target: number): number[] =>
  Array.from(fit.sources.subarray(fit.indptr[target], fit.indptr[target + 1]));

describe("the fold-in of the training's people", () => {
  it("is the exact twin's, with and without each interaction", async () => {
    await pool.scope(async () => {
      const { people, scores, heldOut, size } = await foldInPeople(matrix, vectors, DIMENSIONS, pool);
      for (let user = 0; user < matrix.users; user++) {
        const ours = people.array.subarray(user * size, user * size + DIMENSIONS);
        expect(maxDifference(ours, folded(user, null))).toBeLessThan(1e-4);
        for (let at = matrix.indptr[user]!; at < matrix.indptr[user + 1]!; at++) {
          const z = vectorOf(matrix.indices[at]!);
          expect(scores[at]).toBeCloseTo(dot(folded(user, null), z), 4);
          expect(heldOut[at]).toBeCloseTo(dot(folded(user, matrix.indices[at]!), z), 3);
        }
      }
    });
  });
});

describe("the residual regression", () => {
  it("solves the normal equations of each target on its sources", () => {
    const { kappa, cross, solve } = naive();
    expect(fit.kappa).toBeCloseTo(kappa, 3);
    for (const target of [0, 11, 39]) {
      const sources = sourcesOf(target);
      expect(sources.length).toBeGreaterThan(20);
      expect(sources).not.toContain(target);
      const from = fit.indptr[target]!;
      expect(
        maxDifference(
          fit.crosses.slice(from, fit.indptr[target + 1]),
          sources.map((i) => cross(i, target)),
        ),
      ).toBeLessThan(1e-3);
      expect(maxDifference(fit.values.slice(from, fit.indptr[target + 1]), solve(sources, target))).toBeLessThan(1e-3);
    }
  });

  it("leaves an item without people alone, as a target and as a source", () => {
    expect(sourcesOf(7)).toEqual([]);
    expect(fit.sources).not.toContain(7);
  });

  it("keeps the strongest entries of all targets together, and fits them again", async () => {
    const { kappa, counts, solve } = naive();
    const { sources, targets, values } = await residualEntries(fit, 80, pool);
    expect(values).toHaveLength(80);
    const importance = (at: number): number => Math.abs(fit.values[at]!) * counts[fit.sources[at]!]! ** 0.3;
    const places = Array.from(fit.values.keys()).toSorted((a, b) => importance(b) - importance(a));
    const pair = (source: number, target: number): string => `${source}>${target}`;
    const targetAt = (at: number): number => fit.indptr.findIndex((start) => start > at) - 1;
    const expected = new Set(places.slice(0, 80).map((at) => pair(fit.sources[at]!, targetAt(at))));
    expect(new Set(Array.from(sources, (source, at) => pair(source, targets[at]!)))).toEqual(expected);
    const target = targets[0]!;
    const own = Array.from(targets.keys()).filter((at) => targets[at] === target);
    const again = solve(
      own.map((at) => sources[at]!),
      target,
    ).map((value) => value / kappa);
    expect(
      maxDifference(
        own.map((at) => values[at]!),
        again,
      ),
    ).toBeLessThan(1e-3);
  });

  it("is the same to the bit for any number of threads, and with pairs counted instead of stored", async () => {
    const alone = await openPool({ threads: 1 });
    try {
      const again = await fitResidual(matrix, vectors, DIMENSIONS, params, alone);
      expect(again.values).toEqual(fit.values);
      const counted = await fitResidual(matrix, vectors, DIMENSIONS, params, alone, 0);
      expect(maxDifference(counted.values, fit.values)).toBeLessThan(1e-5);
    } finally {
      await alone.close();
    }
  });
});

it("finds the strongest values, the first of equals", () => {
  const values = Float32Array.of(2, 5, 2, 7, 2);
  expect([...strongest(values, 3)]).toEqual([0, 1, 3]);
  expect([...strongest(values, 9)]).toEqual([0, 1, 2, 3, 4]);
  expect([...strongest(values, 0)]).toEqual([]);
});
