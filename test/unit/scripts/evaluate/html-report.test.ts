import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { METRICS } from "../../../../scripts/evaluate/evaluate.ts";
import type { ByMetric, ModelRow } from "../../../../scripts/evaluate/evaluate.ts";
import { IMPLICIT } from "../../../../scripts/evaluate/feedback.ts";
import { decimal, html } from "../../../../scripts/evaluate/html/markup.ts";
import { htmlReport, writeHtmlReport } from "../../../../scripts/evaluate/html-report.ts";
import type { HtmlReport } from "../../../../scripts/evaluate/html-report.ts";
import { folders } from "../import/folder.ts";
import { catalogueOf } from "./catalogue.ts";

const folder = folders();
const HOSTILE = `</title><script>alert(1)</script>"'><img src=x onerror=alert(2)>&lt;`;

const all = (value: number): ByMetric<number> =>
  Object.fromEntries(METRICS.map((name) => [name, value])) as ByMetric<number>;
const rowOf = (name: string, value: number, rest: Partial<ModelRow> = {}): ModelRow => ({
  name,
  params: { lambda: 0.01 },
  ...all(value),
  coverageAt20: value,
  giniAt20: value,
  se: all(0.0123),
  trainCpuSeconds: 1,
  ...rest,
});

/** Two models, three items, everything there. */
function source(rest: Partial<HtmlReport> = {}): HtmlReport {
  const items = catalogueOf([{ title: HOSTILE }, { title: "\u05E2\u05D1\u05E8\u05D9\u05EA" }, {}]);
  const difference = { difference: 0.1, low: -0.05, high: 0.25, pValue: 0.2 };
  const segment = { by: "kind", segment: HOSTILE, people: 2, targets: 1234, ndcgAt100: 0.5, recallAt20: 0.5 } as const;
  const se = { ndcgAt100: 0.1, recallAt20: 0.1 };
  return {
    report: {
      dataset: HOSTILE,
      protocol: "strong",
      users: 1604,
      items: 3,
      interactions: 5,
      models: [rowOf("a", 0.25, { giniAt20: 0.9 }), rowOf("b", 0.5, { giniAt20: 0.95, noveltyAt20: NaN })],
      seed: 1,
      feedback: { ...IMPLICIT, weights: { booking: 4 } },
      withoutHistory: 2,
      refused: [{ name: "content", reason: HOSTILE }],
      segments: { a: [{ ...segment, se }], b: [{ ...segment, se }] },
      comparison: {
        baseline: "a",
        models: [{ name: "b", ndcgAt100: difference, recallAt20: difference, auc: difference }],
      },
    },
    items,
    curves: [
      {
        name: "b",
        points: [
          { epoch: 1, ndcgAt100: 0.4, auc: 0.8 },
          { epoch: 2, ndcgAt100: 0.5, auc: 0.9 },
        ],
        epochAt95: 2,
      },
      { name: "shipped", points: [], epochAt95: null },
    ],
    map: {
      model: "b",
      map: {
        items: 3,
        points: [
          { item: 0, cluster: 0, x: 0, y: 0 },
          { item: 1, cluster: 0, x: 1, y: 0.5 },
          { item: 2, cluster: 1, x: 1, y: 1 },
        ],
        clusters: [
          { label: HOSTILE, items: 2, consumed: 0.8, most: [0, 1] },
          { label: "Drama", items: 1, consumed: 0.2, most: [2] },
        ],
      },
    },
    shown: {
      consumed: [{ item: 0, count: 3, share: 0.75 }],
      recommended: [
        { model: "a", items: [{ item: 0, count: 2, share: 1 }] },
        { model: "b", items: [] },
      ],
      divisions: [{ by: "genre", groups: [{ name: HOSTILE, consumed: 0.75, recommended: [0.5, 1] }] }],
    },
    ...rest,
  };
}

