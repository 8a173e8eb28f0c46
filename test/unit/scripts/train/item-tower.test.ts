import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentVectors } from "../../../../scripts/train/content.ts";
import { ialsEntry, trainIalsModel } from "../../../../scripts/train/ials.ts";
import { completeItemVectors, itemTowerEntry, trainItemTowerModel } from "../../../../scripts/train/item-tower.ts";
import { crossedFeatures } from "../../../../scripts/train/text-features.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { foldInExact } from "../../../../src/model/tower/fold-in.ts";
import { dense, maxDifference, naiveInverse, openPool, randomMatrix } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, itemsOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

type Rows = readonly (readonly number[])[];
const product = (a: Rows, b: Rows): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const turned = (a: Rows): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));
const rowsOf = (vectors: Float32Array, dimensions: number): number[][] =>
  Array.from({ length: vectors.length / dimensions }, (_, row) => [
    ...vectors.subarray(row * dimensions, (row + 1) * dimensions),
  ]);

const D = 3;
const PARAMS = { dimensions: D, alpha0: 0.5, seed: 1, ridge: 0.4, trust: 0.6, established: 8 };

describe("crossedFeatures", () => {
  it("equals the worked example", () => {
    const items = itemsOf([
      { title: "Sea sea", kind: "film", category: "drama", year: 1990 },
      { title: "The sea", kind: "film", category: "drama", year: 1992 },
      { title: "Land", kind: "book", year: 1970 },
      { title: "Own" },
    ]);
    const { terms, matrix } = crossedFeatures(items);
    // The years 1988 to 1992 and 1990 to 1994 share three.
    const expected = (
      "word:sea, kind:film, category:drama, decade:1990, " +
      "kind:film & category:drama, kind:film & decade:1990, category:drama & decade:1990, " +
      "about:1990, about:1991, about:1992"
    ).split(", ");
    expect(terms).toEqual(expected);
    const [first, second] = [Math.sqrt(4 + 9), Math.sqrt(10)];
    const rows = [[2, ...expected.slice(1).map(() => 1)], expected.map(() => 1), [], []].map((row, item) =>
      expected.map((_, term) => (row[term] ?? 0) / [first, second, 1, 1][item]!),
    );
    expect(maxDifference(dense(matrix).flat(), rows.flat())).toBeLessThan(1e-6);
  });

  it("puts prices that are near into one band", () => {
    const items = { ...itemsOf([{}, {}, {}, {}, {}, {}]), price: Float32Array.from([10, 11, 0, 0, 40, NaN]) };
    expect(crossedFeatures(items).terms).toEqual(["price:7", "price:free"]);
  });

  it("pairs no more than the first twelve attributes", () => {
    const themes = Array.from({ length: 40 }, (_, at) => `t${at}`);
    const { terms } = crossedFeatures(itemsOf([{ themes }, { themes }, {}]));
    expect(terms.filter((term) => term.includes(" & "))).toHaveLength((12 * 11) / 2);
  });
});

