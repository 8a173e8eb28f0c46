import { expect, it } from "vitest";
import { installSteps } from "../../../src/ui/app/installation.ts";

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
const FIREFOX_ANDROID = "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0";
const FIREFOX_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0";
const FIREFOX_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

it.each([
  ["an iPhone", IPHONE, 5, "ios"],
  ["an iPad that calls itself a Mac", SAFARI, 5, "ios"],
  ["Safari on a Mac", SAFARI, 0, "mac"],
  ["Firefox on a Mac", FIREFOX_MAC, 0, null],
  ["Firefox on Android", FIREFOX_ANDROID, 5, "firefox-android"],
  ["Firefox on Linux", FIREFOX_LINUX, 0, null],
  ["anything else", "", 0, null],
])("%s", (_, userAgent, touchPoints, steps) => {
  expect(installSteps(userAgent, touchPoints)).toBe(steps);
});
