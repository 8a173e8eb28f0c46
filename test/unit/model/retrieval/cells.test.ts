import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import { cellOrder, cellsOf, reachOf } from "../../../../src/model/retrieval/cells.ts";
import { dotProducts, quantiseItems, quantiseQuery, scanInt8 } from "../../../../src/model/retrieval/quantise.ts";
import type { QuantisedItems } from "../../../../src/model/retrieval/quantise.ts";

const DIMENSIONS = 16;
const CELLS = 20;
const PER_CELL = 100;

/** Rows around the centres of cells, the farthest of each cell first. */
function clustered(seed: number, spread: number): { items: QuantisedItems; starts: Uint32Array } {
  const random = seededRandom(seed);
  const draw = (): number[] => Array.from({ length: DIMENSIONS }, () => gaussian(random));
  const rows = Array.from({ length: CELLS }, () => {
    const centre = draw();
    const offsets = Array.from({ length: PER_CELL }, draw).toSorted((a, b) => Math.hypot(...b) - Math.hypot(...a));
    return offsets.map((offset) => offset.map((value, d) => centre[d]! + spread * value));
  });
  return {
    items: quantiseItems(Float32Array.from(rows.flat(2)), DIMENSIONS),
    starts: Uint32Array.from({ length: CELLS + 1 }, (_, cell) => cell * PER_CELL),
  };
}

describe("cells", () => {
  test.each([0.05, 0.3, 1, 5])("no row beyond the reach has the score, spread %d", (spread) => {
    for (const seed of [1, 2, 3]) {
      const { items, starts } = clustered(seed, spread);
      const cells = cellsOf(items, starts);
      const random = seededRandom(10 + seed);
      const query = quantiseQuery(
        Float32Array.from({ length: DIMENSIONS }, () => gaussian(random)),
        items,
      );
      const scores = dotProducts(items, Int16Array.from(query.values));
      const order = cellOrder(cells, query.values);
      for (const least of [-(2 ** 31), -100_000, 0, 1000, 20_000, 100_000, 2 ** 31 - 1]) {
        for (let cell = 0; cell < CELLS; cell++) {
          const reach = reachOf(cells, order, cell, least);
          expect(reach).toBeGreaterThanOrEqual(starts[cell]!);
          expect(reach).toBeLessThanOrEqual(starts[cell + 1]!);
          expect(scores.subarray(reach, starts[cell + 1]).every((score) => score < least)).toBe(true);
        }
      }
    }
  });

  test("of clustered rows next to nothing is left to read once the K best are known", () => {
    const { items, starts } = clustered(4, 0.2);
    const cells = cellsOf(items, starts);
    const query = quantiseQuery(Float32Array.from(items.values.subarray(0, DIMENSIONS)), items);
    const least = scanInt8(items, query, 20).scores.at(-1)!;
    const order = cellOrder(cells, query.values);
    const read = Array.from(order.order, (cell) => reachOf(cells, order, cell, least) - starts[cell]!);
    expect(read.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(items.count / 4);
  });

  test("rows in no order lose speed and nothing else", () => {
    const items = { values: Int8Array.of(0, 100, 0, -100), scales: Float32Array.of(1), count: 4, dimensions: 1 };
    const { centres, radii } = cellsOf(items, Uint32Array.of(0, 4));
    expect([...centres]).toEqual([0]);
    expect([...radii].map(Math.floor)).toEqual([100, 100, 100, 100]);
  });

  test("cells without rows, and the zero query", () => {
    const items = { values: Int8Array.of(3, 4), scales: Float32Array.of(1), count: 2, dimensions: 1 };
    const cells = cellsOf(items, Uint32Array.of(0, 0, 2, 2));
    const order = cellOrder(cells, [0]);
    expect([...order.order]).toEqual([0, 1, 2]);
    for (const [cell, end] of [0, 2, 2].entries()) expect(reachOf(cells, order, cell, 0)).toBe(end);
    expect(reachOf(cells, order, 1, 1)).toBe(0);
  });
});
