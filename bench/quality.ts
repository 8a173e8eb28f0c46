/**
 * `npm run bench:quality`: every model on every data set beside what others measured. `--only
 * ml-1m:strong,gowalla`, `--models ials,ease|all`, `--json`. What is measured is kept in
 * `.affiche/quality.json`; after Ctrl-C, or a change of the code, only what is missing is measured.
 *
 * The data stands in AFFICHE_DATA, by default in ../shared/data; docs/data.md says how it looks.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EngineError } from "../src/model/errors.ts";
import { affiche, fingerprint } from "../scripts/bootstrap.mjs";
import { evaluateModel } from "../scripts/evaluate/evaluate.ts";
import type { ModelRow } from "../scripts/evaluate/evaluate.ts";
import { loadProtocol } from "../scripts/evaluate/load-protocol.ts";
import { fitForTest } from "../scripts/evaluate/select.ts";
import { readDataset } from "../scripts/import/dataset.ts";
import { reporter } from "../scripts/output.ts";
import type { Reporter } from "../scripts/output.ts";
import { ROOT } from "../scripts/paths.ts";
import { MODEL_NAMES, refusalOf } from "../scripts/train/models.ts";
import type { ModelName } from "../scripts/train/models.ts";
import { withPool } from "../scripts/with-pool.ts";
import { DATA, measuredOn, runBench, SEED } from "./bench.ts";
import { PLAN } from "./quality-plan.ts";
import type { Block } from "./quality-plan.ts";
import { qualityTables } from "./quality-tables.ts";
import type { Measured } from "./quality-tables.ts";

const STATE = join(ROOT, ".affiche");
const KEPT = join(STATE, "quality.json");
/** What a figure depends on, beside the data. */
const EVALUATION = [
  "choose-towers",
  "evaluate",
  "feedback",
  "grid-search",
  "item-statistics",
  "load-protocol",
  "made-splits",
  "protocol",
  "sample-people",
  "score-people",
  "search",
  "select",
  "try-out",
  "weight-sweep",
];
const CODE = fingerprint([
  ...["train", "import"].map((folder) => join("scripts", folder)),
  ...EVALUATION.map((name) => join("scripts", "evaluate", `${name}.ts`)),
  join("src", "model"),
  "package-lock.json",
]);

const nameOf = ({ data, protocol }: Block): string => `${data}:${protocol}`;

/** Rows by block and model, and the date of each. */
type Rows = Record<string, Measured>;

function readKept(): Rows {
  if (!existsSync(KEPT)) return {};
  const kept = JSON.parse(readFileSync(KEPT, "utf8")) as { readonly code: string; readonly rows: Rows };
  return kept.code === CODE ? kept.rows : {};
}

/** Whole or not at all. */
function keep(rows: Rows): void {
  mkdirSync(STATE, { recursive: true });
  writeFileSync(`${KEPT}.new`, JSON.stringify({ code: CODE, rows }));
  renameSync(`${KEPT}.new`, KEPT);
}

/** The data directory of a block; MovieLens's own layout is imported first. @throws USAGE where there is none */
async function directoryOf({ data }: Block): Promise<string> {
  const given = join(DATA, data);
  if (existsSync(join(given, "events.csv"))) return given;
  if (!existsSync(join(given, "ratings.csv"))) {
    throw new EngineError("USAGE", {
      reason: `There is no data in ${given}: set AFFICHE_DATA, or leave it out by --only.`,
    });
  }
  const imported = join(STATE, "data", data);
  if (existsSync(join(imported, "events.csv"))) return imported;
  const args = ["import", "--from", "movielens-csv", given, "--out", imported];
  const { code } = await affiche(args, { stdout: "stderr" });
  if (code !== 0) throw new EngineError("USAGE", { reason: `${given} could not be imported.` });
  return imported;
}

async function measure(
  block: Block,
  models: readonly ModelName[],
  out: Reporter,
  tell: (model: ModelName, row: ModelRow) => void,
): Promise<void> {
  const dir = await directoryOf(block);
  const reading = { maxBadRows: 0, log: out.log, progress: out.progress };
  const dataset = await readDataset(dir, reading);
  const protocol = await loadProtocol(dir, dataset, block.protocol, SEED, reading);
  let current = "";
  const working = (): string => `${nameOf(block)} ${current}`;
  await withPool(out, working, async (pool) => {
    for (const name of models) {
      current = name;
      const refusal = refusalOf(name, protocol.test.data);
      if (refusal !== null) {
        out.log(`${nameOf(block)}: ${name} is left out. ${refusal}`);
        continue;
      }
      const model = await fitForTest(name, protocol, pool, out);
      tell(name, (await evaluateModel(model, protocol.test, pool)).row);
    }
  });
}

function choose(only: string | undefined, models: string | undefined): Block[] {
  const wanted = only?.split(",").map((name) => name.trim());
  const blocks = PLAN.filter((block) => wanted?.some((name) => name === nameOf(block) || name === block.data) ?? true);
  const unknown = wanted?.find((name) => !PLAN.some((block) => name === nameOf(block) || name === block.data));
  if (unknown !== undefined) {
    throw new EngineError("USAGE", { reason: `--only ${unknown}: choose of ${PLAN.map(nameOf).join(", ")}.` });
  }
  if (models === undefined) return blocks;
  const names = models === "all" ? MODEL_NAMES : models.split(",").map((name) => name.trim());
  const stray = names.find((name) => !(MODEL_NAMES as readonly string[]).includes(name));
  if (stray !== undefined) {
    throw new EngineError("USAGE", { reason: `--models ${stray}: choose all, or of ${MODEL_NAMES.join(", ")}.` });
  }
  return blocks.map((block) => ({ ...block, models: names as readonly ModelName[] }));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string" }, models: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const out = reporter(values.json);
  const blocks = choose(values.only, values.models);
  const rows = readKept();
  const keyOf = (block: Block, model: ModelName): string => `${nameOf(block)}:${model}`;
  try {
    for (const [at, block] of blocks.entries()) {
      const missing = block.models.filter((model) => rows[keyOf(block, model)] === undefined);
      out.log(
        `${nameOf(block)}, ${at + 1} of ${blocks.length}: ${missing.length} of ${block.models.length} to measure`,
      );
      if (missing.length === 0) continue;
      await measure(block, missing, out, (model, row) => {
        rows[keyOf(block, model)] = { row, ...measuredOn() };
        keep(rows);
      });
    }
  } catch (error) {
    if (!(error instanceof EngineError && error.code === "CANCELLED")) throw error;
    out.log("Stopped; what was measured is kept, and the same command goes on from here.");
    process.exitCode = 130;
  }
  const measured = (block: Block): Measured[] => block.models.flatMap((model) => rows[keyOf(block, model)] ?? []);
  const tables = blocks.map((block) => ({ ...block, measured: measured(block) }));
  out.result(tables, qualityTables(tables));
}

await runBench(main);
