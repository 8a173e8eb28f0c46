import { expect, inject, test } from "vitest";
import { choose, goHome, itemsOf, launch, open, useBrowser, visitor } from "./browser.ts";

useBrowser("webgpu");

const LABELS = { webgpu: "WebGPU", wasm: "WebAssembly", cpu: "CPU" } as const;

async function pageOn(device: keyof typeof LABELS): Promise<string[]> {
  const { page } = await visitor();
  await open(page, `#device=${device}`);
  await expect.poll(() => page.locator("header").textContent()).toContain(LABELS[device]);
  await choose(page, "alien", "film-alien");
  await choose(page, "metropolis", "film-metropolis");
  await goHome(page);
  return page
    .locator("[data-shelf] [data-item-id]")
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["itemId"]!));
}

test("WebGPU, WebAssembly and plain CPU show the same page", async () => {
  const webgpu = await pageOn("webgpu");
  expect(webgpu.length).toBeGreaterThan(60);
  expect(await pageOn("wasm")).toEqual(webgpu);
  expect(await pageOn("cpu")).toEqual(webgpu);
});

test("a browser without WebGPU takes WebAssembly by itself and says so", async () => {
  const plain = await launch("no adapter");
  try {
    const page = await plain.newPage({ locale: "en-GB" });
    await open(page);
    await expect.poll(() => page.locator("header").textContent()).toContain("WebAssembly");
    await page.goto(`${inject("site")}/#page=data`);
    await page
      .getByText(/WebGPU/u)
      .first()
      .waitFor();
  } finally {
    await plain.close();
  }
});

test("without a choice the first path is WebGPU", async () => {
  const { page } = await visitor();
  await open(page);
  await expect.poll(() => page.locator("header").textContent()).toContain("WebGPU");
  expect((await itemsOf(page)).length).toBeGreaterThan(12);
});
