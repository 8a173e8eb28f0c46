import type { TestContext } from "vitest";
import { chooseDevice } from "../../../src/worker/device/device.ts";
import type { Device, LostListener } from "../../../src/worker/device/device.ts";

export interface GpuDevice extends Device {
  readonly gpu: GPUDevice;
}

/**
 * A device on the software adapter. Without one the test is skipped and says why; with
 * REQUIRE_WEBGPU=1 it fails.
 */
export async function gpuDevice({ skip }: Pick<TestContext, "skip">, onLost?: LostListener): Promise<GpuDevice> {
  const device = await chooseDevice("webgpu", onLost);
  if (device.gpu) return device as GpuDevice;
  const reason = device.state.rejected.map((rejection) => rejection.reason).join("; ");
  if (import.meta.env["REQUIRE_WEBGPU"] === "1") throw new Error(`REQUIRE_WEBGPU=1, but: ${reason}`);
  return skip(`no WebGPU: ${reason}`);
}

let shared: Promise<GpuDevice> | undefined;
/** The same device for every test of a file: only for tests that do not harm it. */
export async function sharedGpu(context: Pick<TestContext, "skip">): Promise<GPUDevice> {
  shared ??= gpuDevice(context);
  return (await shared).gpu;
}
