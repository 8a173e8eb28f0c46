/**
 * `npm run bench:retrieval`: search over all items by the highest dot product, ours beside others, alternating in one
 * Chromium. `--items 10000,100000,1000000,4000000`, `--engines "affiche wasm, by cells;tfjs wasm;duckdb"`, `--rounds 30`,
 * `--plot docs/retrieval.svg`, `--json`. An engine that fails says why in its row, and is not asked about more items.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { reporter } from "../scripts/output.ts";
import { ROOT } from "../scripts/paths.ts";
import { measuredOn, runBench, SEED } from "./bench.ts";
import { installPackages } from "./packages.ts";
import { clustered } from "./retrieval/clustered.ts";
import { openBench } from "./retrieval/lane.ts";
import type { Peers } from "./retrieval/lane.ts";
import { measure } from "./retrieval/measure.ts";
import { engineNames, HOUSE_NAMES, isPeer, PEER_NAMES } from "./retrieval/names.ts";
import type { EngineName } from "./retrieval/names.ts";
import { plotOf } from "./retrieval/plot.ts";
import { ratiosOf, ratioTree, reportTables, summaryOf } from "./retrieval/report.ts";
import { failedRow, READ } from "./retrieval/row.ts";
import type { Row } from "./retrieval/row.ts";

const ITEMS = "10000,100000,1000000,4000000";
const DIMENSIONS = 64;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      items: { type: "string", default: ITEMS },
      engines: { type: "string", default: [...HOUSE_NAMES, ...PEER_NAMES].join(";") },
      rounds: { type: "string", default: "30" },
      plot: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const out = reporter(values.json);
  const engines = engineNames(values.engines);
  const rounds = Number(values.rounds);
  /** Of the engines that are asked about no more items, why. */
  const failed = new Map<EngineName, string>();
  let peers: Peers | null = null;
  if (engines.some(isPeer)) {
    try {
      peers = await openPeers(out.log);
    } catch (error) {
      for (const name of engines.filter(isPeer))
        failed.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  const bench = await openBench(peers);
  const rows: Row[] = [];
  try {
    for (const items of values.items
      .split(",")
      .map(Number)
      .sort((a, b) => a - b)) {
      const say = (line: string): void => out.log(`${items.toLocaleString("en")} items: ${line}`);
      say("making them");
      const data = clustered(items, DIMENSIONS, rounds * 4, SEED);
      const asked = engines.filter((name) => !failed.has(name));
      const measured = await measure(bench, data, asked, rounds, say);
      for (const [name, reason] of failed) measured.push(failedRow(name, items, reason));
      for (const { engine, error } of measured) {
        const name = asked.find((candidate) => candidate === engine);
        if (name && error !== null) failed.set(name, `${error} (${items.toLocaleString("en")} items)`);
      }
      const order = [...engines, READ];
      rows.push(...measured.toSorted((a, b) => order.indexOf(a.engine) - order.indexOf(b.engine)));
    }
  } finally {
    await bench.close();
  }
  const summaries = rows.map(summaryOf);
  const ratios = ratiosOf(rows);
  const { machine, date } = measuredOn();
  const where = `${date}; ${machine}, Chromium ${bench.version}`;
  const points = summaries.filter(({ error, queries }) => error === null && queries < 2);
  if (values.plot !== undefined && points.length > 0) writeFileSync(values.plot, plotOf(points, where));
  out.result(
    { machine: `${machine}, Chromium ${bench.version}`, date, rows: summaries, ratios: ratioTree(ratios) },
    `${reportTables(summaries, ratios)}\n\n\`npm run bench:retrieval\`, ${where}.`,
  );
}

async function openPeers(log: (line: string) => void): Promise<Peers> {
  const folder = await installPackages("peers", log);
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "bench", "peers", "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return { folder, names: Object.keys(dependencies) };
}

await runBench(main);