describe("the page", () => {
  /** White space between tags says nothing. */
  const joined = (page: string): string => page.replaceAll(/\s+/gu, " ").replaceAll("> <", "><");
  const page = joined(htmlReport(source(), "body{}"));

  test("puts no text of the data in as markup, and loads and runs nothing", () => {
    expect(page).not.toMatch(/<script|<img|<link|<iframe|<form|<a /u);
    // Written once in each of: title, h1, cluster's name on the map, its table, a point, lists, genre ...
    expect(page.split("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img").length).toBeGreaterThan(8);
    expect(page).toContain("&amp;lt;");
    expect(page).not.toMatch(/https?:|url\(|@import/u);
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(page)![1]!;
    expect(policy).toBe(
      "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; font-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;",
    );
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style>"));
  });

  test("marks the best of each column, for Gini the lowest, and shows errors", () => {
    const rows = page.split("<tr>").filter((row) => /<th scope="row">[ab]<\/th><td class="n/u.test(row));
    const [a, b] = [rows[0]!, rows[1]!];
    expect(a).not.toContain("best");
    expect(b.match(/class="n best"><b>\.5000<\/b>/gu)).toHaveLength(12);
    expect(b).toContain("<small>± .0123</small>");
    const [moreA, moreB] = [rows[2]!, rows[3]!];
    expect(moreA).toContain('class="n best"><b>.900</b>');
    expect(moreB).toContain('<td class="n">.950</td>');
    expect(moreB).toContain('<td class="n">–<small>');
    // Equal costs are both the best.
    expect([moreA, moreB].every((row) => row.includes("<b>1.0</b>"))).toBe(true);
  });

  test("names what was measured, and the settings that are not the usual ones", () => {
    expect(page).toContain("<dt>people measured</dt><dd>1,604</dd>");
    expect(page).toContain("<dt>weights</dt><dd>{&quot;booking&quot;:4}</dd>");
    expect(page).not.toContain("<dt>normalise</dt>");
    expect(page).toContain("lambda 0.01");
    expect(page).toContain("The best by NDCG@100 is b: .5000 ± .0123.");
  });

  test("every picture has a name, every table a caption, every id is there once", () => {
    const count = (pattern: RegExp): number => page.match(pattern)?.length ?? 0;
    expect(count(/<svg /gu)).toBe(3);
    expect(count(/<svg [^>]*role="img" aria-label="[^"]+"/gu)).toBe(3);
    expect(count(/<caption>[^<]/gu)).toBe(count(/<table>/gu));
    const ids = page.match(/ id="[^"]*"/gu)!;
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]*)"/gu)) expect(page).toContain(`id="${id}"`);
  });

  test("is the same for the same figures, and says nothing of what is not there", () => {
    expect(joined(htmlReport(source(), "body{}"))).toBe(page);
    const { report } = source();
    const bare = htmlReport(
      source({ report: { ...report, segments: null, comparison: null, refused: [] }, curves: [], map: null }),
      "body{}",
    );
    expect(bare).not.toMatch(/<svg|Segments|Differences|Learning|Map of/u);
    expect(bare).not.toContain("null");
  });
});

describe("the file", () => {
  test("is whole, with style and font inside", async () => {
    const path = join(await folder(), "report.html");
    await writeHtmlReport(path, source());
    const page = await readFile(path, "utf8");
    expect(page).toMatch(/^<!doctype html>/u);
    expect(page).toContain('src: url("data:font/woff2;base64,d09GMg');
    expect(page.trimEnd().endsWith("</html>")).toBe(true);
    expect(page.length).toBeLessThan(200_000);
  });

  test("that cannot be written says so and leaves nothing", async () => {
    const path = await folder({ "report.html/taken": "" });
    const failure = writeHtmlReport(join(path, "report.html"), source());
    await expect(failure).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    expect(await readdir(path)).toEqual(["report.html"]);
    await expect(writeHtmlReport(join(path, "no", "report.html"), source())).rejects.toMatchObject({
      details: { reason: "ENOENT" },
    });
  });
});

test("what is put into a template is escaped unless it is markup; lists are joined, null is nothing", () => {
  const bold = html`<b>${"<&>\"'"}</b>`;
  expect(bold.text).toBe("<b>&lt;&amp;&gt;&quot;&#39;</b>");
  expect(html`${[bold, " ", 3, null, []]}${null}`.text).toBe("<b>&lt;&amp;&gt;&quot;&#39;</b> 3");
  expect(html`${"a\u0000\u001B[31m\tb\n"}`.text).toBe("a\uFFFD\uFFFD[31m\tb\n");
});

test.each([
  [0.22734, 4, ".2273"],
  [-0.0012, 4, "\u2212.0012"],
  [1, 4, "1.0000"],
  [0.04, 1, "0.0"],
  [NaN, 4, "–"],
])("%d with %i digits is %s", (value, digits, text) => {
  expect(decimal(value, digits)).toBe(text);
});
