import { getBackend, matMul, tensor2d } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { BACKEND_NAMES } from "../../../src/model/contract.ts";
import type { BackendName } from "../../../src/model/contract.ts";
import { chooseDevice, recoverDevice } from "../../../src/worker/device/device.ts";
import { gpuDevice } from "./device-support.ts";

afterEach(() => vi.restoreAllMocks());

/** Large enough to run on the GPU: 64 x 64 of ones by itself. */
async function compute(): Promise<number> {
  const ones = tensor2d(new Float32Array(4096).fill(1), [64, 64]);
  const product = matMul(ones, ones);
  const [first] = await product.data();
  ones.dispose();
  product.dispose();
  return first!;
}

describe("chooseDevice", () => {
  test("webgpu comes first and names its adapter", async (context) => {
    const { state, gpu } = await gpuDevice(context);
    expect(state.backend).toBe("webgpu");
    expect(state.adapter).not.toBe("");
    expect(state.rejected).toEqual([]);
    expect(getBackend()).toBe("webgpu");
    const adapter = await navigator.gpu.requestAdapter();
    expect(gpu.limits.maxStorageBufferBindingSize).toBe(adapter!.limits.maxStorageBufferBindingSize);
    expect(gpu.limits.maxBufferSize).toBe(adapter!.limits.maxBufferSize);
    expect(await compute()).toBe(64);
  });

  test.for(["wasm", "cpu"] as const)("starts with %s where asked", async (backend) => {
    const { state, gpu } = await chooseDevice(backend);
    expect(state).toEqual({ backend, adapter: "", rejected: [] });
    expect(gpu).toBeNull();
    expect(getBackend()).toBe(backend);
    expect(await compute()).toBe(64);
  });

  test("without WebGPU it is wasm, with the reason", async () => {
    vi.spyOn(navigator, "gpu", "get").mockReturnValue(undefined as unknown as GPU);
    const { state } = await chooseDevice(null);
    expect(state).toEqual({
      backend: "wasm",
      adapter: "",
      rejected: [{ backend: "webgpu", reason: "this browser has no WebGPU" }],
    });
  });

  test("without an adapter it is wasm, with the reason", async ({ skip }) => {
    if (!navigator.gpu) return skip("no navigator.gpu to take the adapter from");
    vi.spyOn(navigator.gpu, "requestAdapter").mockResolvedValue(null);
    const { state } = await chooseDevice(null);
    expect(state.backend).toBe("wasm");
    expect(state.rejected).toEqual([{ backend: "webgpu", reason: "WebGPU found no adapter" }]);
  });

  test("a device that is lost at birth is not used", async (context) => {
    await gpuDevice(context);
    const requestDevice = GPUAdapter.prototype.requestDevice;
    vi.spyOn(GPUAdapter.prototype, "requestDevice").mockImplementation(async function (this: GPUAdapter, ...args) {
      const gpu = await requestDevice.apply(this, args);
      gpu.destroy();
      return gpu;
    });
    const { state } = await chooseDevice(null);
    expect(state.backend).toBe("wasm");
    expect(state.rejected.map(({ backend }) => backend)).toEqual(["webgpu"]);
  });

  test("a backend that computes wrongly is not used", async (context) => {
    await gpuDevice(context);
    const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups").mockReturnValue(undefined);
    const { state } = await chooseDevice(null);
    expect(dispatch).toHaveBeenCalled();
    expect(state.backend).toBe("wasm");
    expect(state.rejected).toEqual([{ backend: "webgpu", reason: "its arithmetic is wrong" }]);
  });

  test("every backend can follow every other", async (context) => {
    await gpuDevice(context);
    const order: BackendName[] = [...BACKEND_NAMES, ...BACKEND_NAMES.toReversed()];
    for (const backend of order) {
      expect((await chooseDevice(backend)).state.backend).toBe(backend);
      expect(await compute()).toBe(64);
    }
  });
});

describe("recoverDevice", () => {
  test("a lost device is heard of, and replaced by a new one under the same backend", async (context) => {
    const onLost = vi.fn<(device: unknown, reason: string) => void>();
    const device = await gpuDevice(context, onLost);
    device.gpu.destroy();
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce());
    expect(onLost.mock.calls[0]![0]).toBe(device);
    const [first, second] = await Promise.all([recoverDevice(device), recoverDevice(device)]);
    expect(first).toBe(second);
    expect(first.state).toEqual(device.state);
    expect(first.gpu).not.toBe(device.gpu);
    expect(await compute()).toBe(64);
  });

  test("lost again, it falls to wasm with the reason", async (context) => {
    const onLost = vi.fn<(device: unknown, reason: string) => void>();
    const device = await gpuDevice(context, onLost);
    device.gpu.destroy();
    const replacement = await recoverDevice(device);
    replacement.gpu!.destroy();
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledTimes(2));
    const last = await recoverDevice(replacement);
    expect(last.state).toEqual({
      backend: "wasm",
      adapter: "",
      rejected: [{ backend: "webgpu", reason: "the graphics device was lost twice" }],
    });
    expect(last.gpu).toBeNull();
    expect(await compute()).toBe(64);
    expect(await recoverDevice(last)).toBe(last);
  });

  test("a replacement that is nowhere to be had is wasm", async (context) => {
    const device = await gpuDevice(context);
    device.gpu.destroy();
    vi.spyOn(navigator.gpu, "requestAdapter").mockResolvedValue(null);
    const { state } = await recoverDevice(device);
    expect(state.backend).toBe("wasm");
    expect(state.rejected).toEqual([{ backend: "webgpu", reason: "WebGPU found no adapter" }]);
  });
});

describe("in a dedicated worker", () => {
  test.for(BACKEND_NAMES)("%s computes", async (backend, context) => {
    if (backend === "webgpu") await gpuDevice(context);
    const worker = new Worker(new URL("./device-worker.ts", import.meta.url), { type: "module" });
    context.onTestFinished(() => worker.terminate());
    const answer = await new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }) => resolve(data));
      worker.addEventListener("error", ({ message }) => reject(new Error(message)));
      worker.postMessage(backend);
    });
    expect(answer).toEqual({ backend, retrieval: backend === "webgpu" ? "wgsl" : "wasm", rows: [1, 2] });
  });
});
