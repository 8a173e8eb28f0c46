import { describe, expect, it } from "vitest";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import { trainUserKnnModel, userKnnEntry } from "../../../../scripts/train/user-knn.ts";
import type { UserKnnParams } from "../../../../scripts/train/user-knn.ts";
import { dense, maxDifference, randomMatrix } from "./helpers.ts";
import { EMPTY, historyOf, matrixOf, scoresOf } from "./model-data.ts";

const train = (matrix: InteractionMatrix, params: Partial<UserKnnParams>) =>
  trainUserKnnModel(matrix, { ...userKnnEntry.defaults, ...params });

describe("user-kNN", () => {
  // Five items. The history holds 0 and 1; person 0 has 0 and 2, person 1 has 3 alone, person 2 has all but 4.
  const WORKED = matrixOf([
    [1, 0, 1, 0, 0],
    [0, 0, 0, 1, 0],
    [1, 1, 1, 1, 0],
  ]);
  const HISTORY = historyOf([0, 1]);

  it.each([
    ["cosine, 1/2 and 2/sqrt 8", 0, 0, 1 / 2, 2 / Math.sqrt(8)],
    ["cosine with shrinkage", 0, 2, 1 / 4, 2 / (Math.sqrt(8) + 2)],
    ["Jaccard, 1/3 and 2/4", 1, 0, 1 / 3, 2 / 4],
    ["Jaccard with shrinkage", 1, 1, 1 / 4, 2 / 5],
    ["Pearson, (1 - .8) / 1.2 and (2 - 1.6) / sqrt(1.2 x .8)", 2, 0, 0.2 / 1.2, 0.4 / Math.sqrt(1.2 * 0.8)],
    ["Pearson with shrinkage", 2, 1, 0.2 / 2.2, 0.4 / (Math.sqrt(1.2 * 0.8) + 1)],
  ])("equals the worked example: %s", async (_, similarity, shrinkage, first, third) => {
    const model = await train(WORKED, { similarity, shrinkage });
    const expected = [first + third, third, first + third, third, 0];
    expect(maxDifference(scoresOf(model, HISTORY, 5), expected)).toBeLessThan(1e-6);
    // The nearest alone.
    const nearest = await train(WORKED, { similarity, shrinkage, neighbours: 1 });
    expect(maxDifference(scoresOf(nearest, HISTORY, 5), [third, third, third, third, 0])).toBeLessThan(1e-6);
    expect(scoresOf(model, EMPTY, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  it("weighs both sides", async () => {
    // cos((2, 1), (1, 3)) = 5 / sqrt 50, and the person's own weights 1 and 3 are what is added.
    const model = await train(matrixOf([[1, 3]]), {});
    const cosine = 5 / Math.sqrt(50);
    expect(maxDifference(scoresOf(model, historyOf([0, 1], [2, 1]), 2), [cosine, 3 * cosine])).toBeLessThan(1e-6);
  });

  it("equals the naive model", async () => {
    const matrix = randomMatrix(50, 40, 0.15, 8, [3]);
    const history = historyOf([2, 9, 30], [1, 0.5, 2]);
    const own = Array.from({ length: 40 }, (_, item) => history.weights[history.rows.indexOf(item)] ?? 0);
    const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, at) => sum + v * b[at]!, 0);
    const ranked = dense(matrix)
      .map((row) => ({ row, similarity: dot(row, own) / (Math.sqrt(dot(row, row) * dot(own, own)) + 1.5) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, 6);
    const expected = own.map((_, item) =>
      ranked.reduce((sum, { row, similarity }) => sum + similarity * row[item]!, 0),
    );
    const model = await train(matrix, { neighbours: 6, shrinkage: 1.5 });
    expect(Math.max(...expected)).toBeGreaterThan(0.1);
    expect(maxDifference(scoresOf(model, history, 40), expected)).toBeLessThan(1e-6);
  });

  it("keeps the most active of the nearest", async () => {
    // Person 0 is nearest; person 1 has more. The cosines are 1 / sqrt 2 and 1 / sqrt 3.
    const matrix = matrixOf([
      [1, 1, 0, 0],
      [1, 0, 1, 1],
      [0, 0, 0, 1],
    ]);
    const [near, active] = [1 / Math.sqrt(2), 1 / Math.sqrt(3)];
    const kept = async (popular: number) => scoresOf(await train(matrix, { popular }), historyOf([0]), 4);
    expect(maxDifference(await kept(1), [active, 0, active, active])).toBeLessThan(1e-6);
    expect(maxDifference(await kept(2), [near + active, near, active, active])).toBeLessThan(1e-6);
  });

  it("chooses the active among no more than 30", async () => {
    // Thirty people have the history's item and another; one has it and two others, and is less alike.
    const matrix = matrixOf([...Array.from({ length: 30 }, () => [1, 1, 0, 0]), [1, 0, 1, 1]]);
    const scores = scoresOf(await train(matrix, { popular: 30 }), historyOf([0]), 4);
    expect(scores[1]).toBeCloseTo(30 / Math.sqrt(2), 4);
    expect(scores[2]).toBe(0);
  });
});
