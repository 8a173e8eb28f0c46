import { env, setBackend } from "@tensorflow/tfjs-core";
import wasmUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";

/** tfjs on WebAssembly, one thread. @throws where there is no SIMD or the file cannot be had */
export async function openWasm(): Promise<{ adapter: string; gpu: null }> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  if (!(await env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("this browser has no WebAssembly SIMD");
  // With cross-origin isolation the threaded build opens a blob worker, which Trusted Types and
  // worker-src 'self' refuse; the towers are too small to gain from threads.
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths({
    "tfjs-backend-wasm.wasm": wasmUrl,
    "tfjs-backend-wasm-simd.wasm": wasmUrl,
    "tfjs-backend-wasm-threaded-simd.wasm": wasmUrl,
  });
  if (!(await setBackend("wasm"))) throw new Error("tfjs could not start its WebAssembly backend");
  return { adapter: "", gpu: null };
}
