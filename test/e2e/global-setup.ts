/**
 * Bundles and servers for the end-to-end tests, as `npm start` makes them: the demo bundle, and the
 * ml-1m bundle where the data is. Both are built by the command line, in a folder of the tests' own.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { affiche, buildSite, fingerprint, makeDemoBundle } from "../../scripts/bootstrap.mjs";
import { ROOT } from "../../scripts/paths.ts";
import { serveSite } from "../../scripts/serve/server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The served app; no trailing slash. */
    site: string;
    models: string;
    /** false: AFFICHE_DATA has no ml-1m, whose tests are then reported as skipped. */
    hasMovieLens: boolean;
  }
}

const MODELS = join(ROOT, ".affiche", "test-models");
const DATA = join(process.env["AFFICHE_DATA"] ?? join(ROOT, "..", "shared", "data"), "ml-1m");

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await makeDemoBundle();
  await buildSite();
  mkdirSync(MODELS, { recursive: true });
  rmSync(join(MODELS, "demo"), { recursive: true, force: true });
  cpSync(join(ROOT, "public", "models", "demo"), join(MODELS, "demo"), { recursive: true });
  const hasMovieLens = existsSync(join(DATA, "items.csv"));
  if (hasMovieLens) await makeMovieLensBundle();
  else process.stderr.write(`${DATA} is absent: the tests on ml-1m are skipped. Set AFFICHE_DATA to run them.\n`);
  const server = await serveSite({ site: join(ROOT, "dist"), models: MODELS, port: 0 });
  project.provide("site", server.url);
  project.provide("models", MODELS);
  project.provide("hasMovieLens", hasMovieLens);
  return () => server.close();
}

/** Built anew only when what builds it has changed. */
async function makeMovieLensBundle(): Promise<void> {
  const stamp = join(MODELS, "ml-1m.fingerprint");
  const makers = ["import", "train", "evaluate", "export"].map((folder) => join("scripts", folder));
  const current = fingerprint([...makers, join("src", "model"), "package-lock.json"]);
  const out = join(MODELS, "ml-1m");
  if (existsSync(join(out, "manifest.json")) && existsSync(stamp) && readFileSync(stamp, "utf8") === current) return;
  rmSync(out, { recursive: true, force: true });
  const { code } = await affiche(["build", "--data", DATA, "--out", out], { stdout: "stderr" });
  if (code !== 0) throw new Error(`affiche build on ml-1m stopped with code ${code}`);
  writeFileSync(stamp, current);
}
