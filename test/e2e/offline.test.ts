/**
 * The app without a network, and the change from one release to the next. "Offline" is told by the
 * browser and made true by a server that is gone.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { serveSite } from "../../scripts/serve/server.ts";
import type { SiteServer } from "../../scripts/serve/server.ts";
import { buildServiceWorker } from "../../scripts/site/site-plugin.ts";
import { BACKEND_NAMES } from "../../src/model/contract.ts";
import { choose, goHome, itemsOf, takeComplaints, useBrowser, visitor } from "./browser.ts";

const DIST = join(ROOT, "dist");
const MODELS = join(DIST, "models");

/** A deployment of its own: a copy of the built site and a server that can go away and come back. */
let site: string;
let server: SiteServer | null;
let url: string;

beforeEach(async () => {
  site = mkdtempSync(join(tmpdir(), "affiche-site-"));
  cpSync(DIST, site, { recursive: true, filter: (from) => !from.startsWith(MODELS) });
  server = null;
  await up(0);
});
// Hooks run last first: the server outlives the pages.
afterEach(async () => {
  await down();
  rmSync(site, { recursive: true });
});
useBrowser();
// What cannot be loaded is written on the console; what comes of it is tested here.
afterEach(() => void takeComplaints());

async function up(port = Number(new URL(url).port)): Promise<void> {
  server = await serveSite({ site, models: inject("models"), port });
  ({ url } = server);
}

async function down(): Promise<void> {
  await server?.close();
  server = null;
}

async function goOffline(context: BrowserContext): Promise<void> {
  await context.setOffline(true);
  await down();
}

async function goOnline(context: BrowserContext): Promise<void> {
  await up();
  await context.setOffline(false);
}

/** Patience for a busy machine. */
const SOON = { timeout: 30_000 };

const shelves = (page: Page) => page.waitForSelector("[data-shelf] [data-item-id]");

