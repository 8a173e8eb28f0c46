import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import { itemKnnEntry, trainItemKnnModel } from "../../../../scripts/train/item-knn.ts";
import type { ItemKnnParams } from "../../../../scripts/train/item-knn.ts";
import { SIMILARITIES } from "../../../../scripts/train/similarity.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { dense, maxDifference, openPool, randomMatrix } from "./helpers.ts";
import { EMPTY, historyOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

const history = historyOf([0, 3], [1, 2]);
const train = (matrix: InteractionMatrix, params: Partial<ItemKnnParams>) =>
  trainItemKnnModel(matrix, { ...itemKnnEntry.defaults, ...params }, pool);

/** The definitions, over dense columns. */
function naiveSimilarity(x: readonly number[], y: readonly number[], kind: number, shrinkage: number): number {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((value, at) => value * b[at]!));
  if (SIMILARITIES[kind] === "jaccard") {
    const both = x.filter((value, at) => value > 0 && y[at]! > 0).length;
    const either = x.filter((value, at) => value > 0 || y[at]! > 0).length;
    return both / (either + shrinkage);
  }
  const centred = (values: readonly number[]): number[] => {
    const mean = SIMILARITIES[kind] === "pearson" ? sum(values) / values.length : 0;
    return values.map((value) => value - mean);
  };
  const [a, b] = [centred(x), centred(y)];
  return dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) + shrinkage);
}

/** The score of j: sum of w_i s_ij over the history, s_ij counted where i is among the k best of j. */
function naiveScores(matrix: InteractionMatrix, neighbours: number, shrinkage: number, kind: number): number[] {
  const rows = dense(matrix);
  const columns = Array.from({ length: matrix.items }, (_, item) => rows.map((row) => row[item]!));
  return columns.map((column, j) => {
    const ranked = columns
      .map((other, i) => ({ i, similarity: naiveSimilarity(other, column, kind, shrinkage) }))
      .filter(({ i }) => i !== j && columns[i]!.some((value, user) => value * column[user]! > 0))
      .filter(({ similarity }) => similarity > 0)
      .sort((a, b) => b.similarity - a.similarity || a.i - b.i)
      .slice(0, neighbours);
    return history.rows.reduce((score, row, at) => {
      return score + history.weights[at]! * (ranked.find(({ i }) => i === row)?.similarity ?? 0);
    }, 0);
  });
}