describe("completeItemVectors", () => {
  const words = ["red", "green", "blue", "red green", "green blue", "red", "blue", "unlike", "red blue", "green"];
  const items = itemsOf(words.map((title) => ({ title })));
  // Nobody has item 8; item 7 shares no word; item 0 is everybody's.
  const random = randomMatrix(9, 10, 0.4, 3, [], [0, 8]);
  const matrix = matrixOf(dense(random).map((row) => [1, ...row.slice(1)]));
  const vectors = Float32Array.from({ length: 10 * D }, (_, at) =>
    at >= 24 && at < 27 ? 0 : Math.sin(at * at + 1) / 2,
  );

  /** c and z' by the formulas of the file, with inverses. */
  function naive(): { content: number[][]; completed: number[][] } {
    const z = rowsOf(vectors, D);
    const plain = dense(crossedFeatures(items).matrix);
    const features = plain.map((row) => [...row, row.some((value) => value > 0) ? 1 : 0]);
    const ownersOf = (item: number): number[] => [...dense(matrix).keys()].filter((u) => dense(matrix)[u]![item]! > 0);
    const known = z.map((_, item) => item).filter((item) => ownersOf(item).length > 0);
    const fitted = known.map((item) => features[item]!);
    const kernel = product(fitted, turned(fitted)).map((row, i) => row.map((v, j) => v + (i === j ? PARAMS.ridge : 0)));
    const dual = product(
      naiveInverse(kernel),
      known.map((item) => z[item]!),
    );
    const content = product(product(features, turned(fitted)), dual);
    const people = dense(matrix).map((row) => {
      const own = row.flatMap((weight, item) => (weight > 0 ? [item] : []));
      const history = Float32Array.from(own.flatMap((item) => z[item]!));
      return [
        ...foldInExact(
          history,
          Float32Array.from(own, (item) => row[item]!),
          new Float32Array(own.length).fill(1),
          D,
        ),
      ];
    });
    const gram = product(turned(people), people);
    const completed = z.map((own, item) => {
      const owners = ownersOf(item);
      if (owners.length >= PARAMS.established || plain[item]!.every((value) => value === 0)) return own;
      // The normal equations of the sum that p minimises, not the dual form.
      const prior = PARAMS.trust * PARAMS.alpha0;
      const left = gram.map((row, i) =>
        row.map(
          (v, j) =>
            prior * v + owners.reduce((sum, u) => sum + dense(matrix)[u]![item]! * people[u]![i]! * people[u]![j]!, 0),
        ),
      );
      const right = gram.map((row, i) => [
        prior * row.reduce((sum, v, j) => sum + v * content[item]![j]!, 0) +
          owners.reduce((sum, u) => sum + dense(matrix)[u]![item]! * people[u]![i]!, 0),
      ]);
      const p = product(naiveInverse(left), right).map(([value]) => value!);
      const share = (owners.length / PARAMS.established) ** 3;
      return own.map((value, d) => share * value + (1 - share) * p[d]!);
    });
    return { content, completed };
  }

  it("equals the formulas", async () => {
    const completed = await completeItemVectors(items, matrix, vectors, PARAMS, pool);
    const expected = naive();
    expect(maxDifference(completed, expected.completed.flat())).toBeLessThan(0.02);
    // Without interactions: content alone.
    expect(maxDifference(completed.subarray(24, 27), expected.content[8]!)).toBeLessThan(0.02);
    expect(completed.subarray(24, 27).some((value) => Math.abs(value) > 0.05)).toBe(true);
    // Established, and without content: as they came.
    expect(completed.subarray(0, 3)).toEqual(vectors.subarray(0, 3));
    expect(completed.subarray(21, 24)).toEqual(vectors.subarray(21, 24));
  });

  it("is the same for any number of threads", async () => {
    const one = await openPool({ threads: 1 });
    const alone = await completeItemVectors(items, matrix, vectors, PARAMS, one);
    await one.close();
    expect(alone).toEqual(await completeItemVectors(items, matrix, vectors, PARAMS, pool));
  });

  it("gives content vectors where nobody has anything, and zeros without content too", async () => {
    const nobody = matrixOf([words.map(() => 0)]);
    const completed = await completeItemVectors(items, nobody, new Float32Array(10 * D), PARAMS, pool);
    const content = await contentVectors(items, PARAMS, pool);
    expect(
      maxDifference(
        completed,
        content.map((value) => 0.2 * value),
      ),
    ).toBeLessThan(1e-6);
    expect([...completed.subarray(21, 24)]).toEqual([0, 0, 0]);
    const unknown = itemsOf([{}, {}, {}]);
    const silent = await completeItemVectors(unknown, matrixOf([[0, 0, 0]]), new Float32Array(9), PARAMS, pool);
    expect([...silent]).toEqual(Array.from({ length: 9 }, () => 0));
  });

  it("keeps vectors of items of which nothing is known", async () => {
    const unknown = itemsOf([{}, {}, {}]);
    const few = matrixOf([[1, 1, 0]]);
    const given = Float32Array.from({ length: 9 }, (_, at) => (at < 6 ? at / 10 : 0));
    expect(await completeItemVectors(unknown, few, given, PARAMS, pool)).toEqual(given);
  });
});

describe("item-tower", () => {
  // Two tastes, told apart by their category; item 6 is new.
  const items = itemsOf(Array.from({ length: 8 }, (_, at) => ({ category: at % 2 === 0 ? "even" : "odd" })));
  const rows = Array.from({ length: 12 }, (_, user) =>
    Array.from({ length: 8 }, (_unused, item) => (item % 2 === user % 2 && item < 6 && (user + item) % 5 > 0 ? 1 : 0)),
  );
  const data = dataOf(matrixOf(rows), { items });
  const params = { ...itemTowerEntry.defaults, dimensions: 4 };

  it("ranks a new item by the taste that its content meets", async () => {
    const model = await trainItemTowerModel(data, params, pool);
    const [even, odd] = [scoresOf(model, historyOf([0, 2]), 8), scoresOf(model, historyOf([1, 3]), 8)];
    expect(even[6]!).toBeGreaterThan(even[7]! + 0.1);
    expect(odd[7]!).toBeGreaterThan(odd[6]! + 0.1);
    const ials = await trainIalsModel(data.matrix, { ...ialsEntry.defaults, dimensions: 4 }, pool);
    expect(scoresOf(ials, historyOf([0, 2]), 8)[6]).toBe(0);
    expect(scoresOf(model, EMPTY, 8)).toEqual(Array.from({ length: 8 }, () => 0));
  });

  it("works on a catalogue without any history", async () => {
    const cold = dataOf(matrixOf([items.ids.map(() => 0)]), { items });
    const scores = scoresOf(await trainItemTowerModel(cold, params, pool), historyOf([0]), 8);
    expect(scores[2]!).toBeGreaterThan(0.01);
    expect(Math.abs(scores[1]!)).toBeLessThan(1e-4);
  });

  it("refuses items with nothing in common", () => {
    const refusal = itemTowerEntry.refusal!;
    expect(refusal(dataOf(matrixOf([[1, 1]]), { items: itemsOf([{ title: "a" }, { title: "b" }]) }))).toContain(
      "items.csv",
    );
    expect(refusal(data)).toBeNull();
  });
});
