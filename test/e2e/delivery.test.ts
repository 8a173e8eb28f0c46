import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { choose, itemsOf, open, takeComplaints, useBrowser, visitor } from "./browser.ts";

useBrowser();

const modelRequests = (requests: readonly string[]): string[] =>
  requests
    .filter((request) => request.includes("/models/"))
    .map((request) => request.slice(request.lastIndexOf("/") + 1));

test("the whole bundle comes in its fixed order, a second visit asks for the manifest alone", async () => {
  const { page, requests } = await visitor();
  await open(page);
  expect(modelRequests(requests).map((name) => name.split("-")[0])).toEqual([
    "manifest.json",
    "catalogue",
    "items",
    "neighbours",
    "clusters",
    "tower",
    "ranker",
  ]);
  const shown = await itemsOf(page);
  requests.length = 0;
  await page.reload();
  await page.waitForSelector("[data-shelf] [data-item-id]");
  expect(modelRequests(requests)).toEqual(["manifest.json"]);
  expect(await itemsOf(page)).toEqual(shown);
});

interface Manifest {
  version: number;
  files: { role: string; path: string; sha256: string }[];
}
const manifestOf = (): Manifest =>
  JSON.parse(readFileSync(join(inject("models"), "demo", "manifest.json"), "utf8")) as Manifest;

test.each([
  ["a captive portal's page", async () => ({ contentType: "text/html", body: "<html>Sign in</html>" })],
  ["a server error", async () => ({ status: 503, body: "" })],
  [
    "an update with a damaged file",
    async () => {
      const manifest = manifestOf();
      const files = manifest.files.map((file) =>
        file.role === "items" ? { ...file, sha256: "0".repeat(64), path: "items-0000000000000000.bin" } : file,
      );
      return { contentType: "application/json", body: JSON.stringify({ ...manifest, version: 2, files }) };
    },
  ],
])("%s: the stored bundle serves, with one message", async (_, answer) => {
  const { page, context } = await visitor();
  await open(page);
  const shown = await itemsOf(page);
  const response = await answer();
  await context.route("**/models/demo/manifest.json", (route) => route.fulfill(response));
  // Right length, wrong content.
  const items = readFileSync(
    join(inject("models"), "demo", manifestOf().files.find(({ role }) => role === "items")!.path),
  );
  items[items.length - 1]! ^= 1;
  await context.route("**/items-0000000000000000.bin", (route) => route.fulfill({ body: items }));
  await page.reload();
  await page.waitForSelector("[data-shelf] [data-item-id]");
  expect(await itemsOf(page)).toEqual(shown);
  expect(await page.locator('main .notice[role="status"]').count()).toBe(1);
  await context.unroute("**/models/demo/manifest.json");
  await page.reload();
  await page.waitForSelector("[data-shelf] [data-item-id]");
  expect(await page.locator("main .notice").count()).toBe(0);
  takeComplaints();
});

test("nothing stored and nothing to download: one clear page, and a retry that works", async () => {
  const { page, context } = await visitor();
  await context.route("**/models/**", (route) => route.abort());
  await page.goto(`${inject("site")}/`);
  const retry = page.getByRole("button", { name: /Try again|Retry/u });
  await retry.waitFor();
  expect(await page.locator("main").textContent()).toMatch(/connection|network/iu);
  await context.unroute("**/models/**");
  await retry.click();
  await page.waitForSelector("[data-shelf] [data-item-id]");
  takeComplaints();
});

test("offline during the visit: recommendations go on and the chip says so", async () => {
  const { page, context } = await visitor();
  await open(page);
  const before = await itemsOf(page);
  await context.setOffline(true);
  await expect.poll(() => page.getByText(/offline/iu).count()).toBeGreaterThan(0);
  await page.locator('[data-shelf="for-you"] [data-item-id]').first().click();
  await page.waitForSelector("[data-verdict]");
  await page.goBack();
  await expect.poll(async () => (await itemsOf(page)).join()).not.toBe(before.join());
  await context.setOffline(false);
  takeComplaints();
});

test("a bundle that does not exist is said, not shown as an empty page", async () => {
  const { page } = await visitor();
  await page.goto(`${inject("site")}/#bundle=nothing-here`);
  await page.getByRole("button", { name: /Try again|Retry/u }).waitFor();
  expect(await page.locator("[data-item-id]").count()).toBe(0);
  takeComplaints();
});

test("histories of two bundles stay apart", async () => {
  const { page, context } = await visitor();
  await context.route("**/models/other/**", async (route) => {
    const name = route.request().url().split("/").at(-1)!;
    const body = readFileSync(join(inject("models"), "demo", name));
    const text = name === "manifest.json" ? body.toString().replace('"name": "demo"', '"name": "other"') : null;
    await route.fulfill({ body: text ?? body });
  });
  await open(page);
  const fresh = await itemsOf(page);
  await choose(page, "metropolis", "film-metropolis");
  await page.goto("about:blank");
  await open(page, "#bundle=other");
  expect(await itemsOf(page)).toEqual(fresh);
});
