/** The engine as the page calls it, in one realm, on a tiny bundle served by a stand-in for the network. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EngineState, StartOptions } from "../../../src/model/contract.ts";
import { CALIBRATION } from "../../../src/model/config.ts";
import { createEngine } from "../../../src/worker/engine.ts";
import { tinyBundle } from "../../support/tiny-bundle.ts";
import { sharedGpu } from "./device-support.ts";

const MODELS = "https://models.test/";
let requested: string[] = [];

beforeEach(async () => {
  const { files } = await tinyBundle("tiny", 1);
  requested = [];
  const real = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!url.startsWith(MODELS)) return real(input, init);
    requested.push(url.slice(MODELS.length));
    const body = files.get(url.slice(`${MODELS}tiny/`.length));
    return body ? new Response(body as Uint8Array<ArrayBuffer>) : new Response("", { status: 404 });
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase("affiche");
    request.onsuccess = resolve;
    request.onblocked = resolve;
  });
});

async function started(
  options: Partial<StartOptions> = {},
): Promise<{ engine: ReturnType<typeof createEngine>; states: EngineState[] }> {
  const engine = createEngine();
  const states: EngineState[] = [];
  await engine.start({ bundleName: "tiny", modelsUrl: MODELS, backend: "cpu", retrieval: null, ...options }, (state) =>
    states.push(state),
  );
  return { engine, states };
}

let requests = 0;
const context = () => ({ requestId: `request-${requests++}` });
const click = (id: string, itemId: string) => ({ id, itemId, event: "click" as const });

describe("the engine", () => {
  test("nothing before start, and a name that is none is refused", async () => {
    await expect(createEngine().home(context())).rejects.toMatchObject({ code: "NOT_STARTED" });
    await expect(
      createEngine().start({ bundleName: "../up", modelsUrl: MODELS, backend: null, retrieval: null }, () => {}),
    ).rejects.toMatchObject({ code: "BUNDLE_ABSENT" });
    expect(requested).toEqual([]);
  });

  test("calls wait for the bundle; the state tells of progress, device and readiness", async () => {
    const { engine, states } = await started();
    const { shelves, historyLength } = await engine.home(context());
    expect(historyLength).toBe(0);
    expect(shelves[0]!.items).toHaveLength(6);
    expect(states.at(-1)).toMatchObject({
      bundle: { status: "ready", info: { name: "tiny", version: 1, items: 6, simulated: true }, notice: null },
      device: { backend: "cpu" },
    });
    const sizes = states.flatMap(({ bundle }) => (bundle.status === "loading" ? [bundle.doneBytes] : []));
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });

  test("a recorded event moves the page, once for each id, and undo takes it back", async () => {
    const { engine } = await started();
    const before = await engine.home(context());
    const first = await engine.record(click("a", "item-1"));
    expect(await engine.record(click("a", "item-1"))).toEqual(first);
    const after = await engine.home(context());
    expect(after.historyLength).toBe(1);
    expect(after.shelves.flatMap(({ items }) => items.map(({ item }) => item.id))).not.toContain("item-1");
    const offer = await engine.similar("item-1", context());
    expect(offer.events).toEqual([first]);
    expect(offer.item.title).toBe("Title 1 of version 1");
    expect((await engine.exportHistory()).interactions).toEqual([first]);
    expect(await engine.undo()).toEqual(first);
    expect(await engine.undo()).toBeNull();
    expect((await engine.home(context())).shelves).toEqual(before.shelves);
  });

  test("undo of one event takes that one, whatever came after it", async () => {
    const { engine } = await started();
    const first = await engine.record(click("a", "item-1"));
    const second = await engine.record(click("b", "item-2"));
    expect(await engine.undo("a")).toEqual(first);
    expect(await engine.undo("a")).toBeNull();
    expect((await engine.exportHistory()).interactions).toEqual([second]);
  });

  test("a change in another tab raises the revision there, and its page follows", async () => {
    const here = await started();
    const there = await started();
    const revision = () => there.states.at(-1)!.historyRevision;
    const rises = async (to: number) => vi.waitFor(() => expect(revision()).toBe(to));
    await there.engine.home(context());
    await here.engine.record(click("a", "item-1"));
    await rises(1);
    expect((await there.engine.home(context())).historyLength).toBe(1);
    await here.engine.undo("a");
    await rises(2);
    await here.engine.record(click("b", "item-2"));
    await rises(3);
    await here.engine.eraseEverything();
    await rises(4);
    expect(await there.engine.history(10)).toEqual([]);
    expect(here.states.at(-1)!.historyRevision).toBe(0);
    // A history of another bundle is none of its business.
    const tabs = new BroadcastChannel("affiche-history");
    tabs.postMessage({ bundleName: "other" });
    tabs.postMessage({ bundleName: "tiny" });
    tabs.close();
    await rises(5);
  });

  test("two first visits at once: one downloads, both are ready, and the bundle is stored", async () => {
    const [left, right] = await Promise.all([started(), started()]);
    await Promise.all([left.engine.home(context()), right.engine.home(context())]);
    const files = requested.filter((path) => !path.endsWith("manifest.json"));
    expect(files.length).toBeGreaterThan(0);
    expect(new Set(files).size).toBe(files.length);
    for (const { states } of [left, right])
      expect(states.at(-1)!.bundle).toMatchObject({ status: "ready", notice: null });
  });

  test("one shelf, of one kind or like one item", async () => {
    const { engine } = await started();
    const like = await engine.shelf({ itemId: "item-1", kind: null, limit: 2 }, context());
    expect(like.shelf).toMatchObject({ topic: { type: "similar", itemId: "item-1" } });
    expect(like.shelf!.items).toHaveLength(2);
    expect((await engine.shelf({ itemId: null, kind: "no such kind", limit: 2 }, context())).shelf).toBeNull();
  });

  test("bad events and unknown items are refused and nothing is kept", async () => {
    const { engine } = await started();
    const record = (interaction: object): Promise<unknown> => engine.record(interaction as ReturnType<typeof click>);
    await expect(record(click("a", "item-99"))).rejects.toMatchObject({ code: "ITEM_UNKNOWN" });
    for (const wrong of [
      { id: "", itemId: "item-1", event: "click" },
      { id: "a", itemId: "item-1", event: "dance" },
      { id: "a", itemId: "item-1", event: "rating" },
      { id: "a", itemId: "item-1", event: "rating", value: 9 },
      { id: "a", itemId: "item-1", event: "rating", value: NaN },
    ]) {
      await expect(record(wrong)).rejects.toMatchObject({ code: "EVENT_INVALID" });
    }
    await expect(engine.similar("item-99", context())).rejects.toMatchObject({ code: "ITEM_UNKNOWN" });
    expect(await engine.history(10)).toEqual([]);
  });

  test("a cancelled request ends with CANCELLED, others go on", async () => {
    const { engine } = await started();
    const wanted = engine.home(context());
    const unwanted = context();
    const home = engine.home(unwanted);
    await engine.cancel(unwanted.requestId);
    await engine.cancel("never asked");
    await expect(home).rejects.toMatchObject({ code: "CANCELLED" });
    expect((await wanted).shelves.length).toBeGreaterThan(0);
  });

  test("search folds case, and a blank query gives nothing", async () => {
    const { engine } = await started();
    expect((await engine.search("TITLE 4", context()))[0]).toMatchObject({ id: "item-4" });
    expect(await engine.search("  ", context())).toEqual([]);
    expect(await engine.search("zzzz", context())).toEqual([]);
  });

  test("erasing leaves nothing, and the next start downloads anew", async () => {
    const { engine } = await started();
    await engine.record(click("a", "item-1"));
    await engine.eraseEverything();
    expect(await engine.history(10)).toEqual([]);
    requested = [];
    const { engine: next } = await started();
    await next.home(context());
    expect(requested.length).toBeGreaterThan(1);
  });

  test("another retrieval engine is used at once; every one makes the same page", async () => {
    const { engine, states } = await started({ retrieval: "wasm" });
    await engine.record(click("a", "item-1"));
    const retrieval = () => states.at(-1)!.device!.retrieval;
    const { shelves } = await engine.home(context());
    expect(retrieval()).toMatchObject({ engine: "wasm", choice: "forced" });
    await engine.useRetrieval("exact");
    expect(retrieval()).toMatchObject({ engine: "exact", choice: "forced" });
    expect((await engine.home(context())).shelves).toEqual(shelves);
    await engine.useRetrieval(null);
    expect(retrieval()).toMatchObject({ engine: "wasm", choice: "default" });
    await expect(createEngine().useRetrieval("wasm")).rejects.toMatchObject({ code: "NOT_STARTED" });
  });

  test("the engines are measured once the first page stands and nobody asks, and never again until erased", async (test) => {
    await sharedGpu(test);
    const choices = (states: readonly EngineState[]) =>
      states.flatMap(({ device }) => (device === null ? [] : [device.retrieval.choice]));
    const { engine, states } = await started({ backend: null });
    await vi.waitFor(() => expect(states.at(-1)!.bundle.status).toBe("ready"), 20_000);
    await new Promise((resolve) => setTimeout(resolve, 2 * CALIBRATION.idleMs));
    // Not before a page.
    expect(new Set(choices(states))).toEqual(new Set(["default"]));
    const { shelves } = await engine.home(context());
    expect(choices(states).at(-1)).toBe("default");
    // A request that nobody wants any longer is followed by a rest too.
    const unwanted = context();
    const cancelled = engine.home(unwanted);
    await engine.cancel(unwanted.requestId);
    await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
    await vi.waitFor(() => expect(choices(states).at(-1)).toBe("measured"), 20_000);
    expect((await engine.home(context())).shelves).toEqual(shelves);
    const { device } = states.at(-1)!;

    const next = await started({ backend: null });
    await next.engine.home(context());
    expect(next.states.at(-1)!.device!.retrieval).toEqual({ ...device!.retrieval, choice: "remembered" });
    await next.engine.eraseEverything();
    const after = await started({ backend: null });
    await after.engine.home(context());
    expect(choices(after.states).at(-1)).toBe("default");
  });

  test("a store that cannot be opened is an error with a retry that works", async () => {
    const request = indexedDB.open("affiche", 999);
    const newer = await new Promise<IDBDatabase>((resolve) => (request.onsuccess = () => resolve(request.result)));
    newer.close();
    const engine = createEngine();
    const said: string[] = [];
    const start = engine.start(
      { bundleName: "tiny", modelsUrl: MODELS, backend: "cpu", retrieval: null },
      ({ bundle }) => {
        said.push(bundle.status === "failed" ? bundle.error.code : bundle.status);
      },
    );
    await expect(start).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    expect(said).toEqual(["STORAGE_FAILED"]);
    await engine.retryBundle();
    await expect(engine.home(context())).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    expect(said).toEqual(["STORAGE_FAILED", "loading", "STORAGE_FAILED"]);
    await new Promise((resolve) => (indexedDB.deleteDatabase("affiche").onsuccess = resolve));
    await engine.retryBundle();
    expect((await engine.home(context())).shelves.length).toBeGreaterThan(0);
  });

  test("a failed download is a state with a retry that works", async () => {
    const network = vi.mocked(globalThis.fetch);
    const serve = network.getMockImplementation()!;
    network.mockRejectedValue(new TypeError("offline"));
    const { engine, states } = await started();
    await expect(engine.home(context())).rejects.toMatchObject({ code: "BUNDLE_UNREACHABLE" });
    expect(states.at(-1)!.bundle).toMatchObject({ status: "failed", error: { code: "BUNDLE_UNREACHABLE" } });
    network.mockImplementation(serve);
    await engine.retryBundle();
    expect((await engine.home(context())).shelves.length).toBeGreaterThan(0);
  });
});
