import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEADLINES } from "../../../src/model/config.ts";
import type { EngineApi, NewInteraction } from "../../../src/model/contract.ts";
import { EngineError } from "../../../src/model/errors.ts";
import { EngineClient } from "../../../src/ui/client.ts";
import { fakeEngine, READY } from "../../support/fake-engine.ts";
import { FakeWorker } from "../../support/fake-worker.ts";

const START = { bundleName: "demo", modelsUrl: "https://affiche.example/models/", backend: null, retrieval: null };
const CLICK: NewInteraction = { id: "event-1", itemId: "work-3", event: "click" };

/** Lets fake time pass, with room for the messages that cross meanwhile. */
async function pass(ms: number): Promise<void> {
  for (let at = 0; at <= ms; at += 1_000) {
    await vi.advanceTimersByTimeAsync(1_000);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

let clients: EngineClient[] = [];

/** A client whose workers run these engines, one after the other; the last one again and again. */
function clientOf(...engines: readonly (() => EngineApi)[]) {
  const workers: FakeWorker[] = [];
  const client = new EngineClient(() => {
    const make = engines[Math.min(workers.length, engines.length - 1)]!;
    const worker = new FakeWorker(make());
    workers.push(worker);
    return worker;
  });
  clients.push(client);
  return { client, workers };
}

const status = (client: EngineClient) => client.state.bundle.status;
const until = (done: () => boolean) => vi.waitFor(() => expect(done()).toBe(true));
const never = () => new Promise<never>(() => {});

beforeEach(() => void (clients = []));
afterEach(() => {
  for (const client of clients) client.stop();
  vi.useRealTimers();
});

describe("a living worker", () => {
  it("is started, tells its state and answers", async () => {
    const { client, workers } = clientOf(fakeEngine);
    expect(status(client)).toBe("loading");
    client.start(START);
    expect((await client.home()).shelves.length).toBeGreaterThan(4);
    expect(client.state).toEqual(READY);
    await client.record(CLICK);
    expect(await client.history(10)).toMatchObject([{ interaction: CLICK, item: { id: "work-3" } }]);
    expect(await client.undo()).toMatchObject(CLICK);
    expect(await client.undo()).toBeNull();
    expect(workers.length).toBe(1);
  });

  it("is told of another engine, and so is the one after it", async () => {
    const asked: (string | null)[] = [];
    const engine = (): EngineApi => {
      const fake = fakeEngine();
      return {
        ...fake,
        start: (options, onState) => {
          asked.push(options.retrieval);
          return fake.start(options, onState);
        },
      };
    };
    const { client, workers } = clientOf(engine);
    client.start(START);
    await client.home();
    await client.useRetrieval("exact");
    expect(client.state.device!.retrieval).toMatchObject({ engine: "exact", choice: "forced" });
    workers[0]!.crash();
    await client.home();
    expect(asked).toEqual([null, "exact"]);
  });

  it("takes back the event that is named, else the newest", async () => {
    const { client } = clientOf(fakeEngine);
    client.start(START);
    for (const id of ["event-1", "event-2", "event-3"]) await client.record({ ...CLICK, id });
    expect(await client.undo("event-2")).toMatchObject({ id: "event-2" });
    expect(await client.undo("event-2")).toBeNull();
    expect(await client.undo()).toMatchObject({ id: "event-3" });
  });

  it("asks for one shelf", async () => {
    const { client } = clientOf(fakeEngine);
    client.start(START);
    const { shelf } = await client.shelf({ itemId: "work-3", kind: "film", limit: 2 });
    expect(shelf).toMatchObject({ topic: { itemId: "work-3" }, items: [{ item: { kind: "film" } }, {}] });
  });

  it("keeps code and details of its errors", async () => {
    const { client } = clientOf(fakeEngine);
    client.start(START);
    const error = await client.similar("nothing").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: "ITEM_UNKNOWN", details: { itemId: "nothing" } });
  });

  it("cannot be called before it is started", async () => {
    const { client } = clientOf(fakeEngine);
    await expect(client.home()).rejects.toMatchObject({ code: "NOT_STARTED" });
  });

  it("is told of an abort, and the call ends at once", async () => {
    const cancelled: string[] = [];
    const asked: string[] = [];
    const { client } = clientOf(() => ({
      ...fakeEngine(),
      home: ({ requestId }) => (asked.push(requestId), never()),
      cancel: async (requestId) => void cancelled.push(requestId),
    }));
    client.start(START);
    const asking = new AbortController();
    const answer = client.home(asking.signal);
    await until(() => asked.length === 1);
    asking.abort();
    await expect(answer).rejects.toMatchObject({ code: "CANCELLED" });
    await until(() => cancelled.length === 1);
    expect(cancelled).toEqual(asked);
    await expect(client.home(AbortSignal.abort())).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("a call without an answer ends at its deadline", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { client } = clientOf(() => ({ ...fakeEngine(), search: never }));
    client.start(START);
    await until(() => status(client) === "ready");
    const answer = client.search("x").catch((error: unknown) => error);
    await pass(DEADLINES.callMs);
    expect(await answer).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { call: "search" } });
  });

  it("a slow download is no slow answer: the deadline begins when the catalogue is there", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const engine = fakeEngine({ ...READY, bundle: { status: "loading", doneBytes: 1, totalBytes: 9 } });
    const { client } = clientOf(() => engine);
    client.start(START);
    const answer = client.home();
    await until(() => client.state.bundle.status === "loading" && client.state.bundle.totalBytes === 9);
    await pass(2 * DEADLINES.callMs);
    engine.say(READY);
    vi.useRealTimers();
    expect((await answer).shelves.length).toBeGreaterThan(0);
  });

  it("erasing starts as on a first visit", async () => {
    const { client, workers } = clientOf(fakeEngine);
    client.start(START);
    await client.record(CLICK);
    await client.eraseEverything();
    expect(workers.length).toBe(2);
    expect(workers[0]!.terminated).toBe(true);
    expect(await client.history(10)).toEqual([]);
  });
});