/** Opens the app and waits until a release is kept. */
async function visit(page: Page, fragment = ""): Promise<void> {
  await page.goto(`${url}/${fragment}`);
  await shelves(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
}

const bar = (page: Page) => page.locator("[data-bar=release]");

describe("after one visit", () => {
  test.each(BACKEND_NAMES)("everything works offline after a reload, on %s", async (device) => {
    const { page, context } = await visitor({}, device === "webgpu" ? device : "no adapter");
    await visit(page, `#device=${device}`);
    await goOffline(context);
    await page.reload();
    await shelves(page);
    const backend = { webgpu: "WebGPU", wasm: "WebAssembly", cpu: "CPU" }[device];
    await expect.poll(() => page.locator(".chip").textContent(), SOON).toMatch(new RegExp(`${backend} · offline`, "u"));
    expect(await page.locator("main .notice").count()).toBe(0);

    // Search, offer page, recording.
    await choose(page, "metropolis", "film-metropolis");
    expect((await itemsOf(page, "similar:film-metropolis")).length).toBeGreaterThanOrEqual(12);
    await page.locator('.offer-actions [data-verdict="favourite"]').click();
    await expect.poll(() => page.locator(".offer-actions [data-done]").count(), SOON).toBe(1);
    // Home and its reasons.
    await goHome(page);
    await expect.poll(() => page.locator('[data-shelf^="because:"]').count(), SOON).toBeGreaterThan(0);
    await page.locator('[data-shelf="for-you"] .card-more').first().click();
    await expect
      .poll(() => page.locator(".menu-why").first().textContent(), SOON)
      .toMatch(/Because|resembles|popular|people/u);
    // The data page, and what was recorded is there after another reload.
    await page.goto(`${url}/#page=data&device=${device}`);
    await page.reload();
    await expect.poll(() => page.locator('[data-history-item="film-metropolis"]').count(), SOON).toBe(2);
    await expect.poll(() => page.locator("main").textContent(), SOON).toMatch(/Works offline\s*yes/u);
  });

  test("every file that the app may load is kept with its headers, and bundles are not", async () => {
    const { page } = await visitor();
    await visit(page);
    const kept = await page.evaluate(async () => {
      const names = await caches.keys();
      const cache = await caches.open(names[0]!);
      const requests = await cache.keys();
      const answers = await Promise.all(requests.map(async (request) => (await cache.match(request))!));
      return {
        caches: names.length,
        paths: requests.map((request) => new URL(request.url).pathname),
        unprotected: answers.filter(({ headers }) => !headers.has("content-security-policy")).length,
      };
    });
    const assets = readdirSync(join(site, "assets")).map((name) => `/assets/${name}`);
    expect(assets.length).toBeGreaterThan(10);
    expect(kept.paths.toSorted()).toEqual(["/", "/icon.svg", "/manifest.webmanifest", ...assets].toSorted());
    expect([kept.caches, kept.unprotected]).toEqual([1, 0]);
  });

  test("the addresses that lead to the app lead to it offline too", async () => {
    const { page, context } = await visitor();
    await visit(page);
    await goOffline(context);
    for (const path of ["/index.html", "/?from=somewhere"]) {
      await page.goto(url + path);
      await shelves(page);
      expect(await page.locator(".chip").textContent()).toContain("offline");
    }
  });

  test("a bundle that was never loaded: one clear message, and it comes with the connection", async () => {
    const { page, context } = await visitor();
    await visit(page);
    await goOffline(context);
    await page.goto("about:blank");
    await page.goto(`${url}/#bundle=other`);
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").count()).toBe(1);
    expect(await page.locator("main .notice").count()).toBe(0);
    expect(await page.getByRole("alert").textContent()).toMatch(/connection/iu);
    await context.route("**/models/other/**", async (route) => {
      const body = readFileSync(join(inject("models"), "demo", route.request().url().split("/").at(-1)!));
      await route.fulfill({
        body: Buffer.from(body.toString("latin1").replace('"name": "demo"', '"name": "other"'), "latin1"),
      });
    });
    await goOnline(context);
    await shelves(page);
  });

  test("a server that fails is said, other than being offline", async () => {
    const { page } = await visitor();
    await visit(page);
    await down();
    await page.reload();
    await shelves(page);
    expect(await page.locator("main .notice").textContent()).toContain("stored catalogue");
  });
});

test("a first visit whose release does not arrive whole has a working app, and the next visit mends it", async () => {
  const { page } = await visitor();
  // The page itself never loads this file on this device: only the release needs it.
  const name = readdirSync(join(site, "assets")).find((file) => file.startsWith("tfjs-backend-wasm"));
  const path = join(site, "assets", name!);
  const whole = readFileSync(path);
  rmSync(path);
  await page.goto(`${url}/#device=cpu`);
  await shelves(page);
  const states = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return registration === undefined
        ? "none"
        : [registration.installing, registration.active].map((one) => one?.state);
    });
  await expect.poll(states, SOON).toBe("none");
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  await choose(page, "metropolis", "film-metropolis");
  await page.goto(`${url}/#page=data`);
  await page.getByText("Works offline").waitFor();
  expect(await page.locator("main").textContent()).toMatch(/Works offline\s*not yet/u);
  writeFileSync(path, whole);
  await page.reload();
  await expect.poll(() => page.locator("main").textContent(), SOON).toMatch(/Works offline\s*yes/u);
});

