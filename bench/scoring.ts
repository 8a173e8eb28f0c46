/**
 * `npm run bench:scoring`: what one person costs, from the history's vectors to the best rows: the user tower on the
 * backend of tfjs, the neighbour tables, the dot products of every item in WebAssembly, their scores and the best 400 and
 * those seen. Items, tables and history are generated; tables have 16 entries an item and popular sources the most, and
 * the history is the most popular items: the costly case. `--history`, `--rounds`, `--backend wasm|cpu`, `--json`.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { setBackend } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import { reporter } from "../scripts/output.ts";
import { gaussian, seededRandom } from "../scripts/train/random.ts";
import { RETRIEVAL, TOWER } from "../src/model/config.ts";
import { encodeItems, itemsOfCodes } from "../src/model/retrieval/item-codes.ts";
import { scoredRows } from "../src/model/retrieval/personal.ts";
import { dequantiseRows } from "../src/model/retrieval/quantise.ts";
import { everyRow, withoutRows } from "../src/model/retrieval/row-filter.ts";
import { explainerOf } from "../src/model/slate/reasons.ts";
import { neighbourTable } from "../src/model/tower/neighbours.ts";
import type { NeighbourTable } from "../src/model/tower/neighbours.ts";
import { popularityFactorOf, scorerOf } from "../src/model/tower/scorer.ts";
import type { ScoringModel } from "../src/model/tower/scorer.ts";
import { foldInTower } from "../src/model/tower/user-tower.ts";
import { WasmScan } from "../src/worker/retrieval/wasm-scan.ts";
import { measuredOn, runBench } from "./bench.ts";

const ITEMS = [5000, 20_000, 50_000];
const DIMENSIONS = [64, 128];
/** Entries an item, in each table. */
const ENTRIES = 16;
/** Sources are drawn as `N u^SKEW`, u uniform: half of the entries come from the first tenth of the sources. */
const SKEW = 3;
const WARM_UP = 10;

type Random = () => number;

function generatedTable(items: number, random: Random): NeighbourTable {
  const pairs = new Set<number>();
  for (let target = 0; target < items; target++) {
    for (const end = (target + 1) * ENTRIES; pairs.size < end;) {
      pairs.add(Math.floor(items * random() ** SKEW) * items + target);
    }
  }
  const entries = [...pairs];
  return neighbourTable(
    {
      sources: Uint32Array.from(entries, (pair) => Math.floor(pair / items)),
      targets: Uint32Array.from(entries, (pair) => pair % items),
      values: Float32Array.from(entries, () => gaussian(random)),
    },
    items,
  );
}

function generatedModel(count: number, dimensions: number, tables: readonly [NeighbourTable, NeighbourTable]) {
  const random = seededRandom(dimensions);
  const vectors = Float32Array.from({ length: count * dimensions }, () => 0.3 * gaussian(random));
  const popularity = Float32Array.from({ length: count }, (_, row) => count / (row + 1));
  return {
    items: itemsOfCodes(encodeItems(vectors, dimensions)),
    residual: tables[0],
    transitions: tables[1],
    params: TOWER,
    popularityFactor: popularityFactorOf(popularity, 0.1),
  } satisfies ScoringModel;
}

/** Milliseconds, sorted. */
interface Times {
  readonly median: number;
  readonly p95: number;
}

const timesOf = (values: readonly number[]): Times => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { median: at(0.5), p95: at(0.95) };
};

const STAGES = ["tower", "tables", "products", "best", "total", "reasons"] as const;

const kernels = async (): Promise<Response> =>
  new Response(await readFile(new URL("../src/worker/retrieval/scan.wasm", import.meta.url)), {
    headers: { "content-type": "application/wasm" },
  });

