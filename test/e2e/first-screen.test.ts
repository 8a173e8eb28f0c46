/** What stands before the app's script has come, which on a slow line is what a person waits with. */
import type { BrowserContextOptions, Page } from "playwright";
import { expect, inject, test } from "vitest";
import { useBrowser, visitor } from "./browser.ts";

useBrowser();

/** Opens the page and holds its script back, and the bundle for good. @returns lets the script come */
async function openWithout(page: Page, fragment = ""): Promise<() => Promise<void>> {
  let letItCome!: () => void;
  const held = new Promise<void>((resolve) => (letItCome = resolve));
  await page.route(/\/assets\/main-[^/]*\.js$/u, async (route) => {
    await held;
    await route.continue();
  });
  await page.route("**/models/**", () => {});
  await page.goto(`${inject("site")}/${fragment}`, { waitUntil: "commit" });
  await page.waitForSelector("#first .logo");
  await page.evaluate(() => document.fonts.load("1em 'Bricolage Grotesque Variable'"));
  return async () => {
    letItCome();
    await page.waitForSelector("affiche-app main");
    expect(await page.locator("#first").count()).toBe(0);
  };
}

/** Words and places of what the first screen shows. */
async function seen(page: Page): Promise<unknown> {
  return page.evaluate(() => {
    const shown = (element: HTMLElement): boolean => element.checkVisibility();
    return ["header .logo", "header .logo svg", "header .logo span", "main h1", "main .hero-text p"].map((selector) => {
      const element = [...document.querySelectorAll<HTMLElement>(selector)].find(shown);
      const { x, y, width, height } = element?.getBoundingClientRect() ?? {};
      return [selector, (element?.innerText ?? "").trim(), x, y, width, height];
    });
  });
}

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

test.each<[string, BrowserContextOptions]>([
  ["English, desktop", { locale: "en-GB", viewport: SIZES.desktop }],
  ["French, desktop", { locale: "fr-FR", viewport: SIZES.desktop }],
  ["English, phone", { locale: "en-GB", viewport: SIZES.phone }],
  ["French, phone", { locale: "fr-FR", viewport: SIZES.phone }],
])("the app draws the first screen's words where they stood: %s", async (_, options) => {
  const { page } = await visitor(options);
  const release = await openWithout(page);
  const before = await seen(page);
  expect(JSON.stringify(before)).not.toContain("null");
  await release();
  expect(await seen(page)).toEqual(before);
});

test("it has the theme and the language that the person chose, and no home page's words on another page", async () => {
  const { context, page } = await visitor({ colorScheme: "light" });
  await context.addInitScript(() => {
    localStorage.setItem("affiche-theme", "dark");
    localStorage.setItem("affiche-language", "fr");
  });
  const release = await openWithout(page, "#page=data");
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(17, 19, 24)");
  expect(await page.locator("html").getAttribute("lang")).toBe("fr");
  expect(await page.locator("#first .hero").isVisible()).toBe(false);
  await release();
});
