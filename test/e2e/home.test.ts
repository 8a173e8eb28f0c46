import { expect, inject, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/paths.ts";
import { choose, goHome, itemsOf, open, useBrowser, visitor } from "./browser.ts";

useBrowser("webgpu");

/** Theme lists of the demo's films by item id; their fields hold no quotes around commas that matter here. */
const FILM_THEMES = new Map(
  readFileSync(join(ROOT, "scripts", "world", "catalogue", "film.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(",")), line.slice(line.lastIndexOf(",") + 1).split("|")] as const),
);
const isFilm = (id: string): boolean => FILM_THEMES.has(id);

test("a first visit shows a good, diverse page computed on the device", async () => {
  const { page } = await visitor();
  await open(page);
  const shelves = page.locator("[data-shelf]");
  expect(await shelves.count()).toBeGreaterThanOrEqual(6);
  const keys = await shelves.evaluateAll((all) => all.map((shelf) => (shelf as HTMLElement).dataset["shelf"]!));
  expect(keys[0]).toBe("for-you");
  expect(keys).toEqual(expect.arrayContaining(["popular", "new", "discover"]));
  expect(keys.filter((key) => key.startsWith("kind:"))).toHaveLength(2);
  const all = await page
    .locator("[data-shelf] [data-item-id]")
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["itemId"]!));
  expect(new Set(all).size).toBe(all.length);
  const kinds = await page
    .locator('[data-shelf="for-you"] [data-item-id]')
    .evaluateAll((links) => links.slice(0, 12).map((link) => (link as HTMLElement).dataset["kind"]!));
  expect(new Set(kinds).size).toBeGreaterThanOrEqual(6);
  expect(await page.getByText(/simulated/u).count()).toBeGreaterThan(0);
});

test("three clicks of one taste move the page, a reload moves nothing", async () => {
  const { page } = await visitor();
  await open(page);
  const before = (await itemsOf(page)).slice(0, 12);
  const taste = ["film-alien", "film-blade-runner", "film-solaris"].filter(isFilm);
  expect(taste).toHaveLength(3);
  for (const id of taste) await choose(page, id.replace("film-", "").replaceAll("-", " "), id);
  await goHome(page);
  await expect.poll(() => page.locator('[data-shelf^="because:"]').count()).toBeGreaterThan(0);
  const after = (await itemsOf(page)).slice(0, 12);
  const newcomers = after.filter((id) => !before.includes(id));
  expect(newcomers.length).toBeGreaterThanOrEqual(6);
  const wanted = new Set(taste.flatMap((id) => FILM_THEMES.get(id)!));
  const shares = await Promise.all(
    newcomers.map(async (id) => {
      const themes = await themesOf(id);
      return isFilm(id) || themes.filter((theme) => wanted.has(theme)).length >= 2;
    }),
  );
  expect(shares.filter(Boolean).length).toBeGreaterThanOrEqual(4);
  for (const id of taste) expect(after).not.toContain(id);

  await page.reload();
  await page.waitForSelector("[data-shelf] [data-item-id]");
  expect((await itemsOf(page)).slice(0, 12)).toEqual(after);
});

/** Themes of any work of the demo. */
async function themesOf(id: string): Promise<string[]> {
  const kind = id.slice(0, id.indexOf("-"));
  const lines = readFileSync(join(ROOT, "scripts", "world", "catalogue", `${kind}.csv`), "utf8").split("\n");
  const line = lines.find((candidate) => candidate.startsWith(`${id},`))!;
  return line.slice(line.lastIndexOf(",") + 1).split("|");
}

test("why this, less like this, undo", async () => {
  const { page } = await visitor();
  await open(page);
  await choose(page, "metropolis", "film-metropolis");
  await goHome(page);
  const [first] = await itemsOf(page);
  const card = page.locator(`affiche-card:has([data-item-id="${first}"])`);
  await card.locator(".card-more").click();
  await expect.poll(() => card.getByText(/Because you opened .Metropolis./u).count()).toBe(1);
  await card.locator('[data-verdict="dismiss"]').click();
  await expect.poll(async () => (await itemsOf(page)).includes(first!)).toBe(false);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => (await itemsOf(page))[0]).toBe(first);
});

test("an offer has its facts, its verdicts and its similar offers; the data page shows and erases it all", async () => {
  const { page } = await visitor();
  await open(page);
  await choose(page, "metropolis", "film-metropolis");
  expect(await page.title()).toContain("Metropolis");
  expect((await itemsOf(page, "similar:film-metropolis")).length).toBeGreaterThanOrEqual(12);
  await page.locator('.offer-actions [data-verdict="favourite"]').click();
  await expect
    .poll(() => page.locator('.offer-actions [data-verdict="favourite"]').getAttribute("aria-disabled"))
    .toBe("true");
  await page.getByRole("link", { name: "Your data" }).first().click();
  await expect.poll(() => page.locator('[data-history-item="film-metropolis"]').count()).toBe(2);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /Export|Download/u }).click(),
  ]);
  const exported = JSON.parse(readFileSync(await download.path(), "utf8")) as { interactions: { event: string }[] };
  expect(exported.interactions.map(({ event }) => event)).toEqual(["click", "favourite"]);

  await page.getByRole("button", { name: /Erase/u }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: /Erase/u }).click();
  await page.waitForSelector('[data-shelf="for-you"] [data-item-id]');
  await page.goto(`${inject("site")}/#page=data`);
  await page.getByText("Nothing yet").waitFor();
  expect(await page.locator("[data-history-item]").count()).toBe(0);
});

test("search finds by title without accents and says when it finds nothing", async () => {
  const { page } = await visitor();
  await open(page);
  await page.getByRole("link", { name: "Search" }).first().click();
  await page.getByRole("searchbox").fill("misanthrope");
  await expect.poll(() => page.locator('[data-item-id="theatre-le-misanthrope"]').count()).toBe(1);
  await page.getByRole("searchbox").fill("zzzzqqq");
  await expect.poll(() => page.locator("main [data-item-id]").count()).toBe(0);
  expect(page.url()).toContain("#page=search&q=zzzzqqq");
});

test("French and English, by the browser and by choice", async () => {
  const { page } = await visitor({ locale: "fr-FR" });
  await open(page);
  expect(await page.locator("html").getAttribute("lang")).toBe("fr");
  await page
    .getByRole("button", { name: /EN|English/u })
    .first()
    .click();
  await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("en");
  await expect.poll(() => page.getByRole("heading", { name: "Popular" }).count()).toBe(1);
});

test("a worker that dies is replaced and loses no event", async () => {
  const { page } = await visitor();
  await open(page);
  await choose(page, "metropolis", "film-metropolis");
  const [worker] = page.workers();
  const gone = new Promise((resolve) => worker!.once("close", resolve));
  await worker!.evaluate("setTimeout(() => self.close())");
  await gone;
  await page.locator('.offer-actions [data-verdict="booking"]').click();
  await expect
    .poll(() => page.locator('.offer-actions [data-verdict="booking"]').getAttribute("aria-disabled"), {
      timeout: 60_000,
    })
    .toBe("true");
  await page.goto(`${inject("site")}/#page=data`);
  await expect.poll(() => page.locator("[data-history-item]").count()).toBe(2);
  const events = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const request = indexedDB.open("affiche");
        request.onsuccess = () => {
          const all = request.result.transaction("history").objectStore("history").getAll();
          all.onsuccess = () =>
            resolve((all.result as { interaction: { event: string } }[]).map(({ interaction }) => interaction.event));
        };
      }),
  );
  expect(events).toEqual(["click", "booking"]);
});