describe("the next release", () => {
  /** What a person would notice of it. */
  const MARK = "release-two";
  const release = (page: Page) => page.locator("html").getAttribute("class");
  /** Files that only the list of one release asks for. */
  const OLD_FILE = "assets/first-0123456789.js";
  const NEW_FILE = "assets/second-0123456789.js";

  /** Publishes it; `damage` then spoils what is served. */
  async function publish(damage: (file: string) => void = () => {}): Promise<void> {
    const page = join(site, "index.html");
    writeFileSync(page, readFileSync(page, "utf8").replace(/<html[^>]*>/u, `<html lang="en" class="${MARK}">`));
    rmSync(join(site, OLD_FILE), { force: true });
    writeFileSync(join(site, NEW_FILE), `export const second = ${JSON.stringify("x".repeat(2_000))};\n`);
    await buildServiceWorker(site);
    damage(join(site, NEW_FILE));
  }

  /** As the page does when it is looked at after an hour. */
  const look = (page: Page) =>
    page.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration())!;
      await registration.update().catch(() => {});
      const { installing } = registration;
      if (installing === null) return "nothing new";
      return new Promise<string>((resolve) => {
        installing.addEventListener("statechange", () => resolve(installing.state));
      });
    });

  test("waits for the person in every tab, and reloads the one that accepts", async () => {
    writeFileSync(join(site, OLD_FILE), "export {};\n");
    await buildServiceWorker(site);
    const { page, context } = await visitor();
    await visit(page);
    const other = await context.newPage();
    await other.goto(`${url}/`);
    await shelves(other);
    for (const tab of [page, other]) await tab.evaluate(() => Object.assign(globalThis, { stays: true }));
    const stays = (tab: Page) => tab.evaluate(() => "stays" in globalThis);

    await publish();
    expect(await look(page)).toBe("installed");
    for (const tab of [page, other]) await bar(tab).getByText("A new version").waitFor();
    await page.waitForTimeout(1_000);
    expect(await Promise.all([stays(page), stays(other)])).toEqual([true, true]);
    // A third tab begins with what the others run.
    const third = await context.newPage();
    await third.goto(`${url}/`);
    await bar(third).waitFor();
    expect(await release(third)).toBe(null);
    await third.close();

    await bar(page).getByRole("button", { name: "Reload" }).click();
    await expect.poll(() => release(page), SOON).toBe(MARK);
    await shelves(page);
    expect(await bar(page).count()).toBe(0);
    await bar(other).getByText("updated in another tab").waitFor();
    expect([await stays(other), await release(other)]).toEqual([true, null]);

    // The old tab still has its own files, when they have left the server, the browser's own cache and
    // the network.
    await goOffline(context);
    expect(await other.evaluate(async (file) => (await fetch(file, { cache: "no-store" })).ok, OLD_FILE)).toBe(true);
    await bar(other).getByRole("button", { name: "Reload" }).click();
    await expect.poll(() => release(other), SOON).toBe(MARK);
    await shelves(other);
  });

  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[20]! ^= 1;
    writeFileSync(file, bytes);
  };
  test.each<[string, (file: string) => void]>([
    ["missing", (file) => rmSync(file)],
    ["cut", (file) => writeFileSync(file, readFileSync(file).subarray(0, 100))],
    ["flipped", flip],
    ["a sign-in page", (file) => writeFileSync(file, "<!doctype html><title>Sign in</title>")],
  ])("with one file %s is given up: the one before goes on, and the next good one comes", async (_, damage) => {
    const { page, context } = await visitor();
    await visit(page);
    await publish(damage);
    expect(await look(page)).toBe("redundant");
    expect(await bar(page).count()).toBe(0);
    await page.reload();
    await shelves(page);
    await goOffline(context);
    await page.reload();
    await shelves(page);
    expect(await release(page)).toBe(null);
    expect(await page.evaluate(() => caches.keys())).toHaveLength(1);

    await goOnline(context);
    await publish();
    expect(await look(page)).toBe("installed");
    await bar(page).getByRole("button", { name: "Reload" }).click();
    await expect.poll(() => release(page), SOON).toBe(MARK);
  });

  test("is not taken from a sign-in page in place of the service worker", async () => {
    const { page, context } = await visitor();
    await visit(page);
    writeFileSync(join(site, "sw.js"), "<!doctype html><title>Sign in</title>");
    expect(await look(page)).toBe("nothing new");
    await goOffline(context);
    await page.reload();
    await shelves(page);
  });
});

describe("what the browser installs", () => {
  interface Picture {
    src: string;
    sizes: string;
    type: string;
    purpose?: string;
    form_factor?: string;
    label?: string;
  }

  test("a manifest whose pictures are there, in the sizes that it names", async () => {
    const { page } = await visitor();
    await visit(page);
    const session = await page.context().newCDPSession(page);
    const { errors, data } = await session.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    const manifest = JSON.parse(data!) as { icons: Picture[]; screenshots: Picture[] };
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    // An incognito window, as every test's is, installs nothing.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
    expect(manifest.icons.map(({ purpose = "any", sizes }) => `${purpose} ${sizes}`)).toEqual(
      expect.arrayContaining(["any 192x192", "any 512x512", "maskable 512x512"]),
    );
    expect(manifest.screenshots.map((shot) => shot.form_factor)).toEqual(expect.arrayContaining(["wide", "narrow"]));
    for (const { src, sizes, type } of [...manifest.icons, ...manifest.screenshots]) {
      const path = join(site, src);
      if (type !== "image/png") continue;
      // PNG (W3C), 11.2.1: width and height stand at bytes 16 and 20.
      const bytes = readFileSync(path);
      expect([src, `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`]).toEqual([src, sizes]);
      expect(statSync(path).size).toBeLessThan(300_000);
    }
  });
});
