import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { readCsv } from "../../../../scripts/import/csv.ts";
import type { CsvFormat } from "../../../../scripts/import/csv.ts";
import { BadRow } from "../../../../scripts/import/row-report.ts";
import { Random } from "../../../../scripts/world/random.ts";
import { folders, listening } from "./folder.ts";

const folder = folders();

async function read<Name extends string>(
  content: string | Buffer,
  required: readonly Name[],
  { maxBadRows = 1, ...format }: Partial<CsvFormat<Name>> & { maxBadRows?: number } = {},
) {
  const path = join(await folder({ "file.csv": content }), "file.csv");
  const reading = listening(maxBadRows);
  const rows: [number, ...string[]][] = [];
  const report = await readCsv(path, { required, remedy: "Make it.", ...format }, reading, (row, line) => {
    rows.push([line, ...Object.values<string>(row)]);
  });
  return { rows, report, said: reading.lines.map((line) => line.replace(path, "file.csv")) };
}

describe("well-formed text", () => {
  it.each([
    [
      "plain",
      "a,b\n1,2\n3,4\n",
      [
        [2, "1", "2"],
        [3, "3", "4"],
      ],
    ],
    ["no newline at the end", "a,b\n1,2", [[2, "1", "2"]]],
    ["no rows", "a,b\n", []],
    ["a byte-order mark", "\uFEFFa,b\n1,2\n", [[2, "1", "2"]]],
    ["a byte-order mark before a quoted header", '\uFEFF"a","b"\n1,2\n', [[2, "1", "2"]]],
    [
      "CRLF",
      "a,b\r\n1,2\r\n3,4\r\n",
      [
        [2, "1", "2"],
        [3, "3", "4"],
      ],
    ],
    ["CR alone", "a,b\r1,2\r", [[2, "1", "2"]]],
    [
      "empty lines",
      "a,b\n\n1,2\n\n\n3,4\n",
      [
        [3, "1", "2"],
        [6, "3", "4"],
      ],
    ],
    [
      "empty fields",
      'a,b\n,\n"",\n',
      [
        [2, "", ""],
        [3, "", ""],
      ],
    ],
    ["delimiters and quotes in quotes", 'a,b\n"x, ""y""",2\n', [[2, 'x, "y"', "2"]]],
    ["only quotes", 'a,b\n"""",""""""\n', [[2, '"', '""']]],
    [
      "newlines in fields, then the right lines",
      'a,b\n"x\ny\n\nz",2\n3,"4"\n5,6\n',
      [
        [2, "x\ny\n\nz", "2"],
        [6, "3", "4"],
        [7, "5", "6"],
      ],
    ],
    [
      "CRLF in fields",
      'a,b\r\n"x\r\ny",2\r\n3,4\r\n',
      [
        [2, "x\ny", "2"],
        [4, "3", "4"],
      ],
    ],
    ["a quoted field at the very end", 'a,b\n1,"2"', [[2, "1", "2"]]],
    ["other columns, in another order", "b,x,a\n2,9,1\n", [[2, "1", "2"]]],
  ])("%s", async (_, text, rows) => {
    expect((await read(text, ["a", "b"], { maxBadRows: 0 })).rows).toEqual(rows);
  });

  it("gives empty texts for optional columns that are absent", async () => {
    expect((await read("a\n1\n", ["a"], { optional: ["b" as "a"] })).rows).toEqual([[2, "1", ""]]);
  });

  it("reads fields and quotes across the chunks of a stream", async () => {
    const lines = 60_000;
    const long = 'é,"\n'.repeat(lines);
    const quoted = `"${long.replaceAll('"', '""')}"`;
    const { rows } = await read(`a,b\n1,${quoted}\n${quoted},2\n5,6\n`, ["a", "b"], { maxBadRows: 0 });
    expect(rows.map(([line]) => line)).toEqual([2, 2 + lines + 1, 2 + 2 * (lines + 1)]);
    expect(rows.map((row) => row.slice(1).map((field) => (field === long ? "long" : field)))).toEqual([
      ["1", "long"],
      ["long", "2"],
      ["5", "6"],
    ]);
  });

  it("reads tabs, two-character delimiters and Latin-1 without quotes", async () => {
    expect((await read('a\tb\n"x\ty"\n', ["a", "b"], { delimiter: "\t", quotes: false })).rows).toEqual([
      [2, '"x', 'y"'],
    ]);
    const latin1 = Buffer.from("1::Misérables, Les\n", "latin1");
    const format = { delimiter: "::", quotes: false, encoding: "latin1", header: ["a", "b"] } as const;
    expect((await read(latin1, ["a", "b"], format)).rows).toEqual([[1, "1", "Misérables, Les"]]);
  });

  it("agrees with csv-parse on whatever can be written", async () => {
    const random = new Random(7, "csv");
    const text = (): string =>
      Array.from({ length: random.integer(0, 4) }, () => random.pick(["a", "é", ",", '"', "\n", " ", ""])).join("");
    for (let round = 0; round < 40; round++) {
      const records = Array.from({ length: 50 }, () => ["x", text(), text()]);
      const written = [["k", "a", "b"], ...records]
        .map((row) =>
          row
            .map((field) => (/[",\n]/.test(field) || random.chance(0.3) ? `"${field.replaceAll('"', '""')}"` : field))
            .join(","),
        )
        .join("\n");
      const { rows } = await read(written, ["k", "a", "b"], { maxBadRows: 0 });
      const oracle: string[][] = parse(written, { from: 2 });
      expect(rows.map(([, ...fields]) => fields)).toEqual(oracle);
    }
  });
});

describe("bad rows", () => {
  it.each([
    [
      "too few and too many fields",
      "a,b\n1\n1,2\n1,2,3\n",
      ["2: fields: 1, the header has 2", "4: fields: 3, the header has 2"],
      [[3, "1", "2"]],
    ],
    ["a quote in a field", 'a,b\n1,5" nails\n3,4\n', ["2: a quote inside a field"], [[3, "3", "4"]]],
    ["text after a closing quote", 'a,b\n"1"x,2\n3,4\n', ["2: text after a closing quote"], [[3, "3", "4"]]],
    [
      "a quote that is never closed costs its own line",
      'a,b\n"1,2\n3,4\n5,6\n',
      ["2: a quote is never closed"],
      [
        [3, "3", "4"],
        [4, "5", "6"],
      ],
    ],
  ])("%s", async (_, text, reasons, rows) => {
    const result = await read(text, ["a", "b"]);
    const listed = result.said.filter((line) => /^file\.csv:\d/.test(line));
    expect(listed).toEqual(reasons.map((reason) => expect.stringContaining(`file.csv:${reason}`)));
    expect(result.rows).toEqual(rows);
    expect(result.report.bad).toBe(reasons.length);
  });

  it("gives the line on which a row begins, whatever stands before it", async () => {
    const path = join(await folder({ "file.csv": 'a\n"1\n2"\n\nbad\n"x\ny"\nbad\n' }), "file.csv");
    const reading = listening(1);
    await readCsv(path, { required: ["a"], remedy: "" }, reading, ({ a }) => {
      if (a === "bad") throw new BadRow("it is bad");
    });
    expect(reading.lines).toEqual([`${path}:5: it is bad`, `${path}:8: it is bad`, `${path}: 2 of 4 rows left out`]);
  });

  it("lets other errors through", async () => {
    const path = join(await folder({ "file.csv": "a\n1\n" }), "file.csv");
    const reader = readCsv(path, { required: ["a"], remedy: "" }, listening(1), () => {
      throw new TypeError("a bug");
    });
    await expect(reader).rejects.toThrow("a bug");
  });
});

describe("bad files", () => {
  it("names a missing file and its remedy", async () => {
    const path = join(await folder(), "file.csv");
    const reader = readCsv(path, { required: ["a"], remedy: "Make it." }, listening(0), () => {});
    await expect(reader).rejects.toMatchObject({ code: "DATA_MISSING", details: { path, remedy: "Make it." } });
  });

  it.each([
    ["an empty file", "", /empty/],
    ["a missing column", "a,c\n1,2\n", /lacks b; it has a, c/],
    ["a column twice", "a,b,a\n1,2,3\n", /has a twice/],
    ["a header that is not well formed", '"a"x,b\n', /line 1: text after/],
  ])("refuses %s", async (_, text, reason) => {
    await expect(read(text, ["a", "b"])).rejects.toMatchObject({
      code: "DATA_INVALID",
      details: { reason: expect.stringMatching(reason) },
    });
  });

  it("refuses a folder", async () => {
    const reader = readCsv(await folder(), { required: ["a"], remedy: "" }, listening(0), () => {});
    await expect(reader).rejects.toMatchObject({ code: "DATA_INVALID" });
  });
});

it("reads a million rows in bounded memory", async () => {
  const line = `user,item,"${"x".repeat(20)}"\n`;
  const path = join(await folder({ "file.csv": `a,b,c\n${line.repeat(1_000_000)}` }), "file.csv");
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let peak = 0;
  let rows = 0;
  await readCsv(path, { required: ["a", "b", "c"], remedy: "" }, listening(0), () => {
    if (++rows % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
  });
  expect(rows).toBe(1_000_000);
  // All rows kept as objects take more than 150 MB; what one chunk needs, some megabytes and their garbage.
  expect((peak - before) / 1e6).toBeLessThan(100);
});
