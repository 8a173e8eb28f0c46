/** Partners' pages on sites of their own, and a browser that keeps sites apart as people's browsers do. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright";
import type { Browser, BrowserContext, BrowserContextOptions, FrameLocator, Page } from "playwright";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { launchPartitioned, partitionedOptions } from "../../scripts/partitioned-browser.ts";
import { partnerPolicy } from "../../scripts/partner-site.ts";
import { ROOT } from "../../scripts/paths.ts";
import { serveSite } from "../../scripts/serve/server.ts";

export interface Sites {
  /** Affiche itself; no trailing slash. */
  readonly app: string;
  /** Partners on two sites; the second is a name of this machine, which browsers trust like localhost. */
  readonly library: string;
  readonly cinema: string;
  /** A site that is no partner. */
  readonly stranger: string;
  /** Affiche on a host that forgot who may frame it: the stranger's page shows the frame there. */
  readonly careless: string;
}

/** What a host page records of the port to its shelf. */
export interface HostWindow {
  readonly heard: { readonly type: string; readonly [key: string]: unknown }[];
  readonly told: { readonly type: string; readonly detail: unknown }[];
  readonly ports: MessagePort[];
}

export let sites: Sites;
let browser: Browser;
const contexts: BrowserContext[] = [];
const profiles: string[] = [];
const complaints: string[] = [];

/** Call once at the top of a test file. A console error or a blocked resource fails the test. */
export function useHosts(): void {
  const closings: (() => Promise<unknown> | void)[] = [];
  beforeAll(async () => {
    const pages = await servePages();
    closings.push(pages.close);
    const host = (name: string): string => `http://${name}:${pages.port}`;
    const partners = [host("127.0.0.1"), host("cinema.localhost")] as const;
    const site = siteWithPartners(partners);
    closings.push(() => rmSync(site, { recursive: true }));
    const server = await serveSite({ site, models: inject("models"), port: 0, partners });
    closings.push(() => server.close());
    const stranger = host("stranger.localhost");
    const careless = await serveSite({ site, models: inject("models"), port: 0, partners: [...partners, stranger] });
    closings.push(() => careless.close());
    sites = { app: server.url, library: partners[0], cinema: partners[1], stranger, careless: careless.url };
    browser = await launchPartitioned();
    closings.push(() => browser.close());
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    for (const close of closings.toReversed()) await close();
    // Chromium may still write for a moment after it has closed.
    const patiently = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };
    await Promise.all(profiles.splice(0).map((folder) => rm(folder, patiently)));
  });
}

/** Errors that a test provokes and expects; it reads them here. */
export function takeComplaints(): string[] {
  return complaints.splice(0);
}

export async function visit(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
  contexts.push(context);
  return newPage(context);
}

/**
 * A person whose browser lets Affiche's frames have its first-party storage, as after "Allow" in the
 * browser's own question, which no script can answer: the leave stands in the profile's preferences.
 */
export async function visitWithStorageAccess(): Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), "affiche-profile-"));
  mkdirSync(join(folder, "Default"));
  const allowed = { "[*.]localhost,*": { setting: 1, last_modified: "13370000000000000" } };
  const preferences = { profile: { content_settings: { exceptions: { storage_access: allowed } } } };
  writeFileSync(join(folder, "Default", "Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(folder, {
    ...(await partitionedOptions()),
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  profiles.push(folder);
  contexts.push(context);
  return newPage(context);
}

export async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

/** A host's page with these attributes on its shelf, once the shelf stands. */
export async function openHost(page: Page, host: string, attributes: string, coep = false): Promise<FrameLocator> {
  await page.goto(hostPage(host, `<affiche-shelf ${attributes}></affiche-shelf>`, coep));
  await cards(shelf(page)).first().waitFor();
  return shelf(page);
}

export function hostPage(host: string, body: string, coep = false, app = sites.app): string {
  return `${host}/?${new URLSearchParams({ body, app, ...(coep ? { coep: "1" } : {}) })}`;
}

export const shelf = (page: Page, at = 0): FrameLocator =>
  page.locator("affiche-shelf").nth(at).locator("iframe").contentFrame();

export const cards = (frame: FrameLocator) => frame.locator("[data-shelf] [data-item-id]");

export const itemsOf = (frame: FrameLocator): Promise<string[]> =>
  cards(frame).evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["itemId"]!));

/** Says something by the menu of a card, and waits until it is kept. */
export async function say(frame: FrameLocator, itemId: string, verdict: string): Promise<void> {
  const card = frame.locator(`affiche-card:has([data-item-id="${itemId}"])`);
  await card.locator(".card-more").click();
  await card.locator(`.menu [data-verdict="${verdict}"]`).click();
  await frame.locator(".toast").waitFor();
}

/** What crossed the port so far, and what the shelf's events said. */
export const records = (page: Page): Promise<Pick<HostWindow, "heard" | "told">> =>
  page.evaluate(() => {
    const { heard, told } = window as unknown as HostWindow;
    return { heard, told };
  });

/** Every message port of the page records what it hears; every event of a shelf is noted. */
const RECORDER = `
  const heard = (window.heard = []), told = (window.told = []), ports = (window.ports = []);
  window.MessageChannel = class extends MessageChannel {
    constructor() {
      super();
      ports.push(this.port1);
      this.port1.addEventListener("message", ({ data }) => heard.push(data));
    }
  };
  for (const type of ["affiche-ready", "affiche-select", "affiche-error"]) {
    addEventListener(type, ({ detail }) => told.push({ type, detail }));
  }`;

/** Answers "/" with a page around the body that the query names; with a careful host's policy. */
async function servePages(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, "http://host");
    const app = url.searchParams.get("app") ?? "";
    if (url.pathname === "/recorder.js") {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(RECORDER);
      return;
    }
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": partnerPolicy(app).replace("script-src", "script-src 'self'"),
      ...(url.searchParams.has("coep") ? { "Cross-Origin-Embedder-Policy": "require-corp" } : {}),
    });
    response.end(`<!doctype html><meta charset="utf-8"><title>Host</title>
      <script src="/recorder.js"></script><script type="module" src="${app}/embed.js"></script>
      ${url.searchParams.get("body")}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The built site as an operator with these partners would have built it: the list stands in one script. */
function siteWithPartners(partners: readonly string[]): string {
  const site = mkdtempSync(join(tmpdir(), "affiche-site-"));
  cpSync(join(ROOT, "dist"), site, { recursive: true });
  const built = JSON.parse(readFileSync(join(ROOT, "partners.json"), "utf8")) as { partners: string[] };
  const listed = new RegExp(
    `\\[(["'\`])${built.partners.map((one) => one.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&")).join("\\1,\\1")}\\1\\]`,
    "u",
  );
  const scripts = readdirSync(join(site, "assets")).filter((name) => /^embed-.*\.js$/u.test(name));
  const texts = scripts.map((name) => readFileSync(join(site, "assets", name), "utf8"));
  const at = texts.findIndex((text) => listed.test(text));
  expect(at).toBeGreaterThanOrEqual(0);
  const text = texts[at]!.replace(listed, JSON.stringify(partners));
  writeFileSync(join(site, "assets", scripts[at]!), text);
  // The service worker refuses a script that is not the one that was built.
  const hash = (content: string): string => createHash("sha384").update(content).digest("base64");
  const serviceWorker = readFileSync(join(site, "sw.js"), "utf8");
  expect(serviceWorker).toContain(hash(texts[at]!));
  writeFileSync(join(site, "sw.js"), serviceWorker.replace(hash(texts[at]!), hash(text)));
  return site;
}
