/** The store on the device's disk. */
import type { IDBPTransaction } from "idb";
import type { Manifest } from "../../model/bundle/manifest.ts";
import { EngineError } from "../../model/errors.ts";
import type { Interaction } from "../../model/interactions/interaction.ts";
import type { Connection } from "./connection.ts";
import type { Schema } from "./schema.ts";
import type { BundleStore, HistoryStore, Store } from "./types.ts";

type BundleTransaction = IDBPTransaction<Schema, ["bundles", "files"], "readwrite">;

class IndexedDbBundleStore implements BundleStore {
  readonly #connection: Connection;

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

  async activate(manifest: Manifest): Promise<void> {
    await this.#connection.transact(["bundles", "files"], "readwrite", async (transaction) => {
      const files = transaction.objectStore("files");
      for (const { path, sha256 } of manifest.files) {
        if ((await files.getKey(sha256)) === undefined) {
          throw new EngineError("STORAGE_FAILED", { reason: `${path} is not stored` });
        }
      }
      await transaction.objectStore("bundles").put({ manifest });
      await pruneFiles(transaction);
    });
  }

  async prune(): Promise<void> {
    await this.#connection.transact(["bundles", "files"], "readwrite", pruneFiles);
  }

  async eraseAll(): Promise<void> {
    await this.#connection.transact(["bundles", "files"], "readwrite", async (transaction) => {
      await transaction.objectStore("bundles").clear();
      await transaction.objectStore("files").clear();
    });
  }
}

async function pruneFiles(transaction: BundleTransaction): Promise<void> {
  const bundles = await transaction.objectStore("bundles").getAll();
  const wanted = new Set(bundles.flatMap(({ manifest }) => manifest.files.map((file) => file.sha256)));
  const files = transaction.objectStore("files");
  for (const sha256 of await files.getAllKeys()) if (!wanted.has(sha256)) await files.delete(sha256);
}

class IndexedDbHistoryStore implements HistoryStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  append(bundleName: string, interaction: Interaction): Promise<Interaction> {
    return this.#connection.transact(["history"], "readwrite", async ({ store }) => {
      const first = await store.index("byId").get([bundleName, interaction.id]);
      if (first) return first.interaction;
      await store.add({ bundleName, interaction });
      return interaction;
    });
  }

  removeLast(bundleName: string): Promise<Interaction | null> {
    return this.#connection.transact(["history"], "readwrite", async ({ store }) => {
      const cursor = await store.index("byBundle").openCursor(bundleName, "prev");
      if (!cursor) return null;
      await cursor.delete();
      return cursor.value.interaction;
    });
  }

  all(bundleName: string): Promise<Interaction[]> {
    return this.#connection.transact(["history"], "readonly", async ({ store }) => {
      const records = await store.index("byBundle").getAll(bundleName);
      return records.map((record) => record.interaction);
    });
  }

  async eraseAll(): Promise<void> {
    await this.#connection.transact(["history"], "readwrite", ({ store }) => store.clear());
  }
}

export class IndexedDbStore implements Store {
  readonly kind = "indexeddb";
  readonly bundles: BundleStore;
  readonly history: HistoryStore;

  constructor(connection: Connection) {
    this.bundles = new IndexedDbBundleStore(connection);
    this.history = new IndexedDbHistoryStore(connection);
  }
}
