/**
 * What the worker keeps on the device: bundles, which can be downloaded again, what the machine was measured to do, which
 * can be measured again, and the history, which is nowhere else.
 */
import type { Manifest } from "../../model/bundle/manifest.ts";
import type { EngineTimings } from "../../model/contract.ts";
import type { Interaction } from "../../model/interactions/interaction.ts";

/** Files are addressed by their SHA-256 (64 hex digits) and shared between versions and bundles. */
export interface BundleStore {
  /** The manifest last activated under that name; null when there is none. @throws STORAGE_FAILED */
  active(name: string): Promise<Manifest | null>;
  /** @throws STORAGE_FAILED */
  hasFile(sha256: string): Promise<boolean>;
  /** null when it is not stored. The caller verifies the bytes. @throws STORAGE_FAILED */
  readFile(sha256: string): Promise<Uint8Array | null>;
  /** Replaces what is stored under that hash. @throws STORAGE_FULL, STORAGE_FAILED */
  writeFile(sha256: string, bytes: Uint8Array): Promise<void>;
  /**
   * Runs a delivery of that bundle. Of several tabs that deliver it at once one does; the others wait
   * and find its files. Who has waited as long as for a silent server goes ahead.
   */
  deliver<T>(name: string, work: () => Promise<T>): Promise<T>;
  /**
   * In one transaction: the manifest becomes the active one of its name, and the files that no
   * manifest refers to any longer are deleted, unless another tab delivers: they may be its own.
   * @throws STORAGE_FAILED also when one of its files is not stored; the previous one then stays
   */
  activate(manifest: Manifest): Promise<void>;
  /**
   * Deletes the files that no manifest refers to: what an unfinished download left. Not while another
   * tab delivers. @throws STORAGE_FAILED
   */
  prune(): Promise<void>;
  /** @throws STORAGE_FAILED */
  eraseAll(): Promise<void>;
}

/** One history a bundle name, in the order of writing. One tab writes at a time, and the others hear of it. */
export interface HistoryStore {
  /**
   * Resolves once the event is on disk. An id that is there already keeps the first event, which is
   * the answer. @throws STORAGE_FULL, STORAGE_FAILED
   */
  append(bundleName: string, interaction: Interaction): Promise<Interaction>;
  /**
   * Takes the event of that id away, without an id the newest, and answers it; null when there is none.
   * @throws STORAGE_FAILED
   */
  remove(bundleName: string, id?: string): Promise<Interaction | null>;
  /** Oldest first. @throws STORAGE_FAILED */
  all(bundleName: string): Promise<Interaction[]>;
  /** The histories of every bundle. @throws STORAGE_FAILED */
  eraseAll(): Promise<void>;
}

/** What the retrieval engines took on this machine, under `timingsKey`. */
export interface TimingStore {
  /** null: nothing was measured. @throws STORAGE_FAILED */
  read(key: string): Promise<EngineTimings | null>;
  /** @throws STORAGE_FULL, STORAGE_FAILED */
  write(key: string, timings: EngineTimings): Promise<void>;
  /** @throws STORAGE_FAILED */
  eraseAll(): Promise<void>;
}

export interface Store {
  /** "memory": nothing outlives the worker. */
  readonly kind: "indexeddb" | "memory";
  readonly bundles: BundleStore;
  readonly history: HistoryStore;
  readonly timings: TimingStore;
}
