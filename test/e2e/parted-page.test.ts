import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageByParts } from "../../scripts/evaluate/parts/page-by-parts.ts";
import { writePartedReport } from "../../scripts/evaluate/parts/parted-report.ts";
import { tinyReport } from "../unit/scripts/evaluate/parts/helpers.ts";
import { useBrowser, visitor } from "./browser.ts";

useBrowser();

const TITLES = ["Alien", "<img src=x onerror=alert(1)>", "Psycho", "Psycho", "Élan", "Nobody's"];
const report = tinyReport(TITLES, [0], 5);
let folder: string;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "affiche-"));
  url = pathToFileURL(join(folder, "page.html")).href;
  await writePartedReport(join(folder, "page.html"), report);
});
afterAll(() => rm(folder, { recursive: true }));

/** What is shown, list by list. */
const lists = async (page: Page): Promise<string[][]> => {
  const shown = await page.locator(".list").all();
  return Promise.all(shown.map((list) => list.locator("bdi").allTextContents()));
};
const expected = (rows: readonly number[]): string[][] =>
  pageByParts(report.towers, rows, 5).lists.map(({ shown }) => shown.map(({ item }) => report.labels[item]!));

const add = async (page: Page, title: string): Promise<string> => {
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Add" }).click();
  return (await page.getByRole("status").textContent())!;
};

test("a page by parts, from a file: any history can be typed, and its lists are those of Node", async () => {
  const { page, requests } = await visitor();
  await page.goto(url);
  await page.waitForSelector(".history button");
  expect(await lists(page)).toEqual(expected([0]));

  expect(await add(page, "élan")).toBe("");
  expect(await lists(page)).toEqual(expected([0, 4]));
  expect(await page.locator(".history bdi").allTextContents()).toEqual(["Alien", "Élan"]);

  expect(await add(page, "psycho")).toBe("More than one. Perhaps: Psycho (1992), Psycho (1993)");
  expect(await add(page, "Alein")).toMatch(/^No such title\. Perhaps: Alien, /u);
  expect(await lists(page)).toEqual(expected([0, 4]));
  expect(await add(page, "Alien")).toBe("Now the newest.");
  expect(await page.locator(".history bdi").allTextContents()).toEqual(["Élan", "Alien"]);

  await page.getByLabel("Title").fill("psy");
  expect(await page.locator("datalist option").count()).toBe(2);

  await page.getByRole("button", { name: "Remove Élan" }).click();
  await page.getByRole("button", { name: "Remove Alien" }).click();
  expect(await page.locator("#page").textContent()).toContain("add a title");
  // A title that is markup stays text, and nothing is asked for but the file.
  await add(page, TITLES[1]!);
  expect(await page.locator(".history bdi").allTextContents()).toEqual([TITLES[1]]);
  expect(await page.locator("img").count()).toBe(0);
  expect(requests).toEqual([`GET ${url}`]);
});
