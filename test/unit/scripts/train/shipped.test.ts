import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scorePeople } from "../../../../scripts/evaluate/score-people.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import { modelOfTowers } from "../../../../scripts/train/shipped.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import {
  bytesPerItem,
  countTowerTransitions,
  encodedItems,
  entriesWithin,
  towersOf,
  TOWERS_DEFAULTS,
  trainTowers,
  transitionEntries,
} from "../../../../scripts/train/towers.ts";
import type { TowerParts, TowersParams } from "../../../../scripts/train/towers.ts";
import { encodeTensorFile } from "../../../../src/model/bundle/tensor-file.ts";
import { RETRIEVAL, TOWER } from "../../../../src/model/config.ts";
import { foldInExact } from "../../../../src/model/tower/fold-in.ts";
import { neighboursToFile } from "../../../../src/model/tower/neighbour-codec.ts";
import { neighbourValue } from "../../../../src/model/tower/neighbours.ts";
import { openPool, randomMatrix } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, matrixOf, scoresOf } from "./model-data.ts";

const ITEMS = 300;
const DIMENSIONS = 16;
const matrix = randomMatrix(200, ITEMS, 0.08, 1);
const data = dataOf(matrix, { sequences: matrix.indices });
const params: TowersParams = {
  ...TOWERS_DEFAULTS,
  dimensions: DIMENSIONS,
  epochs: 4,
  lambda: 0.003,
  alpha0: 0.3,
  seed: 1,
  residualEntries: 4,
  residualLambda: 5,
  residualWeight: 1.5,
  transitionEntries: 3,
  transitionWeight: 0.2,
  recencyDecay: 0.9,
  popularityExponent: 0.1,
};
const HISTORY = historyOf([3, 280, 41, 7], [1, 2, 1, 4]);

let pool: ThreadPool;
let parts: TowerParts;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
  parts = await trainTowers(data, params, pool);
});
afterAll(() => pool.close());

const scoresBy = async (name: Parameters<typeof modelOfTowers>[0], history = HISTORY): Promise<number[]> =>
  scoresOf(await modelOfTowers(name, parts, data, 0), history, ITEMS);
const best = (scores: readonly number[], k: number): number[] =>
  [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]! || a - b).slice(0, k);

