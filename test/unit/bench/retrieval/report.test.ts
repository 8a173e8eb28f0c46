import { describe, expect, test } from "vitest";
import { ratiosOf, ratioTree, reportTables, summaryOf } from "../../../../bench/retrieval/report.ts";
import { failedRow, READ } from "../../../../bench/retrieval/row.ts";
import type { Row } from "../../../../bench/retrieval/row.ts";

const row = (engine: string, queries: number, times: number[]): Row => ({
  engine,
  items: 1000,
  queries,
  times,
  recallAt200: 1,
  loadMs: 5,
  peakMB: 2,
  bytesPerItem: 64,
  error: null,
});

describe("summaryOf", () => {
  test("sorts what was measured", () => {
    const { medianMs, p95Ms, minMs, rounds } = summaryOf(row("a", 1, [3, 1, 2]));
    expect({ medianMs, p95Ms, minMs, rounds }).toEqual({ medianMs: 2, p95Ms: 2, minMs: 1, rounds: 3 });
  });
  test("has no figures of an engine that failed, and null in JSON", () => {
    const { medianMs, error } = JSON.parse(JSON.stringify(summaryOf(failedRow("a", 10, "it died"))));
    expect({ medianMs, error }).toEqual({ medianMs: null, error: "it died" });
  });
});

describe("ratiosOf", () => {
  const rows = [
    row("affiche wasm", 1, [1, 2, 4]),
    row("affiche wasm", 4, [10, 10, 10]),
    row("slow", 1, [10, 40]),
    row("slow", 4, [20, 30, 40]),
    row(READ, 0, [1, 1, 1]),
    failedRow("dead", 1000, "it died"),
  ];
  const ratios = ratiosOf(rows);
  test("compares what both took in the same round, as far as both went", () => {
    expect(ratios.find(({ theirs, queries }) => theirs === "slow" && queries === 1)).toMatchObject({
      ours: "affiche wasm",
      low: 10,
      least: 10,
    });
    expect(ratios.find(({ theirs, queries }) => theirs === "slow" && queries === 4)).toMatchObject({
      median: 3,
      least: 2,
    });
  });
  test("leaves out what failed, and compares one query with reading", () => {
    expect(ratios.map(({ theirs, queries }) => `${theirs} ${queries}`)).toEqual(["slow 1", `${READ} 1`, "slow 4"]);
  });
  test("is a tree in JSON", () => {
    expect(ratioTree(ratios)["1000"]!["4"]!["affiche wasm"]!["slow"]).toEqual({ median: 3, low: 2, high: 3, least: 2 });
  });
});

describe("reportTables", () => {
  const rows = [
    row("affiche wasm", 1, [1.234]),
    row("affiche wasm", 4, [2]),
    row("slow", 1, [1234]),
    row("slow", 4, [5]),
    failedRow("dead", 1000, "it died"),
  ];
  const lines = reportTables(rows.map(summaryOf), ratiosOf(rows)).split("\n");
  test("have a line a row, with the reason where there are no figures", () => {
    expect(lines[2]).toBe("| 1,000 | affiche wasm | 1 | 1.23 | 1.23 | 1.23 | 1 | 1.000 | 5 | 2 | 64 |");
    expect(lines[6]).toContain("| dead |  | it died |");
    expect(new Set(lines.slice(0, 7).map((line) => line.split("|").length)).size).toBe(1);
  });
  test("have a line for each of ours and theirs, with one query and four", () => {
    expect(lines.slice(8, -2)).toEqual([
      expect.stringMatching(/^\| items /u),
      expect.stringMatching(/^\| --- /u),
      "| 1,000 | affiche wasm | slow | 1000 (1000 to 1000) | 2.50 (2.50 to 2.50) | 1000 |",
    ]);
  });
});
