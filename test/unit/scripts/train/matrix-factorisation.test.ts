import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bprEntry, logisticEntry, warpEntry } from "../../../../scripts/train/factorisation-models.ts";
import { foldInByGradients, LOSSES } from "../../../../scripts/train/gradient-fold-in.ts";
import type { FactorisationParams, Loss } from "../../../../scripts/train/gradient-fold-in.ts";
import { factorise } from "../../../../scripts/train/matrix-factorisation.ts";
import { harmonicNumbers, negativeTable } from "../../../../scripts/train/negatives.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { maxDifference, openPool, randomMatrix } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, itemsOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

const ENTRIES = { logistic: logisticEntry, bpr: bprEntry, warp: warpEntry };
const D = 6;
/** Rows of the kernel's tables: 6 dimensions are padded to 8, then the bias and three unused. */
const STRIDE = 12;
const BIAS = 8;
const REGULARISATION = 0.07;
const RATE = 0.3;

/** One user, whose only item is 0, the entries of three items, and how items are made of entries. */
interface Tables {
  readonly user: number[];
  readonly entries: number[][];
  readonly entriesOf: readonly (readonly number[])[];
}

function randomTables(entriesOf: readonly (readonly number[])[], seed: number, scale: number): Tables {
  const random = seededRandom(seed);
  const row = (): number[] => {
    const used = (d: number): boolean => d < D || d === BIAS;
    return Array.from({ length: STRIDE }, (_, d) => (used(d) ? Math.fround(scale * (random() - 0.5)) : 0));
  };
  const count = Math.max(...entriesOf.flat()) + 1;
  return { user: row(), entries: Array.from({ length: count }, row), entriesOf };
}

/** What the kernel makes of one interaction of weight 1.5. */
async function kernelStep(tables: Tables, loss: Loss, negatives: readonly number[], draws: number): Promise<Tables> {
  return pool.scope(async () => {
    const { user, entries, entriesOf } = tables;
    const users = pool.float32(user);
    const table = pool.float32(entries.flat());
    const starts = entriesOf.map((_, item) => entriesOf.slice(0, item).flat().length);
    const pointer = (values: readonly number[]): number => pool.uint32(values).pointer;
    const ones = (length: number): number => pool.float32(Array.from({ length }, () => 1)).pointer;
    const args = [
      pointer([0]), // order
      pointer([0]), // owners
      pointer([0, 1]), // indptr
      pointer([0]), // indices
      pool.float32([1.5]).pointer,
      users.pointer,
      ones(STRIDE),
      table.pointer,
      ones(entries.length * STRIDE),
      pointer([...starts, entriesOf.flat().length]),
      pointer(entriesOf.flat()),
      pointer(negatives),
      negatives.length,
      pool.float32(harmonicNumbers(negatives.length)).pointer,
      pointer([1]), // the state of the random numbers
      BIAS,
      LOSSES.indexOf(loss),
      draws,
      RATE,
      REGULARISATION,
    ];
    await pool.run("factorise", Uint32Array.of(0, 1), args, 12 * STRIDE);
    const after = Array.from({ length: entries.length }, (_, row) => [
      ...table.array.subarray(row * STRIDE, (row + 1) * STRIDE),
    ]);
    return { user: [...users.array], entries: after, entriesOf };
  });
}

const logSigmoid = (x: number): number => -Math.log(1 + Math.exp(-x));

function scoreOf({ user, entries, entriesOf }: Tables, item: number): number {
  const sum = Array.from({ length: STRIDE }, (_, d) =>
    entriesOf[item]!.reduce((total, entry) => total + entries[entry]![d]!, 0),
  );
  return sum[BIAS]! + user.slice(0, D).reduce((total, value, d) => total + value * sum[d]!, 0);
}

