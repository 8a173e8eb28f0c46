import { deleteDB, openDB } from "idb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cdp } from "vitest/browser";
import type { Manifest } from "../../../src/model/bundle/manifest.ts";
import { DELIVERY } from "../../../src/model/config.ts";
import { EngineError } from "../../../src/model/errors.ts";
import type { Interaction } from "../../../src/model/interactions/interaction.ts";
import { MemoryStore } from "../../../src/worker/store/memory-store.ts";
import { openStore } from "../../../src/worker/store/store.ts";
import type { Store } from "../../../src/worker/store/store.ts";
import { noise, sha256Of, tinyBundle } from "../../support/tiny-bundle.ts";
import type { TinyBundle } from "../../support/tiny-bundle.ts";

beforeEach(() => deleteDB("affiche"));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const interaction = (id: string, itemId = `item-${id}`): Interaction => ({ id, itemId, event: "click", atMs: 1_000 });
const codeOf = (operation: Promise<unknown>): Promise<string> =>
  operation.then(
    () => "none",
    (error: unknown) => (error instanceof EngineError ? error.code : String(error)),
  );

async function put(store: Store, bundle: TinyBundle): Promise<void> {
  for (const { role, sha256 } of bundle.manifest.files) {
    await store.bundles.writeFile(sha256, bundle.byRole.get(role)!);
  }
}
const hashOf = (manifest: Manifest, role: string): string => manifest.files.find((file) => file.role === role)!.sha256;

