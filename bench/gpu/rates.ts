/** How fast a graphics device is: at copying, and in the passes of whoever uses it. */

/** Copied from one buffer to another: far more than any cache holds, where the device allows it. */
const COPY_BYTES = 256 * 2 ** 20;
/** A submission takes about this long, so that its own cost does not count. Milliseconds. */
const COPY_MS = 100;
const COPY_ROUNDS = 10;

/** Bytes that are read a second, and as many written: the best of many submissions of `copyBufferToBuffer`. */
export async function bestCopyRate(gpu: GPUDevice): Promise<number> {
  const size = Math.min(COPY_BYTES, gpu.limits.maxBufferSize);
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [from, to] = [gpu.createBuffer({ size, usage }), gpu.createBuffer({ size, usage })];
  const copy = async (times: number): Promise<number> => {
    const encoder = gpu.createCommandEncoder();
    for (let time = 0; time < times; time++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    const start = performance.now();
    gpu.queue.submit([encoder.finish()]);
    await gpu.queue.onSubmittedWorkDone();
    return (performance.now() - start) / times;
  };
  await copy(1);
  const times = Math.max(1, Math.round(COPY_MS / (await copy(1))));
  let bestMs = Infinity;
  for (let round = 0; round < COPY_ROUNDS; round++) bestMs = Math.min(bestMs, await copy(times));
  from.destroy();
  to.destroy();
  return size / (bestMs / 1000);
}

/** Passes between two readings. */
const MAX_PASSES = 32;
const TIMESTAMP_BYTES = 8;

/** Times every compute pass that is encoded on the device, for those who encode them need not know. */
export class PassClock {
  readonly #gpu: GPUDevice;
  readonly #create: GPUDevice["createCommandEncoder"];
  /** Null where the device has no timestamps. */
  readonly #times: { readonly set: GPUQuerySet; readonly resolved: GPUBuffer; readonly readBack: GPUBuffer } | null;
  #passes = 0;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    this.#create = gpu.createCommandEncoder.bind(gpu);
    this.#times = gpu.features.has("timestamp-query") ? createTimes(gpu) : null;
    if (this.#times) gpu.createCommandEncoder = (descriptor) => this.#timed(this.#create(descriptor), this.#times!.set);
  }

  /** Milliseconds of the passes since the last reading, together; null where they are not timed. */
  async readMs(): Promise<number | null> {
    if (!this.#times) return null;
    const { set, resolved, readBack } = this.#times;
    const stamps = 2 * this.#passes;
    this.#passes = 0;
    const encoder = this.#create();
    encoder.resolveQuerySet(set, 0, stamps, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readBack, 0, stamps * TIMESTAMP_BYTES);
    this.#gpu.queue.submit([encoder.finish()]);
    await readBack.mapAsync(GPUMapMode.READ);
    const ns = new BigInt64Array(readBack.getMappedRange(0, stamps * TIMESTAMP_BYTES).slice(0));
    readBack.unmap();
    return ns.reduce((sum, stamp, at) => sum + Number(at % 2 === 0 ? -stamp : stamp), 0) / 1e6;
  }

  #timed(encoder: GPUCommandEncoder, querySet: GPUQuerySet): GPUCommandEncoder {
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (descriptor) => {
      const first = 2 * this.#passes++;
      const timestampWrites = { querySet, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
      return begin({ ...descriptor, timestampWrites });
    };
    return encoder;
  }
}

function createTimes(gpu: GPUDevice) {
  const size = 2 * MAX_PASSES * TIMESTAMP_BYTES;
  return {
    set: gpu.createQuerySet({ type: "timestamp", count: 2 * MAX_PASSES }),
    resolved: gpu.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC }),
    readBack: gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
  };
}
