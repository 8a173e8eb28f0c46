/**
 * `npm run bench:retrieval`: search over all items by the highest dot product, ours beside others, alternating in one
 * Chromium. `--items 10000,100000,1000000,4000000`, `--engines "affiche wasm, by cells;tfjs wasm"`, `--rounds 30`,
 * `--json`. An engine that fails says why in its row.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { createServer } from "vite";
import { CHROMIUM_ARGS, chromiumPath, ensureChromium, WEBGPU_ARGS } from "../scripts/chromium.mjs";
import { reporter } from "../scripts/output.ts";
import { ROOT } from "../scripts/paths.ts";
import { measuredOn, runBench, SEED } from "./bench.ts";
import type { Request, Row } from "./retrieval/worker.ts";

const ITEMS = "10000,100000,1000000,4000000";
const ENGINES = [
  "affiche wasm, every row",
  "affiche wasm, by cells",
  "affiche wgsl",
  "tfjs wasm",
  "tfjs cpu",
  "tfjs webgpu",
] as const;
const DIMENSIONS = 64;

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;

function summary({ times, ...row }: Row) {
  const sorted = times.toSorted((a, b) => a - b);
  return { ...row, medianMs: at(sorted, 0.5), p95Ms: at(sorted, 0.95), minMs: at(sorted, 0) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      items: { type: "string", default: ITEMS },
      engines: { type: "string", default: ENGINES.join(";") },
      rounds: { type: "string", default: "30" },
      json: { type: "boolean", default: false },
    },
  });
  const out = reporter(values.json);
  ensureChromium();
  const server = await createServer({
    root: join(ROOT, "bench", "retrieval"),
    configFile: false,
    logLevel: "error",
    cacheDir: join(ROOT, "node_modules", ".vite-bench"),
    server: {
      port: 0,
      fs: { allow: [ROOT] },
      // Isolated pages have clocks of 5 microseconds, others of 100.
      headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
    },
    optimizeDeps: {
      include: [
        "@tensorflow/tfjs-core",
        "@tensorflow/tfjs-backend-cpu",
        "@tensorflow/tfjs-backend-wasm",
        "@tensorflow/tfjs-backend-webgpu",
      ],
    },
    worker: { format: "es" },
  });
  await server.listen();
  const path = chromiumPath();
  const browser = await chromium.launch({
    ...(path === undefined ? {} : { executablePath: path }),
    args: [...CHROMIUM_ARGS, ...WEBGPU_ARGS],
  });
  const rows: Row[] = [];
  try {
    for (const items of values.items.split(",").map(Number)) {
      // A page of its own for each number: what one leaves behind in memory is no other's.
      const page = await browser.newPage();
      page.setDefaultTimeout(0);
      page.on("console", (message) => out.log(`${items} items: ${message.text()}`));
      await page.goto(server.resolvedUrls!.local[0]!);
      const request: Request = {
        items,
        dimensions: DIMENSIONS,
        engines: values.engines.split(";") as Request["engines"],
        rounds: Number(values.rounds),
        seed: SEED,
      };
      rows.push(
        ...(await page.evaluate(
          (asked) => (globalThis as unknown as { measure(request: Request): Promise<Row[]> }).measure(asked),
          request,
        )),
      );
      await page.close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
  const summaries = rows.map(summary);
  const ratios = ratiosOf(rows);
  const { machine, date } = measuredOn();
  out.result({ machine, date, rows: summaries, ratios }, tableOf(summaries, ratios, `${date}; ${machine}`));
}

type Summary = ReturnType<typeof summary>;
/** How many times as fast: the median of the rounds' own ratios, and their 5th and 95th percentile. */
type Ratio = {
  readonly ours: string;
  readonly theirs: string;
  readonly items: number;
  readonly queries: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
};

/** Of each of ours to each other engine, measured in the same rounds. */
function ratiosOf(rows: readonly Row[]): Ratio[] {
  const measured = rows.filter(({ error, queries }) => error === null && queries > 0);
  const isOurs = ({ engine }: Row): boolean => engine.startsWith("affiche");
  return measured.filter(isOurs).flatMap((ours) =>
    measured
      .filter((row) => !isOurs(row) && row.items === ours.items && row.queries === ours.queries)
      .map((theirs) => {
        const sorted = ours.times.map((time, round) => theirs.times[round]! / time).toSorted((a, b) => a - b);
        return {
          ours: ours.engine,
          theirs: theirs.engine,
          items: ours.items,
          queries: ours.queries,
          median: at(sorted, 0.5),
          low: at(sorted, 0.05),
          high: at(sorted, 0.95),
        };
      }),
  );
}

function tableOf(rows: readonly Summary[], ratios: readonly Ratio[], footer: string): string {
  const number = (value: number | null, digits: number): string => (value === null ? "" : value.toFixed(digits));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(["items", "engine", "queries", "median ms", "p95", "least", "recall@200", "load ms", "bytes an item"]),
    line(["---", "---", "---", "---", "---", "---", "---", "---", "---"]),
    ...rows.map((row) =>
      line([
        row.items.toLocaleString("en"),
        row.engine,
        ...(row.error === null
          ? [String(row.queries || ""), number(row.medianMs, 2), number(row.p95Ms, 2), number(row.minMs, 2)]
          : ["", row.error, "", ""]),
        number(row.recallAt200, 3),
        number(row.loadMs, 0),
        number(row.bytesPerItem, 0),
      ]),
    ),
    "",
    line(["items", "queries", "ours", "times as fast as", "median", "5 % to 95 % of the rounds"]),
    line(["---", "---", "---", "---", "---", "---"]),
    ...ratios.map(({ items, queries, ours, theirs, median, low, high }) =>
      line([
        items.toLocaleString("en"),
        String(queries),
        ours,
        theirs,
        median.toFixed(1),
        `${low.toFixed(1)} to ${high.toFixed(1)}`,
      ]),
    ),
    "",
    `\`npm run bench:retrieval\`, ${footer}.`,
  ].join("\n");
}

await runBench(main);
