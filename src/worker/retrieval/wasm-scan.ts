/**
 * The items in WebAssembly (assembly/scan.ts): scanned and scored, of a clustered table only what can still be among the
 * best.
 *
 * N items, D embedding size, K results. One memory holds queries, filter and items, and last, since they grow with K, the
 * results: lists or dot products.
 */
import { cellOrder, reachOf, sketchRows, slackOf } from "../../model/retrieval/cells.ts";
import type { Cells } from "../../model/retrieval/cells.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import type { RowFilter } from "../../model/retrieval/row-filter.ts";
import { bestOfKeys, copyRows, strideOf, VECTOR_BYTES } from "./keys.ts";

const PAGE_BYTES = 65_536;
/** Of a list, before its keys. */
const HEADER_BYTES = 24;
const KEY_BYTES = 8;
/** Rows that the kernel scores together. */
const ROWS = 4;
/** Queries that it reads the rows for at once. */
const QUERIES = 4;
/** Keys of a list before a selection: with K = 200, 6 selections in 1M rows. At least 2 K. */
const MIN_KEYS = 1024;
const LOWEST = -(2 ** 31);
/** Between cells a list is tightened from so many times K keys: a tenth fewer rows are left open than with twice K. */
const TIGHTEN_FROM = 1.25;

type Pointer = number;
/** Of assembly/scan.ts, where they are documented. */
interface Kernels {
  slotOf(bits: number, stride: number): number;
  prepare(bits: number, stride: number, from: Pointer, to: Pointer): void;
  scan(...of: [...Rows, query: Pointer, list: Pointer]): void;
  scan4(...of: [...Rows, queries: Pointer, lists: Pointer, listBytes: number]): void;
  scanCell(
    sketchStride: number,
    sketches: Pointer,
    stride: number,
    items: Pointer,
    filter: Pointer,
    first: number,
    end: number,
    base: number,
    step: number,
    sketchQuery: Pointer,
    query: Pointer,
    list: Pointer,
  ): void;
  scanGroups(...of: [...Rows, query: Pointer, groupOf: Pointer, lists: Pointer, listBytes: number]): void;
  tighten(list: Pointer): void;
  score(items: Pointer, rows: number, stride: number, query: Pointer, out: Pointer): void;
}
type Rows = [bits: number, stride: number, items: Pointer, filter: Pointer, first: number, end: number];

export interface WasmScanOptions {
  /** Of the items, which then have a sketch each; null: every row is read for every query. */
  readonly cells?: Cells | null;
  /** Bits a component in memory: 4 take components from -8 to 7, half the room and the reading. They have no cells. */
  readonly bits?: 4 | 8;
}

export class WasmScan {
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #count: number;
  readonly #bits: number;
  /** Bytes of a row. */
  readonly #stride: number;
  /** Bytes of a row of 4 bits a component. */
  readonly #packedStride: number;
  readonly #cells: Cells | null;
  /** By cell. */
  readonly #sketchErrors: Float32Array = new Float32Array(0);

