/** Every way in which a browser's storage fails: one clear behaviour for each, and nothing acknowledged is lost. */
import type { CDPSession, Page } from "playwright";
import { expect, inject, test } from "vitest";
import { itemsOf, open, useBrowser, visitor } from "./browser.ts";
import type { Visitor } from "./browser.ts";
import { CPU, like, PATIENCE, search, storedHistory, toast } from "./history.ts";

useBrowser();

const NOTED = /noted, you like it/u;
const FULL = /storage is full.*Free some space, then try again/u;
const UNUSABLE = /storage cannot be used now.*Close the other tabs.*try again/u;

/**
 * The app in a browser whose storage the test can break. It has no service worker, which would take
 * of the quota when it likes, and serve the scripts that a test changes.
 */
async function storageVisitor(): Promise<Visitor & { cdp: CDPSession }> {
  const visit = await visitor();
  await visit.context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "serviceWorker", { value: undefined });
  });
  return { ...visit, cdp: await visit.context.newCDPSession(visit.page) };
}

/** The items of the data page, newest first, once there are any. */
async function shownHistory(page: Page): Promise<string[]> {
  await page.waitForSelector("[data-history-item]");
  return page
    .locator("[data-history-item]")
    .evaluateAll((lines) => lines.map((line) => (line as HTMLElement).dataset["historyItem"]!));
}

test("site data cleared while the app is open: a first visit again, and recording goes on", async () => {
  const { page, context, cdp } = await storageVisitor();
  await open(page, `#${CPU}`);
  const first = await itemsOf(page);
  const tab = await context.newPage();
  const [before, after] = await search(tab, "film");
  await like(tab, before!);
  await toast(tab, NOTED);
  await page.waitForSelector(`[data-shelf="because:${before}"] [data-item-id]`);

  await cdp.send("Storage.clearDataForOrigin", { origin: inject("site"), storageTypes: "all" });
  await page.getByText("Nothing is known about you").waitFor();
  expect(await itemsOf(page)).toEqual(first);
  await like(tab, after!);
  await toast(tab, NOTED);
  await page.waitForSelector(`[data-shelf="because:${after}"] [data-item-id]`);
  await page.goto(`${inject("site")}/#page=data&${CPU}`);
  expect(await shownHistory(page)).toEqual([after]);
  await page.reload();
  expect(await shownHistory(page)).toEqual([after]);
  expect(await page.locator('[role="alert"]').count()).toBe(0);
});

/** Takes what is left of this origin's quota, to the last few bytes; random, for the browser compresses. */
async function fillStorage(page: Page): Promise<void> {
  await page.goto(`${inject("site")}/icon.svg`);
  await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open("filler", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("bytes", { autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
    });
    const write = (size: number): Promise<boolean> =>
      new Promise((resolve) => {
        const transaction = database.transaction("bytes", "readwrite", { durability: "strict" });
        transaction.addEventListener("complete", () => resolve(true));
        transaction.addEventListener("abort", () => resolve(false));
        const bytes = new Uint8Array(size);
        for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
        transaction.objectStore("bytes").add(bytes);
      });
    for (let size = 1 << 18; size >= 1; size >>= 1) while (await write(size));
    database.close();
  });
}

test("a full device: the event is not kept and that is said, those before it stay, and with space it works again", async () => {
  const { page, context, cdp } = await storageVisitor();
  const origin = inject("site");
  // Before the first database: Chromium remembers the free space of one that is open.
  await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 2_000_000 });
  const [first, second, third] = await search(page, "film");
  await like(page, first!);
  await toast(page, NOTED);
  const filler = await context.newPage();
  await fillStorage(filler);
  await like(page, second!);
  await toast(page, FULL);
  expect((await storedHistory(page)).map(({ itemId }) => itemId)).toEqual([first]);
  await page.goto(`${origin}/#page=data&${CPU}`);
  expect(await shownHistory(page)).toEqual([first]);

  await cdp.send("Storage.overrideQuotaForOrigin", { origin });
  await search(page, "film");
  for (const item of [second, third]) {
    await like(page, item!);
    await expect.poll(async () => (await storedHistory(page)).at(-1)?.itemId, PATIENCE).toBe(item);
  }
  expect((await storedHistory(page)).map(({ itemId }) => itemId)).toEqual([first, second, third]);
});

