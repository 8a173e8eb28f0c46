import { afterEach, expect, test, vi } from "vitest";
import type { DeviceState } from "../../../src/model/contract.ts";
import { quantiseItems } from "../../../src/model/retrieval/quantise.ts";
import { everyRow } from "../../../src/model/retrieval/row-filter.ts";
import { Compute } from "../../../src/worker/compute.ts";

const hasWebGpu = Boolean(await navigator.gpu?.requestAdapter());
const items = quantiseItems(
  Float32Array.from({ length: 500 * 16 }, (_, at) => Math.sin(at * 1.7)),
  16,
);
const clusters = { starts: Uint32Array.of(0, 500), centroids: new Float32Array(16) };
const query = Float32Array.from({ length: 16 }, (_, d) => Math.cos(d));

afterEach(() => vi.restoreAllMocks());

test("nothing runs before items are loaded", async () => {
  await expect(new Compute("cpu", () => {}).run(async () => 1)).rejects.toMatchObject({ code: "NOT_STARTED" });
});

test("an error of the work itself is not tried again", async () => {
  const compute = new Compute("cpu", () => {});
  await compute.load({ items, clusters });
  const work = vi.fn<() => Promise<never>>(async () => Promise.reject(new TypeError("broken")));
  await expect(compute.run(work)).rejects.toThrow("broken");
  expect(work).toHaveBeenCalledTimes(1);
});

const mustRun = import.meta.env["REQUIRE_WEBGPU"] === "1";
test.skipIf(!hasWebGpu && !mustRun)(
  "a lost device is replaced, a second loss takes the next backend; answers stay the same",
  async () => {
    const devices: GPUDevice[] = [];
    const original = Reflect.get(GPUAdapter.prototype, "requestDevice");
    vi.spyOn(GPUAdapter.prototype, "requestDevice").mockImplementation(async function (this: GPUAdapter, descriptor) {
      const device = await Reflect.apply(original, this, [descriptor]);
      devices.push(device);
      return device;
    });
    const states: DeviceState[] = [];
    const compute = new Compute(null, (state) => states.push(state));
    await compute.load({ items, clusters });
    const search = async (): Promise<number[]> =>
      Array.from((await compute.run((retriever) => retriever.search([query], 20, everyRow(items.count))))[0]!.rows);
    const first = await search();
    expect(states.at(-1)).toMatchObject({ backend: "webgpu", retrieval: "wgsl" });
    devices.at(-1)!.destroy();
    expect(await search()).toEqual(first);
    expect(states.at(-1)).toMatchObject({ backend: "webgpu" });
    expect(devices).toHaveLength(2);
    devices.at(-1)!.destroy();
    expect(await search()).toEqual(first);
    expect(states.at(-1)).toMatchObject({ backend: "wasm", retrieval: "wasm" });
  },
);
