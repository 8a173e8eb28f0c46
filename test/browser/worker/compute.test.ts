import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DeviceState, RetrievalEngine } from "../../../src/model/contract.ts";
import { fastestEngine, timingsKey } from "../../../src/model/retrieval/choose-engine.ts";
import { dequantiseRows, quantiseItems, quantiseQuery } from "../../../src/model/retrieval/quantise.ts";
import { everyRow } from "../../../src/model/retrieval/row-filter.ts";
import { Compute } from "../../../src/worker/compute.ts";
import { WasmScan } from "../../../src/worker/retrieval/wasm-scan.ts";
import { WgslScan } from "../../../src/worker/retrieval/wgsl-scan.ts";
import { MemoryStore } from "../../../src/worker/store/memory-store.ts";
import type { TimingStore } from "../../../src/worker/store/store.ts";
import { sharedGpu } from "./device-support.ts";

const items = quantiseItems(
  Float32Array.from({ length: 500 * 16 }, (_, at) => Math.sin(at * 1.7)),
  16,
);
const clusters = { starts: Uint32Array.of(0, 500), centroids: new Float32Array(16) };
const query = Float32Array.from({ length: 16 }, (_, d) => Math.cos(d));

let timings: TimingStore;
let states: DeviceState[];
beforeEach(() => {
  timings = new MemoryStore().timings;
  states = [];
});
afterEach(() => vi.restoreAllMocks());

const computeOn = (backend: "cpu" | null, retrieval: RetrievalEngine | null = null): Compute =>
  new Compute({ backend, retrieval }, timings, (state) => states.push(state));
const retrieval = () => states.at(-1)!.retrieval;
const search = async (compute: Compute): Promise<number[]> =>
  Array.from((await compute.run((retriever) => retriever.search([query], 20, everyRow(items.count))))[0]!.rows);

test("nothing runs before items are loaded", async () => {
  await expect(computeOn("cpu").run(async () => 1)).rejects.toMatchObject({ code: "NOT_STARTED" });
});

test("an error of the work itself is not tried again", async () => {
  const compute = computeOn("cpu");
  await compute.load({ items, clusters });
  const work = vi.fn<() => Promise<never>>(async () => Promise.reject(new TypeError("broken")));
  await expect(compute.run(work)).rejects.toThrow("broken");
  expect(work).toHaveBeenCalledTimes(1);
});

/** Every GPU device that is made from now on. */
function madeDevices(): GPUDevice[] {
  const devices: GPUDevice[] = [];
  const original = Reflect.get(GPUAdapter.prototype, "requestDevice");
  vi.spyOn(GPUAdapter.prototype, "requestDevice").mockImplementation(async function (this: GPUAdapter, descriptor) {
    const device = await Reflect.apply(original, this, [descriptor]);
    devices.push(device);
    return device;
  });
  return devices;
}

test("a lost device is replaced, a second loss takes the next backend; answers stay the same", async (context) => {
  await sharedGpu(context);
  const devices = madeDevices();
  const compute = computeOn(null);
  await compute.load({ items, clusters });
  const first = await search(compute);
  expect(states.at(-1)).toMatchObject({ backend: "webgpu", retrieval: { engine: "wgsl", choice: "default" } });
  devices.at(-1)!.destroy();
  expect(await search(compute)).toEqual(first);
  expect(states.at(-1)).toMatchObject({ backend: "webgpu" });
  expect(devices).toHaveLength(2);
  devices.at(-1)!.destroy();
  expect(await search(compute)).toEqual(first);
  expect(states.at(-1)).toMatchObject({ backend: "wasm", retrieval: { engine: "wasm" } });
});

