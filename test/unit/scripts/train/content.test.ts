import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentEntry, contentVectors, trainContentModel } from "../../../../scripts/train/content.ts";
import { textFeatures } from "../../../../scripts/train/text-features.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { dense, maxDifference, openPool } from "./helpers.ts";
import { dataOf, EMPTY, historyOf, itemsOf, matrixOf, scoresOf } from "./model-data.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

const ITEMS = itemsOf([
  { title: "Été, été!", maker: "Ann Lee", kind: "film", themes: ["Sea"], year: 1994 },
  { title: "ETE", maker: "Ann Lee", kind: "film", country: "FR", year: 1990 },
  { title: "Lee", kind: "film", category: "sea", year: 2001 },
  { title: "Nothing shared", kind: "film" },
]);

describe("textFeatures", () => {
  it("equals the worked example", () => {
    const { terms, matrix } = textFeatures(ITEMS);
    // "kind:film" is everybody's; "theme:sea", "category:sea", "country:fr" and the like are one item's.
    expect(terms).toEqual(["word:ete", "word:ann", "word:lee", "maker:ann lee", "decade:1990"]);
    const [two, three] = [Math.log(4 / 2), Math.log(4 / 3)];
    const first = [2 * two, two, three, two, two];
    const second = [two, two, three, two, two];
    const unit = (row: readonly number[]): number[] => row.map((value) => value / Math.hypot(...row));
    const expected = [unit(first), unit(second), [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]];
    expect(maxDifference(dense(matrix).flat(), expected.flat())).toBeLessThan(1e-6);
  });

  it("takes items of which nothing is known", () => {
    expect(textFeatures(itemsOf([{}, {}])).terms).toEqual([]);
    expect(textFeatures(itemsOf([])).matrix.users).toBe(0);
  });
});

describe("content", () => {
  it("is the cosine of the TF-IDF vectors where no dimension is left out", async () => {
    const rows = dense(textFeatures(ITEMS).matrix);
    const vectors = await contentVectors(ITEMS, { dimensions: 5, seed: 1 }, pool);
    for (const [i, a] of rows.entries()) {
      for (const [j, b] of rows.entries()) {
        const expected = a.reduce((sum, value, term) => sum + value * b[term]!, 0);
        const [x, y] = [vectors.subarray(i * 5, i * 5 + 5), vectors.subarray(j * 5, j * 5 + 5)];
        expect(x.reduce((sum, value, d) => sum + value * y[d]!, 0)).toBeCloseTo(expected, 4);
      }
    }
  });

  it("scores by the cosine with the weighted mean of the history", async () => {
    const data = dataOf(matrixOf([[1, 1, 1, 1]]), { items: ITEMS });
    const model = await trainContentModel(data, { dimensions: 5, seed: 1 }, pool);
    const rows = dense(textFeatures(ITEMS).matrix);
    const mean = rows[0]!.map((value, term) => (3 * value + rows[2]![term]!) / 4);
    const expected = rows.map(
      (row) => row.reduce((sum, value, term) => sum + value * mean[term]!, 0) / Math.hypot(...mean),
    );
    expect(maxDifference(scoresOf(model, historyOf([0, 2], [3, 1]), 4), expected)).toBeLessThan(1e-4);
    expect(scoresOf(model, EMPTY, 4)).toEqual([0, 0, 0, 0]);
    expect(scoresOf(model, historyOf([3]), 4)).toEqual([0, 0, 0, 0]);
  });

  it("brings together what no word joins", async () => {
    // "a" and "b" share no term but stand beside the same ones: in one dimension they are the same.
    const items = itemsOf([
      { title: "a x" },
      { title: "a y" },
      { title: "b x" },
      { title: "b y" },
      { title: "c z" },
      { title: "c z" },
    ]);
    const vectors = await contentVectors(items, { dimensions: 2, seed: 1 }, pool);
    const cosine = (i: number, j: number): number =>
      vectors[2 * i]! * vectors[2 * j]! + vectors[2 * i + 1]! * vectors[2 * j + 1]!;
    expect(cosine(0, 3)).toBeCloseTo(1, 4);
    expect(cosine(0, 4)).toBeCloseTo(0, 4);
  });

  it("refuses items with nothing in common", () => {
    const refusal = contentEntry.refusal!;
    const matrix = matrixOf([[1, 1]]);
    expect(refusal(dataOf(matrix, { items: itemsOf([{ title: "product 1" }, { title: "product 2" }]) }))).toContain(
      "items.csv",
    );
    expect(refusal(dataOf(matrixOf([[1, 1, 1, 1]]), { items: ITEMS }))).toBeNull();
  });
});
