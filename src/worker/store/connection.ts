/**
 * One connection to the database: opened on first use, opened again after it was lost, one writer
 * among the tabs, and every failure as a typed error.
 */
import type { IDBPTransaction, StoreNames } from "idb";
import { EngineError } from "../../model/errors.ts";
import { inTurn } from "./locks.ts";
import { OPEN_DEADLINE_MS, openDatabase } from "./schema.ts";
import type { Database, Schema } from "./schema.ts";

type Name = StoreNames<Schema>;

export class Connection {
  readonly #onCleared: () => void;
  readonly #deadlineMs: number;
  #database: Promise<Database> | null = null;

  /**
   * @param onCleared hears that the data was taken away while the database was open
   * @param deadlineMs for opening, and for the turn to write
   */
  constructor(onCleared: () => void, deadlineMs: number = OPEN_DEADLINE_MS) {
    this.#onCleared = onCleared;
    this.#deadlineMs = deadlineMs;
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

  /**
   * `transact` for a change that others see, by one tab of the origin at a time.
   * @throws STORAGE_FULL, STORAGE_FAILED also when another tab does not end its own in time
   */
  change<Names extends Name[], T>(
    names: [...Names],
    work: (transaction: IDBPTransaction<Schema, Names, "readwrite">) => Promise<T>,
  ): Promise<T> {
    return inTurn(
      "affiche-writer",
      this.#deadlineMs,
      () => this.transact(names, "readwrite", work),
      () => Promise.reject(new EngineError("STORAGE_FAILED", { reason: "another tab does not end its writing" })),
    );
  }

  async #opened(): Promise<Database> {
    const onLost = (cleared: boolean): void => {
      this.#database = null;
      if (cleared) this.#onCleared();
    };
    try {
      return await openDatabase(onLost, this.#deadlineMs);
    } catch (cause) {
      this.#database = null;
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