describe("a dead worker", () => {
  it("is replaced, start is replayed, and an unacknowledged event is kept once", async () => {
    const store = fakeEngine();
    const started: unknown[] = [];
    const start: EngineApi["start"] = (options, onState) => (started.push(options), store.start(options, onState));
    /** Writes the event, then dies before it can say so. */
    const dying = (): EngineApi => ({
      ...store,
      start,
      async record(interaction) {
        await store.record(interaction);
        workers[0]!.crash();
        return never();
      },
    });
    const { client, workers } = clientOf(dying, () => ({ ...store, start }));
    client.start(START);
    expect(await client.record(CLICK)).toMatchObject(CLICK);
    expect(store.recorded).toHaveLength(1);
    expect(started).toEqual([START, START]);
    expect(workers[0]!.terminated).toBe(true);
  });

  it("loses no event that it never wrote", async () => {
    const store = fakeEngine();
    const deaf = (): EngineApi => ({ ...store, record: () => (workers[0]!.crash(), never()) });
    const { client, workers } = clientOf(deaf, () => store);
    client.start(START);
    await Promise.all([client.record(CLICK), client.record({ ...CLICK, id: "event-2" })]);
    expect(store.recorded.map(({ id }) => id)).toEqual(["event-1", "event-2"]);
  });

  it("takes nothing back twice", async () => {
    const store = fakeEngine();
    const dying = (): EngineApi => ({
      ...store,
      async undo() {
        await store.undo();
        workers[0]!.crash();
        return never();
      },
    });
    const { client, workers } = clientOf(dying, () => store);
    client.start(START);
    await client.record(CLICK);
    await client.record({ ...CLICK, id: "event-2" });
    await expect(client.undo()).rejects.toMatchObject({ code: "ENGINE_STOPPED" });
    expect(store.recorded.map(({ id }) => id)).toEqual(["event-1"]);
  });

  it("stays down after dying of every call, and comes back on a retry", async () => {
    let healthy = false;
    const { client, workers } = clientOf(() => ({
      ...fakeEngine(),
      start: async (options, onState) => (healthy ? fakeEngine().start(options, onState) : workers.at(-1)!.crash()),
    }));
    client.start(START);
    await until(() => status(client) === "failed");
    expect(workers.length).toBe(3);
    await expect(client.home()).rejects.toMatchObject({ code: "ENGINE_STOPPED" });
    healthy = true;
    await client.retry();
    expect((await client.home()).shelves.length).toBeGreaterThan(0);
  });

  it("does not respawn for ever for a call that kills it", async () => {
    const { client, workers } = clientOf(() => ({ ...fakeEngine(), home: () => (workers.at(-1)!.crash(), never()) }));
    client.start(START);
    await expect(client.home()).rejects.toMatchObject({ code: "ENGINE_STOPPED" });
    expect(workers.length).toBeLessThanOrEqual(4);
  });

  it("is known by its silence", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const { client, workers } = clientOf(() => ({ ...fakeEngine(), heartbeat: never }), fakeEngine);
    client.start(START);
    await until(() => status(client) === "ready");
    await vi.advanceTimersByTimeAsync(DEADLINES.heartbeatEveryMs + DEADLINES.heartbeatMs + 1);
    expect(workers.length).toBe(2);
    expect(workers[0]!.terminated).toBe(true);
  });

  it("a page that slept does not kill its worker", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { client, workers } = clientOf(() => ({ ...fakeEngine(), heartbeat: never }));
    client.start(START);
    await until(() => status(client) === "ready");
    await vi.advanceTimersByTimeAsync(DEADLINES.heartbeatEveryMs);
    const now = performance.now();
    const clock = vi.spyOn(performance, "now").mockReturnValue(now + 3_600_000);
    await vi.advanceTimersByTimeAsync(DEADLINES.heartbeatMs + 1);
    clock.mockRestore();
    expect(workers.length).toBe(1);
    expect(workers[0]!.terminated).toBe(false);
  });
});
