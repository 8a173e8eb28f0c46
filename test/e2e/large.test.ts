import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright";
import { expect, inject, test } from "vitest";
import { bundleFromFiles } from "../../src/model/bundle/bundle.ts";
import { parseManifest } from "../../src/model/bundle/manifest.ts";
import { RETRIEVAL, SLATE } from "../../src/model/config.ts";
import { dequantiseRows, quantiseQuery, scanInt8 } from "../../src/model/retrieval/quantise.ts";
import { byCosine } from "../../src/model/slate/similar.ts";
import { goHome, itemsOf, useBrowser, visitor } from "./browser.ts";

useBrowser();

const FOLDER = join(inject("models"), "large");
const LOAD_MS = 200_000;
const FIRST_SEARCH_MS = 100_000;
/** After a navigation, until its own drawing is done; milliseconds. */
const DRAWN_MS = 500;
/** Beyond, people feel that a page does not answer (RAIL, Chrome's long tasks); milliseconds. */
const LONG_TASK_MS = 50;

/** What the page and its clock know of its own tasks. */
interface Watched {
  tasks: { start: number; end: number }[];
  from: number;
}

/** The longest task of the page, milliseconds, from `DRAWN_MS` after `begin` until the first card stands. */
async function longestUntilFound(page: Page, begin: () => Promise<unknown>): Promise<number> {
  await page.evaluate(() => {
    const watched: Watched = { tasks: [], from: performance.now() };
    Object.assign(globalThis, { watched });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        watched.tasks.push({ start: startTime, end: startTime + duration });
      }
    }).observe({ type: "longtask" });
  });
  await begin();
  const found = await page.waitForFunction(
    () => document.querySelector("main [data-item-id]") !== null && performance.now(),
    null,
    { polling: "raf", timeout: FIRST_SEARCH_MS },
  );
  const foundMs = Number(await found.jsonValue());
  const { tasks, from } = await page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched);
  expect(foundMs).toBeGreaterThan(from + DRAWN_MS);
  const between = tasks.filter(({ start, end }) => start > from + DRAWN_MS && end < foundMs);
  return Math.max(0, ...between.map(({ start, end }) => end - start));
}

test("a million items: what is shown is what the exact scan finds, and the page answers while it is searched", async () => {
  const { page } = await visitor();
  await page.goto(`${inject("site")}/#bundle=large`);
  await page.waitForSelector("[data-shelf] [data-item-id]", { timeout: LOAD_MS });

  await page.goto(`${inject("site")}/#page=search&bundle=large`);
  const longest = await longestUntilFound(page, () =>
    page.goto(`${inject("site")}/#page=search&q=work+777777&bundle=large`),
  );
  expect(longest).toBeLessThanOrEqual(LONG_TASK_MS);
  await page.locator('main [data-item-id="item-777777"]').click();
  await page.waitForURL(/page=offer/u);

  const { files } = parseManifest(JSON.parse(readFileSync(join(FOLDER, "manifest.json"), "utf8")));
  const { items, catalogue } = bundleFromFiles(
    new Map(files.map(({ role, path }) => [role, new Uint8Array(readFileSync(join(FOLDER, path)))])),
  );
  const row = catalogue.requireRow("item-777777");
  const query = quantiseQuery(dequantiseRows(items, [row]), items);
  const nearest = Array.from(scanInt8(items, query, RETRIEVAL.similar + 1).rows).filter((other) => other !== row);
  const similar = byCosine(items, row, nearest.slice(0, RETRIEVAL.similar)).slice(0, SLATE.similar);
  const shelf = "similar:item-777777";
  expect(await itemsOf(page, shelf)).toEqual(similar.map((other) => catalogue.columns.ids.at(other)));

  await goHome(page);
  await expect.poll(() => page.locator('[data-shelf="because:item-777777"]').count()).toBe(1);
}, 400_000);
