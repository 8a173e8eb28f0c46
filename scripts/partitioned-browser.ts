import { chromium } from "playwright";
import type { Browser, LaunchOptions } from "playwright";
import { CHROMIUM_ARGS, chromiumPath } from "./chromium.mjs";

/**
 * For a browser that gives a frame on another site storage of its own, as people's browsers do.
 * Playwright turns that off among its `--disable-features`: the same flags without it. Once Playwright
 * leaves it on, these are plain options.
 */
export async function partitionedOptions(moreArgs: readonly string[] = []): Promise<LaunchOptions> {
  const path = chromiumPath();
  const options = { ...(path === undefined ? {} : { executablePath: path }), args: [...CHROMIUM_ARGS, ...moreArgs] };
  const probe = await chromium.launchServer(options);
  const flag = probe.process().spawnargs.find((arg) => arg.startsWith("--disable-features=")) ?? "";
  await probe.close();
  const kept = flag.replace(/ThirdPartyStoragePartitioning,?/u, "");
  return { ...options, ignoreDefaultArgs: [flag], args: [...options.args, kept] };
}

export async function launchPartitioned(moreArgs: readonly string[] = []): Promise<Browser> {
  return chromium.launch(await partitionedOptions(moreArgs));
}
