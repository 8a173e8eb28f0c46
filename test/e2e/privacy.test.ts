/** The promise as a test: what the app asks for does not depend on the history or on where one goes. */
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, FrameLocator, Page } from "playwright";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { WEBGPU_ARGS } from "../../scripts/chromium.mjs";
import { launchPartitioned } from "../../scripts/partitioned-browser.ts";
import { partnerPolicy } from "../../scripts/partner-site.ts";
import { ROOT } from "../../scripts/paths.ts";
import { siteHandler } from "../../scripts/serve/server.ts";
import { differences, lineOf, startEavesdropper, startRequestLog } from "../support/request-log.ts";
import type { Eavesdropper } from "../support/request-log.ts";
import { cards, itemsOf, say, shelf } from "./embed-host.ts";

const DIST = join(ROOT, "dist");
/** A story takes half a minute, and longer on a busy machine, ms. */
const STORY_MS = 240_000;

interface Person {
  /** What they look up and open, one after the other. */
  readonly tastes: readonly (readonly [query: string, itemId: string])[];
  readonly verdict: "favourite" | "booking" | "dismiss";
}

const READER: Person = {
  tastes: [
    ["misanthrope", "theatre-le-misanthrope"],
    ["phedre", "theatre-phedre"],
    ["rouge et le noir", "book-le-rouge-et-le-noir"],
  ],
  verdict: "favourite",
};
/** Of opposite tastes, harder to please, and longer on the site. */
const PLAYER: Person = {
  tastes: [
    ["tetris", "game-tetris"],
    ["portal", "game-portal"],
    ["squid game", "series-squid-game"],
    ["metropolis", "film-metropolis"],
    ["alien", "film-alien"],
  ],
  verdict: "dismiss",
};

/** Every host that is not this machine leads here, whatever its name and port. */
let elsewhere: Eavesdropper;
/** On WebGPU, the first path; what provokes a leak is told without an adapter, in half the time. */
let browser: Browser;
let withoutAdapter: Browser;

beforeAll(async () => {
  elsewhere = await startEavesdropper();
  const rules = `--host-resolver-rules=MAP * 127.0.0.1:${elsewhere.port}, EXCLUDE localhost, EXCLUDE 127.0.0.1`;
  browser = await launchPartitioned([...WEBGPU_ARGS, rules]);
  withoutAdapter = await launchPartitioned([rules]);
});
afterAll(async () => {
  await browser.close();
  await withoutAdapter.close();
  await elsewhere.close();
});

/** Hosts that Chromium itself calls, in spite of its flags; the app has no more business there than anywhere. */
const CALLED_BY_CHROMIUM = new Set(["accounts.google.com", "update.googleapis.com"]);

const heardElsewhere = (): string[] => elsewhere.hosts.filter((host) => !CALLED_BY_CHROMIUM.has(host));

interface Told {
  /** As the server heard them. */
  readonly requests: readonly string[];
  /** What is recommended after all that the person did. */
  readonly home: readonly string[];
}

/**
 * One person's whole story, on a new device, with the site in `folder`: five visits, one of them
 * offline, every page and every kind of deed. Each visit ends when the browser has nothing more to ask.
 */
async function tell(
  folder: string,
  person: Person,
  device = browser,
): Promise<Told & { readonly origins: ReadonlySet<string> }> {
  const log = await startRequestLog(siteHandler({ site: folder, models: inject("models") }));
  // No locale: Playwright's does not reach every worker in time, and the browser's own language is the same for all.
  const context = await device.newContext({ reducedMotion: "reduce" });
  context.setDefaultTimeout(STORY_MS);
  /** Of all that the browser says it asked for. */
  const origins = new Set<string>();
  context.on("request", (request) => origins.add(new URL(request.url()).origin.replace(`:${log.port}`, "")));
  const page = await context.newPage();
  const url = `http://localhost:${log.port}/`;
  const verdict = `[data-verdict="${person.verdict}"]`;
  const link = (name: string) => page.getByRole("link", { name }).first();

  await page.goto(url);
  await forYou(page);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await log.quiet();
  for (const taste of person.tastes) await lookUp(page, url, taste);
  await page.locator(`.offer-actions ${verdict}`).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator(`.offer-actions ${verdict}[aria-disabled="false"]`).waitFor();
  await link("For you").click();
  await forYou(page);
  const card = page.locator('[data-shelf="for-you"] affiche-card').first();
  await card.locator(".card-more").click();
  await card.locator(verdict).click();
  await link("Your data").click();
  await page.locator("[data-history-item]").first().waitFor();
  await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /Export|Download/u }).click()]);
  await log.quiet();

  await page.goto("about:blank");
  await page.goto(url);
  await forYou(page);
  const home = await page
    .locator('[data-shelf="for-you"] [data-item-id]')
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["itemId"]!));
  await log.quiet();

  await context.setOffline(true);
  await page.reload();
  await forYou(page);
  for (const taste of person.tastes.slice(1)) await lookUp(page, url, taste);
  // The app asks again for what it could not have.
  await context.setOffline(false);
  await log.quiet();
  await page.reload();
  await page.locator(".offer-actions").waitFor();
  await log.quiet();

  await link("Your data").click();
  await page.reload();
  await page.locator("[data-history-item]").first().waitFor();
  await log.quiet();
  await page.getByRole("button", { name: /Erase/u }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: /Erase/u }).click();
  await forYou(page);
  await log.quiet();

  await context.close();
  await log.close();
  return { requests: comparable(log.requests), home, origins };
}

