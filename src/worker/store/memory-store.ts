/** The store of a browser that allows none: the same behaviour, gone with the worker. */
import type { Manifest } from "../../model/bundle/manifest.ts";
import type { EngineTimings } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import type { Interaction } from "../../model/interactions/interaction.ts";
import type { BundleStore, HistoryStore, Store, TimingStore } from "./types.ts";

class MemoryBundleStore implements BundleStore {
  readonly #files = new Map<string, Uint8Array>();
  readonly #manifests = new Map<string, Manifest>();

  async active(name: string): Promise<Manifest | null> {
    return this.#manifests.get(name) ?? null;
  }

  async hasFile(sha256: string): Promise<boolean> {
    return this.#files.has(sha256);
  }

  async readFile(sha256: string): Promise<Uint8Array | null> {
    return this.#files.get(sha256) ?? null;
  }

  async writeFile(sha256: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(sha256, bytes);
  }

  deliver<T>(_name: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  async activate(manifest: Manifest): Promise<void> {
    const missing = manifest.files.find((file) => !this.#files.has(file.sha256));
    if (missing) throw new EngineError("STORAGE_FAILED", { reason: `${missing.path} is not stored` });
    this.#manifests.set(manifest.name, manifest);
    await this.prune();
  }

  async prune(): Promise<void> {
    const wanted = new Set([...this.#manifests.values()].flatMap(({ files }) => files.map((file) => file.sha256)));
    for (const sha256 of this.#files.keys()) if (!wanted.has(sha256)) this.#files.delete(sha256);
  }

  async eraseAll(): Promise<void> {
    this.#manifests.clear();
    this.#files.clear();
  }
}

class MemoryHistoryStore implements HistoryStore {
  readonly #histories = new Map<string, Interaction[]>();

  async append(bundleName: string, interaction: Interaction): Promise<Interaction> {
    const history = this.#histories.get(bundleName) ?? [];
    const first = history.find(({ id }) => id === interaction.id);
    if (first) return first;
    this.#histories.set(bundleName, [...history, interaction]);
    return interaction;
  }

  async remove(bundleName: string, id?: string): Promise<Interaction | null> {
    const history = this.#histories.get(bundleName) ?? [];
    const at = id === undefined ? history.length - 1 : history.findIndex((interaction) => interaction.id === id);
    return at < 0 ? null : history.splice(at, 1)[0]!;
  }

  async all(bundleName: string): Promise<Interaction[]> {
    return [...(this.#histories.get(bundleName) ?? [])];
  }

  async eraseAll(): Promise<void> {
    this.#histories.clear();
  }
}

class MemoryTimingStore implements TimingStore {
  readonly #timings = new Map<string, EngineTimings>();

  async read(key: string): Promise<EngineTimings | null> {
    return this.#timings.get(key) ?? null;
  }

  async write(key: string, timings: EngineTimings): Promise<void> {
    this.#timings.set(key, timings);
  }

  async eraseAll(): Promise<void> {
    this.#timings.clear();
  }
}

export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly bundles: BundleStore = new MemoryBundleStore();
  readonly history: HistoryStore = new MemoryHistoryStore();
  readonly timings: TimingStore = new MemoryTimingStore();
}
