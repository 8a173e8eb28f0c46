import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pageByParts } from "../../../../../scripts/evaluate/parts/page-by-parts.ts";
import { MOST_EMBEDDED, partedReport, writePartedReport } from "../../../../../scripts/evaluate/parts/parted-report.ts";
import type { EmbeddedTowers } from "../../../../../scripts/evaluate/parts/parted-report.ts";
import { labelsOf } from "../../../../../scripts/evaluate/parts/titles.ts";
import { folders } from "../../import/folder.ts";
import { tinyReport } from "./helpers.ts";

const folder = folders();
const HOSTILE = `</script></title><script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
const report = tinyReport([HOSTILE, "b", HOSTILE, "d", "e", "f"], [0], 5);
const embedded: EmbeddedTowers = { towers: "", items: report.items, history: [0], places: 5 };
const policyOf = (page: string): string => /Content-Security-Policy" content="([^"]*)"/u.exec(page)![1]!;

describe("the page", () => {
  test("without towers runs nothing, and puts no title in as markup", () => {
    const page = partedReport(report, "body{}", null);
    expect(page).not.toMatch(/<script|<img|<form|<button|<input/u);
    expect(page).toContain("&lt;/script&gt;");
    expect(policyOf(page)).not.toContain("script-src");
    expect(page).toContain("20,000 items");
  });

  test("runs the one script that its policy names, whatever the titles and the script hold", () => {
    const page = partedReport(report, "body{}", { code: 'let a = "</script>";', embedded, bytes: 12_345 });
    const scripts = [...page.matchAll(/<script([^>]*)>(.*?)<\/script>/gsu)].map(([, type, code]) => [type, code!]);
    expect(scripts).toHaveLength(2);
    expect(JSON.parse(scripts[0]![1]!)).toEqual(embedded);
    expect(scripts[1]).toEqual(["", String.raw`let a = "<\/script>";`]);
    const hash = createHash("sha256").update(scripts[1]![1]!).digest("base64");
    expect(policyOf(page)).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(page).not.toMatch(/<img/u);
    expect(page).toContain("12 kB");
  });

  test("is drawn as it is written: the lists, what moved, and what the scores are made of", () => {
    const { towers, items } = tinyReport(["a", "b", "c", "d", "e", "f"], [0], 5);
    const page = pageByParts(towers, [0], 2);
    const text = partedReport({ ...report, labels: labelsOf(items), towers, page, places: 2 }, "", null);
    const shown = text.replaceAll(/>\s+</gu, "><");
    expect(shown).toContain(
      '<li><bdi>e</bdi><span class="move new" title="was at 4">new</span></li><li><bdi>b</bdi><span class="move down" title="was at 1">↓ 1</span></li>',
    );
    expect(shown).toContain("There is no list with the order");
    expect(shown.match(/<tr>/gu)).toHaveLength(3);
  });

  test("says so where there is no history", () => {
    const page = pageByParts(report.towers, [], 5);
    expect(partedReport({ ...report, page }, "", null)).toContain("add a title");
  });
});

describe("the file", () => {
  const ids = Array.from({ length: MOST_EMBEDDED + 1 }, String);
  const large = { ...report, items: { ids, titles: ids, year: ids.map(() => 0) }, labels: ids };

  test("of too many items has no towers", async () => {
    const path = join(await folder(), "page.html");
    expect(await writePartedReport(path, large)).toBe(0);
    expect(await readFile(path, "utf8")).not.toContain("<script");
  });

  test("that cannot be written says so and leaves nothing", async () => {
    const path = await folder({ "page.html/taken": "" });
    const failure = writePartedReport(join(path, "page.html"), large);
    await expect(failure).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    expect(await readdir(path)).toEqual(["page.html"]);
  });
});
