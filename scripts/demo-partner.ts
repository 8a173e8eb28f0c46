/**
 * `npm run demo:partner`: the app, and the page of a town's library that shows its shelves, on two sites.
 * PORT is the app's port, 4173 where it is not set; the library has the next one. With `--screenshot` it
 * takes the picture of docs/embed.md and ends.
 */
import { join } from "node:path";
import { EngineError } from "../src/model/errors.ts";
import { ensureChromium, WEBGPU_ARGS } from "./chromium.mjs";
import { servePartner } from "./partner-site.ts";
import type { PartnerSite } from "./partner-site.ts";
import { launchPartitioned } from "./partitioned-browser.ts";
import { ROOT } from "./paths.ts";
import { serveSite } from "./serve/server.ts";

const PORT = Number(process.env["PORT"] ?? 4173);
const HIGHEST = 65_534;

/** The app on that port: ours, or one that runs there already. @throws PORT_IN_USE by something else */
async function serveApp(port: number): Promise<PartnerSite> {
  try {
    return await serveSite({ site: join(ROOT, "dist"), models: join(ROOT, "public", "models"), port });
  } catch (error) {
    const url = `http://localhost:${port}`;
    if (EngineError.from(error).code !== "PORT_IN_USE" || !(await isAffiche(url))) throw error;
    return { url, close: async () => {} };
  }
}

async function isAffiche(url: string): Promise<boolean> {
  try {
    const page = await fetch(`${url}/embed.html`, { signal: AbortSignal.timeout(2_000) });
    return (await page.text()).includes('name="affiche-bundle"');
  } catch {
    return false;
  }
}

async function takeScreenshot(url: string): Promise<void> {
  ensureChromium();
  const browser = await launchPartitioned(WEBGPU_ARGS);
  const page = await browser.newPage({
    viewport: { width: 1280, height: 900 },
    locale: "fr-FR",
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  await page.goto(url);
  const shelf = page.locator("affiche-shelf").first();
  await shelf.scrollIntoViewIfNeeded();
  await shelf.locator("iframe").contentFrame().locator("[data-item-id]").nth(5).waitFor();
  await shelf.evaluate((element) => element.scrollIntoView({ block: "center" }));
  await page.waitForTimeout(500);
  const path = join("docs", "images", "partner.png");
  await page.screenshot({ path: join(ROOT, path) });
  await browser.close();
  process.stdout.write(`${path}\n`);
}

if (!Number.isInteger(PORT) || PORT < 1 || PORT > HIGHEST) {
  process.stderr.write(
    `PORT=${process.env["PORT"]} will not do: a number from 1 to ${HIGHEST} leaves one for the library.\n`,
  );
  process.exit(1);
}
try {
  const picture = process.argv.includes("--screenshot");
  const app = await serveApp(picture ? 0 : PORT);
  const partner = await servePartner(app.url, picture ? 0 : PORT + 1);
  const stop = async (): Promise<void> => {
    await Promise.all([partner.close(), app.close()]);
    process.exit(0);
  };
  if (picture) {
    await takeScreenshot(partner.url);
    await stop();
  }
  process.stdout.write(
    `The library's page, with its shelves: ${partner.url}\nThe app, on a site of its own: ${app.url}\n`,
  );
  process.once("SIGINT", () => void stop());
  process.once("SIGTERM", () => void stop());
} catch (error) {
  process.stderr.write(`${EngineError.from(error).message}\n`);
  process.exit(1);
}