  private constructor(memory: WebAssembly.Memory, kernels: Kernels, items: QuantisedItems, options: WasmScanOptions) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#count = items.count;
    this.#bits = options.bits ?? 8;
    this.#packedStride = strideOf(items.dimensions / 2);
    this.#stride = this.#bits === 8 ? strideOf(items.dimensions) : this.#packedStride;
    this.#cells = options.cells ?? null;
    this.#grow(this.#resultsAt);
    const { dimensions, values } = items;
    if (this.#bits === 8) copyRows(items, 0, items.count, this.#bytes(Int8Array, this.#itemsAt, this.#stride));
    else {
      const pack = packerOf(this.#bytes(Uint8Array, this.#itemsAt, this.#stride), this.#stride);
      for (let row = 0; row < items.count; row++) pack(row, values.subarray(row * dimensions, (row + 1) * dimensions));
    }
    if (this.#cells) {
      const pack = packerOf(this.#bytes(Uint8Array, this.#sketchesAt, this.#packedStride), this.#packedStride);
      this.#sketchErrors = sketchRows(items, this.#cells, pack);
    }
  }

  /**
   * Copies the items once.
   * @param code scan.wasm, or scan-relaxed.wasm where relaxed SIMD is
   * @throws where there is no SIMD, the memory or the code
   */
  static async create(
    items: QuantisedItems,
    code: PromiseLike<Response>,
    options: WasmScanOptions = {},
  ): Promise<WasmScan> {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { instance } = await WebAssembly.instantiateStreaming(code, { env: { memory } });
    return new WasmScan(memory, instance.exports as unknown as Kernels, items, options);
  }

  /** The K best allowed rows of each query, ties by lowest row; as many as there are where K are not allowed. */
  scan(queries: readonly QuantisedQuery[], k: number, filter: RowFilter): Scored[] {
    if (this.#cells !== null) return queries.map((query) => this.#scanCells(query, k, filter, this.#cells!));
    const found: Scored[] = [];
    for (let from = 0; from < queries.length; from += QUERIES) {
      const together = queries.slice(from, from + QUERIES);
      // Four at once cost less than two.
      found.push(
        ...(together.length === 1 ? [this.#scanOne(together[0]!, k, filter)] : this.#scanFour(together, k, filter)),
      );
    }
    return found;
  }

  /** The K best allowed rows of each group, by one pass. @param groupOf shape [N], 0 to `groups` - 1 */
  scanGroups(query: QuantisedQuery, k: number, filter: RowFilter, groupOf: Uint8Array, groups: number): Scored[] {
    const groupBytes = roundUp(this.#count);
    const lists = this.#lists(k, groups, groupBytes);
    if (lists === null) return Array.from({ length: groups }, () => nothing());
    this.#place([query], filter);
    new Uint8Array(this.#memory.buffer, this.#resultsAt, this.#count).set(groupOf);
    this.#kernels.scanGroups(...this.#rows, 0, this.#resultsAt, lists.at, lists.bytes);
    return this.#read(lists, groups);
  }

  /** The dot products of all rows, shape [N]. @param query shape [D], of `quantiseQueryInt16` */
  dotProducts(query: Int16Array): Int32Array {
    this.#grow(this.#resultsAt + this.#padded * Int32Array.BYTES_PER_ELEMENT);
    new Int16Array(this.#memory.buffer, 0, this.#stride).set(query);
    this.#kernels.score(this.#itemsAt, this.#count, this.#stride, 0, this.#resultsAt);
    return new Int32Array(this.#memory.buffer, this.#resultsAt, this.#count).slice();
  }

  #scanOne(query: QuantisedQuery, k: number, filter: RowFilter): Scored {
    const list = this.#lists(k, 1);
    if (list === null) return nothing();
    this.#place([query], filter);
    this.#kernels.scan(...this.#rows, 0, list.at);
    return this.#read(list, 1)[0]!;
  }

  #scanFour(queries: readonly QuantisedQuery[], k: number, filter: RowFilter): Scored[] {
    const lists = this.#lists(k, QUERIES);
    if (lists === null) return queries.map(nothing);
    // A list that nothing can enter, for each query that there is not: its worst is the greatest key.
    for (let n = queries.length; n < QUERIES; n++) {
      new Int32Array(this.#memory.buffer, lists.at + n * lists.bytes, HEADER_BYTES / 4)[5] = 2 ** 31 - 1;
    }
    this.#place(queries, filter);
    this.#kernels.scan4(...this.#rows, 0, lists.at, lists.bytes);
    return this.#read(lists, queries.length);
  }

  /** Cell after cell, of each the rows that the threshold leaves. */
  #scanCells(query: QuantisedQuery, k: number, filter: RowFilter, cells: Cells): Scored {
    const list = this.#lists(k, 1);
    if (list === null) return nothing();
    this.#place([query], filter);
    const sketchQuery = this.#kernels.slotOf(8, this.#stride);
    this.#kernels.prepare(4, this.#packedStride, this.#queryAt, sketchQuery);
    const header = new DataView(this.#memory.buffer, list.at, HEADER_BYTES);
    const count = (): number => header.getInt32(0, true);
    /** The k-th best score so far. */
    const least = (): number => header.getInt32(20, true);
    const order = cellOrder(cells, query.values);
    for (const cell of order.order) {
      const first = cells.starts[cell]!;
      const end = reachOf(cells, order, cell, least());
      if (end === first) continue;
      this.#kernels.scanCell(
        this.#packedStride,
        this.#sketchesAt,
        this.#stride,
        this.#itemsAt,
        this.#filterAt,
        first,
        end,
        order.dots[cell]! + slackOf(order, this.#sketchErrors[cell]!),
        cells.steps[cell]!,
        sketchQuery,
        0,
        list.at,
      );
      // A threshold is worth more than a selection costs.
      if (count() >= (least() === LOWEST ? 1 : TIGHTEN_FROM) * list.k) this.#kernels.tighten(list.at);
    }
    return this.#read(list, 1)[0]!;
  }

  /** A view of all rows. */
  #bytes<View>(of: new (buffer: ArrayBuffer, at: number, length: number) => View, at: Pointer, stride: number): View {
    return new of(this.#memory.buffer, at, this.#count * stride);
  }
  get #rows(): Rows {
    return [this.#bits, this.#stride, this.#itemsAt, this.#filterAt, 0, this.#count];
  }
  /** Rows with those of zeros that fill the last block. */
  get #padded(): number {
    return Math.ceil(this.#count / ROWS) * ROWS;
  }
  /** Components of a row with those of zeros; as many as a sketch has. */
  get #components(): number {
    return 2 * this.#packedStride;
  }
  /** Where a query stands in int8 before it is prepared, behind the prepared ones. */
  get #queryAt(): Pointer {
    return QUERIES * (2 * this.#components + VECTOR_BYTES);
  }
  get #filterAt(): Pointer {
    return this.#queryAt + this.#components;
  }
  get #itemsAt(): Pointer {
    return this.#filterAt + roundUp(this.#count / 8);
  }
  get #sketchesAt(): Pointer {
    return this.#itemsAt + this.#padded * this.#stride;
  }
  get #resultsAt(): Pointer {
    return this.#sketchesAt + (this.#cells === null ? 0 : this.#padded * this.#packedStride);
  }

  /** Empty lists behind `after` bytes of results; null where there is nothing to find. */
  #lists(k: number, count: number, after = 0): Lists | null {
    const size = Math.min(k, this.#count);
    if (size === 0) return null;
    const capacity = Math.max(MIN_KEYS, 2 * size);
    const lists = { at: this.#resultsAt + after, bytes: HEADER_BYTES + capacity * KEY_BYTES, k: size };
    this.#grow(lists.at + count * lists.bytes);
    for (let at = lists.at; at < lists.at + count * lists.bytes; at += lists.bytes) {
      new Int32Array(this.#memory.buffer, at, HEADER_BYTES / 4).set([0, size, capacity, 0, 0, LOWEST]);
    }
    return lists;
  }

  #read({ at, bytes }: Lists, count: number): Scored[] {
    return Array.from({ length: count }, (_, n) => {
      const list = at + n * bytes;
      this.#kernels.tighten(list);
      const [found, k] = new Int32Array(this.#memory.buffer, list, 2);
      const size = Math.min(found!, k!);
      return bestOfKeys(new BigInt64Array(this.#memory.buffer, list + HEADER_BYTES, size), size);
    });
  }

  #place(queries: readonly QuantisedQuery[], filter: RowFilter): void {
    const slot = this.#kernels.slotOf(this.#bits, this.#stride);
    queries.forEach(({ values }, at) => {
      new Int8Array(this.#memory.buffer, this.#queryAt, this.#components).set(values);
      this.#kernels.prepare(this.#bits, this.#stride, this.#queryAt, at * slot);
    });
    new Uint8Array(this.#memory.buffer, this.#filterAt, filter.length).set(filter);
  }

  #grow(bytes: number): void {
    const pages = Math.ceil((bytes - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (pages > 0) this.#memory.grow(pages);
  }
}

interface Lists {
  readonly at: Pointer;
  /** Of each. */
  readonly bytes: number;
  readonly k: number;
}

/** Writes rows of components from -8 to 7, two a byte: i and i + 16 of each 32, each plus 8. */
function packerOf(target: Uint8Array, stride: number): (row: number, components: Int8Array) => void {
  const padded = new Uint8Array(2 * stride).fill(8);
  return (row, components) => {
    for (let d = 0; d < components.length; d++) padded[d] = components[d]! + 8;
    for (let i = 0, at = row * stride; i < stride; i++, at++) {
      const lower = 2 * i - (i & 15);
      target[at] = padded[lower]! | (padded[lower + VECTOR_BYTES]! << 4);
    }
  };
}

const nothing = (): Scored => ({ rows: new Uint32Array(0), scores: new Float32Array(0) });
/** To whole vectors of 16 bytes. */
const roundUp = (bytes: number): number => Math.ceil(bytes / 16) * 16;
