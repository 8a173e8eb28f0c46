/** Several tabs of the app: one history, one writer, and everybody hears of it. */
import type { BrowserContext, Page } from "playwright";
import { expect, inject, test } from "vitest";
import { itemsOf, open, takeComplaints, useBrowser, visitor } from "./browser.ts";
import { CPU, like, PATIENCE, search, storedHistory, toast } from "./history.ts";

useBrowser();

const NOTED = /noted, you like it/u;
const FIRST_VISIT = "Nothing is known about you";

test("a like in one tab changes the home page and the data page of others at once; so does erasing", async () => {
  const { page: speaking, context } = await visitor();
  const [chosen] = await search(speaking, "metropolis");
  const home = await context.newPage();
  await open(home, `#${CPU}`);
  const data = await context.newPage();
  await data.goto(`${inject("site")}/#page=data&${CPU}`);
  await data.getByText("Nothing yet").waitFor();
  const before = await itemsOf(home);
  // What the person looks at holds still while a shelf arrives above it.
  const looked = home.locator('[data-shelf="discover"]');
  await looked.evaluate((shelf) => shelf.scrollIntoView({ block: "start", behavior: "instant" }));
  const place = (): Promise<number> => looked.evaluate((shelf) => Math.round(shelf.getBoundingClientRect().top));
  const placeBefore = await place();

  await like(speaking, chosen!);
  await toast(speaking, NOTED);
  await home.waitForSelector(`[data-shelf="because:${chosen}"] [data-item-id]`);
  expect(await itemsOf(home)).not.toEqual(before);
  await expect.poll(async () => Math.abs((await place()) - placeBefore), PATIENCE).toBeLessThanOrEqual(2);
  await data.waitForSelector(`[data-history-item="${chosen}"][data-event="favourite"]`);

  await speaking.goto(`${inject("site")}/#page=data&${CPU}`);
  await speaking.getByRole("button", { name: /Erase/u }).first().click();
  await speaking.getByRole("dialog").getByRole("button", { name: /Erase/u }).click();
  await data.getByText("Nothing yet").waitFor();
  await home.getByText(FIRST_VISIT).waitFor();
  expect(await itemsOf(home)).toEqual(before);
});

test("the toast's Undo takes back what its own tab said", async () => {
  const { page: left, context } = await visitor();
  const right = await context.newPage();
  const [first, second] = await search(left, "film");
  await search(right, "film");
  await like(left, first!);
  await toast(left, NOTED);
  await left.locator(".toast").hover();
  await like(right, second!);
  await toast(right, NOTED);
  await left.getByRole("button", { name: "Undo" }).click();
  await toast(left, /Taken back/u);
  expect((await storedHistory(left)).map(({ itemId }) => itemId)).toEqual([second]);
});

test("two first visits at once: one downloads, both are ready, and both work from the store", async () => {
  const { page: left, context, requests } = await visitor();
  const right = await context.newPage();
  let arrive!: () => void;
  const arrival = new Promise<void>((resolve) => (arrive = resolve));
  await context.route("**/models/demo/catalogue-*.bin", async (route) => {
    await arrival;
    await route.continue();
  });
  for (const page of [left, right]) await page.goto(`${inject("site")}/#${CPU}`);
  const waiting = (): Promise<number> => left.evaluate(async () => (await navigator.locks.query()).pending!.length);
  await expect.poll(waiting, PATIENCE).toBe(1);
  arrive();
  for (const page of [left, right]) await page.waitForSelector("[data-shelf] [data-item-id]");
  const downloads = (): string[] =>
    requests.filter((request) => request.includes("/models/") && !request.endsWith("manifest.json"));
  const files = downloads();
  expect(files.length).toBeGreaterThan(0);
  expect(new Set(files).size).toBe(files.length);
  const shown = await itemsOf(left);
  requests.length = 0;
  await context.route("**/models/**", (route) => route.abort());
  for (const page of [left, right]) {
    await page.reload();
    await page.waitForSelector("[data-shelf] [data-item-id]");
    expect(await itemsOf(page)).toEqual(shown);
  }
  expect(downloads()).toEqual([]);
  takeComplaints();
});

const TABS = 10;
const LIKES = 5;

/** Likes the items one after the other, and calls `acknowledged` once the tab says that one is noted. */
async function likeAll(page: Page, itemIds: readonly string[]): Promise<void> {
  await page.evaluate(async (ids) => {
    const until = async <T>(find: () => T | null): Promise<T> => {
      for (;;) {
        const found = find();
        if (found !== null) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    for (const id of ids) {
      const link = document.querySelector(`[data-item-id="${id}"]`)!;
      const card = link.closest("affiche-card")!;
      card.querySelector<HTMLElement>(".card-more")!.click();
      (await until(() => card.querySelector<HTMLElement>('[data-verdict="favourite"]'))).click();
      const title = link.querySelector(".caption > span")!.textContent;
      await until(() => (document.querySelector(".toast")?.textContent.includes(`“${title}”: noted`) ? true : null));
      (window as unknown as { acknowledged(id: string): void }).acknowledged(id);
    }
  }, itemIds);
}

/** Tabs on the same search, each with the items that it will like. */
async function openTabs(context: BrowserContext): Promise<{ page: Page; itemIds: string[] }[]> {
  const tabs: { page: Page; itemIds: string[] }[] = [];
  for (let at = 0; at < TABS; at++) {
    const page = await context.newPage();
    const found = await search(page, "film");
    tabs.push({ page, itemIds: found.slice(at * LIKES, (at + 1) * LIKES) });
  }
  return tabs;
}

test("ten tabs write at once, three die of it: every acknowledged event is kept, none twice", async () => {
  const { context } = await visitor();
  const acknowledged: string[] = [];
  /** By tab: how it ends at the second acknowledgement, with the third event on its way. */
  const ends = new Map<Page, () => Promise<unknown>>();
  await context.exposeBinding("acknowledged", ({ page }, itemId: string) => {
    acknowledged.push(itemId);
    const mine = tabs.find((tab) => tab.page === page)!.itemIds;
    if (mine.indexOf(itemId) === 1) void ends.get(page)?.();
  });
  const tabs = await openTabs(context);
  const [closed, alsoClosed, crashed, ...others] = tabs;
  const session = await context.newCDPSession(crashed!.page);
  ends.set(closed!.page, () => closed!.page.close());
  ends.set(alsoClosed!.page, () => alsoClosed!.page.close());
  ends.set(crashed!.page, () => session.send("Page.crash").catch(() => {}));
  const gone = Promise.all([
    ...[closed!, alsoClosed!].map(({ page }) => new Promise((resolve) => page.once("close", resolve))),
    new Promise((resolve) => crashed!.page.once("crash", resolve)),
  ]);
  for (const { page, itemIds } of [closed!, alsoClosed!, crashed!]) likeAll(page, itemIds).catch(() => {});
  await Promise.all(others.map(({ page, itemIds }) => likeAll(page, itemIds)));
  await gone;

  const survivor = others[0]!.page;
  const history = await storedHistory(survivor);
  const kept = history.map(({ itemId }) => itemId);
  expect(new Set(history.map(({ id }) => id)).size).toBe(history.length);
  expect(new Set(kept).size).toBe(kept.length);
  expect(acknowledged.length).toBeGreaterThanOrEqual(others.length * LIKES + 3 * 2);
  expect(kept).toEqual(expect.arrayContaining(acknowledged));
  // The last tab to come reads them all.
  await survivor.goto(`${inject("site")}/#page=data&${CPU}`);
  await expect.poll(() => survivor.locator("[data-history-item]").count(), PATIENCE).toBe(history.length);
});
