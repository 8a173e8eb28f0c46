import { describe, expect, it } from "vitest";
import { buildInteractionMatrix, transpose } from "../../../../scripts/train/interaction-matrix.ts";
import { dense, randomMatrix } from "./helpers.ts";

const build = (users: number, items: number, triplets: readonly (readonly [number, number, number])[]) =>
  buildInteractionMatrix({
    users,
    items,
    userRows: Uint32Array.from(triplets, ([user]) => user),
    itemRows: Uint32Array.from(triplets, ([, item]) => item),
    weights: Float32Array.from(triplets, ([, , weight]) => weight),
  });

describe("buildInteractionMatrix", () => {
  it("sorts the items of each user and keeps the strongest of duplicates", () => {
    const matrix = build(3, 4, [
      [2, 3, 1],
      [0, 2, 1],
      [2, 0, 2],
      [0, 2, 4],
      [0, 2, 3],
      [0, 1, 1],
    ]);
    expect([...matrix.indptr]).toEqual([0, 2, 2, 4]);
    expect([...matrix.indices]).toEqual([1, 2, 0, 3]);
    expect([...matrix.weights]).toEqual([1, 4, 2, 1]);
  });

  it("takes no interactions, and no users or items", () => {
    expect([...build(2, 3, []).indptr]).toEqual([0, 0, 0]);
    expect([...build(0, 0, []).indptr]).toEqual([0]);
  });

  it.each([
    ["a user out of range", [2, 0, 1]],
    ["an item out of range", [0, 3, 1]],
    ["a weight of 0", [0, 0, 0]],
    ["a weight of NaN", [0, 0, Number.NaN]],
    ["an infinite weight", [0, 0, Infinity]],
  ] as const)("refuses %s", (_, triplet) => {
    expect(() => build(2, 3, [triplet])).toThrow(expect.objectContaining({ code: "DATA_INVALID" }));
  });
});

describe("transpose", () => {
  it("swaps users and items, and twice gives the matrix back", () => {
    const matrix = randomMatrix(13, 9, 0.3, 1, [4], [0, 8]);
    const transposed = transpose(matrix);
    const rows = dense(matrix);
    expect(dense(transposed)).toEqual(Array.from({ length: 9 }, (_, item) => rows.map((row) => row[item])));
    expect(transpose(transposed)).toEqual(matrix);
  });
});