/** One Adagrad step by numerical gradients; items whose entries it moves: `touched`. */
function naiveStep(
  tables: Tables,
  squares: Tables,
  loss: (tables: Tables) => number,
  touched: readonly number[],
): Tables {
  const after: Tables = { ...tables, user: [...tables.user], entries: tables.entries.map((row) => [...row]) };
  const rows = [...new Set(touched.flatMap((item) => tables.entriesOf[item]!))];
  const move = (row: number[], target: number[], square: number[], d: number): void => {
    const value = row[d]!;
    const epsilon = 1e-5;
    row[d] = value + epsilon;
    const high = loss(tables);
    row[d] = value - epsilon;
    const low = loss(tables);
    row[d] = value;
    const gradient = (high - low) / (2 * epsilon) + (d === BIAS ? 0 : REGULARISATION * value);
    square[d]! += gradient * gradient;
    target[d] = value - (RATE * gradient) / Math.sqrt(square[d]!);
  };
  for (const d of [...Array(D).keys(), BIAS]) {
    move(tables.user, after.user, squares.user, d);
    for (const row of rows) move(tables.entries[row]!, after.entries[row]!, squares.entries[row]!, d);
  }
  return after;
}

const onesLike = (tables: Tables): Tables => {
  return { ...tables, user: tables.user.map(() => 1), entries: tables.entries.map((row) => row.map(() => 1)) };
};

const difference = (a: Tables, b: Tables): number =>
  Math.max(maxDifference(a.user, b.user), maxDifference(a.entries.flat(), b.entries.flat()));

const PLAIN = [[0], [1], [2]];
/** Items 0 and 1 share feature 3, item 0 has feature 4 too. */
const FEATURED = [[0, 3, 4], [1, 3], [2]];

describe.each([
  ["ids", PLAIN],
  ["ids and features", FEATURED],
])("the gradients, by finite differences: %s", (_, entriesOf) => {
  it("BPR", async () => {
    const tables = randomTables(entriesOf, 1, 2);
    const loss = (at: Tables): number => -1.5 * logSigmoid(scoreOf(at, 0) - scoreOf(at, 2));
    const expected = naiveStep(tables, onesLike(tables), loss, [0, 2]);
    expect(difference(expected, tables)).toBeGreaterThan(0.01);
    expect(difference(await kernelStep(tables, "bpr", [2], 1), expected)).toBeLessThan(1e-5);
  });

  it("logistic: a positive, then a negative", async () => {
    const tables = randomTables(entriesOf, 2, 2);
    const squares = onesLike(tables);
    const logit = (at: Tables, item: number): number => scoreOf(at, item) + at.user[BIAS]!;
    const positive = naiveStep(tables, squares, (at) => -1.5 * logSigmoid(logit(at, 0)), [0]);
    const expected = naiveStep(positive, squares, (at) => -1.5 * logSigmoid(-logit(at, 1)), [1]);
    expect(difference(await kernelStep(tables, "logistic", [1], 1), expected)).toBeLessThan(1e-5);
    expect(difference(await kernelStep(tables, "logistic", [1], 0), positive)).toBeLessThan(1e-5);
  });

  it("WARP: the hinge, by H(N / n)", async () => {
    const tables = randomTables(entriesOf, 3, 0.5);
    // The first draw violates: N / n = 4, H(4) = 25 / 12.
    const loss = (at: Tables): number => 1.5 * (25 / 12) * (1 - scoreOf(at, 0) + scoreOf(at, 2));
    expect(loss(tables)).toBeGreaterThan(0);
    const expected = naiveStep(tables, onesLike(tables), loss, [0, 2]);
    expect(difference(await kernelStep(tables, "warp", [2, 2, 2, 2], 1), expected)).toBeLessThan(1e-5);
  });
});

