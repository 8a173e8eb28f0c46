/**
 * What the browser's own measure leaves out: it counts the JavaScript heap and its array buffers, and neither the memories
 * of WebAssembly nor the buffers of a graphics device (Chromium 156: 100 MB of WebAssembly change nothing in it).
 */

/** Every memory that was ever read or written from JavaScript, ours or a library's. */
const memories = new Set<WebAssembly.Memory>();
const buffers = new Set<GPUBuffer>();

/** Bytes of these in this worker, now. A WebAssembly memory never shrinks: its size is also the most it had. */
export function heldOutsideTheHeap(): number {
  const wasm = Array.from(memories, ({ buffer }) => buffer.byteLength);
  const gpu = Array.from(buffers, ({ size }) => size);
  return [...wasm, ...gpu].reduce((sum, bytes) => sum + bytes, 0);
}

/** Before any engine is loaded. */
export function watchMemory(): void {
  observe(WebAssembly.Memory.prototype, "buffer", (memory) => memories.add(memory));
  if (!("GPUDevice" in self)) return;
  observe(GPUDevice.prototype, "createBuffer", (_, buffer) => buffers.add(buffer as GPUBuffer));
  observe(GPUBuffer.prototype, "destroy", (buffer) => buffers.delete(buffer));
}

/** Hears of every call of a method, or reading of a property, and what came of it. */
function observe<T extends object>(prototype: T, name: keyof T, hear: (self: T, result: unknown) => void): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
  const slot = descriptor.get ? "get" : "value";
  const original = descriptor[slot] as (...given: unknown[]) => unknown;
  Object.defineProperty(prototype, name, {
    ...descriptor,
    [slot](this: T, ...given: unknown[]) {
      const result = Reflect.apply(original, this, given);
      hear(this, result);
      return result;
    },
  });
}
