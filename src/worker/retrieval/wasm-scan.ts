/**
 * The int8 scan in WebAssembly (assembly/scan.ts): one pass over the rows by plain SIMD128.
 *
 * N items, D embedding size, K results. One memory holds the query, the items and, last since it
 * grows with K, the keys.
 */
import { EngineError } from "../../model/errors.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import { bestOfKeys, copyRows, strideOf } from "./keys.ts";
import scanUrl from "./scan.wasm?url";

const PAGE_BYTES = 65_536;
const KEY_BYTES = 8;
/** Rows that the kernel scores together. */
const ROWS = 4;
/** Keys held before a selection: with K = 200, 6 selections in 1M rows. At least 2 K. */
const MIN_KEYS = 1024;

type ScanKernel = (
  items: number,
  rows: number,
  stride: number,
  query: number,
  keys: number,
  capacity: number,
  k: number,
) => number;

export class WasmScan {
  readonly #memory: WebAssembly.Memory;
  readonly #kernel: ScanKernel;
  readonly #count: number;
  readonly #stride: number;

  private constructor(memory: WebAssembly.Memory, kernel: ScanKernel, items: QuantisedItems) {
    this.#memory = memory;
    this.#kernel = kernel;
    this.#count = items.count;
    this.#stride = strideOf(items.dimensions);
    this.#grow(this.#keysAt);
    copyRows(items, 0, items.count, new Int8Array(memory.buffer, this.#itemsAt, items.count * this.#stride));
  }

  /** Copies the items once. @throws where the browser has no SIMD, the memory or the kernel */
  static async create(items: QuantisedItems): Promise<WasmScan> {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { instance } = await WebAssembly.instantiateStreaming(fetch(scanUrl), { env: { memory } });
    return new WasmScan(memory, instance.exports["scan"] as ScanKernel, items);
  }

  /** The K best rows, ties by lowest row; K > N gives N. */
  scan(query: QuantisedQuery, k: number): Scored {
    const size = Math.min(k, this.#count);
    if (size === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) };
    const capacity = Math.max(MIN_KEYS, 2 * size);
    this.#grow(this.#keysAt + capacity * KEY_BYTES);
    new Int16Array(this.#memory.buffer, 0, this.#stride).set(query.values);
    const found = this.#kernel(this.#itemsAt, this.#count, this.#stride, 0, this.#keysAt, capacity, size);
    if (found !== size) throw new EngineError("INTERNAL", { reason: `the scan found ${found} of ${size} rows` });
    return bestOfKeys(new BigInt64Array(this.#memory.buffer, this.#keysAt, size), size);
  }

  get #itemsAt(): number {
    return this.#stride * Int16Array.BYTES_PER_ELEMENT;
  }

  get #keysAt(): number {
    return this.#itemsAt + Math.ceil(this.#count / ROWS) * ROWS * this.#stride;
  }

  #grow(bytes: number): void {
    const pages = Math.ceil((bytes - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (pages > 0) this.#memory.grow(pages);
  }
}