describe.each([
  ["indexeddb", () => openStore()],
  ["memory", async () => new MemoryStore()],
] as const)("the %s store", (kind, open) => {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });

  test("says its kind", () => expect(store.kind).toBe(kind));

  test("empty: no bundle, no file, no history", async () => {
    expect(await store.bundles.active("tiny")).toBeNull();
    expect(await store.bundles.hasFile("0".repeat(64))).toBe(false);
    expect(await store.bundles.readFile("0".repeat(64))).toBeNull();
    expect(await store.history.all("tiny")).toEqual([]);
    expect(await store.history.remove("tiny")).toBeNull();
    expect(await store.timings.read("here")).toBeNull();
  });

  test("timings come back under their key, the newest, until they are erased", async () => {
    await store.timings.write("here", { wgsl: 3 });
    await store.timings.write("here", { wgsl: 2, wasm: 0.5 });
    await store.timings.write("there", { wasm: 7 });
    expect(await store.timings.read("here")).toEqual({ wgsl: 2, wasm: 0.5 });
    expect(await store.timings.read("there")).toEqual({ wasm: 7 });
    await store.timings.eraseAll();
    expect(await store.timings.read("here")).toBeNull();
  });

  test("a file comes back byte for byte, also when it was a view of a larger buffer", async () => {
    const buffer = noise(300_000);
    await store.bundles.writeFile("a", buffer.subarray(1_000, 200_000));
    await store.bundles.writeFile("b", buffer);
    const hashStored = async (key: string): Promise<string> => sha256Of((await store.bundles.readFile(key))!);
    expect(await hashStored("a")).toBe(await sha256Of(buffer.slice(1_000, 200_000)));
    expect((await store.bundles.readFile("a"))!.length).toBe(199_000);
    expect(await hashStored("b")).toBe(await sha256Of(buffer));
    expect(await store.bundles.hasFile("a")).toBe(true);
    await store.bundles.writeFile("a", Uint8Array.of(1));
    expect(await store.bundles.readFile("a")).toEqual(Uint8Array.of(1));
  });

  test("activating switches the manifest and deletes the files that nothing refers to", async () => {
    const first = await tinyBundle("tiny", 1);
    const second = await tinyBundle("tiny", 2);
    await put(store, first);
    await store.bundles.writeFile("left-over", Uint8Array.of(1));
    await store.bundles.activate(first.manifest);
    expect(await store.bundles.active("tiny")).toEqual(first.manifest);
    expect(await store.bundles.hasFile("left-over")).toBe(false);
    await put(store, second);
    await store.bundles.activate(second.manifest);
    expect(await store.bundles.active("tiny")).toEqual(second.manifest);
    expect(await store.bundles.hasFile(hashOf(first.manifest, "items"))).toBe(false);
    expect(await store.bundles.hasFile(hashOf(second.manifest, "items"))).toBe(true);
    expect(hashOf(first.manifest, "tower")).toBe(hashOf(second.manifest, "tower"));
    expect(await store.bundles.hasFile(hashOf(second.manifest, "tower"))).toBe(true);
  });

  test("bundles of two names keep each other's files", async () => {
    const one = await tinyBundle("one", 1);
    const two = await tinyBundle("two", 2);
    await put(store, one);
    await store.bundles.activate(one.manifest);
    await put(store, two);
    await store.bundles.activate(two.manifest);
    expect(await store.bundles.active("one")).toEqual(one.manifest);
    for (const { sha256 } of one.manifest.files) expect(await store.bundles.hasFile(sha256)).toBe(true);
  });

  test("a manifest whose files are not all there is not activated, and nothing is deleted", async () => {
    const first = await tinyBundle("tiny", 1);
    const second = await tinyBundle("tiny", 2);
    await put(store, first);
    await store.bundles.activate(first.manifest);
    await store.bundles.writeFile(hashOf(second.manifest, "catalogue"), second.byRole.get("catalogue")!);
    expect(await codeOf(store.bundles.activate(second.manifest))).toBe("STORAGE_FAILED");
    expect(await store.bundles.active("tiny")).toEqual(first.manifest);
    for (const { sha256 } of first.manifest.files) expect(await store.bundles.hasFile(sha256)).toBe(true);
    expect(await store.bundles.hasFile(hashOf(second.manifest, "catalogue"))).toBe(true);
    await store.bundles.prune();
    expect(await store.bundles.hasFile(hashOf(second.manifest, "catalogue"))).toBe(false);
    expect(await store.bundles.hasFile(hashOf(first.manifest, "catalogue"))).toBe(true);
  });

  test("erasing the bundles leaves the history, and the reverse", async () => {
    const bundle = await tinyBundle("tiny", 1);
    await put(store, bundle);
    await store.bundles.activate(bundle.manifest);
    await store.history.append("tiny", interaction("1"));
    await store.bundles.eraseAll();
    expect(await store.bundles.active("tiny")).toBeNull();
    expect(await store.bundles.hasFile(bundle.manifest.files[0]!.sha256)).toBe(false);
    expect(await store.history.all("tiny")).toHaveLength(1);
    await put(store, bundle);
    await store.bundles.activate(bundle.manifest);
    await store.history.append("other", interaction("1"));
    await store.history.eraseAll();
    expect(await store.history.all("tiny")).toEqual([]);
    expect(await store.history.all("other")).toEqual([]);
    expect(await store.bundles.active("tiny")).toEqual(bundle.manifest);
  });

  test("the history keeps the order of writing, whatever the clock and the ids say", async () => {
    const events = ["9", "1", "5"].map((id, at) => ({ ...interaction(id), atMs: -at, value: 4 }));
    for (const event of events) await store.history.append("tiny", event);
    expect(await store.history.all("tiny")).toEqual(events);
  });

  test("events written at once are all kept", async () => {
    const ids = Array.from({ length: 50 }, (_, at) => String(at));
    await Promise.all(ids.map((id) => store.history.append("tiny", interaction(id))));
    expect((await store.history.all("tiny")).map((event) => event.id)).toEqual(ids);
  });

  test("the same id twice keeps the first, and answers it; another bundle has its own ids", async () => {
    expect(await store.history.append("tiny", interaction("1", "first"))).toEqual(interaction("1", "first"));
    const again = [
      store.history.append("tiny", interaction("1", "second")),
      store.history.append("tiny", interaction("1", "third")),
    ];
    expect(await Promise.all(again)).toEqual([interaction("1", "first"), interaction("1", "first")]);
    await store.history.append("other", interaction("1", "elsewhere"));
    expect(await store.history.all("tiny")).toEqual([interaction("1", "first")]);
    expect(await store.history.all("other")).toEqual([interaction("1", "elsewhere")]);
  });

  test("undo takes the newest event of its bundle, and an id that was undone can be written again", async () => {
    for (const id of ["1", "2"]) await store.history.append("tiny", interaction(id));
    await store.history.append("zebra", interaction("3"));
    await store.history.append("alpha", interaction("4"));
    expect(await store.history.remove("tiny")).toEqual(interaction("2"));
    expect(await store.history.all("tiny")).toEqual([interaction("1")]);
    await store.history.append("tiny", interaction("2", "again"));
    expect(await store.history.all("tiny")).toEqual([interaction("1"), interaction("2", "again")]);
    expect(await store.history.remove("tiny")).toEqual(interaction("2", "again"));
    expect(await store.history.remove("tiny")).toEqual(interaction("1"));
    expect(await store.history.remove("tiny")).toBeNull();
    expect(await store.history.all("zebra")).toHaveLength(1);
    expect(await store.history.all("alpha")).toHaveLength(1);
  });

  test("undo of one event takes that one, of its bundle, and no other", async () => {
    for (const id of ["1", "2", "3"]) await store.history.append("tiny", interaction(id));
    await store.history.append("other", interaction("2"));
    expect(await store.history.remove("tiny", "2")).toEqual(interaction("2"));
    expect(await store.history.remove("tiny", "2")).toBeNull();
    expect(await store.history.remove("tiny", "never")).toBeNull();
    expect(await store.history.all("tiny")).toEqual([interaction("1"), interaction("3")]);
    expect(await store.history.all("other")).toHaveLength(1);
  });

  test("a delivery answers what it makes, and fails as it fails", async () => {
    expect(await store.bundles.deliver("tiny", async () => 7)).toBe(7);
    const failing = store.bundles.deliver("tiny", () => Promise.reject(new EngineError("CANCELLED")));
    expect(await codeOf(failing)).toBe("CANCELLED");
  });
});

