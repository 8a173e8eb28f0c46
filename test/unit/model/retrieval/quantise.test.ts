import { describe, expect, test } from "vitest";
import {
  dequantiseRows,
  dotProduct,
  dotProducts,
  quantiseItems,
  quantiseQuery,
  quantiseQueryInt16,
  scanGroupsInt8,
  scanInt8,
} from "../../../../src/model/retrieval/quantise.ts";
import { everyRow, withoutRows } from "../../../../src/model/retrieval/row-filter.ts";

const DIMENSIONS = 3;
// One dimension large, one small, one always zero.
const vectors = Float32Array.of(10, 0.1, 0, -5, 0.05, 0, 2.5, -0.2, 0, 0, 0, 0);
const items = quantiseItems(vectors, DIMENSIONS);

describe("quantiseItems", () => {
  test("each dimension has its own scale, and its largest value becomes 127", () => {
    expect(items.count).toBe(4);
    expect(items.dimensions).toBe(DIMENSIONS);
    expect([...items.scales]).toEqual([10 / 127, 0.2 / 127, 1].map(Math.fround));
    expect([...items.values]).toEqual([127, 64, 0, -64, 32, 0, 32, -127, 0, 0, 0, 0]);
  });

  test("is off by half a step at most", () => {
    const back = dequantiseRows(items, [0, 1, 2, 3]);
    back.forEach((value, i) => {
      expect(Math.abs(value - vectors[i]!)).toBeLessThanOrEqual((items.scales[i % DIMENSIONS]! / 2) * (1 + 1e-5));
    });
  });

  test("no item: no value, and scales that divide", () => {
    const none = quantiseItems(new Float32Array(0), DIMENSIONS);
    expect(none).toMatchObject({ count: 0, values: new Int8Array(0), scales: Float32Array.of(1, 1, 1) });
  });

  test("all stays within -127..127, so that -128 is never needed", () => {
    const { values } = quantiseItems(Float32Array.of(-3, 3, -1e-30, 2e-30, 7, -7), 2);
    expect(Math.min(...values)).toBe(-127);
    expect(Math.max(...values)).toBe(127);
  });
});

describe("dequantiseRows", () => {
  test("gives the rows asked for, in their order", () => {
    const all = dequantiseRows(items, [0, 1, 2, 3]);
    expect(dequantiseRows(items, [2, 0])).toEqual(Float32Array.of(...all.slice(6, 9), ...all.slice(0, 3)));
    expect(dequantiseRows(items, [])).toHaveLength(0);
  });
});

describe("quantiseQuery", () => {
  test("folds the items' scales in: score is the scale times the integer dot product", () => {
    const query = Float32Array.of(0.3, -20, 5);
    const quantised = quantiseQuery(query, items);
    const { rows, scores } = scanInt8(items, quantised, 4);
    const back = dequantiseRows(items, rows);
    rows.forEach((row, rank) => {
      const exact = query.reduce((sum, value, d) => sum + value * back[rank * DIMENSIONS + d]!, 0);
      // Half a step of the query in each dimension, against values up to 127.
      const tolerance = (quantised.scale / 2) * 127 * DIMENSIONS;
      expect(Math.abs(scores[rank]! * quantised.scale - exact), `row ${row}`).toBeLessThanOrEqual(tolerance);
    });
  });

  test("the largest component becomes 127 whatever the query's length", () => {
    for (const length of [1e-6, 1, 1e6]) {
      const { values } = quantiseQuery(Float32Array.of(-length, 0, 0), items);
      expect([...values]).toEqual([-127, 0, 0]);
    }
  });

  test("the zero query is zeros with scale 1", () => {
    expect(quantiseQuery(new Float32Array(DIMENSIONS), items)).toEqual({ values: new Int8Array(DIMENSIONS), scale: 1 });
  });

  test.for([[Float32Array.of(1, 2)], [Float32Array.of(1, Number.NaN, 0)]] as const)(
    "%o is QUERY_INVALID",
    ([query]) => {
      expect(() => quantiseQuery(query, items)).toThrow(expect.objectContaining({ code: "QUERY_INVALID" }));
    },
  );
});

