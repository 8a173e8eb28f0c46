import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { open, takeComplaints, useBrowser, visitor } from "./browser.ts";

useBrowser();

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations: found } = await axe.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

const SCREENS = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
  small: { width: 320, height: 640 },
} as const;

describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
  test.each(Object.entries(SCREENS))("%s: axe finds nothing and nothing overflows", async (_, viewport) => {
    // The policy is tested elsewhere; axe needs to be let in.
    const { page, context } = await visitor({ colorScheme, viewport, bypassCSP: true });
    await context.addInitScript({ content: AXE });
    await open(page);
    for (const fragment of ["", "#page=offer&item=film-metropolis", "#page=search&q=sea", "#page=data"]) {
      await page.evaluate((hash) => (location.hash = hash), fragment);
      await page.waitForSelector(fragment === "#page=data" ? "main h2" : "main [data-item-id]");
      expect(await violations(page), fragment).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, fragment).toBe(0);
    }
    takeComplaints();
  });
});

test("the keyboard reaches and moves a shelf", async () => {
  const { page } = await visitor();
  await open(page);
  const links = page.locator('[data-shelf="for-you"] [data-item-id]');
  await links.first().focus();
  await page.keyboard.press("ArrowRight");
  expect(await links.nth(1).evaluate((link) => link === document.activeElement)).toBe(true);
  await page.keyboard.press("End");
  expect(await links.last().evaluate((link) => link === document.activeElement)).toBe(true);
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-verdict]");
  expect(page.url()).toContain("page=offer");
});