/**
 * The browser itself looks for a new service worker, a second after a visit's last need of the old one,
 * by its own clock: once or twice a visit. Equal looks count as one here.
 */
function comparable(requests: readonly string[]): string[] {
  return requests.filter((request, at) => lineOf(request) !== "GET /sw.js" || requests.indexOf(request) === at);
}

async function forYou(page: Page): Promise<void> {
  await page.waitForSelector('main[aria-busy="false"] [data-shelf="for-you"] [data-item-id]');
}

async function lookUp(page: Page, url: string, [query, itemId]: readonly [string, string]): Promise<void> {
  await page.goto(`${url}#page=search`);
  await page.getByRole("searchbox").fill(query);
  await page.locator(`main [data-item-id="${itemId}"]`).click();
  await page.waitForSelector(`[data-offer-id="${itemId}"]`);
}

test("two opposite histories give the same requests, and none leaves the site", { timeout: STORY_MS }, async () => {
  const [reader, player] = await Promise.all([tell(DIST, READER), tell(DIST, PLAYER)]);
  expect(player.home).not.toEqual(reader.home);
  expect(differences(reader.requests, player.requests)).toEqual([]);

  // The log hears what there is to hear: the page once, every file of the app, the bundle's manifest
  // at each visit and when the network is back, and the bundle at the first and after it was erased.
  const lines = reader.requests.map(lineOf);
  expect(reader.requests.filter((request) => request.includes("\nsec-fetch-mode: navigate\n"))).toHaveLength(1);
  for (const name of readdirSync(join(DIST, "assets"))) expect(lines).toContain(`GET /assets/${name}`);
  expect(lines.filter((line) => line === "GET /models/demo/manifest.json")).toHaveLength(6);
  expect(lines.filter((line) => line.startsWith("GET /models/demo/catalogue-"))).toHaveLength(2);
  for (const request of reader.requests) {
    expect(request).toMatch(/^GET \/[^?]*\n/u);
    // Browsers check a service worker for an update with its own address as the referrer.
    expect(request.replace("\nreferer: http://localhost:PORT/sw.js\n", "\n")).not.toMatch(
      /\n(?:cookie|referer|authorization):/u,
    );
  }

  for (const { origins } of [reader, player]) expect([...origins]).toEqual(["http://localhost"]);
  expect(heardElsewhere()).toEqual([]);
});

/** One person's story with the shelf of a partner's page, on a new device: three visits to the page. */
async function tellEmbedded(
  person: Person,
  attributes: string,
): Promise<Told & { readonly partner: readonly string[] }> {
  const log = await startRequestLog(siteHandler({ site: DIST, models: inject("models") }));
  const app = `http://localhost:${log.port}`;
  const partner = await startRequestLog((_, response) => {
    response
      .setHeader("Content-Type", "text/html; charset=utf-8")
      .setHeader("Content-Security-Policy", partnerPolicy(app));
    response.end(`<!doctype html><title>Partner</title><link rel="icon" href="data:,">
      <script type="module" src="${app}/embed.js"></script><affiche-shelf locale="en" ${attributes}></affiche-shelf>`);
  });
  const context = await browser.newContext({ reducedMotion: "reduce" });
  context.setDefaultTimeout(STORY_MS);
  const page = await context.newPage();
  const frame = shelf(page);
  // Until the frame is asked for the page is left alone: Playwright's own scripts count as the person's
  // gestures, which the browser tells with the frame's address (Sec-Fetch-User).
  const shown = async (visit: number): Promise<void> => {
    const framed = (): number => log.requests.filter((request) => lineOf(request) === "GET /embed.html").length;
    await expect.poll(framed, { timeout: STORY_MS }).toBe(visit);
    await cards(frame).first().waitFor();
  };

  await page.goto(`http://127.0.0.1:${partner.port}/`);
  await shown(1);
  await log.quiet();
  await judge(frame, person.verdict, 2);
  await log.quiet();

  await page.reload();
  await shown(2);
  await log.quiet();
  await judge(frame, person.verdict, person.tastes.length);
  await cards(frame).last().click();
  await frame.locator(`.offer-actions [data-verdict="${person.verdict}"]`).click();
  await log.quiet();

  await page.reload();
  await shown(3);
  const home = await itemsOf(frame);
  await log.quiet();

  await context.close();
  await log.close();
  await partner.close();
  const known = (requests: readonly string[]): string[] =>
    requests.map((request) => request.replaceAll(`:${partner.port}`, ":PARTNER").replaceAll(`:${log.port}`, ":PORT"));
  return { requests: comparable(known(log.requests)), partner: known(partner.requests), home };
}

