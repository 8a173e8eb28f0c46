import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { readDataset, readSplit, splitNames } from "../import/dataset.ts";
import type { Dataset } from "../import/dataset.ts";
import type { Reading } from "../import/row-report.ts";
import { DATA_ARGS, readingOf, seedOf } from "../arguments.ts";
import { reporter } from "../output.ts";
import { MODEL_NAMES } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import { ThreadPool } from "../train/thread-pool.ts";
import { evaluateModel } from "./evaluate.ts";
import type { ModelRow } from "./evaluate.ts";
import { makeProtocol, makeStrongSplit } from "./protocol.ts";
import type { Protocol } from "./protocol.ts";
import { fitForTest } from "./select.ts";

export interface EvaluationReport {
  readonly dataset: string;
  readonly protocol: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly models: readonly ModelRow[];
}

/**
 * The split of that name; "strong" is made from the events where the data has none.
 * @throws USAGE for another name that the data does not have
 */
export async function loadProtocol(
  dir: string,
  dataset: Dataset,
  name: string,
  seed: number,
  reading: Reading,
): Promise<Protocol> {
  const names = await splitNames(dir);
  if (names.includes(name)) return makeProtocol(name, dataset, await readSplit(dir, name, dataset, reading), seed);
  if (name !== "strong") {
    throw new EngineError("USAGE", {
      reason: `There is no split "${name}": choose ${[...names, "strong"].join(", ")}.`,
    });
  }
  reading.log(`No splits/strong.csv: a strong generalisation split is made with seed ${seed}.`);
  return makeProtocol(name, dataset, makeStrongSplit(dataset, seed), seed);
}

/** The report without its models. */
export function describeProtocol(dataset: Dataset, protocol: Protocol): Omit<EvaluationReport, "models"> {
  const { matrix, users } = protocol.test;
  return {
    dataset: dataset.meta.name,
    protocol: protocol.name,
    users: users.length,
    items: new Set(matrix.indices).size,
    interactions: matrix.indices.length,
  };
}

export function evaluationTable({ dataset, protocol, users, items, interactions, models }: EvaluationReport): string {
  const format = (value: number): string => value.toFixed(4);
  const lines = models.map(
    (row) =>
      `${row.name.padEnd(12)} ${[row.ndcgAt100, row.se.ndcgAt100, row.recallAt20, row.recallAt50, row.hitsRecallAt20, row.precisionAt10, row.auc, row.coverageAt20].map(format).join("  ")}  ${row.trainCpuSeconds.toFixed(1).padStart(7)}  ${JSON.stringify(row.params)}`,
  );
  return [
    `${dataset}, ${protocol}: ${users} users, ${items} items, ${interactions} interactions fitted`,
    "model        ndcg@100  (se)    rec@20  rec@50  hits@20 prec@10 auc     cov@20  train s  settings",
    ...lines,
  ].join("\n");
}

export const evaluateCommand = defineCommand({
  meta: { name: "evaluate", description: "Measure models on a split; settings are chosen on validation" },
  args: {
    ...DATA_ARGS,
    protocol: { type: "string", default: "strong", description: "A split of the data directory" },
    models: { type: "string", default: MODEL_NAMES.join(","), description: `Any of ${MODEL_NAMES.join(", ")}` },
  },
  async run({ args }) {
    const out = reporter(args.json);
    const names = args.models.split(",").map((name) => name.trim());
    const unknown = names.find((name) => !MODEL_NAMES.includes(name as ModelName));
    if (unknown !== undefined) {
      throw new EngineError("USAGE", { reason: `There is no model "${unknown}": choose ${MODEL_NAMES.join(", ")}.` });
    }
    const reading = readingOf(args, out);
    const dataset = await readDataset(args.data, reading);
    const protocol = await loadProtocol(args.data, dataset, args.protocol, seedOf(args), reading);
    const pool = await ThreadPool.open();
    const models: ModelRow[] = [];
    try {
      for (const name of names as ModelName[]) {
        const model = await fitForTest(name, protocol, pool, out);
        const total = protocol.test.users.length;
        models.push(
          evaluateModel(model, protocol.test, (done) => out.progress(`${name}: people of the test`, done, total)),
        );
      }
    } finally {
      await pool.close();
    }
    const report: EvaluationReport = { ...describeProtocol(dataset, protocol), models };
    out.result(report, evaluationTable(report));
  },
});
