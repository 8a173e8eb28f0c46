/**
 * Bundles and servers for the end-to-end tests, as `npm start` makes them: the demo bundle, and the
 * ml-1m bundle where the data is, both built by the command line, and one of a million generated items; in a folder of
 * the tests' own.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { affiche, buildSite, fingerprint, makeDemoBundle } from "../../scripts/bootstrap.mjs";
import { ROOT } from "../../scripts/paths.ts";
import { serveSite } from "../../scripts/serve/server.ts";
import { writeLargeBundle } from "./large-bundle.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The served app; no trailing slash. */
    site: string;
    models: string;
    /** false: AFFICHE_DATA has no ml-1m, whose tests are then reported as skipped. */
    hasMovieLens: boolean;
  }
}

/** Items of the largest bundle. */
const LARGE = 1_000_000;
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
  await makeLargeBundle();
  const server = await serveSite({ site: join(ROOT, "dist"), models: MODELS, port: 0 });
  project.provide("site", server.url);
  project.provide("models", MODELS);
  project.provide("hasMovieLens", hasMovieLens);
  return () => server.close();
}

const makeMovieLensBundle = (): Promise<void> =>
  makeBundle(
    "ml-1m",
    ["import", "train", "evaluate", "export"].map((folder) => join("scripts", folder)),
    async (out) => {
      const { code } = await affiche(["build", "--data", DATA, "--out", out], { stdout: "stderr" });
      if (code !== 0) throw new Error(`affiche build on ml-1m stopped with code ${code}`);
    },
  );

const makeLargeBundle = (): Promise<void> =>
  makeBundle(
    "large",
    [join("scripts", "export"), join("test", "e2e", "large-bundle.ts"), join("bench", "retrieval", "clustered.ts")],
    async (out) => {
      process.stderr.write("Generating a bundle of a million items ...\n");
      await writeLargeBundle(out, LARGE);
    },
  );

/** Built anew only when what builds it has changed. */
async function makeBundle(
  name: string,
  makers: readonly string[],
  make: (out: string) => Promise<void>,
): Promise<void> {
  const stamp = join(MODELS, `${name}.fingerprint`);
  const current = fingerprint([...makers, join("src", "model"), "package-lock.json"]);
  const out = join(MODELS, name);
  if (existsSync(join(out, "manifest.json")) && existsSync(stamp) && readFileSync(stamp, "utf8") === current) return;
  rmSync(out, { recursive: true, force: true });
  await make(out);
  writeFileSync(stamp, current);
}
