/**
 * The bundle store as delivery sees it: a help, never a condition. Where storage fails, reading finds
 * nothing, writing stops, and the first error stays for the notice.
 */
import { parseManifest } from "../../model/bundle/manifest.ts";
import type { Manifest, ManifestFile } from "../../model/bundle/manifest.ts";
import { EngineError } from "../../model/errors.ts";
import type { BundleStore } from "../store/store.ts";
import { isFile } from "./download.ts";

export class BundleCache {
  readonly #store: BundleStore;
  #error: EngineError | null = null;

  constructor(store: BundleStore) {
    this.#store = store;
  }

  /** The first failure of the storage; null while all is well. */
  get error(): EngineError | null {
    return this.#error;
  }

  /** null when there is none, or none that this release of the app reads. */
  async active(name: string): Promise<Manifest | null> {
    const stored = await this.#attempt(() => this.#store.active(name));
    try {
      return stored && parseManifest(stored);
    } catch {
      return null;
    }
  }

  /** Verified bytes; null when the file is not stored or is damaged. */
  async read(file: ManifestFile): Promise<Uint8Array | null> {
    const bytes = await this.#attempt(() => this.#store.readFile(file.sha256));
    return bytes && (await isFile(bytes, file)) ? bytes : null;
  }

  /** After a failure the unfinished download gives its space back: the history needs it more. */
  async write(file: ManifestFile, bytes: Uint8Array): Promise<void> {
    if (this.#error) return;
    await this.#attempt(() => this.#store.writeFile(file.sha256, bytes));
    if (this.#error) await this.#attempt(() => this.#store.prune());
  }

  async activate(manifest: Manifest): Promise<void> {
    if (this.#error) return;
    await this.#attempt(() => this.#store.activate(manifest));
  }

  async #attempt<T>(operation: () => Promise<T>): Promise<T | null> {
    try {
      return await operation();
    } catch (cause) {
      this.#error ??= EngineError.from(cause);
      return null;
    }
  }
}
