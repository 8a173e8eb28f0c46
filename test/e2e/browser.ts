/** A browser as a person has one, and what they see in it. */
import { chromium } from "playwright";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright";
import { afterAll, afterEach, expect, inject } from "vitest";
import { CHROMIUM_ARGS, chromiumPath, WEBGPU_ARGS } from "../../scripts/chromium.mjs";

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** "METHOD url", in order, of everything the page and its workers asked for. */
  readonly requests: string[];
}

/** What a browser computes on: WebGPU, or without an adapter for it WebAssembly. */
type Adapter = "webgpu" | "no adapter";

const browsers = new Map<Adapter, Browser>();
let usual: Adapter = "no adapter";
const contexts: BrowserContext[] = [];
const complaints: string[] = [];

export async function launch(adapter: Adapter): Promise<Browser> {
  const path = chromiumPath();
  const args = adapter === "webgpu" ? [...CHROMIUM_ARGS, ...WEBGPU_ARGS] : CHROMIUM_ARGS;
  return chromium.launch({ ...(path === undefined ? {} : { executablePath: path }), args });
}

/** Call once at the top of a test file. A console error or a blocked resource fails the test. */
export function useBrowser(adapter: Adapter = "no adapter"): void {
  usual = adapter;
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(() => Promise.all([...browsers.values()].map((browser) => browser.close())));
}

/** Errors that a test provokes and expects; it reads them here. */
export function takeComplaints(): string[] {
  return complaints.splice(0);
}

export async function visitor(options: BrowserContextOptions = {}, adapter = usual): Promise<Visitor> {
  if (!browsers.has(adapter)) browsers.set(adapter, await launch(adapter));
  const context = await browsers.get(adapter)!.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
  contexts.push(context);
  const page = await context.newPage();
  const requests: string[] = [];
  context.on("request", (request) => requests.push(`${request.method()} ${request.url()}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page, requests };
}

/** Opens the app and waits for its first shelf. */
export async function open(page: Page, fragment = ""): Promise<void> {
  await page.goto(`${inject("site")}/${fragment}`);
  await page.waitForSelector("[data-shelf] [data-item-id]");
}

/** The items of a shelf in order, once all of them are drawn. */
export async function itemsOf(page: Page, shelf = "for-you"): Promise<string[]> {
  await page.waitForSelector(`[data-shelf="${shelf}"] ul[aria-busy="false"]`);
  return page
    .locator(`[data-shelf="${shelf}"] [data-item-id]`)
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["itemId"]!));
}

/** Follows the card of an item on a search page, which records a click. */
export async function choose(page: Page, query: string, itemId: string): Promise<void> {
  const { origin, hash } = new URL(page.url());
  const stays = [...new URLSearchParams(hash.slice(1))].filter(([name]) => name === "bundle" || name === "device");
  await page.goto(`${origin}/#${new URLSearchParams([["page", "search"], ["q", query], ...stays])}`);
  await page.locator(`[data-item-id="${itemId}"]`).click();
  await page.waitForURL(/page=offer/u);
  await page.waitForSelector("[data-verdict], [data-shelf] [data-item-id]");
}

/** Back to the home page by its link, and until its shelves stand. */
export async function goHome(page: Page): Promise<void> {
  await page
    .getByRole("link", { name: /For you|Pour vous/u })
    .first()
    .click();
  await page.waitForSelector('main[aria-busy="false"] [data-shelf="for-you"] [data-item-id]');
}