describe("IndexedDB alone", () => {
  test("what was written is there for the next worker", async () => {
    const bundle = await tinyBundle("tiny", 1);
    const before = await openStore();
    await put(before, bundle);
    await before.bundles.activate(bundle.manifest);
    await before.history.append("tiny", interaction("1"));
    const after = await openStore();
    expect(await after.bundles.active("tiny")).toEqual(bundle.manifest);
    expect(await after.bundles.readFile(hashOf(bundle.manifest, "items"))).toEqual(bundle.byRole.get("items"));
    expect(await after.history.all("tiny")).toEqual([interaction("1")]);
  });

  test("a database of version 1 keeps its history and gains the timings", async () => {
    const first = await openDB("affiche", 1, {
      upgrade(database) {
        database.createObjectStore("files");
        database.createObjectStore("bundles", { keyPath: "manifest.name" });
        const history = database.createObjectStore("history", { keyPath: "sequence", autoIncrement: true });
        history.createIndex("byBundle", "bundleName");
        history.createIndex("byId", ["bundleName", "interaction.id"], { unique: true });
      },
    });
    await first.add("history", { bundleName: "tiny", interaction: interaction("1") });
    first.close();
    const store = await openStore();
    expect(await store.history.all("tiny")).toEqual([interaction("1")]);
    await store.history.append("tiny", interaction("2"));
    expect(await store.history.all("tiny")).toHaveLength(2);
    await store.timings.write("here", { wasm: 1 });
    expect(await store.timings.read("here")).toEqual({ wasm: 1 });
  });

  test("a view is stored without the buffer behind it", async () => {
    const store = await openStore();
    await store.bundles.writeFile("a", noise(300_000).subarray(0, 10));
    expect((await store.bundles.readFile("a"))!.buffer.byteLength).toBe(10);
  });

  test("two tabs append to one history", async () => {
    const [left, right] = [await openStore(), await openStore()];
    await Promise.all([left.history.append("tiny", interaction("1")), right.history.append("tiny", interaction("1"))]);
    await right.history.append("tiny", interaction("2"));
    expect((await left.history.all("tiny")).map((event) => event.id)).toEqual(["1", "2"]);
  });

  test("writes ask for strict durability", async () => {
    const transaction = vi.spyOn(IDBDatabase.prototype, "transaction");
    await (await openStore()).history.append("tiny", interaction("1"));
    expect(transaction.mock.calls.map(([, mode, options]) => [mode, options?.durability])).toEqual([
      ["readwrite", "strict"],
    ]);
    transaction.mockRestore();
  });

  test("another tab may delete or upgrade the database: the connection gives way, and says what is gone", async () => {
    const elsewhere = vi.fn<(bundleName: string | null) => void>();
    const store = await openStore(elsewhere);
    await store.history.append("tiny", interaction("1"));
    await deleteDB("affiche");
    expect(await store.history.all("tiny")).toEqual([]);
    const newer = await openDB("affiche", 99);
    expect(await codeOf(store.history.append("tiny", interaction("2")))).toBe("STORAGE_FAILED");
    expect(await codeOf(openStore())).toBe("STORAGE_FAILED");
    newer.close();
    await deleteDB("affiche");
    await store.history.append("tiny", interaction("3"));
    expect(await store.history.all("tiny")).toEqual([interaction("3")]);
    expect(elsewhere.mock.calls).toEqual([[null]]);
  });

  test("a connection that the browser terminated is said, and opened again", async () => {
    const elsewhere = vi.fn<(bundleName: string | null) => void>();
    const store = await openStore(elsewhere);
    await store.history.append("tiny", interaction("1"));
    await cdp().send("Storage.clearDataForOrigin", { origin: location.origin, storageTypes: "indexeddb" });
    await vi.waitFor(async () => expect(await store.history.all("tiny")).toEqual([]));
    await store.history.append("tiny", interaction("2"));
    expect(await store.history.all("tiny")).toEqual([interaction("2")]);
    expect(elsewhere.mock.calls).toEqual([[null]]);
  });

  test("a tab that holds the database gives STORAGE_FAILED in time, not a call that hangs", async () => {
    const holder = await openDB("affiche", 1);
    const deletion = deleteDB("affiche");
    expect(await codeOf(openStore(() => {}, 200))).toBe("STORAGE_FAILED");
    holder.close();
    await deletion;
    expect((await openStore()).kind).toBe("indexeddb");
  });

  test("a full disk is STORAGE_FULL; what was there stays, and writing works again with space", async () => {
    const bundle = await tinyBundle("tiny", 1);
    const { origin } = location;
    // Chromium remembers the free space of a database that is open: begin without one.
    await cdp().send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
    await cdp().send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
    const store = await openStore();
    try {
      await put(store, bundle);
      await store.bundles.activate(bundle.manifest);
      await store.history.append("tiny", interaction("1"));
      expect(await codeOf(store.bundles.writeFile("large", noise(4_000_000)))).toBe("STORAGE_FULL");
      expect(await store.bundles.hasFile("large")).toBe(false);
      const longId = Array.from(noise(2_000_000), (byte) => String.fromCharCode(byte + 256)).join("");
      expect(await codeOf(store.history.append("tiny", interaction("2", longId)))).toBe("STORAGE_FULL");
    } finally {
      await cdp().send("Storage.overrideQuotaForOrigin", { origin });
    }
    expect(await store.bundles.active("tiny")).toEqual(bundle.manifest);
    expect(await store.history.all("tiny")).toEqual([interaction("1")]);
    await store.history.append("tiny", interaction("2"));
    expect(await store.history.all("tiny")).toEqual([interaction("1"), interaction("2")]);
  });
});