describe("what WARP draws", () => {
  /** s_0 = 3, s_1 = 0, s_2 = 2.5: item 1 keeps its distance, item 2 does not. */
  const tables = randomTables(PLAIN, 4, 0);
  tables.entries.forEach((row, item) => (row[BIAS] = [3, 0, 2.5][item]!));
  const draws = (count: number, negatives: readonly number[]): number[] => {
    const random = seededRandom(1);
    return Array.from({ length: count }, () => negatives[Math.floor(random() * negatives.length)]!);
  };
  /** The slope of item 2's bias, from its Adagrad step. */
  const slopeOf = ({ entries }: Tables): number => {
    const move = (tables.entries[2]![BIAS]! - entries[2]![BIAS]!) / RATE;
    return move / Math.sqrt(1 - move * move);
  };

  it("draws until an item violates and estimates the rank from the number of draws", async () => {
    const negatives = [0, 1, 1, 1, 1, 1, 1, 2];
    const trials = draws(200, negatives).indexOf(2) + 1;
    expect(trials).toBeGreaterThan(1);
    const after = await kernelStep(tables, "warp", negatives, 200);
    expect(slopeOf(after)).toBeCloseTo(1.5 * harmonicNumbers(8)[Math.floor(8 / trials)]!, 3);
    expect(after.entries[1]).toEqual(tables.entries[1]);
    // One draw too few: nothing is learnt.
    expect(difference(await kernelStep(tables, "warp", negatives, trials - 1), tables)).toBe(0);
  });

  it("learns nothing from the person's own items", async () => {
    expect(difference(await kernelStep(tables, "warp", [0, 0], 50), tables)).toBe(0);
    expect(difference(await kernelStep(tables, "bpr", [0, 0], 50), tables)).toBe(0);
  });
});

describe("the fold-in", () => {
  it.each(LOSSES)("is the kernel's step of the user: %s", async (loss) => {
    const random = randomTables(PLAIN, 5, 1);
    const tables = { ...random, user: random.user.map(() => 0) };
    const { user } = await kernelStep(tables, loss, [2], 1);
    const itemVectors = Float32Array.from(tables.entries.flatMap((row) => [...row.slice(0, D), row[BIAS]!]));
    const params = { ...ENTRIES[loss].defaults, dimensions: D, epochs: 1, draws: 1, learningRate: RATE };
    const folded = foldInByGradients(loss, historyOf([0], [1.5]), itemVectors, Uint32Array.of(2), harmonicNumbers(1), {
      ...params,
      regularisation: REGULARISATION,
      decay: 0,
      seed: 1,
    });
    expect(maxDifference(folded, [...user.slice(0, D), 1])).toBeLessThan(1e-5);
    expect(Math.max(...folded.slice(0, D).map(Math.abs))).toBeGreaterThan(0.01);
  });
});

describe("negatives", () => {
  const matrix = matrixOf([
    [1, 1, 0, 1],
    [1, 1, 0, 0],
    [1, 1, 0, 0],
    [1, 1, 0, 0],
  ]);

  it("are the items that have interactions, alike or by a power of their number", () => {
    expect([...negativeTable(matrix, 0)]).toEqual([0, 1, 3]);
    const table = negativeTable(matrix, 0.5);
    const share = (item: number): number => table.filter((other) => other === item).length / table.length;
    // The square roots of 4, 4 and 1.
    expect([0, 1, 2, 3].map(share).map((value) => Math.round(value * 1e5))).toEqual([40_000, 40_000, 0, 20_000]);
    expect(negativeTable(matrixOf([[0, 0]]), 0.5)).toHaveLength(0);
  });

  it("harmonic numbers", () => {
    expect(maxDifference(harmonicNumbers(3), [0, 1, 1.5, 11 / 6])).toBeLessThan(1e-12);
  });
});

/** Two groups with a taste each; the last item of each group has nobody yet. */
const THEMES = Array.from({ length: 24 }, (_, item) => ({ themes: [item % 2 === 0 ? "sea" : "stars"] }));
function tastes() {
  const noise = randomMatrix(80, 24, 0.6, 9);
  const keep = (user: number, item: number): boolean => user % 2 === item % 2 && item < 22;
  const rows = Array.from({ length: 80 }, () => Array.from({ length: 24 }, () => 0));
  for (let user = 0; user < 80; user++) {
    for (let at = noise.indptr[user]!; at < noise.indptr[user + 1]!; at++) {
      const item = noise.indices[at]!;
      if (keep(user, item)) rows[user]![item] = 1;
    }
  }
  return dataOf(matrixOf(rows), { items: itemsOf(THEMES) });
}

