import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { bundleFromFiles } from "../../src/model/bundle/bundle.ts";
import { parseManifest } from "../../src/model/bundle/manifest.ts";
import type { Manifest } from "../../src/model/bundle/manifest.ts";
import type { Catalogue } from "../../src/model/catalogue/catalogue.ts";
import { goHome, itemsOf, open, useBrowser, visitor } from "./browser.ts";

useBrowser("webgpu");

const GENRE = "Horror";
/** Of NDCG@100 on ml-1m, split strong. */
const STANDARD_ERROR = 0.007;

const FOLDER = join(inject("models"), "ml-1m");
const movieLens = (): Manifest => parseManifest(JSON.parse(readFileSync(join(FOLDER, "manifest.json"), "utf8")));

function catalogueOf({ files }: Manifest): Catalogue {
  const read = files.map(({ role, path }) => [role, new Uint8Array(readFileSync(join(FOLDER, path)))] as const);
  return bundleFromFiles(new Map(read)).catalogue;
}

test.skipIf(!inject("hasMovieLens"))("ml-1m: the bundle says how good it is, as the reference has it", () => {
  const { models } = movieLens().evaluation as { models: { name: string; ndcgAt100: number; auc: number }[] };
  const [popularity, ials, shipped] = models;
  expect(models.map(({ name }) => name)).toEqual(["popularity", "ials", "shipped"]);
  expect(Math.abs(popularity!.ndcgAt100 - 0.227)).toBeLessThan(STANDARD_ERROR);
  expect(Math.abs(ials!.ndcgAt100 - 0.487)).toBeLessThan(STANDARD_ERROR);
  expect(ials!.ndcgAt100).toBeGreaterThanOrEqual(0.48);
  expect(shipped!.ndcgAt100).toBeGreaterThanOrEqual(0.495);
  for (const { auc } of models) expect(auc).toBeGreaterThan(0.85);
});

test.skipIf(!inject("hasMovieLens"))("ml-1m: ten films of one genre bring that genre to the home page", async () => {
  const catalogue = catalogueOf(movieLens());
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
