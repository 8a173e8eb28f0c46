/** Every engine opened in a lane, then asked in turn: as many rounds, each with people of its own. */
import { RETRIEVAL } from "../../src/model/config.ts";
import { scoreAll, topK } from "../../src/model/retrieval/exact-scan.ts";
import type { Clustered } from "./clustered.ts";
import type { Bench, Lane } from "./lane.ts";
import type { EngineName } from "./names.ts";
import { failedRow, READ } from "./row.ts";
import type { Row } from "./row.ts";

/** Half of the candidates that the product takes: what recall@200 is of. */
const K = RETRIEVAL.personal / 2;
const QUERIES = [1, 4] as const;
/** Queries that recall is a mean of, where there are as many. */
const RECALLED = 10;
/** An engine that builds longer is given up, and one that answers later: nobody would wait. */
const BUILD_PATIENCE_MS = 180_000;
const PATIENCE_MS = 30_000;
/** Rounds of one engine stop here, and its row has fewer of them. */
const ROUNDS_MS = 180_000;

interface Opened {
  readonly engine: EngineName;
  readonly lane: Lane;
  readonly loadMs: number;
  readonly bytesPerItem: number | null;
  readonly recall: number;
  readonly times: ReadonlyMap<number, number[]>;
  spentMs: number;
}

export async function measure(
  bench: Bench,
  data: Clustered,
  engines: readonly EngineName[],
  rounds: number,
  say: (line: string) => void,
): Promise<Row[]> {
  const { count, dimensions, vectors, starts, queries } = data;
  const rows: Row[] = [];
  const fail = (engine: string, error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    say(`${engine}: ${reason}`);
    rows.push(failedRow(engine, count, reason));
  };
  const people = queries.map((query) => Array.from(query));
  const truth = queries.slice(0, RECALLED).map((query) => {
    const scores = new Float32Array(count);
    scoreAll(query, vectors, dimensions, scores);
    return topK(scores, K).rows;
  });
  bench.serve(vectors);
  let running: Opened[] = [];
  for (const engine of engines) {
    say(`opening ${engine}`);
    const lane = await bench.openLane();
    try {
      await lane.ask("fetch", { count, dimensions, starts: Array.from(starts) });
      const { loadMs, bytesPerItem } = await lane.ask("open", engine, BUILD_PATIENCE_MS, "building");
      await lane.measureMemory();
      const found: number[][] = [];
      for (const query of people.slice(0, RECALLED)) {
        found.push(...(await lane.ask("search", { queries: [query], k: K }, PATIENCE_MS, "searching")).rows);
      }
      await lane.ask("search", { queries: people.slice(0, 4), k: K }, PATIENCE_MS, "searching");
      await lane.measureMemory();
      const recall = found.reduce((sum, of, at) => sum + recallOf(of, truth[at]!), 0) / found.length;
      const times = new Map(QUERIES.map((asked) => [asked, []]));
      running.push({ engine, lane, loadMs, bytesPerItem, recall, times, spentMs: 0 });
    } catch (error) {
      fail(engine, error);
      await lane.close();
    }
  }
  // In a page of ours, where there is one: the same memory, the same process.
  const reader = running.find(({ engine }) => engine.startsWith("affiche wasm")) ?? running[0];
  const readBytes = Math.ceil((count * dimensions) / 64) * 64;
  const readMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const opened of running.filter(({ spentMs }) => spentMs < ROUNDS_MS)) {
      try {
        for (const asked of QUERIES) {
          const about = { queries: people.slice(round * 4, round * 4 + asked), k: K };
          const { ms } = await opened.lane.ask("search", about, PATIENCE_MS, "searching");
          opened.times.get(asked)!.push(ms);
          opened.spentMs += ms;
        }
        if (opened === reader) readMs.push(await reader.lane.ask("read", readBytes));
      } catch (error) {
        fail(opened.engine, error);
        await opened.lane.close();
        running = running.filter((other) => other !== opened);
      }
    }
  }
  for (const { engine, lane, loadMs, bytesPerItem, recall, times } of running) {
    await lane
      .ask("close", undefined, PATIENCE_MS, "closing")
      .catch((error: unknown) => say(`${engine}: ${String(error)}`));
    await lane.close();
    for (const [asked, measured] of times) {
      rows.push({
        engine,
        items: count,
        queries: asked,
        times: measured,
        recallAt200: recall,
        loadMs,
        peakMB: lane.peakBytes / 1e6,
        bytesPerItem,
        error: null,
      });
    }
  }
  if (readMs.length > 0) {
    rows.push({
      engine: READ,
      items: count,
      queries: 0,
      times: readMs,
      recallAt200: null,
      loadMs: null,
      peakMB: null,
      bytesPerItem: dimensions,
      error: null,
    });
  }
  return rows;
}

function recallOf(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  const wanted = new Set(Array.from(truth));
  return Array.from(found).filter((row) => wanted.has(row)).length / wanted.size;
}
