import { describe, expect, test } from "vitest";
import { RETRIEVAL } from "../../../../src/model/config.ts";
import { rowsToScan, scoredRows } from "../../../../src/model/retrieval/personal.ts";
import { everyRow, withoutRows } from "../../../../src/model/retrieval/row-filter.ts";
import { scorerOf } from "../../../../src/model/tower/scorer.ts";
import { scoringOf, tableOf } from "../../../support/scoring.ts";

/** The dot products are 5, 4, 4, 4, 0, -1 for a person of 1, 0. */
const items = {
  values: Int8Array.of(5, 0, 4, 1, 4, 0, 4, 5, 0, 0, -1, 0),
  scales: Float32Array.of(1, 1),
  count: 6,
  dimensions: 2,
};
const input = { rows: Uint32Array.of(0), weights: Float32Array.of(1), targets: Float32Array.of(1) };
const residual = tableOf(6, [
  [0, 5, 5.5],
  [0, 1, -3.3],
]);
const model = scoringOf(items, { residual });
const all = everyRow(6);
const scorer = scorerOf(model, Float32Array.of(1, 0), input);

describe("personal rows", () => {
  test("every item by its full score, ties by row", () => {
    const { rows, scores } = scoredRows(scorer, null, 10, all);
    expect([...rows]).toEqual([0, 5, 2, 3, 1, 4]);
    expect(scores[1]).toBeCloseTo(4.5, 5);
    expect([...scoredRows(scorer, null, 2, all).rows]).toEqual([0, 5]);
  });

  test("of a scan: what it found and the neighbours, each once, scored again", () => {
    expect([...scoredRows(scorer, [1, 0, 2, 3], 10, all).rows]).toEqual([0, 5, 2, 3, 1]);
    expect([...scoredRows(scorer, [1, 0, 2, 3], 2, all).rows]).toEqual([0, 5]);
    expect([...scoredRows(scorer, [], 10, all).rows]).toEqual([5, 1]);
  });

  test("a scan of everything is no other than no scan", () => {
    expect(scoredRows(scorer, [5, 4, 3, 2, 1, 0], 4, all)).toEqual(scoredRows(scorer, null, 4, all));
  });

  test("only allowed rows, and K of them wherever K are", () => {
    const filter = withoutRows(all, [0, 2]);
    expect([...scoredRows(scorer, null, 2, filter).rows]).toEqual([5, 3]);
    expect([...scoredRows(scorer, [1, 0, 2, 3], 2, filter).rows]).toEqual([5, 3]);
    expect([...scoredRows(scorer, null, 10, filter).rows]).toEqual([5, 3, 1, 4]);
  });

  test("nobody has no rows", () => {
    const nobody = { rows: new Uint32Array(0), weights: new Float32Array(0), targets: new Float32Array(0) };
    const silent = scorerOf(model, new Float32Array(2), nobody);
    for (const scanned of [null, [1, 2]]) expect(scoredRows(silent, scanned, 3, all).rows).toHaveLength(0);
  });

  test("a scan only beyond the items that are all scored, never shorter than the result", () => {
    const of = (count: number): typeof model => ({ ...model, items: { ...items, count } });
    expect(rowsToScan(of(RETRIEVAL.scoredWhole), 400)).toBe(0);
    expect(rowsToScan(of(RETRIEVAL.scoredWhole + 1), 400)).toBe(RETRIEVAL.scanned);
    expect(rowsToScan(of(RETRIEVAL.scoredWhole + 1), 700)).toBe(700);
  });
});
