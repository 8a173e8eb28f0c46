/**
 * The int8 scan on the GPU (scan.wgsl), on tfjs's own device: sample, pick a threshold, collect the allowed
 * rows over it, map once, sort a few hundred keys here.
 *
 * N items, D embedding size, K results. Collecting is exact whenever K <= count <= capacity, where
 * count is the number of allowed rows at or over the threshold. Otherwise it runs again, with a lower
 * threshold or with room for all rows.
 */
import { EngineError } from "../../model/errors.ts";
import { topK } from "../../model/retrieval/exact-scan.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import type { RowFilter } from "../../model/retrieval/row-filter.ts";
import { bestOfKeys, copyRows, strideOf, VECTOR_BYTES } from "./keys.ts";
import code from "./scan.wgsl?raw";

/** The constants of scan.wgsl. */
const MAX_DIMENSIONS = 1024;
const SAMPLE_STRIDE = 64;
const ROWS_PER_GROUP = 64 * 64;

/** Up to here every row is collected: sampling would save nothing. */
const COLLECT_ALL_ROWS = 16_384;
/** The threshold aims at rank 1.75 K: 700 for K = 400. */
const RANK_PER_RESULT = 1.75;
/** The count varies by 1 / sqrt(this): by a third. */
const MIN_SAMPLE_RANK = 8;
/** Keys in one read-back, 32 KiB; 4 K where that is more. */
const MIN_CAPACITY = 4096;
/** WebGPU's default limit of 65,535 groups in one dispatch, kept a power of two. */
const MAX_CHUNK_ROWS = 32_768 * ROWS_PER_GROUP;
/** The table is uploaded in parts of this size: each is staged in memory. */
const UPLOAD_BYTES = 16 * 2 ** 20;

const HEADER_BYTES = 8;
const KEY_BYTES = 8;
const QUERY_BYTES = MAX_DIMENSIONS + 16;
const CHUNK_BYTES = 16;
/** Under every score. */
const LOWEST = -(2 ** 31);

const PASSES = ["sample", "pick", "collect"] as const;
type Pass = (typeof PASSES)[number];

interface Chunk {
  readonly rows: number;
  readonly items: GPUBuffer;
  readonly uniform: GPUBuffer;
}

/** The buffer of results, and each chunk's bind group with it. */
interface Results {
  readonly capacity: number;
  readonly buffer: GPUBuffer;
  readonly groups: ReadonlyMap<Chunk, GPUBindGroup>;
}

interface Asked {
  readonly query: QuantisedQuery;
  readonly filter: RowFilter;
}

/** Where the threshold comes from: the score of a rank, from 1, among the samples; or it is given. */
type Start = { readonly sampleRank: number } | { readonly threshold: number };

interface Found {
  readonly threshold: number;
  /** Rows at or over the threshold; only as many keys as the capacity are there. */
  readonly count: number;
  readonly keys: BigInt64Array;
}

export class WgslScan {
  readonly #gpu: GPUDevice;
  readonly #count: number;
  readonly #layout: GPUBindGroupLayout;
  readonly #pipelines: ReadonlyMap<Pass, GPUComputePipeline>;
  readonly #chunks: readonly Chunk[];
  readonly #query: GPUBuffer;
  readonly #samples: GPUBuffer;
  readonly #allowed: GPUBuffer;
  #results: Results | null = null;

  private constructor(gpu: GPUDevice, items: QuantisedItems, bindingBytes: number) {
    this.#gpu = gpu;
    this.#count = items.count;
    this.#layout = createLayout(gpu);
    this.#pipelines = createPipelines(gpu, this.#layout, items.dimensions);
    this.#query = gpu.createBuffer({ size: QUERY_BYTES, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    const samples = Math.max(1, Math.ceil(items.count / SAMPLE_STRIDE));
    this.#samples = gpu.createBuffer({ size: samples * Int32Array.BYTES_PER_ELEMENT, usage: GPUBufferUsage.STORAGE });
    this.#allowed = gpu.createBuffer({
      size: Math.max(1, Math.ceil(items.count / 32)) * Uint32Array.BYTES_PER_ELEMENT,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
    this.#chunks = uploadChunks(gpu, items, bindingBytes);
  }