async function measure(
  model: ScoringModel,
  history: number,
  rounds: number,
): Promise<Record<(typeof STAGES)[number], Times>> {
  const { dimensions } = model.items;
  const input = {
    rows: Uint32Array.from({ length: history }, (_, row) => row),
    weights: Float32Array.from({ length: history }, (_, at) => TOWER.recencyDecay ** (history - 1 - at)),
    targets: new Float32Array(history).fill(1),
  };
  const filter = withoutRows(everyRow(model.items.count), input.rows);
  const scan = await WasmScan.create(model.items, kernels());
  let productsMs = 0;
  const products = (query: Int16Array): Int32Array => {
    const start = performance.now();
    const dots = scan.dotProducts(query);
    productsMs = performance.now() - start;
    return dots;
  };
  const laps = Object.fromEntries(STAGES.map((stage) => [stage, [] as number[]])) as Record<
    (typeof STAGES)[number],
    number[]
  >;
  for (let round = -WARM_UP; round < rounds; round++) {
    const start = performance.now();
    const vectors = dequantiseRows(model.items, input.rows);
    const steps = TOWER.conjugateGradientSteps;
    const user = await foldInTower(vectors, input.weights, input.targets, dimensions, steps);
    const towered = performance.now();
    const scorer = scorerOf(model, user, input, products);
    const tabled = performance.now();
    scoredRows(scorer, null, RETRIEVAL.personal, filter);
    const scored = performance.now();
    explainerOf(model, input);
    const explained = performance.now();
    if (round < 0) continue;
    laps.tower.push(towered - start);
    laps.tables.push(tabled - towered);
    laps.products.push(productsMs);
    laps.best.push(scored - tabled - productsMs);
    laps.total.push(scored - start);
    laps.reasons.push(explained - scored);
  }
  return Object.fromEntries(STAGES.map((stage) => [stage, timesOf(laps[stage])])) as Record<
    (typeof STAGES)[number],
    Times
  >;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      history: { type: "string", default: "200" },
      rounds: { type: "string", default: "100" },
      backend: { type: "string", default: "wasm" },
      json: { type: "boolean", default: false },
    },
  });
  const [history, rounds] = [Number(values.history), Number(values.rounds)];
  if (!(Number.isSafeInteger(history) && history >= 1 && history <= ITEMS[0]!)) {
    throw new Error(`--history ${values.history}: expected a whole number from 1 to ${ITEMS[0]}`);
  }
  if (!(Number.isSafeInteger(rounds) && rounds >= 1)) throw new Error(`--rounds ${values.rounds}: expected 1 or more`);
  if (!["wasm", "cpu"].includes(values.backend) || !(await setBackend(values.backend))) {
    throw new Error(`--backend ${values.backend}: expected wasm or cpu, and that it runs here`);
  }
  const results = [];
  for (const count of ITEMS) {
    const random = seededRandom(count);
    const tables = [generatedTable(count, random), generatedTable(count, random)] as const;
    for (const dimensions of DIMENSIONS) {
      const model = generatedModel(count, dimensions, tables);
      results.push({ items: count, dimensions, ms: await measure(model, history, rounds) });
    }
  }
  const measuring = measuredOn();
  const cell = ({ median, p95 }: Times): string => `${median.toFixed(2)} / ${p95.toFixed(2)}`.padStart(16);
  reporter(values.json).result(
    { history, rounds, backend: values.backend, results, ...measuring },
    [
      `a history of ${history}, the tower on ${values.backend}: ms, median / 95th percentile of ${rounds}`,
      ` items   D${STAGES.map((stage) => stage.padStart(16)).join("")}`,
      ...results.map(
        ({ items, dimensions, ms }) =>
          `${String(items).padStart(6)} ${String(dimensions).padStart(3)}${STAGES.map((stage) => cell(ms[stage])).join("")}`,
      ),
      `best: all scores and the best of them; total: all before it; reasons: what the explainer needs once for a page`,
      `${measuring.machine}, ${measuring.date}`,
    ].join("\n"),
  );
}

await runBench(main);
