// Which browser the tests and the screenshots use, and how it is started.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Flags that give headless Chromium a software WebGPU adapter: pages then take twice the time. */
export const WEBGPU_ARGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
/** Flags that keep Chromium from calling home. Without `WEBGPU_ARGS` it has no adapter. */
export const CHROMIUM_ARGS = [
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

/** CHROMIUM_PATH, else an installed browser; undefined: Playwright's own. */
export function chromiumPath() {
  return process.env.CHROMIUM_PATH ?? INSTALLED.find((path) => existsSync(path));
}

/**
 * Finds a browser, else installs Debian's package (as root on Debian), else Playwright's.
 * @throws where none can be had, with the remedy
 */
export function ensureChromium() {
  if (chromiumPath()) return;
  const options = {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  if (existsSync("/etc/debian_version") && process.getuid?.() === 0) {
    console.error("Installing Debian's chromium ...");
    spawnSync("apt-get", ["update", "-q"], options);
    spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], options);
    if (chromiumPath()) return;
  }
  const playwright = spawnSync(process.execPath, ["node_modules/playwright/cli.js", "install", "chromium"], options);
  if (playwright.status !== 0) {
    throw new Error("No browser: install Chromium or Chrome, or set CHROMIUM_PATH, and try again.");
  }
}
