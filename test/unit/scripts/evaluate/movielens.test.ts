/** The instrument against an independent implementation, on real data: settings by validation, test once. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../../../scripts/paths.ts";

const DATA = join(process.env["AFFICHE_DATA"] ?? join(ROOT, "..", "shared", "data"), "ml-1m");
const present = existsSync(join(DATA, "events.csv"));
if (!present) process.stderr.write(`${DATA} is absent: the figures on ml-1m are not checked. Set AFFICHE_DATA.\n`);

/** NDCG@100 of the reference, and the standard error within which ours must lie. */
const REFERENCE = { popularity: 0.227, "item-knn": 0.417, ials: 0.487, ease: 0.489 } as const;
const STANDARD_ERROR = 0.007;

test.skipIf(!present)(
  "ml-1m, split strong: every model within a standard error of the reference, iALS at least .48",
  () => {
    spawnSync(process.execPath, ["scripts/kernels.mjs"], { cwd: ROOT });
    const { stdout, status } = spawnSync(
      process.execPath,
      ["--import", "tsx", "scripts/affiche.ts", "evaluate", "--data", DATA, "--json"],
      { cwd: ROOT, encoding: "utf8" },
    );
    expect(status).toBe(0);
    const { models } = JSON.parse(stdout) as {
      models: { name: keyof typeof REFERENCE; ndcgAt100: number; auc: number }[];
    };
    expect(models.map(({ name }) => name)).toEqual(Object.keys(REFERENCE));
    for (const { name, ndcgAt100, auc } of models) {
      expect(Math.abs(ndcgAt100 - REFERENCE[name]), name).toBeLessThan(STANDARD_ERROR);
      expect(auc).toBeGreaterThan(0.85);
    }
    expect(models.find(({ name }) => name === "ials")!.ndcgAt100).toBeGreaterThanOrEqual(0.48);
  },
  900_000,
);
