/**
 * The int8 items in WebAssembly (assembly/scan.ts): scanned and scored in one pass over the rows by plain SIMD128.
 *
 * N items, D embedding size, K results. One memory holds the query, the items and, last since they
 * grow with K, the results: keys or dot products.
 */
import { EngineError } from "../../model/errors.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import { bestOfKeys, copyRows, strideOf } from "./keys.ts";

const PAGE_BYTES = 65_536;
const KEY_BYTES = 8;
/** Rows that the kernel scores together. */
const ROWS = 4;
/** Keys held before a selection: with K = 200, 6 selections in 1M rows. At least 2 K. */
const MIN_KEYS = 1024;

type Pointer = number;
/** Of assembly/scan.ts, where they are documented. */
interface Kernels {
  scan(
    items: Pointer,
    rows: number,
    stride: number,
    query: Pointer,
    keys: Pointer,
    capacity: number,
    k: number,
  ): number;
  score(items: Pointer, rows: number, stride: number, query: Pointer, out: Pointer): void;
}

export class WasmScan {
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #count: number;
  readonly #stride: number;

  private constructor(memory: WebAssembly.Memory, kernels: Kernels, items: QuantisedItems) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#count = items.count;
    this.#stride = strideOf(items.dimensions);
    this.#grow(this.#resultsAt);
    copyRows(items, 0, items.count, new Int8Array(memory.buffer, this.#itemsAt, items.count * this.#stride));
  }

  /**
   * Copies the items once.
   * @param code scan.wasm
   * @throws where there is no SIMD, the memory or the code
   */
  static async create(items: QuantisedItems, code: PromiseLike<Response>): Promise<WasmScan> {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { instance } = await WebAssembly.instantiateStreaming(code, { env: { memory } });
    return new WasmScan(memory, instance.exports as unknown as Kernels, items);
  }

  /** The K best rows, ties by lowest row; K > N gives N. */
  scan(query: QuantisedQuery, k: number): Scored {
    const size = Math.min(k, this.#count);
    if (size === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) };
    const capacity = Math.max(MIN_KEYS, 2 * size);
    this.#place(query.values, capacity * KEY_BYTES);
    const found = this.#kernels.scan(this.#itemsAt, this.#count, this.#stride, 0, this.#resultsAt, capacity, size);
    if (found !== size) throw new EngineError("INTERNAL", { reason: `the scan found ${found} of ${size} rows` });
    return bestOfKeys(new BigInt64Array(this.#memory.buffer, this.#resultsAt, size), size);
  }

  /** The dot products of all rows, shape [N]. @param query shape [D], of `quantiseQueryInt16` */
  dotProducts(query: Int16Array): Int32Array {
    this.#place(query, Math.ceil(this.#count / ROWS) * ROWS * Int32Array.BYTES_PER_ELEMENT);
    this.#kernels.score(this.#itemsAt, this.#count, this.#stride, 0, this.#resultsAt);
    return new Int32Array(this.#memory.buffer, this.#resultsAt, this.#count).slice();
  }

  get #itemsAt(): number {
    return this.#stride * Int16Array.BYTES_PER_ELEMENT;
  }

  get #resultsAt(): number {
    return this.#itemsAt + Math.ceil(this.#count / ROWS) * ROWS * this.#stride;
  }

  #place(query: ArrayLike<number>, resultBytes: number): void {
    this.#grow(this.#resultsAt + resultBytes);
    new Int16Array(this.#memory.buffer, 0, this.#stride).set(query);
  }

  #grow(bytes: number): void {
    const pages = Math.ceil((bytes - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (pages > 0) this.#memory.grow(pages);
  }
}
