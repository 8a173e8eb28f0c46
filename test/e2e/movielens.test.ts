import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { bundleFromFiles } from "../../src/model/bundle/bundle.ts";
import { parseManifest } from "../../src/model/bundle/manifest.ts";
import type { Catalogue } from "../../src/model/catalogue/catalogue.ts";
import { goHome, itemsOf, open, useBrowser, visitor } from "./browser.ts";

useBrowser("webgpu");

const GENRE = "Horror";

function movieLens(): Catalogue {
  const folder = join(inject("models"), "ml-1m");
  const manifest = parseManifest(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
  const files = manifest.files.map(
    ({ role, path }) => [role, new Uint8Array(readFileSync(join(folder, path)))] as const,
  );
  return bundleFromFiles(new Map(files)).catalogue;
}

test.skipIf(!inject("hasMovieLens"))("ml-1m: ten films of one genre bring that genre to the home page", async () => {
  const catalogue = movieLens();
  const ofGenre = (id: string): boolean => catalogue.columns.themes.at(catalogue.requireRow(id)).includes(GENRE);
  const { page } = await visitor();
  await open(page, "#bundle=ml-1m");
  const untouched = (await itemsOf(page)).slice(0, 12);
  expect(untouched.filter(ofGenre).length).toBeLessThanOrEqual(4);

  await page.goto(`${inject("site")}/#page=search&q=${GENRE}&bundle=ml-1m`);
  await page.waitForSelector("main [data-item-id]");
  const found = await page
    .locator("main [data-item-id]")
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["itemId"]!));
  const chosen = found.filter(ofGenre).slice(0, 10);
  expect(chosen).toHaveLength(10);
  for (const id of chosen) {
    await page.locator(`main [data-item-id="${id}"]`).click();
    await page.waitForSelector(".offer-actions");
    await page.goBack();
    await page.waitForSelector(`main [data-item-id="${id}"]`);
  }
  await goHome(page);
  await expect.poll(() => page.locator('[data-shelf^="because:"]').count()).toBeGreaterThan(0);
  const home = (await itemsOf(page)).slice(0, 12);
  expect(home.filter(ofGenre).length).toBeGreaterThanOrEqual(6);
});
