/**
 * Threads over one shared WebAssembly memory. A run is a kernel and the bounds of its blocks; each thread takes the
 * next block when it is free. Bounds never depend on the number of threads, and a block writes only what is its own,
 * so results are byte-identical for any number of threads.
 */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { EngineError } from "../../src/model/errors.ts";

/** What a thread (thread.mjs) starts with, is asked and answers. */
interface ThreadData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}
interface ThreadRequest {
  readonly kernel: string;
  /** Block b is [bounds[b], bounds[b + 1]). */
  readonly bounds: Uint32Array;
  readonly args: readonly number[];
  /** The thread's own scratch memory, a pointer. */
  readonly scratch: number;
}
interface ThreadReply {
  readonly error: string | null;
}

/** Part of the shared memory: where the kernels find it, and a view of it. */
export interface Shared<T> {
  readonly pointer: number;
  readonly array: T;
}

export type Progress = (done: number, total: number, label: string) => void;

export interface ThreadPoolOptions {
  /** Default: what the machine offers, os.availableParallelism(). */
  readonly threads?: number;
  readonly onProgress?: Progress;
  /** Ends the current run after its current blocks, and every later run at once, with CANCELLED. */
  readonly signal?: AbortSignal;
}

const PAGE_BYTES = 65_536;
/** The 4 GiB that 32-bit pointers reach. */
const MAX_PAGES = 65_536;
/** The first words of the memory belong to the pool: word 0 is the number of the next block. */
const RESERVED_BYTES = 4096;
/** Beyond every number of blocks, with room for each thread to add one. */
const NO_MORE_BLOCKS = 2 ** 30;

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export class ThreadPool {
  readonly threads: number;
  readonly #memory: WebAssembly.Memory;
  readonly #workers: readonly Worker[];
  readonly #nextBlock: Int32Array;
  readonly #options: ThreadPoolOptions;
  #top = RESERVED_BYTES;
  #running = false;
  #closed = false;

  /** @throws DATA_MISSING where the kernels have not been compiled */
  static async open(options: ThreadPoolOptions = {}): Promise<ThreadPool> {
    const path = fileURLToPath(new URL("./kernels.wasm", import.meta.url));
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new EngineError("DATA_MISSING", { path, remedy: "Compile it: node scripts/kernels.mjs." }, cause);
    });
    return new ThreadPool(await WebAssembly.compile(bytes), options);
  }

  private constructor(module: WebAssembly.Module, options: ThreadPoolOptions) {
    this.#options = options;
    this.threads = options.threads ?? availableParallelism();
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
    this.#nextBlock = new Int32Array(this.#memory.buffer, 0, 1);
    const workerData: ThreadData = { module, memory: this.#memory };
    this.#workers = Array.from({ length: this.threads }, () => {
      return new Worker(new URL("./thread.mjs", import.meta.url), { workerData });
    });
  }

  /** What is allocated inside is free again afterwards: copy out what must last. */
  async scope<T>(work: () => Promise<T>): Promise<T> {
    const top = this.#top;
    try {
      return await work();
    } finally {
      this.#top = top;
    }
  }

  /** A length gives zeros, values are copied. @throws DATA_INVALID beyond 4 GiB in all or what the machine has */
  float32(source: number | ArrayLike<number>): Shared<Float32Array> {
    return this.#share(source, (pointer, length) => new Float32Array(this.#memory.buffer, pointer, length));
  }

  /** As {@link float32}. */
  uint32(source: number | ArrayLike<number>): Shared<Uint32Array> {
    return this.#share(source, (pointer, length) => new Uint32Array(this.#memory.buffer, pointer, length));
  }

  #share<T extends Float32Array | Uint32Array>(
    source: number | ArrayLike<number>,
    view: (pointer: number, length: number) => T,
  ): Shared<T> {
    const length = typeof source === "number" ? source : source.length;
    const pointer = this.#allocate(length * 4);
    const array = view(pointer, length);
    if (typeof source === "number") array.fill(0);
    else array.set(source);
    return { pointer, array };
  }

  #allocate(bytes: number): number {
    const pointer = this.#top;
    const top = pointer + align(bytes);
    const pages = Math.ceil((top - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (pages > 0) {
      try {
        this.#memory.grow(pages);
      } catch (cause) {
        const gibibytes = (top / 2 ** 30).toFixed(1);
        const reason = `training needs ${gibibytes} GiB, more than the 4 GiB of its memory or than this machine has`;
        throw new EngineError("DATA_INVALID", { path: "the interactions", reason }, cause);
      }
    }
    this.#top = top;
    return pointer;
  }

  /**
   * Runs `kernel(scratch, begin, end, ...args)` on every block. One run at a time, and so one training.
   * @param bounds block b is [bounds[b], bounds[b + 1])
   * @param scratchBytes memory that each thread has to itself during the run
   * @throws CANCELLED, INTERNAL when a kernel traps, DATA_INVALID as {@link float32}
   */
  async run(kernel: string, bounds: Uint32Array, args: readonly number[], scratchBytes = 0): Promise<void> {
    const { signal } = this.#options;
    this.#throwIfOver();
    if (this.#running) throw new EngineError("INTERNAL", { reason: "the thread pool has a run already" });
    this.#running = true;
    const stop = (): void => void Atomics.store(this.#nextBlock, 0, NO_MORE_BLOCKS);
    Atomics.store(this.#nextBlock, 0, 0);
    signal?.addEventListener("abort", stop);
    try {
      await this.scope(async () => {
        const busy = this.#workers.slice(0, bounds.length - 1);
        const requests = busy.map((): ThreadRequest => {
          return { kernel, bounds, args, scratch: this.#allocate(scratchBytes) };
        });
        const replies = await Promise.allSettled(busy.map((worker, index) => ask(worker, requests[index]!)));
        const failed = replies.find((reply) => reply.status === "rejected");
        if (failed) throw EngineError.from(failed.reason);
      });
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#running = false;
    }
    this.#throwIfOver();
  }

  /** Tells whoever waits what is done. @throws CANCELLED */
  progress(done: number, total: number, label: string): void {
    this.#throwIfOver();
    this.#options.onProgress?.(done, total, label);
  }

  /** Ends the threads. A run in progress rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #throwIfOver(): void {
    if (this.#closed) throw new EngineError("INTERNAL", { reason: "the thread pool is closed" });
    if (this.#options.signal?.aborted) throw new EngineError("CANCELLED");
  }
}

/** One request and its reply; a thread that dies answers too. */
function ask(worker: Worker, request: ThreadRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown): void => {
      worker.off("message", onMessage).off("error", settle).off("exit", onExit);
      if (error === null) resolve();
      else reject(error);
    };
    const onMessage = ({ error }: ThreadReply): void => settle(error === null ? null : new Error(error));
    const onExit = (code: number): void => settle(new Error(`a training thread ended with code ${code}`));
    worker.on("message", onMessage).on("error", settle).on("exit", onExit);
    worker.postMessage(request);
  });
}
