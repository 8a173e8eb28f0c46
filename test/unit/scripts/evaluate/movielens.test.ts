/** The instrument against an independent implementation, on real data: settings by validation, test once. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../../../scripts/paths.ts";

const DATA = join(process.env["AFFICHE_DATA"] ?? join(ROOT, "..", "shared", "data"), "ml-1m");
const present = existsSync(join(DATA, "events.csv"));
if (!present) process.stderr.write(`${DATA} is absent: the figures on ml-1m are not checked. Set AFFICHE_DATA.\n`);

/**
 * NDCG@100 of the reference, and the standard error within which ours must lie. iALS is held to its own where the bundle
 * of ml-1m is built and measured, in test/e2e/movielens.test.ts.
 */
const REFERENCE = { popularity: 0.227, "item-knn": 0.417, ease: 0.489 } as const;
const STANDARD_ERROR = 0.007;

test.skipIf(!present)(
  "ml-1m, split strong: every model within a standard error of the reference",
  () => {
    spawnSync(process.execPath, ["scripts/kernels.mjs"], { cwd: ROOT });
    const models = Object.keys(REFERENCE) as (keyof typeof REFERENCE)[];
    const { stdout, status } = spawnSync(
      process.execPath,
      ["--import", "tsx", "scripts/affiche.ts", "evaluate", "--data", DATA, "--json", "--models", models.join(",")],
      { cwd: ROOT, encoding: "utf8" },
    );
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as {
      models: { name: keyof typeof REFERENCE; ndcgAt100: number; auc: number }[];
    };
    expect(report.models.map(({ name }) => name)).toEqual(models);
    for (const { name, ndcgAt100, auc } of report.models) {
      expect(Math.abs(ndcgAt100 - REFERENCE[name]), name).toBeLessThan(STANDARD_ERROR);
      expect(auc).toBeGreaterThan(0.85);
    }
  },
  900_000,
);
