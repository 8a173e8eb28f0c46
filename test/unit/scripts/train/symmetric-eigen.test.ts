import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import { symmetricEigen } from "../../../../scripts/train/symmetric-eigen.ts";
import { maxDifference } from "./helpers.ts";

function randomSymmetric(size: number): Float64Array {
  const random = seededRandom(size);
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) matrix[i * size + j] = matrix[j * size + i] = gaussian(random);
  }
  return matrix;
}

describe("symmetricEigen", () => {
  it("equals the worked example: [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, -1)", () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect(maxDifference(values, [3, 1])).toBeLessThan(1e-14);
    const half = Math.SQRT1_2;
    expect(maxDifference(vectors.map(Math.abs), [half, half, half, half])).toBeLessThan(1e-14);
    expect(vectors[0]! * vectors[1]!).toBeGreaterThan(0);
    expect(vectors[2]! * vectors[3]!).toBeLessThan(0);
  });

  it.each([1, 2, 7, 40])("has A v = value v, orthonormal and in order: %i rows", (size) => {
    const matrix = randomSymmetric(size);
    const { values, vectors } = symmetricEigen(matrix, size);
    expect(values).toEqual(values.toSorted().toReversed());
    for (let k = 0; k < size; k++) {
      const v = vectors.subarray(k * size, (k + 1) * size);
      const product = v.map((_, i) => v.reduce((sum, value, j) => sum + matrix[i * size + j]! * value, 0));
      expect(
        maxDifference(
          product,
          v.map((value) => values[k]! * value),
        ),
      ).toBeLessThan(1e-10);
      for (let l = 0; l <= k; l++) {
        const dot = v.reduce((sum, value, j) => sum + value * vectors[l * size + j]!, 0);
        expect(dot).toBeCloseTo(k === l ? 1 : 0, 10);
      }
    }
  });

  it("takes equal values, zeros and nothing", () => {
    expect([...symmetricEigen(Float64Array.of(5, 0, 0, 5), 2).values]).toEqual([5, 5]);
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
    expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
  });

  it("refuses what is no number", () => {
    expect(() => symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2)).toThrow(
      expect.objectContaining({ code: "INTERNAL" }),
    );
  });
});
