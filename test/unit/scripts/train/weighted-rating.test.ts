import { describe, expect, it } from "vitest";
import { weightedRatingEntry, weightedRatings } from "../../../../scripts/train/weighted-rating.ts";
import { maxDifference } from "./helpers.ts";
import { dataOf, matrixOf } from "./model-data.ts";

// Item 0 is rated 5, item 1 4 and 2 and 3, item 2 has an interaction without a rating, item 3 nothing.
const MATRIX = matrixOf([
  [1, 1, 0, 0],
  [0, 1, 0, 0],
  [0, 1, 1, 0],
]);
const RATED = dataOf(MATRIX, { values: Float32Array.of(5, 4, 2, 3, NaN) });

describe("weighted rating", () => {
  it("equals the worked example", () => {
    // C = 14 / 4. Votes 1 and 3: m is 1 at quantile 0 and 3 at quantile 1.
    const c = 14 / 4;
    const low = [(1 / 2) * 5 + (1 / 2) * c, (3 / 4) * 3 + (1 / 4) * c, c, c];
    const high = [(1 / 4) * 5 + (3 / 4) * c, (3 / 6) * 3 + (3 / 6) * c, c, c];
    expect(maxDifference(weightedRatings(RATED, { quantile: 0 }), low)).toBeLessThan(1e-6);
    expect(maxDifference(weightedRatings(RATED, { quantile: 1 }), high)).toBeLessThan(1e-6);
  });

  it("refuses data without ratings, and counts that are none", () => {
    const refusal = weightedRatingEntry.refusal!;
    expect(refusal(RATED)).toBeNull();
    expect(refusal(dataOf(MATRIX))).toContain("no ratings");
    expect(refusal(dataOf(MATRIX, { values: new Float32Array(5).fill(NaN) }))).toContain("no ratings");
    const counts = matrixOf([Array.from({ length: 102 }, () => 1)]);
    expect(refusal(dataOf(counts, { values: Float32Array.from({ length: 102 }, (_, at) => at) }))).toContain("102");
    expect(refusal(dataOf(counts, { values: Float32Array.from({ length: 102 }, (_, at) => at % 101) }))).toBeNull();
    expect(() => weightedRatings(dataOf(MATRIX), { quantile: 0.5 })).toThrow(
      expect.objectContaining({ code: "DATA_INVALID" }),
    );
  });
});