/** Says the same of the first `count` items of a shelf. */
async function judge(frame: FrameLocator, verdict: Person["verdict"], count: number): Promise<void> {
  for (const itemId of (await itemsOf(frame)).slice(0, count)) {
    await say(frame, itemId, verdict);
    if (verdict === "dismiss") await frame.locator(`[data-item-id="${itemId}"]`).waitFor({ state: "detached" });
  }
}

test(
  "on a partner's page neither the history nor what the shelf is about shows in the requests",
  { timeout: STORY_MS },
  async () => {
    const [reader, player, other] = await Promise.all([
      tellEmbedded(READER, `kind="book"`),
      tellEmbedded(PLAYER, `kind="book"`),
      tellEmbedded(PLAYER, `item="film-metropolis" limit="6"`),
    ]);
    expect(player.home).not.toEqual(reader.home);
    expect(differences(reader.requests, player.requests)).toEqual([]);
    expect(differences(other.requests, player.requests)).toEqual([]);
    const lines = reader.requests.map(lineOf);
    expect(lines).toContain("GET /embed.js");
    expect(lines).toContain("GET /embed.html");
    expect(lines.filter((line) => line === "GET /models/demo/manifest.json")).toHaveLength(3);
    expect(lines.filter((line) => line.startsWith("GET /models/demo/catalogue-"))).toHaveLength(1);
    for (const line of lines) expect(line).toMatch(/^GET \/[^?]*$/u);
    // The partner's own site hears of its page, once a visit, and nobody else hears anything.
    for (const { partner } of [reader, player, other]) {
      expect(partner.map(lineOf)).toEqual(["GET /", "GET /", "GET /"]);
      expect(differences(partner, reader.partner)).toEqual([]);
    }
    expect(heardElsewhere()).toEqual([]);
  },
);

/** A copy of the site with a few lines more in one chunk; its service worker takes it for a release like any other. */
function leakySite(chunk: "page" | "engine", lines: string): string {
  const folder = mkdtempSync(join(tmpdir(), "affiche-leaky-"));
  cpSync(DIST, folder, { recursive: true, filter: (path) => path !== join(DIST, "models") });
  const page = /src="\.\/assets\/(main-[^"]+\.js)"/u.exec(readFileSync(join(DIST, "index.html"), "utf8"))![1]!;
  const entries = readdirSync(join(DIST, "assets")).filter((name) => /^main-.*\.js$/u.test(name));
  const name = entries.find((entry) => (entry === page) === (chunk === "page"))!;
  const script = readFileSync(join(folder, "assets", name), "utf8");
  writeFileSync(join(folder, "assets", name), `${script}\n${lines}`);
  const serviceWorker = readFileSync(join(folder, "sw.js"), "utf8");
  const integrity = (text: string): string => createHash("sha384").update(text).digest("base64");
  expect(serviceWorker).toContain(integrity(script));
  writeFileSync(join(folder, "sw.js"), serviceWorker.replaceAll(integrity(script), integrity(`${script}\n${lines}`)));
  return folder;
}

test.each([
  {
    leak: "a picture of every item",
    chunk: "page",
    lines: `new MutationObserver(() => {
      for (const link of document.querySelectorAll("[data-item-id]:not([data-asked])")) {
        link.dataset.asked = "";
        new Image().src = "covers/" + link.dataset.itemId + ".png";
      }
    }).observe(document, { childList: true, subtree: true });`,
    requests: /^GET \/covers\/[a-z0-9-]+\.png$/u,
  },
  {
    leak: "a shard chosen by the history",
    chunk: "engine",
    lines: `let shard = 0;
    addEventListener("message", ({ data }) => {
      if (data.path?.[0] !== "record") return;
      for (const character of data.argumentList[0].value.itemId) shard = (31 * shard + character.charCodeAt(0)) % 64;
      fetch("../models/demo/shard-" + shard + ".bin");
    });`,
    requests: /^GET \/models\/demo\/shard-\d+\.bin$/u,
  },
] as const)("the same comparison catches $leak", { timeout: STORY_MS }, async ({ chunk, lines, requests }) => {
  const folder = leakySite(chunk, lines);
  const [reader, player] = await Promise.all([
    tell(folder, READER, withoutAdapter),
    tell(folder, PLAYER, withoutAdapter),
  ]);
  rmSync(folder, { recursive: true });
  const leaked = differences(reader.requests, player.requests).map(lineOf);
  expect(leaked.length).toBeGreaterThan(0);
  for (const line of leaked) expect(line).toMatch(requests);
});

test.each(["http", "https"])("a request to any other place would be heard: %s", async (protocol) => {
  const page = await browser.newPage();
  await page.goto(`${protocol}://${protocol}.elsewhere.example/`).catch(() => {});
  await page.close();
  expect(heardElsewhere()).toContain(`${protocol}.elsewhere.example`);
});
