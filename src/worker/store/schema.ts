/**
 * The database on the device.
 *
 *   files    SHA-256 -> bytes
 *   bundles  name -> { manifest }
 *   history  sequence -> { bundleName, interaction }; within "byBundle" entries of one bundle come in
 *            order of their sequence, which is the order of writing
 *   timings  adapter, engines and size -> what a search took; since version 2
 */
import { openDB } from "idb";
import type { DBSchema, IDBPDatabase } from "idb";
import type { Manifest } from "../../model/bundle/manifest.ts";
import type { EngineTimings } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import type { Interaction } from "../../model/interactions/interaction.ts";

const NAME = "affiche";
const VERSION = 2;

export interface Schema extends DBSchema {
  files: { key: string; value: Uint8Array };
  bundles: { key: string; value: { readonly manifest: Manifest } };
  history: {
    key: number;
    value: { readonly sequence?: number; readonly bundleName: string; readonly interaction: Interaction };
    indexes: { byBundle: string; byId: [bundleName: string, id: string] };
  };
  timings: { key: string; value: EngineTimings };
}

export type Database = IDBPDatabase<Schema>;

/**
 * An open waits without end while a hung tab keeps an old connection, and no request error tells.
 * Opening takes single-digit milliseconds otherwise; five seconds leave room for a slow disk.
 */
export const OPEN_DEADLINE_MS = 5_000;

/**
 * @param onLost the connection is closed: by another tab that deletes or upgrades the database, or by
 * the browser. `cleared`: the data goes with it.
 * @throws STORAGE_FAILED after `deadlineMs` without an answer; what IndexedDB throws otherwise
 */
export async function openDatabase(onLost: (cleared: boolean) => void, deadlineMs: number): Promise<Database> {
  const opening = openDB<Schema>(NAME, VERSION, {
    upgrade(database, before) {
      if (before < 1) {
        database.createObjectStore("files");
        database.createObjectStore("bundles", { keyPath: "manifest.name" });
        const history = database.createObjectStore("history", { keyPath: "sequence", autoIncrement: true });
        history.createIndex("byBundle", "bundleName");
        history.createIndex("byId", ["bundleName", "interaction.id"], { unique: true });
      }
      database.createObjectStore("timings");
    },
    blocking(_current, blocked, event) {
      (event.target as IDBDatabase).close();
      onLost(blocked === null);
    },
    terminated: () => onLost(true),
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new EngineError("STORAGE_FAILED", { reason: "another tab holds the database" }));
      opening.then((late) => late.close()).catch(() => {});
    }, deadlineMs);
  });
  try {
    return await Promise.race([opening, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
