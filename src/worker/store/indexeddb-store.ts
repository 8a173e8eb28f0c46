/** The store on the device's disk. */
import type { IDBPTransaction } from "idb";
import type { Manifest } from "../../model/bundle/manifest.ts";
import { DELIVERY } from "../../model/config.ts";
import type { EngineTimings } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import type { Interaction } from "../../model/interactions/interaction.ts";
import type { Connection } from "./connection.ts";
import { countHeld, inTurn } from "./locks.ts";
import type { Schema } from "./schema.ts";
import type { BundleStore, HistoryStore, Store, TimingStore } from "./types.ts";

type BundleTransaction = IDBPTransaction<Schema, ["bundles", "files"], "readwrite">;

/** Names of the locks under which bundles are delivered, before the bundle's own. */
const DELIVERIES = "affiche-delivery:";

class IndexedDbBundleStore implements BundleStore {
  readonly #connection: Connection;
  /** Deliveries of this tab that hold their lock. */
  #delivering = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  active(name: string): Promise<Manifest | null> {
    return this.#connection.transact(["bundles"], "readonly", async ({ store }) => {
      const bundle = await store.get(name);
      return bundle?.manifest ?? null;
    });
  }

  hasFile(sha256: string): Promise<boolean> {
    return this.#connection.transact(
      ["files"],
      "readonly",
      async ({ store }) => (await store.getKey(sha256)) !== undefined,
    );
  }

  readFile(sha256: string): Promise<Uint8Array | null> {
    return this.#connection.transact(["files"], "readonly", async ({ store }) => (await store.get(sha256)) ?? null);
  }

  async writeFile(sha256: string, bytes: Uint8Array): Promise<void> {
    // Storing a view stores the whole buffer behind it.
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    await this.#connection.transact(["files"], "readwrite", ({ store }) => store.put(own, sha256));
  }

  async deliver<T>(name: string, work: () => Promise<T>): Promise<T> {
    const stored = await this.active(name).catch(() => null);
    const held = async (): Promise<T> => {
      this.#delivering++;
      try {
        return await work();
      } finally {
        this.#delivering--;
      }
    };
    return inTurn(DELIVERIES + name, stored ? DELIVERY.manifestMs : DELIVERY.stallMs, held, work);
  }

  async activate(manifest: Manifest): Promise<void> {
    const othersDeliver = await this.#othersDeliver();
    await this.#connection.change(["bundles", "files"], async (transaction) => {
      const files = transaction.objectStore("files");
      for (const { path, sha256 } of manifest.files) {
        if ((await files.getKey(sha256)) === undefined) {
          throw new EngineError("STORAGE_FAILED", { reason: `${path} is not stored` });
        }
      }
      await transaction.objectStore("bundles").put({ manifest });
      if (!othersDeliver) await pruneFiles(transaction);
    });
  }

  async prune(): Promise<void> {
    if (await this.#othersDeliver()) return;
    await this.#connection.change(["bundles", "files"], pruneFiles);
  }

  async eraseAll(): Promise<void> {
    await this.#connection.change(["bundles", "files"], async (transaction) => {
      await transaction.objectStore("bundles").clear();
      await transaction.objectStore("files").clear();
    });
  }

  async #othersDeliver(): Promise<boolean> {
    return (await countHeld(DELIVERIES)) > this.#delivering;
  }
}

async function pruneFiles(transaction: BundleTransaction): Promise<void> {
  const bundles = await transaction.objectStore("bundles").getAll();
  const wanted = new Set(bundles.flatMap(({ manifest }) => manifest.files.map((file) => file.sha256)));
  const files = transaction.objectStore("files");
  for (const sha256 of await files.getAllKeys()) if (!wanted.has(sha256)) await files.delete(sha256);
}

/** What a tab tells the others after a change of the history; null: of every bundle. Never what changed. */
interface HistoryMessage {
  readonly bundleName: string | null;
}

class IndexedDbHistoryStore implements HistoryStore {
  readonly #connection: Connection;
  readonly #tabs = new BroadcastChannel("affiche-history");

  /** @param onElsewhere hears which bundle's history another tab has changed; null: any */
  constructor(connection: Connection, onElsewhere: (bundleName: string | null) => void) {
    this.#connection = connection;
    this.#tabs.addEventListener("message", ({ data }: MessageEvent<HistoryMessage>) => onElsewhere(data.bundleName));
  }

  async append(bundleName: string, interaction: Interaction): Promise<Interaction> {
    const kept = await this.#connection.change(["history"], async ({ store }) => {
      const first = await store.index("byId").get([bundleName, interaction.id]);
      if (first) return first.interaction;
      await store.add({ bundleName, interaction });
      return interaction;
    });
    this.#tell(bundleName);
    return kept;
  }

  async remove(bundleName: string, id?: string): Promise<Interaction | null> {
    const removed = await this.#connection.change(["history"], async ({ store }) => {
      const cursor =
        id === undefined
          ? await store.index("byBundle").openCursor(bundleName, "prev")
          : await store.index("byId").openCursor([bundleName, id]);
      if (!cursor) return null;
      await cursor.delete();
      return cursor.value.interaction;
    });
    this.#tell(bundleName);
    return removed;
  }

  all(bundleName: string): Promise<Interaction[]> {
    return this.#connection.transact(["history"], "readonly", async ({ store }) => {
      const records = await store.index("byBundle").getAll(bundleName);
      return records.map((record) => record.interaction);
    });
  }

  async eraseAll(): Promise<void> {
    await this.#connection.change(["history"], ({ store }) => store.clear());
    this.#tell(null);
  }

  #tell(bundleName: string | null): void {
    this.#tabs.postMessage({ bundleName } satisfies HistoryMessage);
  }
}

class IndexedDbTimingStore implements TimingStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async read(key: string): Promise<EngineTimings | null> {
    return this.#connection.transact(["timings"], "readonly", async ({ store }) => (await store.get(key)) ?? null);
  }

  async write(key: string, timings: EngineTimings): Promise<void> {
    await this.#connection.transact(["timings"], "readwrite", ({ store }) => store.put(timings, key));
  }

  async eraseAll(): Promise<void> {
    await this.#connection.transact(["timings"], "readwrite", ({ store }) => store.clear());
  }
}

export class IndexedDbStore implements Store {
  readonly kind = "indexeddb";
  readonly bundles: BundleStore;
  readonly history: HistoryStore;
  readonly timings: TimingStore;

  constructor(connection: Connection, onElsewhere: (bundleName: string | null) => void) {
    this.bundles = new IndexedDbBundleStore(connection);
    this.history = new IndexedDbHistoryStore(connection, onElsewhere);
    this.timings = new IndexedDbTimingStore(connection);
  }
}
