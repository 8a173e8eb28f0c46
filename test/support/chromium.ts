import { existsSync } from "node:fs";
import { chromium } from "playwright";

/** Flags that give headless Chromium a software WebGPU adapter and keep it from calling home. */
export const CHROMIUM_ARGS = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** CHROMIUM_PATH, an installed browser, or Playwright's own. */
export function chromiumPath(): string {
  return process.env["CHROMIUM_PATH"] ?? INSTALLED.find((path) => existsSync(path)) ?? chromium.executablePath();
}
