/** Saying something in one tab, and what stands on the device afterwards. */
import type { Page } from "playwright";
import { inject } from "vitest";
import type { Interaction } from "../../src/model/contract.ts";

/** The quickest device to start: these tests are about storage. */
export const CPU = "device=cpu";
/** A busy machine is no fault of the app. */
export const PATIENCE = { timeout: 30_000 };

/** Shows the results of a search; they do not depend on the history. @returns ids, best first */
export async function search(page: Page, query: string): Promise<string[]> {
  await page.goto(`${inject("site")}/#page=search&q=${query}&${CPU}`);
  await page.waitForSelector("main .grid [data-item-id]");
  return page
    .locator("main .grid [data-item-id]")
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["itemId"]!));
}

/** Says "I like it" by the menu of a card on show. What comes of it stands in the toast. */
export async function like(page: Page, itemId: string): Promise<void> {
  const card = page.locator(`affiche-card:has([data-item-id="${itemId}"])`);
  await card.locator(".card-more").click();
  await card.locator('[data-verdict="favourite"]').click();
}

/** Waits until the toast says so. */
export async function toast(page: Page, text: RegExp): Promise<void> {
  await page.locator(".toast", { hasText: text }).waitFor();
}

/** The history as it stands in the database, oldest first. */
export function storedHistory(page: Page): Promise<Interaction[]> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open("affiche");
        request.onsuccess = () => {
          const all = request.result.transaction("history").objectStore("history").getAll();
          all.onsuccess = () => {
            request.result.close();
            resolve((all.result as { interaction: Interaction }[]).map(({ interaction }) => interaction));
          };
        };
      }),
  );
}
