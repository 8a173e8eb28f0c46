/** `npm run screenshots`: the pictures of README and docs, taken from the built app on the demo bundle. */
import { join } from "node:path";
import { chromium } from "playwright";
import type { BrowserContextOptions } from "playwright";
import { buildSite, makeDemoBundle } from "./bootstrap.mjs";
import { CHROMIUM_ARGS, chromiumPath, ensureChromium } from "./chromium.mjs";
import { ROOT } from "./paths.ts";
import { serveSite } from "./serve/server.ts";

const DESKTOP = { width: 1280, height: 1000 };
const PHONE = { width: 390, height: 844 };
/** Opened first, so that the page has something to go by. */
const TASTE = ["book-vingt-mille-lieues-sous-les-mers", "film-metropolis", "theatre-cyrano-de-bergerac"];

const SHOTS: readonly { name: string; fragment: string; options: BrowserContextOptions }[] = [
  { name: "home-light", fragment: "", options: { viewport: DESKTOP, colorScheme: "light" } },
  { name: "home-dark", fragment: "", options: { viewport: DESKTOP, colorScheme: "dark" } },
  { name: "home-phone", fragment: "", options: { viewport: PHONE, colorScheme: "light", isMobile: true } },
  {
    name: "offer-light",
    fragment: `#page=offer&item=${TASTE[1]}`,
    options: { viewport: DESKTOP, colorScheme: "light" },
  },
];

ensureChromium();
await makeDemoBundle();
await buildSite();
const server = await serveSite({ site: join(ROOT, "dist"), models: join(ROOT, "public", "models"), port: 0 });
const path = chromiumPath();
const browser = await chromium.launch({ ...(path === undefined ? {} : { executablePath: path }), args: CHROMIUM_ARGS });
for (const { name, fragment, options } of SHOTS) {
  const context = await browser.newContext({ ...options, locale: "en-GB", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.waitForSelector("[data-shelf] [data-item-id]");
  for (const id of TASTE) {
    await page.goto(
      `${server.url}/#page=search&q=${encodeURIComponent(id.slice(id.indexOf("-") + 1).replaceAll("-", " "))}`,
    );
    await page.locator(`[data-item-id="${id}"]`).click();
    await page.waitForSelector(".offer-actions");
  }
  await page.goto(`${server.url}/${fragment === "" ? "#" : fragment}`);
  await page.waitForSelector(fragment === "" ? '[data-shelf^="because:"]' : '[data-shelf^="similar:"]');
  await page.evaluate("document.fonts.ready");
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(ROOT, "docs", "images", `${name}.png`) });
  console.log(`docs/images/${name}.png`);
  await context.close();
}
await browser.close();
await server.close();
