import { describe, expect, test } from "vitest";
import { assertQuery, scoreAll, topK } from "../../../../src/model/retrieval/exact-scan.ts";

/** Deterministic small integers, 0 to `below` - 1, with many ties. */
function integers(length: number, below: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  });
}

function sorted(scores: ArrayLike<number>, k: number): { rows: Uint32Array; scores: Float32Array } {
  const rows = Array.from(scores, (_, row) => row)
    .filter((row) => scores[row] !== -Infinity)
    .toSorted((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k);
  return { rows: Uint32Array.from(rows), scores: Float32Array.from(rows, (row) => scores[row]!) };
}

describe("topK", () => {
  test.for([0, 1, 2, 7, 100, 3000].flatMap((count) => [0, 1, 2, 10, 99, 5000].map((k) => [k, count] as const)))(
    "the %i best of %i scores are those of a sort",
    ([k, count]) => {
      for (const below of [1, 3, 50, 1_000_000]) {
        const scores = integers(count, below, count + below);
        expect(topK(Float32Array.from(scores), k)).toEqual(sorted(scores, k));
        expect(topK(Int32Array.from(scores), k)).toEqual(sorted(scores, k));
      }
    },
  );

  test("ties go to the lowest row", () => {
    expect([...topK(Float32Array.of(1, 2, 2, 1, 2), 4).rows]).toEqual([1, 2, 4, 0]);
  });

  test("rows scored -Infinity are left out, even where fewer than K remain", () => {
    const scores = Float32Array.from(integers(200, 20, 1), (score, row) => (row % 3 === 0 ? -Infinity : score));
    for (const k of [1, 50, 200]) expect(topK(scores, k)).toEqual(sorted(scores, k));
    expect(topK(Float32Array.of(-Infinity, -5, -Infinity), 3)).toEqual({
      rows: Uint32Array.of(1),
      scores: Float32Array.of(-5),
    });
    expect(topK(new Float32Array(4).fill(-Infinity), 2).rows).toHaveLength(0);
  });

  test("ordered input, either way", () => {
    const ascending = Float32Array.from({ length: 500 }, (_, row) => row);
    expect(topK(ascending, 20)).toEqual(sorted(ascending, 20));
    const descending = ascending.toReversed();
    expect(topK(descending, 20)).toEqual(sorted(descending, 20));
  });
});

describe("scoreAll", () => {
  test("is the dot product of each row", () => {
    const out = new Float32Array(3);
    scoreAll(Float32Array.of(1, -2), Float32Array.of(1, 1, 0, 3, -2, 0.5), 2, out);
    expect([...out]).toEqual([-1, -6, -3]);
  });

  test("no item: nothing to write", () => {
    const out = new Float32Array(0);
    scoreAll(Float32Array.of(1), out, 1, out);
    expect(out).toHaveLength(0);
  });
});

describe("assertQuery", () => {
  test("takes finite queries of the right length", () => {
    expect(() => assertQuery(Float32Array.of(0, -1), 2)).not.toThrow();
  });

  test.for([
    [Float32Array.of(1, Number.NaN)],
    [Float32Array.of(Number.POSITIVE_INFINITY, 1)],
    [Float32Array.of(1)],
    [Float32Array.of(1, 2, 3)],
  ] as const)("%o is QUERY_INVALID", ([query]) => {
    expect(() => assertQuery(query, 2)).toThrow(expect.objectContaining({ code: "QUERY_INVALID" }));
  });
});
