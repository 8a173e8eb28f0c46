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

/** Queries that a pass answers at once. */
const QUERIES = 4;

/** Thresholds and counts. */
const HEADER_BYTES = QUERIES * 8;
const KEY_BYTES = 8;
const ASKED_BYTES = QUERIES * MAX_DIMENSIONS + 16;
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
  /** Of all queries together. */
  readonly keys: number;
  readonly buffer: GPUBuffer;
  readonly groups: ReadonlyMap<Chunk, GPUBindGroup>;
}

interface Asked {
  /** One or {@link QUERIES}. */
  readonly queries: readonly QuantisedQuery[];
  readonly filter: RowFilter;
}

/** Where the threshold comes from: the score of a rank, from 1, among the samples; or it is given. */
type Start = { readonly sampleRank: number } | { readonly threshold: number };

/** Of one query. */
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
  /** By the number of queries. */
  readonly #pipelines: ReadonlyMap<number, ReadonlyMap<Pass, GPUComputePipeline>>;
  readonly #chunks: readonly Chunk[];
  readonly #asked: GPUBuffer;
  readonly #samples: GPUBuffer;
  readonly #allowed: GPUBuffer;
  #results: Results | null = null;

  private constructor(gpu: GPUDevice, items: QuantisedItems, bindingBytes: number) {
    this.#gpu = gpu;
    this.#count = items.count;
    this.#layout = createLayout(gpu);
    const pipelines = (queries: number): Map<Pass, GPUComputePipeline> =>
      createPipelines(gpu, this.#layout, items.dimensions, queries);
    this.#pipelines = new Map([1, QUERIES].map((queries) => [queries, pipelines(queries)]));
    this.#asked = gpu.createBuffer({ size: ASKED_BYTES, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    const samples = Math.max(1, Math.ceil(items.count / SAMPLE_STRIDE));
    this.#samples = gpu.createBuffer({
      size: QUERIES * samples * Int32Array.BYTES_PER_ELEMENT,
      usage: GPUBufferUsage.STORAGE,
    });
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
  async scan(queries: readonly QuantisedQuery[], k: number, filter: RowFilter): Promise<Scored[]> {
    const size = Math.min(k, this.#count);
    if (size === 0) return queries.map(() => ({ rows: new Uint32Array(0), scores: new Float32Array(0) }));
    if (this.#count <= COLLECT_ALL_ROWS) {
      return Promise.all(queries.map((query) => this.#scanAbove(LOWEST, { queries: [query], filter }, size)));
    }
    const groups = Array.from({ length: Math.ceil(queries.length / QUERIES) }, (_, group) =>
      queries.slice(group * QUERIES, (group + 1) * QUERIES),
    );
    const found = await Promise.all(groups.map((group) => this.#scanTogether(group, size, filter)));
    return found.flat();
  }

  /** @param queries at most {@link QUERIES} */
  async #scanTogether(queries: readonly QuantisedQuery[], k: number, filter: RowFilter): Promise<Scored[]> {
    const capacity = Math.max(MIN_CAPACITY, 4 * k);
    const samples = this.#samples.size / QUERIES / Int32Array.BYTES_PER_ELEMENT;
    const sampleRank = Math.max(MIN_SAMPLE_RANK, Math.ceil((RANK_PER_RESULT * k) / SAMPLE_STRIDE));
    const filled =
      queries.length === 1 ? queries : Array.from({ length: QUERIES }, (_, at) => queries[at] ?? queries[0]!);
    const first = await this.#run(this.#chunks, { queries: filled, filter }, { sampleRank }, capacity);
    return Promise.all(
      queries.map(async (query, at) => {
        const asked = { queries: [query], filter };
        let { threshold, count, keys } = first[at]!;
        for (let rank = 2 * sampleRank; ; rank *= 2) {
          if (count > capacity) return this.#scanAbove(threshold, asked, k);
          // At the lowest threshold every allowed row is there.
          if (count >= k || threshold === LOWEST) return bestOfKeys(keys, Math.min(count, k));
          if (rank > samples) return this.#scanAbove(LOWEST, asked, k);
          [{ threshold, count, keys }] = await this.#run(this.#chunks, asked, { sampleRank: rank }, capacity);
        }
      }),
    );
  }

  /** The scan is of no use afterwards. */
  dispose(): void {
    for (const { items, uniform } of this.#chunks) {
      items.destroy();
      uniform.destroy();
    }
    this.#asked.destroy();
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
      const [{ count, keys }] = await this.#run([chunk], asked, { threshold }, chunk.rows);
      const halves = new Int32Array(keys.buffer);
      for (let i = 0; i < count; i++) scores[~halves[2 * i]! >>> 0] = halves[2 * i + 1]!;
    }
    return topK(scores, k);
  }

  /**
   * One submission, one map. Scans may overlap: the queue orders them, and each has its own read-back.
   * @param capacity keys that are kept for each query
   * @returns one for each query
   */
  async #run(
    chunks: readonly Chunk[],
    { queries, filter }: Asked,
    start: Start,
    capacity: number,
  ): Promise<[Found, ...Found[]]> {
    const { queue } = this.#gpu;
    const { buffer, groups, keys } = this.#resultsFor(queries.length * capacity);
    const sampled = "sampleRank" in start;
    const asked = new Int8Array(ASKED_BYTES);
    queries.forEach(({ values }, q) => asked.set(values, q * MAX_DIMENSIONS));
    if (sampled) new Uint32Array(asked.buffer)[(QUERIES * MAX_DIMENSIONS) / 4] = start.sampleRank;
    queue.writeBuffer(this.#asked, 0, asked);
    const words = new Uint8Array(this.#allowed.size);
    words.set(filter);
    queue.writeBuffer(this.#allowed, 0, words);
    const header = new Int32Array(HEADER_BYTES / 4);
    header.fill(sampled ? LOWEST : start.threshold, 0, QUERIES);
    queue.writeBuffer(buffer, 0, header);
    const encoder = this.#gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const pipelines = this.#pipelines.get(queries.length)!;
    const dispatch = (name: Pass, chunk: Chunk, groupCount: number): void => {
      pass.setPipeline(pipelines.get(name)!);
      pass.setBindGroup(0, groups.get(chunk)!);
      pass.dispatchWorkgroups(groupCount);
    };
    if (sampled) {
      for (const chunk of chunks) dispatch("sample", chunk, Math.ceil(chunk.rows / ROWS_PER_GROUP));
      dispatch("pick", chunks[0]!, queries.length);
    }
    for (const chunk of chunks) dispatch("collect", chunk, Math.ceil(chunk.rows / ROWS_PER_GROUP));
    pass.end();
    // The shader shares all places of the buffer out among the queries.
    const places = Math.floor(keys / queries.length);
    const kept = capacity * KEY_BYTES;
    const size = HEADER_BYTES + queries.length * kept;
    const readBack = this.#gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    encoder.copyBufferToBuffer(buffer, 0, readBack, 0, HEADER_BYTES);
    for (let q = 0; q < queries.length; q++) {
      encoder.copyBufferToBuffer(
        buffer,
        HEADER_BYTES + q * places * KEY_BYTES,
        readBack,
        HEADER_BYTES + q * kept,
        kept,
      );
    }
    queue.submit([encoder.finish()]);
    try {
      await readBack.mapAsync(GPUMapMode.READ);
      const mapped = readBack.getMappedRange();
      const thresholds = new Int32Array(mapped, 0, QUERIES);
      const counts = new Uint32Array(mapped, HEADER_BYTES / 2, QUERIES);
      return queries.map((_, q) => {
        const from = HEADER_BYTES + q * kept;
        const keys = new BigInt64Array(mapped.slice(from, from + Math.min(counts[q]!, capacity) * KEY_BYTES));
        return { threshold: thresholds[q]!, count: counts[q]!, keys };
      }) as [Found, ...Found[]];
    } catch (cause) {
      throw new EngineError("DEVICE_LOST", { reason: cause instanceof Error ? cause.message : String(cause) }, cause);
    } finally {
      readBack.destroy();
    }
  }

  #resultsFor(keys: number): Results {
    if (this.#results && this.#results.keys >= keys) return this.#results;
    // Work already submitted keeps a destroyed buffer until it is done.
    this.#results?.buffer.destroy();
    const buffer = this.#gpu.createBuffer({
      size: HEADER_BYTES + keys * KEY_BYTES,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    const groups = new Map(
      this.#chunks.map((chunk) => {
        const bound = [this.#asked, chunk.uniform, chunk.items, this.#samples, buffer, this.#allowed];
        const entries = bound.map((resource, binding) => ({ binding, resource: { buffer: resource } }));
        return [chunk, this.#gpu.createBindGroup({ layout: this.#layout, entries })];
      }),
    );
    this.#results = { keys, buffer, groups };
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
  queries: number,
): Map<Pass, GPUComputePipeline> {
  const module = gpu.createShaderModule({ code });
  const layout = gpu.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] });
  const constants = { WORDS: strideOf(dimensions) / VECTOR_BYTES, QUERIES: queries };
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
