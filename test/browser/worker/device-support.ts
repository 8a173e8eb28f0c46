import type { TestContext } from "vitest";
import { chooseDevice } from "../../../src/worker/device/device.ts";
import type { Device, LostListener } from "../../../src/worker/device/device.ts";

export interface GpuDevice extends Device {
  readonly gpu: GPUDevice;
}

type Skip = Pick<TestContext, "skip">;

/**
 * A device on the software adapter. Without one the test is skipped and says why; with
 * REQUIRE_WEBGPU=1 it fails.
 */
export async function gpuDevice(context: Skip, onLost?: LostListener): Promise<GpuDevice> {
  return withGpu(await chooseDevice("webgpu", onLost), context);
}

let shared: Promise<Device> | undefined;
/** The same device for every test of a file: only for tests that do not harm it. */
export async function sharedGpu(context: Skip): Promise<GPUDevice> {
  shared ??= chooseDevice("webgpu");
  return withGpu(await shared, context).gpu;
}

function withGpu(device: Device, { skip }: Skip): GpuDevice {
  if (device.gpu) return device as GpuDevice;
  const reason = device.state.rejected.map((rejection) => rejection.reason).join("; ");
  if (import.meta.env["REQUIRE_WEBGPU"] === "1") throw new Error(`REQUIRE_WEBGPU=1, but: ${reason}`);
  return skip(`no WebGPU: ${reason}`);
}