describe("the engine that searches", () => {
  test("is the one that is asked for, at once and until another is", async (context) => {
    await sharedGpu(context);
    const compute = computeOn(null, "exact");
    await compute.load({ items, clusters });
    const rows = await search(compute);
    expect(retrieval()).toEqual({ engine: "exact", choice: "forced", timings: {}, rejected: [] });
    const free = vi.spyOn(WgslScan.prototype, "dispose");
    for (const engine of ["wgsl", "wasm"] as const) {
      await compute.useRetrieval(engine);
      expect(retrieval()).toMatchObject({ engine, choice: "forced" });
      expect(await search(compute)).toEqual(rows);
    }
    expect(free).toHaveBeenCalledTimes(1);
    await compute.useRetrieval(null);
    expect(retrieval()).toMatchObject({ engine: "wgsl", choice: "default" });
  });

  test("is asked for before there are items: they come to it", async () => {
    const compute = computeOn("cpu");
    await compute.useRetrieval("exact");
    await compute.load({ items, clusters });
    expect(retrieval()).toMatchObject({ engine: "exact", choice: "forced" });
  });

  test("is another where the one that is asked for cannot run, and it is said why", async () => {
    const compute = computeOn("cpu", "wgsl");
    await compute.load({ items, clusters });
    expect(retrieval()).toEqual({
      engine: "wasm",
      choice: "default",
      timings: {},
      rejected: [{ engine: "wgsl", reason: "the computation has no graphics device" }],
    });
    await compute.calibrate();
    expect(states).toHaveLength(1);
  });

  test("changes while a search is under way, which is answered all the same", async (context) => {
    await sharedGpu(context);
    const compute = computeOn(null);
    await compute.load({ items, clusters });
    const rows = await search(compute);
    const underWay = search(compute);
    await compute.useRetrieval("wasm");
    expect(await underWay).toEqual(rows);
    expect(await search(compute)).toEqual(rows);
  });
});

/** One engine takes longer than the other. */
function slow(engine: "wgsl" | "wasm"): void {
  const { scan } = engine === "wgsl" ? WgslScan.prototype : WasmScan.prototype;
  const wait = (): void => {
    for (const fromMs = performance.now(); performance.now() - fromMs < 20;);
  };
  const prototype: { scan: (...of: Parameters<typeof scan>) => ReturnType<typeof scan> } =
    engine === "wgsl" ? WgslScan.prototype : WasmScan.prototype;
  vi.spyOn(prototype, "scan").mockImplementation(function (this: WgslScan & WasmScan, ...of) {
    wait();
    return Reflect.apply(scan, this, of);
  });
}

