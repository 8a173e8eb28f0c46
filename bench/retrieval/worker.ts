/** Holds one engine, where the product searches too: in a worker. Answers one question at a time. */
import { ENGINES, openRead, tableOf } from "./engines.ts";
import type { Opened, Table } from "./engines.ts";
import { isPeer } from "./names.ts";
import type { EngineName } from "./names.ts";
import { heldOutsideTheHeap, watchMemory } from "./held.ts";

/** What there is to measure; the items themselves are at /table. */
export interface Shape {
  readonly count: number;
  readonly dimensions: number;
  /** Of the clusters, shape [C + 1]. */
  readonly starts: readonly number[];
}

let table: Table | null = null;
let opened: Opened | null = null;
let read: (() => number) | null = null;

const ANSWERS = {
  async fetch({ count, dimensions, starts }: Shape): Promise<void> {
    const response = await fetch("/table");
    table = tableOf({
      count,
      dimensions,
      vectors: new Float32Array(await response.arrayBuffer()),
      starts: Uint32Array.from(starts),
      queries: [],
    });
  },
  /** Lets go of the items: an engine keeps what it needs. */
  async open(name: EngineName): Promise<{ loadMs: number; bytesPerItem: number | null }> {
    // The peers' packages need not be there.
    const engine = isPeer(name) ? (await import("./peers.ts")).PEERS[name] : ENGINES[name];
    const start = performance.now();
    opened = await engine(table!);
    const loadMs = performance.now() - start;
    table = null;
    return { loadMs, bytesPerItem: opened.bytesPerItem };
  },
  async search({ queries, k }: { queries: readonly (readonly number[])[]; k: number }) {
    const vectors = queries.map((query) => Float32Array.from(query));
    const start = performance.now();
    const found = await opened!.search(vectors, k);
    const ms = performance.now() - start;
    return { ms, rows: found.map((rows) => Array.from(rows)) };
  },
  /** Milliseconds in which one thread reads so many bytes. */
  async read(bytes: number): Promise<number> {
    read ??= await openRead(bytes);
    return read();
  },
  /** Gives its memory back, a graphics device's too. */
  close: (): Promise<void> => Promise.resolve(opened?.close()),
  held: (): Promise<number> => Promise.resolve(heldOutsideTheHeap()),
} satisfies Record<string, (asked: never) => Promise<unknown>>;

type Answers = typeof ANSWERS;
export type Question = keyof Answers;
export type About<Q extends Question> = Parameters<Answers[Q]>[0];
export type Answer<Q extends Question> = Awaited<ReturnType<Answers[Q]>>;

watchMemory();
self.addEventListener("message", ({ data: [question, about] }: MessageEvent<[Question, never]>) => {
  ANSWERS[question](about).then(
    (answer) => self.postMessage({ answer }),
    (error: unknown) => self.postMessage({ error: reasonOf(error) }),
  );
});

/** Some libraries throw strings, others objects that are no errors. */
function reasonOf(error: unknown): string {
  if (typeof error === "string") return error;
  if (error instanceof WebAssembly.RuntimeError) return `its WebAssembly stopped: ${error.message}`;
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : JSON.stringify(error);
}