describe("item-kNN", () => {
  // Five people. Item 0 has people 0 and 1, item 1 people 0 and 2, item 2 only person 4.
  const WORKED = matrixOf([
    [1, 1, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
    [0, 0, 1],
  ]);

  it.each([
    ["cosine, 1 / (sqrt 2 sqrt 2)", 0, 0, 1 / 2],
    ["cosine with shrinkage, 1 / (2 + 1)", 0, 1, 1 / 3],
    ["Jaccard, one person of three", 1, 0, 1 / 3],
    ["Jaccard with shrinkage, 1 / (3 + 1)", 1, 1, 1 / 4],
    ["Pearson, (1 - 5 x .4 x .4) / (2 - 5 x .16)", 2, 0, 0.2 / 1.2],
    ["Pearson with shrinkage", 2, 1, 0.2 / 2.2],
  ])("equals the worked example: %s", async (_, similarity, shrinkage, expected) => {
    const model = await train(WORKED, { similarity, shrinkage });
    expect(maxDifference(scoresOf(model, historyOf([0], [3]), 3), [0, 3 * expected, 0])).toBeLessThan(1e-6);
    expect(scoresOf(model, EMPTY, 3)).toEqual([0, 0, 0]);
  });

  it.each([
    ["cosine, two neighbours", 2, 0, 0],
    ["cosine, five neighbours, shrinkage", 5, 10, 0],
    ["cosine, more neighbours than items", 100, 1, 0],
    ["Jaccard, four neighbours", 4, 0, 1],
    ["Pearson, four neighbours, shrinkage", 4, 2, 2],
  ])("equals the naive model: %s", async (_, neighbours, shrinkage, similarity) => {
    const matrix = randomMatrix(60, 37, 0.1, 11, [1], [4, 36]);
    const model = await train(matrix, { neighbours, shrinkage, similarity });
    const expected = naiveScores(matrix, neighbours, shrinkage, similarity);
    expect(Math.max(...expected)).toBeGreaterThan(0.01);
    expect(maxDifference(scoresOf(model, history, 37), expected)).toBeLessThan(1e-6);
  });

  it("leaves out what is unlike or the same for all", async () => {
    // Item 0 of all people, item 1 of people 0 and 1, item 2 of 1 and 2: 1 and 2 correlate by (1 - 4/3) / (2/3) < 0.
    const matrix = matrixOf([
      [1, 1, 0],
      [1, 1, 1],
      [1, 0, 1],
    ]);
    const model = await train(matrix, { similarity: 2 });
    expect(scoresOf(model, historyOf([0, 1]), 3)).toEqual([0, 0, 0]);
    expect(Math.min(...scoresOf(await train(matrix, {}), historyOf([0, 1]), 3))).toBeGreaterThan(0.4);
  });

  it("prefers the lower row among equals", async () => {
    // One user with all items: every pair is equally similar, so each target keeps row 0 (and row 0 keeps row 1).
    const model = await train(matrixOf([[1, 1, 1, 1, 1]]), { neighbours: 1 });
    expect(scoresOf(model, historyOf([0]), 5)).toEqual([0, 1, 1, 1, 1]);
    expect(scoresOf(model, historyOf([3]), 5)).toEqual([0, 0, 0, 0, 0]);
  });

  it("keeps the most popular of the nearest", async () => {
    // Items by people: 0 has 0 1; 1 has 0; 2 has 0 1 2 3; 3 has 0 1 4. Popularity 2, 1, 4, 3.
    const matrix = matrixOf([
      [1, 1, 1, 1],
      [1, 0, 1, 1],
      [0, 0, 1, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
    const cosines = [1 / Math.sqrt(2), 2 / Math.sqrt(8), 2 / Math.sqrt(6)];
    const kept = async (popular: number): Promise<number[]> => {
      return scoresOf(await train(matrix, { popular, neighbours: 1 }), historyOf([0]), 4);
    };
    expect(maxDifference(await kept(1), [0, 0, cosines[1]!, 0])).toBeLessThan(1e-6);
    expect(maxDifference(await kept(2), [0, 0, cosines[1]!, cosines[2]!])).toBeLessThan(1e-6);
    expect(maxDifference(await kept(30), [0, ...cosines])).toBeLessThan(1e-6);
  });

  it("chooses the popular among no more than 30", async () => {
    // Item 0 with each of 31 others once; the last has two more people and is the most popular, but the least alike.
    const pairs = Array.from({ length: 31 }, (_, k) =>
      Array.from({ length: 32 }, (_unused, i) => Number(i === 0 || i === k + 1)),
    );
    const last = Array.from({ length: 32 }, (_, i) => Number(i === 31));
    const model = await train(matrixOf([...pairs, last, last]), { popular: 1 });
    const scores = scoresOf(model, historyOf([0]), 32);
    expect(scores[31]).toBe(0);
    expect(scores[1]).toBeCloseTo(1 / Math.sqrt(31), 6);
  });

  it("takes one item", async () => {
    expect(scoresOf(await train(randomMatrix(3, 1, 1, 1), {}), historyOf([0]), 1)).toEqual([0]);
  });

  it("is the same, byte for byte, with one thread and with two", async () => {
    const matrix = randomMatrix(80, 120, 0.1, 2);
    const single = await openPool({ threads: 1 });
    const params = { ...itemKnnEntry.defaults, neighbours: 7, similarity: 2 };
    const one = await trainItemKnnModel(matrix, params, single);
    await single.close();
    expect(scoresOf(await train(matrix, params), history, 120)).toEqual(scoresOf(one, history, 120));
  });
});
