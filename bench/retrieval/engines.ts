/** What is measured side by side: each engine finds the rows of the K highest dot products. */
import { matMul, setBackend, tensor2d, tidy, topk } from "@tensorflow/tfjs-core";
import { cellsOf } from "../../src/model/retrieval/cells.ts";
import { topK } from "../../src/model/retrieval/exact-scan.ts";
import type { Scored } from "../../src/model/retrieval/exact-scan.ts";
import { dotProduct, quantiseItems, quantiseQuery, quantiseQueryInt16 } from "../../src/model/retrieval/quantise.ts";
import type { QuantisedItems, QuantisedQuery } from "../../src/model/retrieval/quantise.ts";
import { everyRow } from "../../src/model/retrieval/row-filter.ts";
import type { RowFilter } from "../../src/model/retrieval/row-filter.ts";
import { chooseDevice } from "../../src/worker/device/device.ts";
import { scanCode } from "../../src/worker/retrieval/scan-code.ts";
import { WasmScan } from "../../src/worker/retrieval/wasm-scan.ts";
import { WgslScan } from "../../src/worker/retrieval/wgsl-scan.ts";
import type { Clustered } from "./clustered.ts";
import sumUrl from "./sum.wasm?url";

export interface Table extends Omit<Clustered, "centroids"> {
  readonly quantised: QuantisedItems;
}

export interface Opened {
  /** Rows of the K best of each query. */
  search(queries: readonly Float32Array[], k: number): Promise<ArrayLike<number>[]>;
  /** As the engine stores an item; null where only its memory tells. */
  readonly bytesPerItem: number | null;
  close(): void;
}

export const tableOf = (data: Omit<Clustered, "centroids">): Table => ({
  ...data,
  quantised: quantiseItems(data.vectors, data.dimensions),
});

type Scan = (queries: readonly QuantisedQuery[], k: number, filter: RowFilter) => Scored[] | Promise<Scored[]>;

/** As the product does: half as many again are found with a query of one byte a dimension, and scored again with two. */
function ofScan({ quantised, count }: Table, scan: Scan, close = (): void => {}, extraBytes = 0): Opened {
  const filter = everyRow(count);
  return {
    search: async (queries, k) => {
      const bytes = queries.map((query) => quantiseQuery(query, quantised));
      const found = await scan(bytes, Math.ceil(1.5 * k), filter);
      return found.map(({ rows }, q) => {
        const { values } = quantiseQueryInt16(queries[q]!, quantised);
        const scores = Float32Array.from(rows, (row) => dotProduct(quantised, row, values));
        return topK(scores, k).rows.map((place) => rows[place]!);
      });
    },
    bytesPerItem: quantised.dimensions + extraBytes,
    close,
  };
}

/** tfjs as its users search: a product with all items, then the K highest. */
function tfjs(backend: "wasm" | "cpu" | "webgpu") {
  return async ({ vectors, count, dimensions }: Table): Promise<Opened> => {
    const device = await chooseDevice(backend);
    if (device.state.backend !== backend) throw new Error(device.state.rejected.map(({ reason }) => reason).join("; "));
    const items = tensor2d(vectors, [count, dimensions]);
    return {
      async search(queries, k) {
        await setBackend(backend);
        const asked = Float32Array.from(queries.flatMap((query) => Array.from(query)));
        const indices = tidy(
          () => topk(matMul(tensor2d(asked, [queries.length, dimensions]), items, false, true), k).indices,
        );
        const rows = await indices.data();
        indices.dispose();
        return queries.map((_, q) => rows.subarray(q * k, (q + 1) * k));
      },
      bytesPerItem: 4 * dimensions,
      close: () => items.dispose(),
    };
  };
}

/** Of a home page: the best of each kind, by one pass. */
const SHELVES = 12;
const merged = (found: readonly Scored[]): Scored => ({
  rows: Uint32Array.from(found.flatMap(({ rows }) => Array.from(rows))),
  scores: Float32Array.from(found.flatMap(({ scores }) => Array.from(scores))),
});

export const ENGINES = {
  "affiche wasm, every row": async (table: Table) => {
    const scan = await WasmScan.create(table.quantised, fetch(scanCode()));
    return ofScan(table, (...asked) => scan.scan(...asked));
  },
  "affiche wasm, by cells": async (table: Table) => {
    const scan = await WasmScan.create(table.quantised, fetch(scanCode()), {
      cells: cellsOf(table.quantised, table.starts),
    });
    return ofScan(
      table,
      (...asked) => scan.scan(...asked),
      undefined,
      Float32Array.BYTES_PER_ELEMENT + table.dimensions / 2,
    );
  },
  "affiche wasm, four bits": async (table: Table) => {
    const quantised = quantiseItems(table.vectors, table.dimensions, 7);
    const scan = await WasmScan.create(quantised, fetch(scanCode()), { bits: 4 });
    return ofScan({ ...table, quantised }, (...asked) => scan.scan(...asked), undefined, -table.dimensions / 2);
  },
  "affiche wasm, 12 shelves": async (table: Table) => {
    const scan = await WasmScan.create(table.quantised, fetch(scanCode()));
    const groupOf = Uint8Array.from({ length: table.count }, (_, row) => row % SHELVES);
    const shelves: Scan = (queries, k, filter) =>
      queries.map((query) => merged(scan.scanGroups(query, k, filter, groupOf, SHELVES)));
    return ofScan(table, shelves);
  },
  "affiche wgsl": async (table: Table) => {
    const { gpu, state } = await chooseDevice("webgpu");
    if (!gpu) throw new Error(state.rejected.map(({ reason }) => reason).join("; "));
    const scan = await WgslScan.create(gpu, table.quantised);
    return ofScan(
      table,
      (...asked) => scan.scan(...asked),
      () => scan.dispose(),
    );
  },
  "tfjs wasm": tfjs("wasm"),
  "tfjs cpu": tfjs("cpu"),
  "tfjs webgpu": tfjs("webgpu"),
} satisfies Record<string, (table: Table) => Promise<Opened>>;

/** Reads so many bytes in one thread whenever it is called; milliseconds. */
export async function openRead(bytes: number): Promise<() => number> {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536) });
  const { instance } = await WebAssembly.instantiateStreaming(fetch(sumUrl), { env: { memory } });
  const sum = instance.exports["sum"] as (from: number, bytes: number) => number;
  new Int32Array(memory.buffer).fill(1);
  return () => {
    const start = performance.now();
    if (sum(0, bytes) !== bytes / 4) throw new Error("the sum is wrong");
    return performance.now() - start;
  };
}
