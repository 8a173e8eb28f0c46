import { describe, expect, it } from "vitest";
import { parseMaxBadRows, RowReport } from "../../../../scripts/import/row-report.ts";
import { listening } from "./folder.ts";

describe("--max-bad-rows", () => {
  it.each([
    ["0.001", 0.001],
    ["0.1%", 0.001],
    ["0", 0],
    [".5", 0.5],
    ["100%", 1],
    ["1", 1],
  ])("reads %s", (text, share) => {
    expect(parseMaxBadRows(text)).toBeCloseTo(share, 12);
  });

  it.each(["", "%", "-1", "2", "101%", "a", "0.1 percent", "1e-3"])("refuses %s", (text) => {
    expect(() => parseMaxBadRows(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});

/** Reads `rows` rows of which those at the given places are bad. */
function read(rows: number, bad: (row: number) => boolean, maxBadRows: number) {
  const reading = listening(maxBadRows);
  const report = new RowReport("f.csv", reading);
  let read = 0;
  const run = (): void => {
    for (; read < rows; read++) {
      report.row();
      if (bad(read)) report.badRow(read + 2, "bad");
    }
    report.finish();
  };
  return { run, reading, report, readSoFar: () => read };
}

describe("the limit", () => {
  it("allows a share that is met exactly and no more", () => {
    const met = read(2000, (row) => row < 2, 0.001);
    met.run();
    expect(met.report).toMatchObject({ rows: 2000, bad: 2 });
    expect(read(2000, (row) => row < 3, 0.001).run).toThrow(
      expect.objectContaining({
        code: "TOO_MANY_BAD_ROWS",
        details: { path: "f.csv", bad: 3, rows: 2000, limit: "0.1%" },
      }),
    );
  });

  it("stops a tiny file with one bad row, and lets it pass at 100 %", () => {
    expect(read(1, () => true, 0.001).run).toThrow(expect.objectContaining({ code: "TOO_MANY_BAD_ROWS" }));
    expect(read(1, () => true, 1).run).not.toThrow();
  });

  it("stops early, but not before 10,000 rows", () => {
    const early = read(1_000_000, () => true, 0.001);
    expect(early.run).toThrow(expect.objectContaining({ code: "TOO_MANY_BAD_ROWS" }));
    expect(early.readSoFar()).toBe(9_999);
  });

  it("lists the first twenty and counts them all", () => {
    const { run, reading } = read(100, (row) => row % 2 === 0, 1);
    run();
    expect(reading.lines.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, n) => `f.csv:${2 * n + 2}: bad`));
    expect(reading.lines.slice(20)).toEqual(["f.csv: 30 more bad rows", "f.csv: 50 of 100 rows left out"]);
  });

  it("says nothing where nothing is bad", () => {
    const { run, reading } = read(100, () => false, 0);
    run();
    expect(reading.lines).toEqual([]);
  });
});
