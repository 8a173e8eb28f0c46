/**
 * The int8 scan on the GPU (scan.wgsl), on tfjs's own device: sample, select a threshold, collect the
 * rows over it, map once, sort a few hundred keys here.
 *
 * N items, D embedding size, K results. It is exact whenever K <= count <= capacity, where count is
 * the number of rows at or over the threshold; otherwise it runs again, with a lower threshold or
 * with room for all that was counted.
 */
import { EngineError } from "../../model/errors.ts";
import { topK } from "../../model/retrieval/exact-scan.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import { bestOfKeys, copyRows, strideOf } from "./keys.ts";
import code from "./scan.wgsl?raw";

/** The constants of scan.wgsl. */
const MAX_DIMENSIONS = 1024;
const SAMPLE_STRIDE = 64;
const ROWS_PER_GROUP = 64 * 64;

/** Up to here every row is collected: sampling would save nothing. */
const COLLECT_ALL_ROWS = 16_384;
/** The threshold aims at rank 1.75 K: 700 for K = 400. */
const RANK_PER_RESULT = 1.75;
/** Fewer samples over the threshold make the count vary by more than a third (1 / sqrt(8)). */
const MIN_SAMPLE_RANK = 8;

const HEADER_BYTES = 8;
const KEY_BYTES = 8;
const QUERY_BYTES = MAX_DIMENSIONS + 16;
const LOWEST = -(2 ** 31);

const PASSES = ["sample", "select", "collect"] as const;
type Pipelines = Record<(typeof PASSES)[number], GPUComputePipeline>;

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

/** Where the threshold comes from: a rank among the samples, or itself. */
type Start = { readonly sampleRank: number } | { readonly threshold: number };

interface Found {
  readonly threshold: number;
  /** May be larger than the number of keys: the capacity. */
  readonly count: number;
  readonly keys: BigInt64Array;
}

export class WgslScan {
  readonly #gpu: GPUDevice;
  readonly #count: number;
  readonly #layout: GPUBindGroupLayout;
  readonly #pipelines: Pipelines;
  readonly #chunks: readonly Chunk[];
  readonly #query: GPUBuffer;
  readonly #samples: GPUBuffer;
  #results: Results | null = null;

  private constructor(
    gpu: GPUDevice,
    items: QuantisedItems,
    layout: GPUBindGroupLayout,
    pipelines: Pipelines,
    bindingBytes: number,
  ) {
    this.#gpu = gpu;
    this.#count = items.count;
    this.#layout = layout;
    this.#pipelines = pipelines;
    this.#chunks = uploadChunks(gpu, items, bindingBytes);
    this.#query = gpu.createBuffer({ size: QUERY_BYTES, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    const samples = Math.max(1, Math.ceil(items.count / SAMPLE_STRIDE));
    this.#samples = gpu.createBuffer({ size: samples * 4, usage: GPUBufferUsage.STORAGE });
  }

  /**
   * Uploads the items once.
   * @param bindingBytes the largest part of the table in one binding
   * @throws where the device lacks dot4I8Packed or the memory, or D > 1024
   */
  static async create(
    gpu: GPUDevice,
    items: QuantisedItems,
    bindingBytes = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize),
  ): Promise<WgslScan> {
    if (items.dimensions > MAX_DIMENSIONS) throw new Error(`more than ${MAX_DIMENSIONS} dimensions`);
    gpu.pushErrorScope("validation");
    gpu.pushErrorScope("out-of-memory");
    const buffer = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => {
      return { binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } };
    };
    const layout = gpu.createBindGroupLayout({
      entries: [
        buffer(0, "uniform"),
        buffer(1, "uniform"),
        buffer(2, "read-only-storage"),
        buffer(3, "storage"),
        buffer(4, "storage"),
      ],
    });
    const module = gpu.createShaderModule({ code });
    const constants = { WORDS: strideOf(items.dimensions) / 16 };
    const pipelineLayout = gpu.createPipelineLayout({ bindGroupLayouts: [layout] });
    const pipelines = Promise.all(
      PASSES.map(async (entryPoint) => [
        entryPoint,
        await gpu.createComputePipelineAsync({
          layout: pipelineLayout,
          compute: { module, entryPoint, constants: entryPoint === "select" ? {} : constants },
        }),
      ]),
    );
    const [outOfMemory, invalid] = [gpu.popErrorScope(), gpu.popErrorScope()];
    throw new Error(String([outOfMemory, invalid, pipelines, bindingBytes]));
  }
}
