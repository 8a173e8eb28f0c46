/** Distance and angle order items of one length as their dot products do. */
import { describe, expect, test } from "vitest";
import { ofSameLength, withZero } from "../../../../bench/retrieval/same-length.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

describe.each([
  [1, 4],
  [50, 3],
  [200, 16],
])("%i items of %i dimensions", (count, dimensions) => {
  const random = seededRandom(count);
  const vectors = Float32Array.from({ length: count * dimensions }, () => gaussian(random));
  // The first is the zero vector.
  vectors.fill(0, 0, dimensions);
  const { vectors: longer, dimensions: size } = ofSameLength({ vectors, count, dimensions });
  const rows = Array.from({ length: count }, (_, at) => longer.subarray(at * size, (at + 1) * size));

  test("have one length in a dimension more", () => {
    const longest = Math.max(
      ...rows.map((_, at) => {
        const own = vectors.subarray(at * dimensions, (at + 1) * dimensions);
        return dot(own, own);
      }),
    );
    expect([longer.length, size]).toEqual([count * (dimensions + 1), dimensions + 1]);
    for (const vector of rows) expect(dot(vector, vector)).toBeCloseTo(longest, 4);
  });

  test("are in one order", () => {
    const asked = Float32Array.from({ length: dimensions }, () => gaussian(random));
    const by = (score: (vector: Float32Array) => number): number[] =>
      Array.from(rows.keys()).sort((a, b) => score(rows[b]!) - score(rows[a]!));
    const byProduct = by((vector) => dot(asked, vector.subarray(0, dimensions)));
    const at = withZero(asked);
    expect(by((vector) => -vector.reduce((sum, value, d) => sum + (value - at[d]!) ** 2, 0))).toEqual(byProduct);
    expect(by((vector) => dot(at, vector) / Math.sqrt(dot(vector, vector)))).toEqual(byProduct);
  });
});
