// Every check, in the order in which a failure is cheapest to find. The last line counts them:
// each test of the three suites, and each of the other steps, is one.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { buildSite } from "./bootstrap.mjs";
import { ensureChromium } from "./chromium.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ROOMS = ["src/model", "src/worker", "src/ui", "scripts", "scripts/evaluate/parts/browser", "bench", "test"];
const only = process.argv.slice(2);

const counts = { passed: 0, failed: 0, skipped: 0 };
/** Said again at the end, where a log that was cut still has them. */
const failures = [];

function run(script, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join("node_modules", script), ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("close", (code) => resolve(code === 0));
  });
}

async function step(name, check) {
  if (only.length > 0 && !only.includes(name.split(" ")[0])) return;
  const start = performance.now();
  let passed = false;
  try {
    passed = await check();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  counts[passed ? "passed" : "failed"]++;
  if (!passed) failures.push(name);
  console.log(`${passed ? "ok  " : "FAIL"} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

/** A vitest project; a suite that fails to load counts as one failure, a suite without tests too. */
async function suite(project) {
  if (only.length > 0 && !only.includes(project)) return;
  const folder = mkdtempSync(join(tmpdir(), "affiche-"));
  const report = join(folder, "report.json");
  const passed = await run(
    "vitest/vitest.mjs",
    ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    { REQUIRE_WEBGPU: "1" },
  );
  const result = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : null;
  rmSync(folder, { recursive: true });
  const testsFailed = result?.numFailedTests ?? 0;
  counts.passed += result?.numPassedTests ?? 0;
  counts.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
  counts.failed += testsFailed;
  for (const { name: file, assertionResults } of result?.testResults ?? []) {
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === "failed") failures.push(`${relative(ROOT, file)}, ${fullName}: ${failureMessages.join("\n")}`);
    }
  }
  if ((!passed && testsFailed === 0) || !result?.numTotalTests) {
    counts.failed++;
    failures.push(`the suite ${project}, besides its tests`);
  }
}

/** Raw decorators or types in a chunk build green and then parse in no browser. */
function parseChunks() {
  const folder = join(ROOT, "dist", "assets");
  const chunks = readdirSync(folder).filter((name) => name.endsWith(".js"));
  for (const name of chunks) {
    try {
      parse(readFileSync(join(folder, name), "utf8"), { ecmaVersion: 2023, sourceType: "module" });
    } catch (error) {
      throw new Error(`dist/assets/${name} does not parse: ${error.message}`, { cause: error });
    }
  }
  // The page and its worker at least: a worker that was not split off builds green as well.
  return chunks.some((name) => name.startsWith("main-")) && chunks.length >= 2;
}

ensureChromium();
await step("format", () => run("oxfmt/bin/oxfmt", ["--check", "."]));
await step("lint", () => run("oxlint/bin/oxlint", ["--type-aware", "--deny-warnings", "."]));
for (const room of ROOMS) await step(`types of ${room}`, () => run("typescript/bin/tsc", ["-p", room]));
await step("unused", () => run("knip/bin/knip.js", []));
await suite("unit");
await step("build", async () => {
  await buildSite();
  return true;
});
await step("chunks parse", parseChunks);
await suite("browser");
await suite("e2e");

for (const failure of failures) console.log(`FAIL ${failure}`);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed === 0 ? 0 : 1;
