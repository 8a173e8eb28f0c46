/** The engine as the page calls it, in one realm, on a tiny bundle served by a stand-in for the network. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EngineState } from "../../../src/model/contract.ts";
import { createEngine } from "../../../src/worker/engine.ts";
import { tinyBundle } from "../../support/tiny-bundle.ts";

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

async function started(): Promise<{ engine: ReturnType<typeof createEngine>; states: EngineState[] }> {
  const engine = createEngine();
  const states: EngineState[] = [];
  await engine.start({ bundleName: "tiny", modelsUrl: MODELS, backend: "cpu" }, (state) => states.push(state));
  return { engine, states };
}

let requests = 0;
const context = () => ({ requestId: `request-${requests++}` });
const click = (id: string, itemId: string) => ({ id, itemId, event: "click" as const });

describe("the engine", () => {
  test("nothing before start, and a name that is none is refused", async () => {
    await expect(createEngine().home(context())).rejects.toMatchObject({ code: "NOT_STARTED" });
    await expect(
      createEngine().start({ bundleName: "../up", modelsUrl: MODELS, backend: null }, () => {}),
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

  test("a store that cannot be opened is an error with a retry that works", async () => {
    const request = indexedDB.open("affiche", 999);
    const newer = await new Promise<IDBDatabase>((resolve) => (request.onsuccess = () => resolve(request.result)));
    newer.close();
    const engine = createEngine();
    const start = engine.start({ bundleName: "tiny", modelsUrl: MODELS, backend: "cpu" }, () => {});
    await expect(start).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    await expect(engine.retryBundle()).rejects.toMatchObject({ code: "STORAGE_FAILED" });
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
