/** Opens the store that this browser allows. */
import { EngineError } from "../../model/errors.ts";
import { Connection } from "./connection.ts";
import { IndexedDbStore } from "./indexeddb-store.ts";
import { MemoryStore } from "./memory-store.ts";
import type { Store } from "./types.ts";

export type { BundleStore, HistoryStore, Store, TimingStore } from "./types.ts";

/**
 * IndexedDB; memory where the browser has none, denies it (SecurityError) or fails to open it
 * (UnknownError in third-party contexts). A database that is there but cannot be had now, held by
 * another tab or written by a newer version of the app, is an error: its history is not forgotten.
 *
 * @param onElsewhere hears whose history changed elsewhere, in another tab or because the browser took
 * it away: the bundle's name; null: any
 * @throws STORAGE_FAILED
 */
export async function openStore(
  onElsewhere: (bundleName: string | null) => void = () => {},
  deadlineMs?: number,
): Promise<Store> {
  const connection = new Connection(() => onElsewhere(null), deadlineMs);
  try {
    await connection.open();
    return new IndexedDbStore(connection, onElsewhere);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    if (cause instanceof DOMException && cause.name === "VersionError") {
      throw new EngineError("STORAGE_FAILED", { reason: "a newer version of this app wrote it" }, cause);
    }
    return new MemoryStore();
  }
}