describe.each(LOSSES)("%s", (loss) => {
  const params: FactorisationParams = {
    ...ENTRIES[loss].defaults,
    dimensions: 8,
    epochs: 12,
    learningRate: 0.2,
    regularisation: 0.01,
    // With many draws WARP takes all that a person does not have for violations: here half of it is liked.
    draws: 5,
  };

  it("learns who likes what", async () => {
    const model = await factorise(loss, tastes(), params, { pool });
    expect(model).toMatchObject({ name: loss, params });
    const scores = scoresOf(model, historyOf([0, 2, 4]), 24);
    const liked = [6, 8, 10, 12, 14, 16, 18, 20].map((item) => scores[item]!);
    const others = [7, 9, 11, 13, 15, 17, 19, 21].map((item) => scores[item]!);
    const wins = liked.flatMap((score) => others.map((other) => Number(score > other)));
    expect(wins.filter((win) => win === 1).length / wins.length).toBeGreaterThan(0.9);
  });

  it("gives the same bytes with one thread and two, and other bytes with another seed", async () => {
    const alone = await openPool({ threads: 1 });
    const [one, two, other] = [
      await factorise(loss, tastes(), params, { pool: alone }),
      await factorise(loss, tastes(), params, { pool }),
      await factorise(loss, tastes(), { ...params, seed: 2 }, { pool }),
    ];
    await alone.close();
    expect(one.state).toEqual(two.state);
    expect(one.factors.itemVectors).toEqual(two.factors.itemVectors);
    expect(other.factors.itemVectors).not.toEqual(two.factors.itemVectors);
  });

  it("scores by the biases alone for an empty history, an unknown item last", async () => {
    const model = await factorise(loss, tastes(), params, { pool });
    const scores = scoresOf(model, EMPTY, 24);
    expect(scores).toEqual(Array.from({ length: 24 }, (_, item) => model.factors.itemVectors[item * 9 + 8]!));
    expect(new Set(scores).size).toBeGreaterThan(10);
    expect(scores[22]).toBe(Math.min(...scores));
  });

  it("places an item without interactions by its features", async () => {
    const model = await factorise(loss, tastes(), { ...params, features: 1 }, { pool });
    const scores = scoresOf(model, historyOf([0, 2, 4]), 24);
    expect(scores[22]).toBeGreaterThan(scores[23]!);
    const entry = (row: number): number[] => [...model.state.entries.subarray(row * 12, row * 12 + 12)];
    expect(model.state.featureNames).toEqual(["theme:sea", "theme:stars"]);
    expect(entry(22)).toEqual(entry(0).map(() => 0));
    expect([...model.factors.itemVectors.subarray(22 * 9, 23 * 9)]).toEqual(entry(24).slice(0, 9));
  });

  it("tells of every epoch with the model as it is then", async () => {
    const epochs: number[] = [];
    const vectors: Float32Array[] = [];
    const onEpoch = (epoch: number, total: number, model: { factors?: { itemVectors: Float32Array } }): void => {
      expect(total).toBe(3);
      epochs.push(epoch);
      vectors.push(model.factors!.itemVectors);
    };
    const model = await factorise(loss, tastes(), { ...params, epochs: 3 }, { pool, onEpoch });
    expect(epochs).toEqual([1, 2, 3]);
    expect(vectors[2]).toEqual(model.factors.itemVectors);
    expect(vectors[1]).not.toEqual(vectors[2]);
  });
});

it.each([0, 1])("ends when cancelled, after epoch %i", async (after) => {
  const stop = new AbortController();
  if (after === 0) stop.abort();
  const own = await openPool({ threads: 1, signal: stop.signal });
  const told: number[] = [];
  const onEpoch = (epoch: number): void => {
    told.push(epoch);
    if (epoch === after) stop.abort();
  };
  const params = { ...bprEntry.defaults, dimensions: 8 };
  await expect(factorise("bpr", tastes(), params, { pool: own, onEpoch })).rejects.toMatchObject({ code: "CANCELLED" });
  expect(told).toHaveLength(after);
  await own.close();
});

it("says that it does not converge", async () => {
  const params = { ...bprEntry.defaults, dimensions: 8, epochs: 2, learningRate: 1e38 };
  await expect(factorise("bpr", tastes(), params, { pool })).rejects.toMatchObject({ code: "INTERNAL" });
});

it("takes data without interactions", async () => {
  const model = await factorise("warp", dataOf(matrixOf([[0, 0]])), warpEntry.defaults, { pool });
  expect(scoresOf(model, historyOf([1]), 2)).toEqual([0, 0]);
});
