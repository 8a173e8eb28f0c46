/**
 * `npm run bench:gpu`: the product's passes over all items (scan.wgsl, by the product's own WgslScan) on this machine's
 * graphics processor, from Node by the npm package `webgpu`, and how much of the memory's speed they reach. `--items
 * 100000,1000000,4000000`, `--rounds 30`, `--software` for an adapter that computes on the processor, `--json`.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { createServer } from "vite";
import { reporter } from "../scripts/output.ts";
import { ROOT } from "../scripts/paths.ts";
import { RETRIEVAL } from "../src/model/config.ts";
import { quantiseItems, quantiseQuery, scanInt8 } from "../src/model/retrieval/quantise.ts";
import type { QuantisedItems } from "../src/model/retrieval/quantise.ts";
import { everyRow } from "../src/model/retrieval/row-filter.ts";
import type { WgslScan } from "../src/worker/retrieval/wgsl-scan.ts";
import { measuredOn, quantile, runBench, SEED } from "./bench.ts";
import { bestCopyRate, PassClock } from "./gpu/rates.ts";
import { installPackages } from "./packages.ts";
import { clustered } from "./retrieval/clustered.ts";

const ITEMS = "100000,1000000,4000000";
const DIMENSIONS = 64;
const QUERIES = [1, 4] as const;
/** What the product asks for: half as many again as its candidates. */
const K = 1.5 * (RETRIEVAL.personal / 2);
/** What the passes bind, and for timing them. */
const LIMITS = ["maxBufferSize", "maxStorageBufferBindingSize"] as const;

const NO_ADAPTER =
  "WebGPU found no adapter: install the graphics processor's driver and, on Linux, the Vulkan loader " +
  "(Debian: apt-get install libvulkan1). On the software adapter that Chromium brings the passes run too: " +
  "LD_LIBRARY_PATH=/usr/lib/chromium VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json npm run bench:gpu -- --software";

/** Kept while anything of it is used: collected as garbage, it takes the device along and the process crashes. */
let webgpu: GPU | null = null;

interface Row {
  readonly items: number;
  /** Asked at once. */
  readonly queries: number;
  /** From the question to the answer, in JavaScript. */
  readonly medianMs: number | null;
  readonly minMs: number | null;
  /** Of the passes alone, on the device; null where it has no timestamps. */
  readonly passMs: number | null;
  /** 10^9 bytes of items a second of the median pass, or of the median answer where passes are not timed. */
  readonly gbPerSecond: number | null;
  /** Of what copying reads. */
  readonly ofCopy: number | null;
  readonly error: string | null;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      items: { type: "string", default: ITEMS },
      rounds: { type: "string", default: "30" },
      software: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const out = reporter(values.json);
  const folder = await installPackages("gpu", out.log);
  const { create, globals } = (await import(pathToFileURL(join(folder, "webgpu", "index.js")).href)) as {
    create: (options: readonly string[]) => GPU;
    globals: object;
  };
  Object.assign(globalThis, globals);
  // Timestamps are otherwise rounded to 0.1 ms, longer than a pass.
  webgpu = create(["disable-dawn-features=timestamp_quantization"]);
  const adapter = await webgpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error(NO_ADAPTER);
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture, description].filter(Boolean).join(" ");
  if (isFallbackAdapter && !values.software) {
    throw new Error(
      `${name} computes on the processor and says nothing of a graphics one: --software measures it anyway.`,
    );
  }
  const gpu = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
    requiredFeatures: adapter.features.has("timestamp-query") ? ["timestamp-query"] : [],
  });
  const kind = isFallbackAdapter ? "a software adapter" : "a graphics processor";
  out.log(`${name}, ${kind}`);
  const copyRate = await bestCopyRate(gpu);
  out.log(`copying reads ${(copyRate / 1e9).toPrecision(3)} GB/s and writes as many`);
  const WgslScan = await loadWgslScan();
  const clock = new PassClock(gpu);
  const rows: Row[] = [];
  for (const items of values.items.split(",").map(Number)) {
    out.log(`${items.toLocaleString("en")} items`);
    const open = (table: QuantisedItems): Promise<WgslScan> => WgslScan.create(gpu, table);
    rows.push(...(await measure(open, clock, items, Number(values.rounds), copyRate)));
  }
  gpu.destroy();
  webgpu = null;
  const { machine, date } = measuredOn();
  const copyGbPerSecond = copyRate / 1e9;
  out.result(
    { machine, date, adapter: name, software: isFallbackAdapter, copyGbPerSecond, rows },
    `${tableOf(rows)}\n\nCopying reads ${copyGbPerSecond.toPrecision(3)} GB/s and writes as many. \`npm run bench:gpu\`, ${name}, ${kind}; ${date}; ${machine}.`,
  );
}