  /**
   * Uploads the items once.
   * @param bindingBytes the largest part of the table that one binding may hold
   * @throws where D > 1024, or the device lacks the memory or WGSL's packed integer dot product
   */
  static async create(
    gpu: GPUDevice,
    items: QuantisedItems,
    bindingBytes = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize),
  ): Promise<WgslScan> {
    if (items.dimensions > MAX_DIMENSIONS) throw new Error(`more than ${MAX_DIMENSIONS} dimensions`);
    gpu.pushErrorScope("validation");
    gpu.pushErrorScope("out-of-memory");
    const scan = new WgslScan(gpu, items, bindingBytes);
    const errors = await Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
    const error = errors.find((candidate) => candidate !== null);
    if (error) {
      scan.dispose();
      throw new Error(error.message);
    }
    return scan;
  }

  /**
   * The K best allowed rows of each query, ties by lowest row; as many as there are where K are not allowed.
   * @throws DEVICE_LOST
   */
  scan(queries: readonly QuantisedQuery[], k: number, filter: RowFilter): Promise<Scored[]> {
    return Promise.all(queries.map((query) => this.#scanOne({ query, filter }, k)));
  }

  async #scanOne(asked: Asked, k: number): Promise<Scored> {
    const size = Math.min(k, this.#count);
    if (size === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) };
    if (this.#count <= COLLECT_ALL_ROWS) return this.#scanAbove(LOWEST, asked, size);
    const capacity = Math.max(MIN_CAPACITY, 4 * size);
    const samples = this.#samples.size / Int32Array.BYTES_PER_ELEMENT;
    let sampleRank = Math.max(MIN_SAMPLE_RANK, Math.ceil((RANK_PER_RESULT * size) / SAMPLE_STRIDE));
    for (; sampleRank <= samples; sampleRank *= 2) {
      const { threshold, count, keys } = await this.#run(this.#chunks, asked, { sampleRank }, capacity);
      if (count > capacity) return this.#scanAbove(threshold, asked, size);
      // At the lowest threshold every allowed row is there.
      if (count >= size || threshold === LOWEST) return bestOfKeys(keys, Math.min(count, size));
    }
    return this.#scanAbove(LOWEST, asked, size);
  }

  /** The scan is of no use afterwards. */
  dispose(): void {
    for (const { items, uniform } of this.#chunks) {
      items.destroy();
      uniform.destroy();
    }
    this.#query.destroy();
    this.#samples.destroy();
    this.#allowed.destroy();
    this.#results?.buffer.destroy();
  }

  /**
   * Chunk by chunk, with room for every row: few rows, or thousands that tie. At least k allowed rows reach the threshold,
   * or it is the lowest.
   */
  async #scanAbove(threshold: number, asked: Asked, k: number): Promise<Scored> {
    const scores = new Float32Array(this.#count).fill(-Infinity);
    for (const chunk of this.#chunks) {
      const { count, keys } = await this.#run([chunk], asked, { threshold }, chunk.rows);
      const halves = new Int32Array(keys.buffer);
      for (let i = 0; i < count; i++) scores[~halves[2 * i]! >>> 0] = halves[2 * i + 1]!;
    }
    return topK(scores, k);
  }

  /** One submission, one map. Scans may overlap: the queue orders them, and each has its own read-back. */
  async #run(chunks: readonly Chunk[], { query, filter }: Asked, start: Start, capacity: number): Promise<Found> {
    const { queue } = this.#gpu;
    const { buffer, groups } = this.#resultsFor(capacity);
    const sampled = "sampleRank" in start;
    const queryBytes = new Int8Array(QUERY_BYTES);
    queryBytes.set(query.values);
    if (sampled) new Uint32Array(queryBytes.buffer)[MAX_DIMENSIONS / 4] = start.sampleRank;
    queue.writeBuffer(this.#query, 0, queryBytes);
    const words = new Uint8Array(this.#allowed.size);
    words.set(filter);
    queue.writeBuffer(this.#allowed, 0, words);
    queue.writeBuffer(buffer, 0, Int32Array.of(sampled ? LOWEST : start.threshold, 0));
    const encoder = this.#gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const dispatch = (name: Pass, chunk: Chunk, groupCount: number): void => {
      pass.setPipeline(this.#pipelines.get(name)!);
      pass.setBindGroup(0, groups.get(chunk)!);
      pass.dispatchWorkgroups(groupCount);
    };
    if (sampled) {
      for (const chunk of chunks) dispatch("sample", chunk, Math.ceil(chunk.rows / ROWS_PER_GROUP));
      dispatch("pick", chunks[0]!, 1);
    }
    for (const chunk of chunks) dispatch("collect", chunk, Math.ceil(chunk.rows / ROWS_PER_GROUP));
    pass.end();
    const size = HEADER_BYTES + capacity * KEY_BYTES;
    const readBack = this.#gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    encoder.copyBufferToBuffer(buffer, 0, readBack, 0, size);
    queue.submit([encoder.finish()]);
    try {
      await readBack.mapAsync(GPUMapMode.READ);
      const mapped = readBack.getMappedRange();
      const threshold = new Int32Array(mapped)[0]!;
      const count = new Uint32Array(mapped)[1]!;
      return {
        threshold,
        count,
        keys: new BigInt64Array(mapped.slice(HEADER_BYTES, HEADER_BYTES + Math.min(count, capacity) * KEY_BYTES)),
      };
    } catch (cause) {
      throw new EngineError("DEVICE_LOST", { reason: cause instanceof Error ? cause.message : String(cause) }, cause);
    } finally {
      readBack.destroy();
    }
  }

  #resultsFor(capacity: number): Results {
    if (this.#results && this.#results.capacity >= capacity) return this.#results;
    // Work already submitted keeps a destroyed buffer until it is done.
    this.#results?.buffer.destroy();
    const buffer = this.#gpu.createBuffer({
      size: HEADER_BYTES + capacity * KEY_BYTES,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    const groups = new Map(
      this.#chunks.map((chunk) => {
        const bound = [this.#query, chunk.uniform, chunk.items, this.#samples, buffer, this.#allowed];
        const entries = bound.map((resource, binding) => ({ binding, resource: { buffer: resource } }));
        return [chunk, this.#gpu.createBindGroup({ layout: this.#layout, entries })];
      }),
    );
    this.#results = { capacity, buffer, groups };
    return this.#results;
  }
}

function createLayout(gpu: GPUDevice): GPUBindGroupLayout {
  const types = ["uniform", "uniform", "read-only-storage", "storage", "storage", "read-only-storage"] as const;
  return gpu.createBindGroupLayout({
    entries: types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
  });
}

function createPipelines(
  gpu: GPUDevice,
  bindGroupLayout: GPUBindGroupLayout,
  dimensions: number,
): Map<Pass, GPUComputePipeline> {
  const module = gpu.createShaderModule({ code });
  const layout = gpu.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] });
  const constants = { WORDS: strideOf(dimensions) / VECTOR_BYTES };
  return new Map(
    PASSES.map((entryPoint) => [
      entryPoint,
      gpu.createComputePipeline({ layout, compute: { module, entryPoint, constants } }),
    ]),
  );
}