test("a first visit to a full device: the catalogue serves this visit, and the notice says that it is not kept", async () => {
  const { page, cdp } = await storageVisitor();
  const origin = inject("site");
  await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 50_000 });
  await open(page, `#${CPU}`);
  expect(await page.locator("main .notice").textContent()).toMatch(/could not be kept.*Free some space/u);
  await cdp.send("Storage.overrideQuotaForOrigin", { origin });
  await page.reload();
  await page.waitForSelector("[data-shelf] [data-item-id]");
  expect(await page.locator("main .notice").count()).toBe(0);
});

test("an old tab that holds the database: one message in time, and Try again works once that tab is closed", async () => {
  const { page, context } = await storageVisitor();
  const [chosen] = await search(page, "film");
  await like(page, chosen!);
  await toast(page, NOTED);
  await page.goto("about:blank");
  // A page of an old release, deaf to the browser's request to give way, with an upgrade waiting behind it.
  const old = await context.newPage();
  await old.goto(`${inject("site")}/icon.svg`);
  await old.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const holding = indexedDB.open("affiche");
        holding.onsuccess = () => (indexedDB.open("affiche", 50).onblocked = () => resolve());
      }),
  );
  await page.goto(`${inject("site")}/#${CPU}`);
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").textContent()).toMatch(UNUSABLE);
  const retry = page.getByRole("main").getByRole("button", { name: "Try again" });
  const title = page.getByRole("heading", { name: "The catalogue is not here yet" });
  await retry.click();
  await title.waitFor({ state: "detached" });
  await title.waitFor();
  expect(await page.getByText(UNUSABLE).count()).toBe(1);
  await old.close();
  await retry.click();
  await page.waitForSelector(`[data-shelf="because:${chosen}"] [data-item-id]`);
});

test("a database of a newer release: nothing is touched, and the message says what to do", async () => {
  const { page, context } = await storageVisitor();
  const newer = await context.newPage();
  await newer.goto(`${inject("site")}/icon.svg`);
  const versions = (): Promise<(number | undefined)[]> =>
    newer.evaluate(async () => (await indexedDB.databases()).map(({ version }) => version));
  await newer.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open("affiche", 999);
        request.onsuccess = () => {
          request.result.close();
          resolve();
        };
      }),
  );
  await page.goto(`${inject("site")}/#${CPU}`);
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").textContent()).toMatch(/storage cannot be used now.*reload/u);
  expect(await versions()).toEqual([999]);
  await newer.evaluate(() => new Promise((resolve) => (indexedDB.deleteDatabase("affiche").onsuccess = resolve)));
  await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
  await page.waitForSelector("[data-shelf] [data-item-id]");
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("no IndexedDB at all: all works from memory, and the notice says for how long", async () => {
  const { page, context } = await storageVisitor();
  await open(page, `#${CPU}`);
  const worker = page.workers()[0]!.url();
  await page.goto("about:blank");
  await context.route(worker, async (route) => {
    const response = await route.fetch();
    const without = `Object.defineProperty(self, "indexedDB", { value: undefined });\n`;
    await route.fulfill({ response, body: without + (await response.text()) });
  });
  await open(page, `#${CPU}`);
  expect(await page.locator("main .notice").textContent()).toMatch(/no storage: your history ends when you close/u);
  const first = await itemsOf(page);
  const [chosen] = await search(page, "film");
  await like(page, chosen!);
  await toast(page, NOTED);
  await page.getByRole("link", { name: "For you" }).first().click();
  await page.waitForSelector(`[data-shelf="because:${chosen}"] [data-item-id]`);
  expect(await itemsOf(page)).not.toEqual(first);
  await page.getByRole("link", { name: "Your data" }).first().click();
  expect(await shownHistory(page)).toEqual([chosen]);
  expect(await page.locator("main .notice").count()).toBe(1);
  await page.reload();
  await page.getByText("Nothing yet").waitFor();
});