/** WgslScan imports its shader's text, which Vite knows how to do. */
async function loadWgslScan() {
  const vite = await createServer({
    root: ROOT,
    configFile: false,
    appType: "custom",
    logLevel: "error",
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const module = await vite.ssrLoadModule("/src/worker/retrieval/wgsl-scan.ts");
    return (module as typeof import("../src/worker/retrieval/wgsl-scan.ts")).WgslScan;
  } finally {
    await vite.close();
  }
}

/** Each round other people. @param copyRate bytes a second */
async function measure(
  open: (table: QuantisedItems) => Promise<WgslScan>,
  clock: PassClock,
  items: number,
  rounds: number,
  copyRate: number,
): Promise<Row[]> {
  const row = (queries: number, figures: Partial<Row>): Row => ({
    items,
    queries,
    medianMs: null,
    minMs: null,
    passMs: null,
    gbPerSecond: null,
    ofCopy: null,
    error: null,
    ...figures,
  });
  const { vectors, queries } = clustered(items, DIMENSIONS, rounds * 4, SEED);
  const table = quantiseItems(vectors, DIMENSIONS);
  const people = queries.map((query) => quantiseQuery(query, table));
  const filter = everyRow(items);
  let scan: WgslScan | null = null;
  try {
    scan = await open(table);
    const [found] = await scan.scan(people.slice(0, 1), K, filter);
    const exact = scanInt8(table, people[0]!, K, filter);
    if (!exact.rows.every((wanted, rank) => wanted === found!.rows[rank]))
      throw new Error("the passes found other rows");
    await clock.readMs();
    const measured: Row[] = [];
    for (const asked of QUERIES) {
      const times: number[] = [];
      const passes: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        await scan.scan(people.slice(round * 4, round * 4 + asked), K, filter);
        times.push(performance.now() - start);
        const passMs = await clock.readMs();
        if (passMs !== null) passes.push(passMs);
      }
      const medianMs = quantile(
        times.toSorted((a, b) => a - b),
        0.5,
      );
      const passMs =
        passes.length === 0
          ? null
          : quantile(
              passes.toSorted((a, b) => a - b),
              0.5,
            );
      const bytesPerSecond = (items * DIMENSIONS) / ((passMs ?? medianMs) / 1000);
      measured.push(
        row(asked, {
          medianMs,
          minMs: Math.min(...times),
          passMs,
          gbPerSecond: bytesPerSecond / 1e9,
          ofCopy: bytesPerSecond / copyRate,
        }),
      );
    }
    return measured;
  } catch (error) {
    return [row(1, { error: error instanceof Error ? error.message : String(error) })];
  } finally {
    scan?.dispose();
  }
}

function tableOf(rows: readonly Row[]): string {
  const figure = (value: number | null): string => (value === null ? "" : value.toPrecision(3));
  const header = ["items", "queries", "median ms", "least", "passes, ms", "GB/s", "of copying, %"];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(header),
    line(header.map(() => "---")),
    ...rows.map(({ items, queries, medianMs, minMs, passMs, gbPerSecond, ofCopy, error }) =>
      line([
        items.toLocaleString("en"),
        String(queries),
        error ?? figure(medianMs),
        figure(minMs),
        figure(passMs),
        figure(gbPerSecond),
        ofCopy === null ? "" : (100 * ofCopy).toFixed(0),
      ]),
    ),
  ].join("\n");
}

await runBench(main);