function uploadChunks(gpu: GPUDevice, items: QuantisedItems, bindingBytes: number): Chunk[] {
  const stride = strideOf(items.dimensions);
  const wholeSamples = Math.floor(bindingBytes / stride / SAMPLE_STRIDE) * SAMPLE_STRIDE;
  const chunkRows = Math.min(wholeSamples, MAX_CHUNK_ROWS);
  const partRows = Math.max(1, Math.floor(UPLOAD_BYTES / stride));
  const part = new Int8Array(Math.min(partRows, items.count) * stride);
  const chunks: Chunk[] = [];
  for (let first = 0; first < items.count; first += chunkRows) {
    const end = Math.min(first + chunkRows, items.count);
    const rows = end - first;
    const usage = GPUBufferUsage.COPY_DST;
    const buffer = gpu.createBuffer({ size: rows * stride, usage: usage | GPUBufferUsage.STORAGE });
    for (let from = first; from < end; from += partRows) {
      const to = Math.min(from + partRows, end);
      copyRows(items, from, to, part);
      gpu.queue.writeBuffer(buffer, (from - first) * stride, part, 0, (to - from) * stride);
    }
    const uniform = gpu.createBuffer({ size: CHUNK_BYTES, usage: usage | GPUBufferUsage.UNIFORM });
    gpu.queue.writeBuffer(uniform, 0, Uint32Array.of(rows, first, first / SAMPLE_STRIDE));
    chunks.push({ rows, items: buffer, uniform });
  }
  return chunks;
}