describe("calibration", () => {
  let compute: Compute;
  const key = () => timingsKey(states.at(-1)!.adapter, items);
  beforeEach(async (context) => {
    await sharedGpu(context);
    compute = computeOn(null);
    await compute.load({ items, clusters });
  });

  test.for([
    ["wasm", "wgsl"],
    ["wgsl", "wasm"],
  ] as const)("finds %s the faster where %s is slow, frees the other and remembers", async ([faster, slower]) => {
    const rows = await search(compute);
    slow(slower);
    const free = vi.spyOn(WgslScan.prototype, "dispose");
    await compute.calibrate();
    expect(retrieval()).toMatchObject({ engine: faster, choice: "measured", rejected: [] });
    expect(retrieval().timings[slower]).toBeGreaterThanOrEqual(20);
    expect(fastestEngine(retrieval().timings)).toBe(faster);
    expect(free).toHaveBeenCalledTimes(faster === "wasm" ? 1 : 0);
    expect(await search(compute)).toEqual(rows);

    // The next start opens the faster one alone.
    const measured = retrieval().timings;
    const wgsl = vi.spyOn(WgslScan, "create");
    const next = computeOn(null);
    await next.load({ items, clusters });
    expect(retrieval()).toEqual({ engine: faster, choice: "remembered", timings: measured, rejected: [] });
    expect(wgsl).toHaveBeenCalledTimes(faster === "wgsl" ? 1 : 0);
    await next.calibrate();
    expect(retrieval().choice).toBe("remembered");
    expect(await search(next)).toEqual(rows);
    // Whoever asks for the slower one still sees what was measured.
    await next.useRetrieval(slower);
    expect(retrieval()).toEqual({ engine: slower, choice: "forced", timings: measured, rejected: [] });
  });

  test("keeps to its budget, and is one however often it is asked for", async () => {
    slow("wgsl");
    const scan = vi.mocked(WgslScan.prototype.scan);
    await Promise.all([compute.calibrate(), compute.calibrate()]);
    // One to warm up, and rounds of 20 ms and more until 150 ms have passed.
    expect(scan.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(scan.mock.calls.length).toBeLessThanOrEqual(9);
    await compute.calibrate();
    expect(states).toHaveLength(2);
  });

  test("asks for the items' own vectors and nothing else", async () => {
    const scan = vi.spyOn(WgslScan.prototype, "scan");
    const write = vi.spyOn(timings, "write");
    await compute.calibrate();
    const own = Array.from({ length: items.count }, (_, row) =>
      String(quantiseQuery(dequantiseRows(items, [row]), items).values),
    );
    const asked = scan.mock.calls.flatMap(([queries]) => queries.map(({ values }) => String(values)));
    expect(asked.filter((values) => !own.includes(values))).toEqual([]);
    // Not one again and again.
    expect(new Set(asked).size).toBe(asked.length);
    expect(write).toHaveBeenCalledExactlyOnceWith(key(), retrieval().timings);
  });

  test("waits for what is under way", async () => {
    let done!: () => void;
    const work = compute.run(() => new Promise<void>((resolve) => (done = resolve)));
    await Promise.resolve();
    const scan = vi.spyOn(WgslScan.prototype, "scan");
    const calibrating = compute.calibrate();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(scan).not.toHaveBeenCalled();
    done();
    await Promise.all([work, calibrating]);
    expect(retrieval().choice).toBe("measured");
  });

  test("gives way to a search, and comes again", async () => {
    const rows = await search(compute);
    const calibrating = compute.calibrate();
    expect(await search(compute)).toEqual(rows);
    await calibrating;
    expect(states).toHaveLength(1);
    expect(await timings.read(key())).toBeNull();
    await compute.calibrate();
    expect(retrieval().choice).toBe("measured");
  });

  test("is dropped when another bundle comes, or another engine is asked for", async () => {
    const few = quantiseItems(
      Float32Array.from({ length: 30 * 16 }, (_, at) => Math.sin(at)),
      16,
    );
    const calibrating = compute.calibrate();
    await compute.load({ items: few, clusters: { ...clusters, starts: Uint32Array.of(0, 30) } });
    await calibrating;
    expect(retrieval().choice).toBe("default");
    const again = compute.calibrate();
    await compute.useRetrieval("exact");
    await again;
    expect(retrieval()).toMatchObject({ engine: "exact", choice: "forced" });
    const [found] = await compute.run((retriever) => retriever.search([query], 40, everyRow(30)));
    expect(found!.rows).toHaveLength(30);
  });

  test("measures one engine where the other cannot take the items, and says so", async () => {
    vi.spyOn(WebAssembly, "instantiateStreaming").mockRejectedValue(new Error("no SIMD"));
    const alone = computeOn(null);
    await alone.load({ items, clusters });
    await alone.calibrate();
    expect(retrieval()).toMatchObject({
      engine: "wgsl",
      choice: "measured",
      rejected: [{ engine: "wasm", reason: "no SIMD" }],
    });
    expect(Object.keys(retrieval().timings)).toEqual(["wgsl"]);
  });

  test("a catalogue of zeros and one without items are measured too", async () => {
    for (const count of [3, 0]) {
      const blank = quantiseItems(new Float32Array(count * 16), 16);
      await compute.load({ items: blank, clusters: { ...clusters, starts: Uint32Array.of(0, count) } });
      await compute.calibrate();
      expect(retrieval().choice).toBe("measured");
    }
  });

  test("storage that fails costs the memory and nothing else", async () => {
    timings = {
      ...timings,
      read: () => Promise.reject(new Error("no disk")),
      write: () => Promise.reject(new Error("no disk")),
    };
    const forgetful = computeOn(null);
    await forgetful.load({ items, clusters });
    await forgetful.calibrate();
    expect(retrieval().choice).toBe("measured");
  });
});

test("a device lost during the calibration ends it, and the next one is measured", async (context) => {
  await sharedGpu(context);
  const devices = madeDevices();
  const compute = computeOn(null);
  await compute.load({ items, clusters });
  const rows = await search(compute);
  const calibrating = compute.calibrate();
  devices.at(-1)!.destroy();
  await calibrating;
  expect(await search(compute)).toEqual(rows);
  expect(states.map(({ retrieval: { choice } }) => choice)).toEqual(["default", "default"]);
  await compute.calibrate();
  expect(retrieval().choice).toBe("measured");
  expect(await search(compute)).toEqual(rows);
});
