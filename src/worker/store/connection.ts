/**
 * One connection to the database: opened on first use, opened again after it was lost, and every
 * failure as a typed error.
 */
import type { IDBPTransaction, StoreNames } from "idb";
import { EngineError } from "../../model/errors.ts";
import { OPEN_DEADLINE_MS, openDatabase } from "./schema.ts";
import type { Database, Schema } from "./schema.ts";

type Name = StoreNames<Schema>;

export class Connection {
  readonly #openMs: number;
  #database: Promise<Database> | null = null;

  constructor(openMs: number = OPEN_DEADLINE_MS) {
    this.#openMs = openMs;
  }

  /** @throws what IndexedDB throws, and STORAGE_FAILED */
  open(): Promise<Database> {
    this.#database ??= this.#opened();
    return this.#database;
  }

  /**
   * Runs `work` in one transaction and answers when it is complete: for writing, on disk.
   * `work` may await requests of the transaction only. When it fails, nothing of it stays.
   * @throws STORAGE_FULL, STORAGE_FAILED
   */
  async transact<Names extends Name[], Mode extends "readonly" | "readwrite", T>(
    names: [...Names],
    mode: Mode,
    work: (transaction: IDBPTransaction<Schema, Names, Mode>) => Promise<T>,
  ): Promise<T> {
    let transaction: IDBPTransaction<Schema, Names, Mode> | null = null;
    try {
      // Relaxed is Chrome's default since 121 and answers before the data is on disk.
      transaction = (await this.open()).transaction(names, mode, { durability: "strict" });
      transaction.done.catch(() => {});
      const result = await work(transaction);
      await transaction.done;
      return result;
    } catch (cause) {
      try {
        transaction?.abort();
      } catch {
        // It has aborted by itself.
      }
      await transaction?.done.catch(() => {});
      // A full disk aborts the transaction without a request error: its own error names the cause.
      throw storageError(transaction?.error ?? cause);
    }
  }

  async #opened(): Promise<Database> {
    const forget = (): void => {
      this.#database = null;
    };
    try {
      return await openDatabase(forget, this.#openMs);
    } catch (cause) {
      forget();
      throw cause;
    }
  }
}

function storageError(cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause;
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  if (name === "QuotaExceededError") return new EngineError("STORAGE_FULL", {}, cause);
  return new EngineError("STORAGE_FAILED", { reason: message ? `${name}: ${message}` : name }, cause);
}