describe("the shipped model", () => {
  it("adds to the dot product what the tables add, the newest in full and older ones less, over popularity", async () => {
    const { residual, transitions, vectors } = towersOf(parts);
    const vector = (row: number): Float32Array => vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
    const rows = [...HISTORY.rows];
    const decayed = rows.map((_, at) => HISTORY.weights[at]! * 0.9 ** (3 - at));
    const history = Float32Array.from(rows.flatMap((row) => [...vector(row)]));
    const user = foldInExact(history, Float32Array.from(decayed), new Float32Array(4).fill(1), DIMENSIONS);
    const scores = await scoresBy("shipped");
    for (let item = 0; item < ITEMS; item++) {
      let expected = vector(item).reduce((sum, value, d) => sum + value * user[d]!, 0);
      rows.forEach((row, at) => {
        expected += Math.min(1, decayed[at]!) * neighbourValue(residual, row, item);
        expected += TOWER.orderDecay ** (3 - at) * neighbourValue(transitions!, row, item);
      });
      let popularity = 0;
      matrix.indices.forEach((other, at) => (popularity += other === item ? matrix.weights[at]! : 0));
      expected *= Math.max(1, popularity) ** -0.1;
      expect(scores[item]).toBeCloseTo(expected, 3);
    }
  });

  it("ranks nearly as the same in float32 does", async () => {
    const shipped = best(await scoresBy("shipped"), 30);
    const exact = best(await scoresBy("shipped-float32"), 30);
    expect(shipped.filter((row) => exact.includes(row)).length).toBeGreaterThanOrEqual(25);
  });

  it("gives many people at once to the bit what it gives one", async () => {
    const atOnce = async (name: "shipped" | "shipped-float32"): Promise<number[]> => {
      const model = await modelOfTowers(name, parts, data, 0);
      const scores: number[] = [];
      const people = [{ user: 0, history: HISTORY, targets: new Set<number>() }];
      await scorePeople(model, people, ITEMS, pool, (of) => scores.push(...of));
      return scores;
    };
    expect(await atOnce("shipped")).toEqual(await scoresBy("shipped"));
    const float32 = await scoresBy("shipped-float32");
    (await atOnce("shipped-float32")).forEach((score, item) => expect(score).toBeCloseTo(float32[item]!, 5));
  });

  it("scans catalogues that are not scored whole: what is not found stands below, and nothing found is no score", async () => {
    const items = RETRIEVAL.scoredWhole + 1;
    const random = seededRandom(1);
    const vectors = Float32Array.from({ length: items * 4 }, (_, at) => (at < 4 ? 0 : random() - 0.5));
    const silent = { sources: new Uint32Array(0), targets: new Uint32Array(0), values: new Float32Array(0) };
    const scanned: TowerParts = {
      params: { ...params, dimensions: 4 },
      vectors,
      tower: encodedItems(vectors, 4),
      residual: silent,
      transitions: silent,
    };
    const model = await modelOfTowers(
      "shipped",
      scanned,
      dataOf(matrixOf([Array.from({ length: items }, () => 1)])),
      0,
    );
    const scores = scoresOf(model, historyOf([5, 9]), items);
    const least = Math.min(...scores);
    const found = scores.filter((score) => score > least);
    expect(found.length).toBeGreaterThanOrEqual(RETRIEVAL.scanned);
    expect(found.length).toBeLessThan(items / 10);
    expect(new Set(scoresOf(model, historyOf([0]), items)).size).toBe(1);
    expect(scoresOf(model, historyOf([0]), items)[0]).not.toBeNaN();
  });

  it("is another model without its tables", async () => {
    expect(best(await scoresBy("shipped-dot"), 30)).not.toEqual(best(await scoresBy("shipped"), 30));
  });

  it("counts the newest items alone, as many as the tower takes", async () => {
    const rows = Array.from({ length: TOWER.maxHistory + 50 }, (_, at) => at % ITEMS);
    const all = await scoresBy("shipped", historyOf(rows));
    expect(best(all, 30)).toEqual(best(await scoresBy("shipped", historyOf(rows.slice(50))), 30));
  });

  it("goes by popularity without a history", async () => {
    const scores = await scoresBy("shipped", EMPTY);
    const popularity = new Float32Array(ITEMS);
    matrix.indices.forEach((item, at) => (popularity[item]! += matrix.weights[at]!));
    scores.forEach((score, item) => expect(score).toBeCloseTo(popularity[item]!, 4));
  });
});

describe("the transitions", () => {
  it("keeps those of the largest value, those of popular sources rather", () => {
    // 0 is followed by 1 three times, by 2 once; 2 by 1 once.
    const sequences = [
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 2],
      [2, 1],
    ];
    const people = matrixOf(sequences.map((list) => [0, 1, 2].map((item) => (list.includes(item) ? 1 : 0))));
    const ordered = dataOf(people, { sequences: Uint32Array.from(sequences.flat()) });
    const none = { sourceExponent: 0, targetExponent: 0 };
    const { sources, targets, values } = transitionEntries(countTowerTransitions(ordered), people, {
      ...none,
      transitionEntries: 2 / 3,
    });
    // Of the two that were seen once, that of source 0, which four people have and not two.
    expect([...sources]).toEqual([0, 0]);
    expect([...targets]).toEqual([1, 2]);
    expect([...values]).toEqual([3, 1]);
  });
});

describe("the bytes of an item", () => {
  it("are what the file takes, within a tenth", () => {
    const towers = towersOf(parts);
    const tables = encodeTensorFile(neighboursToFile(towers)).byteLength;
    const actual = (tables + towers.codes.codes.byteLength + towers.codes.scales.byteLength) / ITEMS;
    expect(bytesPerItem(ITEMS, params)).toBeGreaterThan(actual * 0.9);
    expect(bytesPerItem(ITEMS, params)).toBeLessThan(actual * 1.15);
  });

  it("hold as many entries as there is room for, and not one half more", () => {
    const entries = entriesWithin(4000, 40);
    const bytesOf = (residualEntries: number): number =>
      bytesPerItem(4000, { dimensions: 2, residualEntries, transitionEntries: 0 }) - 3;
    expect(bytesOf(entries)).toBeLessThanOrEqual(40);
    expect(bytesOf(entries + 0.5)).toBeGreaterThan(40);
    expect(entriesWithin(4000, 1)).toBe(0);
  });
});