/** A lock as another tab holds it, until the answer is called; it says when it has been freed. */
async function lockedElsewhere(name: string): Promise<() => Promise<void>> {
  let free!: () => void;
  let held!: Promise<unknown>;
  await new Promise<void>((had) => {
    held = navigator.locks.request(name, () => new Promise<void>((resolve) => (had(), (free = resolve))));
  });
  return async () => {
    free();
    await held;
  };
}

describe("several tabs", () => {
  test("one writes at a time: the other waits its turn, and reads meanwhile", async () => {
    const store = await openStore();
    const free = await lockedElsewhere("affiche-writer");
    const done: string[] = [];
    const writing = store.history.append("tiny", interaction("1")).then(() => done.push("written"));
    await vi.waitFor(async () => expect((await navigator.locks.query()).pending).toHaveLength(1));
    expect(await store.history.all("tiny")).toEqual([]);
    done.push("freed");
    await free();
    await writing;
    expect(done).toEqual(["freed", "written"]);
    expect(await store.history.all("tiny")).toEqual([interaction("1")]);
  });

  test("a writer that never ends is STORAGE_FAILED in time, nothing is kept, and a later try works", async () => {
    const bundle = await tinyBundle("tiny", 1);
    const store = await openStore(() => {}, 100);
    await put(store, bundle);
    const free = await lockedElsewhere("affiche-writer");
    // All are asked at once, and each is heard from its beginning: which one ends first is not said.
    const changes = [
      store.history.append("tiny", interaction("1")),
      store.history.remove("tiny"),
      store.history.eraseAll(),
      store.bundles.activate(bundle.manifest),
      store.bundles.prune(),
      store.bundles.eraseAll(),
    ];
    const codes = await Promise.all(changes.map((change) => codeOf(change)));
    expect(codes).toEqual(changes.map(() => "STORAGE_FAILED"));
    await free();
    expect(await store.history.all("tiny")).toEqual([]);
    expect(await store.bundles.active("tiny")).toBeNull();
    await store.history.append("tiny", interaction("1"));
    expect(await store.history.all("tiny")).toEqual([interaction("1")]);
  });

  test("a browser without locks: the transactions alone keep the order", async () => {
    vi.spyOn(Navigator.prototype, "locks", "get").mockReturnValue(undefined as unknown as LockManager);
    const [left, right] = [await openStore(), await openStore()];
    const bundle = await tinyBundle("tiny", 1);
    await put(left, bundle);
    await left.bundles.deliver("tiny", () => left.bundles.activate(bundle.manifest));
    await Promise.all([left.history.append("tiny", interaction("1")), right.history.append("tiny", interaction("1"))]);
    expect(await right.history.all("tiny")).toEqual([interaction("1")]);
    expect(await right.bundles.active("tiny")).toEqual(bundle.manifest);
  });

  test("the others hear of every change, of which bundle, and once it can be read", async () => {
    const writer = vi.fn<(bundleName: string | null) => void>();
    const left = await openStore(writer);
    const heard: [string | null, number][] = [];
    const right: Store = await openStore(async (bundleName) => {
      heard.push([bundleName, (await right.history.all("tiny")).length]);
    });
    const next = (count: number) => vi.waitFor(() => expect(heard).toHaveLength(count));
    await left.history.append("tiny", interaction("1"));
    await next(1);
    await left.history.remove("tiny", "1");
    await next(2);
    await left.history.append("other", interaction("1"));
    await next(3);
    await left.history.eraseAll();
    await next(4);
    expect(heard).toEqual([
      ["tiny", 1],
      ["tiny", 0],
      ["other", 0],
      [null, 0],
    ]);
    expect(writer).not.toHaveBeenCalled();
  });

  test("a bundle that two want at once is delivered by one, and the other finds its files", async () => {
    const bundle = await tinyBundle("tiny", 1);
    const [left, right] = [await openStore(), await openStore()];
    const deliver = (store: Store): Promise<string> =>
      store.bundles.deliver("tiny", async () => {
        if ((await store.bundles.active("tiny")) !== null) return "found";
        await put(store, bundle);
        await store.bundles.activate(bundle.manifest);
        return "downloaded";
      });
    expect((await Promise.all([deliver(left), deliver(right)])).toSorted()).toEqual(["downloaded", "found"]);
  });

  test.each([
    ["nothing stored: as long as for a silent server", false, DELIVERY.stallMs],
    ["a bundle stored: as long as for a manifest", true, DELIVERY.manifestMs],
  ])("a tab that does not end its delivery is waited for, not for ever; %s", async (_, stored, waitMs) => {
    const bundle = await tinyBundle("tiny", 1);
    const store = await openStore();
    if (stored) {
      await put(store, bundle);
      await store.bundles.activate(bundle.manifest);
    }
    const free = await lockedElsewhere("affiche-delivery:tiny");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let started = false;
    const delivery = store.bundles.deliver("tiny", async () => (started = true));
    // Until it waits; vi.waitUntil would let the time pass.
    while (vi.getTimerCount() === 0) await navigator.locks.query();
    await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(started).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await delivery).toBe(true);
    await free();
  });

  test("what another tab is downloading is neither pruned nor deleted by a switch", async () => {
    const mine = await tinyBundle("mine", 1);
    const theirs = await tinyBundle("theirs", 2);
    const [left, right] = [await openStore(), await openStore()];
    const items = hashOf(theirs.manifest, "items");
    let finish!: () => void;
    const began = new Promise<void>((begun) => {
      void right.bundles.deliver("theirs", async () => {
        await right.bundles.writeFile(items, theirs.byRole.get("items")!);
        begun();
        await new Promise<void>((resolve) => (finish = resolve));
      });
    });
    await began;
    await left.bundles.deliver("mine", async () => {
      await put(left, mine);
      await left.bundles.activate(mine.manifest);
      await left.bundles.prune();
    });
    await left.bundles.prune();
    expect(await left.bundles.hasFile(items)).toBe(true);
    finish();
    await vi.waitFor(async () => {
      await left.bundles.prune();
      expect(await left.bundles.hasFile(items)).toBe(false);
    });
    for (const { sha256 } of mine.manifest.files) expect(await left.bundles.hasFile(sha256)).toBe(true);
  });

  test("a delivery prunes what its own attempt leaves", async () => {
    const store = await openStore();
    await store.bundles.deliver("tiny", async () => {
      await store.bundles.writeFile("left-over", Uint8Array.of(1));
      await store.bundles.prune();
    });
    expect(await store.bundles.hasFile("left-over")).toBe(false);
  });
});

describe("no IndexedDB", () => {
  const throwing = (name: string) => ({
    open(): never {
      throw new DOMException("denied", name);
    },
  });

  test.each([
    ["absent", undefined],
    ["denied by SecurityError", throwing("SecurityError")],
    ["broken by UnknownError", throwing("UnknownError")],
  ])("%s: memory", async (_, indexedDB) => {
    vi.stubGlobal("indexedDB", indexedDB);
    const store = await openStore();
    expect(store.kind).toBe("memory");
    await store.history.append("tiny", interaction("1"));
    expect(await store.history.all("tiny")).toEqual([interaction("1")]);
  });
});
