/** Measures in a worker, where the product searches; says what it does as strings, and its result last. */
import { clustered } from "./clustered.ts";
import { ENGINES, K, readMs, tableOf } from "./engines.ts";
import type { EngineName, Opened } from "./engines.ts";

export interface Request {
  readonly items: number;
  readonly dimensions: number;
  readonly engines: readonly EngineName[];
  /** Rounds of every engine, one after the other. */
  readonly rounds: number;
  readonly seed: number;
}

export interface Row {
  readonly engine: string;
  readonly items: number;
  /** Asked at once. */
  readonly queries: number;
  readonly times: readonly number[];
  readonly recallAt200: number | null;
  readonly loadMs: number | null;
  readonly bytesPerItem: number | null;
  readonly error: string | null;
}

const QUERIES = [1, 4] as const;
/** Queries that recall is a mean of. */
const RECALLED = 10;
/** An engine is given up beyond; milliseconds a query. */
const PATIENCE_MS = 30_000;

self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  measure(data).then(
    (rows) => self.postMessage({ rows }),
    (error: unknown) => self.postMessage({ error: String(error) }),
  );
});

async function measure({ items, dimensions, engines, rounds, seed }: Request): Promise<Row[]> {
  const unknown = engines.find((name) => !Object.hasOwn(ENGINES, name));
  if (unknown !== undefined) throw new Error(`no engine "${unknown}": choose of ${Object.keys(ENGINES).join("; ")}`);
  const say = (text: string): void => self.postMessage(text);
  say("making the items");
  const table = tableOf(clustered(items, dimensions, rounds * 4, seed));
  const exact = await ENGINES["exact float32"](table);
  say("searching exactly");
  const truth = await exact.search(table.queries.slice(0, RECALLED), K);
  const rows: Row[] = [];
  const opened: { name: string; engine: Opened; loadMs: number; recall: number; times: Map<number, number[]> }[] = [];
  const fail = (engine: string, error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    rows.push({
      engine,
      items,
      queries: 1,
      times: [],
      recallAt200: null,
      loadMs: null,
      bytesPerItem: null,
      error: reason,
    });
  };
  for (const name of engines) {
    say(`opening ${name}`);
    try {
      const start = performance.now();
      const engine = await ENGINES[name](table);
      const loadMs = performance.now() - start;
      const began = performance.now();
      const found: ArrayLike<number>[] = [];
      for (const query of table.queries.slice(0, RECALLED)) {
        found.push(...(await engine.search([query], K)));
        if (performance.now() - began > PATIENCE_MS) throw new Error(`${PATIENCE_MS / 1000} s are too few for it`);
      }
      await engine.search(table.queries.slice(0, 4), K);
      const recall = found.reduce((sum, of, at) => sum + recallOf(of, truth[at]!), 0) / RECALLED;
      opened.push({ name, engine, loadMs, recall, times: new Map(QUERIES.map((count) => [count, []])) });
    } catch (error) {
      fail(name, error);
    }
  }
  const bytes = Math.ceil((items * dimensions) / 64) * 64;
  const read = await readMs(bytes, rounds);
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const { engine, times } of opened) {
      for (const count of QUERIES) {
        const queries = table.queries.slice(round * 4, round * 4 + count);
        const start = performance.now();
        await engine.search(queries, K);
        times.get(count)!.push(performance.now() - start);
      }
    }
  }
  for (const { name, engine, loadMs, recall, times } of opened) {
    for (const [queries, measured] of times) {
      const { bytesPerItem } = engine;
      rows.push({
        engine: name,
        items,
        queries,
        times: measured,
        recallAt200: recall,
        loadMs,
        bytesPerItem,
        error: null,
      });
    }
    engine.close();
  }
  rows.push({
    engine: "one thread reads as many bytes",
    items,
    queries: 0,
    times: read,
    recallAt200: null,
    loadMs: null,
    bytesPerItem: dimensions,
    error: null,
  });
  return rows;
}

function recallOf(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  const wanted = new Set(Array.from(truth));
  return Array.from(found).filter((row) => wanted.has(row)).length / wanted.size;
}