describe("dot products of int16 queries", () => {
  test("a score is the scale times the integer, off by half a step a dimension at most", () => {
    const query = Float32Array.of(0.3, -20, 5);
    const { values, scale } = quantiseQueryInt16(query, items);
    expect(Math.max(...values.map(Math.abs))).toBe(32_767);
    const back = dequantiseRows(items, [0, 1, 2, 3]);
    dotProducts(items, values).forEach((product, row) => {
      const exact = query.reduce((sum, value, d) => sum + value * back[row * DIMENSIONS + d]!, 0);
      expect(Math.abs(product * scale - exact), `row ${row}`).toBeLessThanOrEqual((scale / 2) * 127 * DIMENSIONS);
      expect(dotProduct(items, row, values)).toBe(product);
    });
  });

  test("are by hand 2 x 300 - 3 x 1000 and 127 x 300", () => {
    const table = { values: Int8Array.of(2, -3, 127, 0), scales: Float32Array.of(1, 1), count: 2, dimensions: 2 };
    expect(dotProducts(table, Int16Array.of(300, 1000))).toEqual(Int32Array.of(-2400, 38_100));
  });

  test.for([
    [2, 32_767],
    [512, 32_767],
    [514, 32_640],
    [4096, 4095],
  ] as const)("stay in int32 with %i dimensions, whose largest component is %i", ([dimensions, largest]) => {
    const scales = new Float32Array(dimensions).fill(1);
    const extreme = { values: new Int8Array(dimensions).fill(-128), scales, count: 1, dimensions };
    const { values } = quantiseQueryInt16(new Float32Array(dimensions).fill(-3e38), extreme);
    expect(new Set(values)).toEqual(new Set([-largest]));
    expect([...dotProducts(extreme, values)]).toEqual([128 * largest * dimensions]);
  });

  test.for([1e-45, 1e-20, 1, 1e20])("a query of length %f uses the whole range", (length) => {
    const { values, scale } = quantiseQueryInt16(Float32Array.of(length, 0, 0), items);
    expect([...values]).toEqual([32_767, 0, 0]);
    expect(scale).toBeGreaterThan(0);
  });

  test("the zero query is zeros with scale 1; what is no number is QUERY_INVALID", () => {
    const zero = { values: new Int16Array(DIMENSIONS), scale: 1 };
    expect(quantiseQueryInt16(new Float32Array(DIMENSIONS), items)).toEqual(zero);
    for (const bad of [Float32Array.of(1, 2), Float32Array.of(1, Number.NaN, 0)]) {
      expect(() => quantiseQueryInt16(bad, items)).toThrow(expect.objectContaining({ code: "QUERY_INVALID" }));
    }
  });
});

describe("scanInt8", () => {
  const table = {
    values: Int8Array.of(1, 0, 0, 1, 127, -127, 1, 0),
    scales: Float32Array.of(1, 1),
    count: 4,
    dimensions: 2,
  };
  const query = (...values: number[]) => ({ values: Int8Array.from(values), scale: 1 });

  test("orders by integer dot product, ties by row", () => {
    const { rows, scores } = scanInt8(table, query(127, -127), 4);
    expect([...rows]).toEqual([2, 0, 3, 1]);
    expect([...scores]).toEqual([2 * 127 * 127, 127, 127, -127]);
  });

  test("K over N gives N; the zero query the first K", () => {
    expect(scanInt8(table, query(1, 1), 100).rows).toHaveLength(4);
    expect([...scanInt8(table, query(0, 0), 3).rows]).toEqual([0, 1, 2]);
  });

  test("only allowed rows, and each group's", () => {
    const filter = withoutRows(everyRow(4), [0]);
    expect([...scanInt8(table, query(127, -127), 4, filter).rows]).toEqual([2, 3, 1]);
    const groups = scanGroupsInt8(table, query(127, -127), 1, filter, Uint8Array.of(0, 0, 2, 2), 3);
    expect(groups.map(({ rows }) => [...rows])).toEqual([[1], [], [2]]);
  });

  test("no item: none", () => {
    const none = { values: new Int8Array(0), scales: Float32Array.of(1, 1), count: 0, dimensions: 2 };
    expect(scanInt8(none, query(1, 1), 5).rows).toHaveLength(0);
  });
});
