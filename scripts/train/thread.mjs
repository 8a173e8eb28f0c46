/**
 * The body of one training thread: takes the next block of the kernel that was asked for, until none is left.
 * Plain JavaScript, because a thread does not inherit tsx, and to load it again costs each thread 0.3 CPU seconds.
 * What comes and goes is typed in thread-pool.ts: ThreadData, ThreadRequest, ThreadReply.
 */
import { parentPort, workerData } from "node:worker_threads";

const { module, memory } = workerData;
const abort = () => {
  throw new Error("a kernel aborted");
};
const { exports: kernels } = await WebAssembly.instantiate(module, { env: { memory, abort } });
/** Word 0 of the memory: the number of the next block. */
const nextBlock = new Int32Array(memory.buffer, 0, 1);

parentPort.on("message", ({ kernel, bounds, args, scratch }) => {
  let error = null;
  try {
    for (;;) {
      const block = Atomics.add(nextBlock, 0, 1);
      if (block >= bounds.length - 1) break;
      kernels[kernel](scratch, bounds[block], bounds[block + 1], ...args);
    }
  } catch (cause) {
    error = String(cause);
  }
  parentPort.postMessage({ error });
});
