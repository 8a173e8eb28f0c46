import { expect, test } from "vitest";
import { allowsRow, everyRow, rowFilter, withoutRows } from "../../../../src/model/retrieval/row-filter.ts";

const rowsOf = (filter: Uint8Array): number[] =>
  Array.from({ length: 8 * filter.length }, (_, row) => row).filter((row) => allowsRow(filter, row));

test.each([0, 1, 7, 8, 9, 64])("%i rows: each has its bit, and no row beyond them one", (count) => {
  const rows = Array.from({ length: count }, (_, row) => row);
  expect(rowsOf(everyRow(count))).toEqual(rows);
  expect(rowFilter(count, () => true)).toEqual(everyRow(count));
  expect(rowsOf(rowFilter(count, (row) => row % 3 === 1))).toEqual(rows.filter((row) => row % 3 === 1));
});

test("without some rows: a copy, and rows of no item are none", () => {
  const filter = everyRow(10);
  expect(rowsOf(withoutRows(filter, [9, -1, 3, 3]))).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
  expect(filter).toEqual(everyRow(10));
});
