/** "Use my profile here": the person's own profile in a partner's page, after a click and the browser's leave. */
import type { FrameLocator, Page } from "playwright";
import { expect, test } from "vitest";
import {
  cards,
  itemsOf,
  newPage,
  openHost,
  records,
  say,
  shelf,
  sites,
  takeComplaints,
  useHosts,
  visit,
  visitWithStorageAccess,
} from "./embed-host.ts";

useHosts();

const PATIENCE = { timeout: 20_000 };

const ask = async (frame: FrameLocator): Promise<void> => {
  await frame.getByRole("button", { name: "Use my profile here" }).click();
  await frame.getByRole("button", { name: "Ask my browser" }).click();
};

/** What the app's own data page shows of the history, newest first. */
async function firstPartyHistory(app: Page): Promise<string[]> {
  await app.goto("about:blank");
  await app.goto(`${sites.app}/#page=data`);
  await app.locator(".history, p:has-text('Nothing yet')").first().waitFor();
  return app
    .locator("[data-history-item]")
    .evaluateAll((lines) => lines.map(({ dataset }) => `${dataset["event"]} ${dataset["historyItem"]}`));
}

/** Likes the first offer of the app's home page. */
async function likeSomething(app: Page): Promise<string> {
  await app.goto(`${sites.app}/`);
  const card = app.locator('[data-shelf="for-you"] affiche-card').first();
  const itemId = await card.locator("[data-item-id]").getAttribute("data-item-id");
  await card.locator(".card-more").click();
  await card.locator('.menu [data-verdict="favourite"]').click();
  await app.locator(".toast").waitFor();
  return itemId!;
}

test("with the browser's leave the frame has the person's own profile, until it is taken back", async () => {
  const page = await visitWithStorageAccess();
  const app = await newPage(page.context());
  const liked = await likeSomething(app);
  expect(await firstPartyHistory(app)).toEqual([`favourite ${liked}`]);

  const frame = await openHost(page, sites.library, 'limit="12"');
  const separate = await itemsOf(frame);
  await ask(frame);
  await frame.getByText("With your own profile").waitFor();
  await cards(frame).first().waitFor();
  const own = await itemsOf(frame);
  expect(own).not.toEqual(separate);
  expect(own).not.toContain(liked);

  // What is said here is said in the profile: the app knows it.
  const hidden = own[2]!;
  await say(frame, hidden, "dismiss");
  await expect.poll(() => itemsOf(frame), PATIENCE).not.toContain(hidden);
  expect(await firstPartyHistory(app)).toEqual([`dismiss ${hidden}`, `favourite ${liked}`]);

  // The choice is remembered for this partner, and for no other.
  const again = await openHost(page, sites.library, 'limit="12"');
  await again.getByText("With your own profile").waitFor();
  expect(await itemsOf(again)).not.toContain(hidden);
  const elsewhere = await openHost(page, sites.cinema, 'limit="12"');
  expect(await itemsOf(elsewhere)).toEqual(separate);
  expect(await elsewhere.getByText("With your own profile").count()).toBe(0);

  const back = await openHost(page, sites.library, 'limit="12"');
  await back.getByRole("button", { name: "Use a separate one here" }).click();
  await expect.poll(() => itemsOf(back), PATIENCE).toEqual(separate);
  await say(back, separate[0]!, "dismiss");
  expect(await firstPartyHistory(app)).toEqual([`dismiss ${hidden}`, `favourite ${liked}`]);

  // The host heard of none of it.
  const { heard } = await records(page);
  expect(new Set(heard.map(({ type }) => type))).toEqual(new Set(["ready", "height"]));
});

test("where the browser refuses, the separate profile stays and the remedy is said", async () => {
  const page = await visit();
  const frame = await openHost(page, sites.library, 'limit="6"');
  const separate = await itemsOf(frame);
  await ask(frame);
  await frame.getByText("Your browser refused.").waitFor();
  await frame.getByRole("button", { name: "Close" }).click();
  expect(await itemsOf(frame)).toEqual(separate);
  expect(await cards(shelf(page)).count()).toBe(6);
  takeComplaints();
});
