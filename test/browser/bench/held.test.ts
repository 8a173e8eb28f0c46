/** What an engine holds outside the JavaScript heap is seen, whoever makes it. */
import { beforeAll, expect, test } from "vitest";
import { heldOutsideTheHeap, watchMemory } from "../../../bench/retrieval/held.ts";
import { sharedGpu } from "../worker/device-support.ts";

const PAGE = 65_536;

beforeAll(() => watchMemory());

test("a WebAssembly memory counts once it is used, and grows", () => {
  const before = heldOutsideTheHeap();
  const memory = new WebAssembly.Memory({ initial: 3 });
  new Uint8Array(memory.buffer)[0] = 1;
  expect(heldOutsideTheHeap() - before).toBe(3 * PAGE);
  memory.grow(2);
  expect(heldOutsideTheHeap() - before).toBe(5 * PAGE);
});

test("a graphics device's buffers count until they are destroyed", async (context) => {
  const gpu = await sharedGpu(context);
  const before = heldOutsideTheHeap();
  const buffer = gpu.createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE });
  expect(heldOutsideTheHeap() - before).toBe(4096);
  buffer.destroy();
  buffer.destroy();
  expect(heldOutsideTheHeap() - before).toBe(0);
});
