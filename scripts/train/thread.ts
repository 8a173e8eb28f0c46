/** The body of one training thread: takes the next block of the kernel that was asked for, until none is left. */
import { parentPort, workerData } from "node:worker_threads";
import type { KernelExports, ThreadData, ThreadReply, ThreadRequest } from "./thread-pool.ts";

const port = parentPort!;
const { module, memory } = workerData as ThreadData;
const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort } });
const kernels = exports as KernelExports;
/** Word 0 of the memory: the number of the next block. */
const nextBlock = new Int32Array(memory.buffer, 0, 1);

function abort(): never {
  throw new Error("a kernel aborted");
}

port.on("message", ({ kernel, bounds, args, scratch }: ThreadRequest) => {
  const reply: ThreadReply = { error: null };
  try {
    for (;;) {
      const block = Atomics.add(nextBlock, 0, 1);
      if (block >= bounds.length - 1) break;
      kernels[kernel]!(scratch, bounds[block]!, bounds[block + 1]!, ...args);
    }
  } catch (error) {
    reply.error = String(error);
  }
  port.postMessage(reply);
});
