/**
 * `npm run screenshots`: the icons, drawn from public/icon.svg, and the pictures of README, manifest
 * and docs, taken from the built app on the demo bundle.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright";
import type { Browser, BrowserContextOptions } from "playwright";
import { buildSite, makeDemoBundle } from "./bootstrap.mjs";
import { CHROMIUM_ARGS, chromiumPath, ensureChromium, WEBGPU_ARGS } from "./chromium.mjs";
import { ROOT } from "./paths.ts";
import { serveSite } from "./serve/server.ts";

const ICONS = join(ROOT, "public", "icons");
const SCREENSHOTS = join(ROOT, "public", "screenshots");

/** The page's colour in light. */
const WALL = "#f9f6f1";

/**
 * `height`: of the poster, as a share of the icon. A masked icon may lose all outside a circle of 80 %
 * of its width (W3C, Web Application Manifest, "Icon masks and safe zone"): the poster, 26 by 34, fits
 * into that circle up to .635.
 */
const ICON_FILES: readonly { name: string; size: number; wall: string; height: number }[] = [
  { name: "icon-192", size: 192, wall: "transparent", height: 1 },
  { name: "icon-512", size: 512, wall: "transparent", height: 1 },
  { name: "maskable-512", size: 512, wall: WALL, height: 0.62 },
  { name: "apple-touch-icon", size: 180, wall: WALL, height: 0.74 },
];

const DESKTOP = { viewport: { width: 1280, height: 1000 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true };
/** Opened first, so that the page has something to go by. */
const TASTE = ["book-vingt-mille-lieues-sous-les-mers", "film-metropolis", "theatre-cyrano-de-bergerac"];
const HOME = "#";
const OFFER = `#page=offer&item=${TASTE[1]}`;

/** The manifest names some of them, with their sizes. */
const SHOTS: readonly { name: string; fragment: string; options: BrowserContextOptions }[] = [
  { name: "home-light", fragment: HOME, options: { ...DESKTOP, colorScheme: "light" } },
  { name: "home-dark", fragment: HOME, options: { ...DESKTOP, colorScheme: "dark" } },
  { name: "home-phone", fragment: HOME, options: { ...PHONE, colorScheme: "light" } },
  { name: "offer-light", fragment: OFFER, options: { ...DESKTOP, colorScheme: "light" } },
  { name: "offer-phone", fragment: OFFER, options: { ...PHONE, colorScheme: "light" } },
];

ensureChromium();
const path = chromiumPath();
const browser = await chromium.launch({
  ...(path === undefined ? {} : { executablePath: path }),
  args: [...CHROMIUM_ARGS, ...WEBGPU_ARGS],
});
await drawIcons(browser);
await makeDemoBundle();
await buildSite();
await takeScreenshots(browser);
await browser.close();

async function drawIcons(browser: Browser): Promise<void> {
  mkdirSync(ICONS, { recursive: true });
  const poster = `data:image/svg+xml;base64,${readFileSync(join(ROOT, "public", "icon.svg")).toString("base64")}`;
  for (const { name, size, wall, height } of ICON_FILES) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>
      body { display: grid; height: 100vh; margin: 0; background: ${wall}; place-items: center }
      img { height: ${100 * height}vh }
    </style><img src="${poster}">`);
    await page.screenshot({ path: join(ICONS, `${name}.png`), omitBackground: true });
    console.log(`public/icons/${name}.png`);
    await page.close();
  }
}

async function takeScreenshots(browser: Browser): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const server = await serveSite({ site: join(ROOT, "dist"), models: join(ROOT, "public", "models"), port: 0 });
  for (const { name, fragment, options } of SHOTS) {
    const context = await browser.newContext({ ...options, locale: "en-GB", reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(server.url);
    await page.waitForSelector("[data-shelf] [data-item-id]");
    for (const id of TASTE) {
      const query = id.slice(id.indexOf("-") + 1).replaceAll("-", " ");
      await page.goto(`${server.url}/#page=search&q=${encodeURIComponent(query)}`);
      await page.locator(`[data-item-id="${id}"]`).click();
      await page.waitForSelector(".offer-actions");
    }
    await page.goto(`${server.url}/${fragment}`);
    await page.waitForSelector(fragment === HOME ? '[data-shelf^="because:"]' : '[data-shelf^="similar:"]');
    await page.evaluate("document.fonts.ready");
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    console.log(`public/screenshots/${name}.png`);
    await context.close();
  }
  await server.close();
}
