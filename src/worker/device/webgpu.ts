/** tfjs on a GPU device of our own: the only user of `navigator.gpu`. */
import { findBackendFactory, registerBackend, removeBackend, setBackend } from "@tensorflow/tfjs-core";

/** What tfjs asks of the adapter, and with it the sizes of buffers that retrieval binds. */
const LIMITS = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** @throws where there is no WebGPU, no adapter or no device */
export async function openWebGpu(): Promise<{ adapter: string; gpu: GPUDevice }> {
  if (!navigator.gpu) throw new Error("this browser has no WebGPU");
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("WebGPU found no adapter");
  const gpu = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  // Importing registered a factory under this name, and an earlier device may have: kernels belong to
  // the name "webgpu" and to no other, so the name is freed and taken again.
  if (findBackendFactory("webgpu")) removeBackend("webgpu");
  registerBackend("webgpu", () => new WebGPUBackend(gpu, adapter.info));
  if (!(await setBackend("webgpu"))) throw new Error("tfjs could not start its WebGPU backend");
  return { adapter: nameOf(adapter.info), gpu };
}

/** Forgets the backend; the device, lost or of no use, is destroyed. */
export function closeWebGpu(gpu: GPUDevice): void {
  if (findBackendFactory("webgpu")) removeBackend("webgpu");
  gpu.destroy();
}

function nameOf({ vendor, architecture, description }: GPUAdapterInfo): string {
  return [vendor, architecture, description].filter(Boolean).join(" ") || "unnamed adapter";
}
