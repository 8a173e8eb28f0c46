import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { CHROMIUM_ARGS, chromiumPath, WEBGPU_ARGS } from "./scripts/chromium.mjs";

const path = chromiumPath();
/** A busy machine takes seconds where an idle one takes none. */
const POLL_MS = 20_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          // The longest tests wait for a process of their own, which leaves a core free for the others.
          maxWorkers: "100%",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Under "public" Vite would serve every bundle to the tests: they bring their own.
        publicDir: false,
        optimizeDeps: {
          include: [
            "@tensorflow/tfjs-core",
            "@tensorflow/tfjs-backend-cpu",
            "@tensorflow/tfjs-backend-wasm",
            "@tensorflow/tfjs-backend-webgpu",
            "axe-core",
            "comlink",
            "idb",
            "lit",
            "lit/directive.js",
            "lit/directives/keyed.js",
            "lit/directives/repeat.js",
            "minisearch",
            "valibot",
          ],
        },
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 60_000,
          expect: { poll: { timeout: POLL_MS } },
          env: { REQUIRE_WEBGPU: process.env["REQUIRE_WEBGPU"] ?? "" },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(path === undefined ? {} : { executablePath: path }),
                args: [...CHROMIUM_ARGS, ...WEBGPU_ARGS],
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/global-setup.ts",
          fileParallelism: false,
          testTimeout: 120_000,
          expect: { poll: { timeout: POLL_MS } },
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
