/**
 * The device with the bundle's items on it, replaced when the device is lost, and searched by the engine that is asked
 * for or was measured to be the fastest.
 *
 * After a loss tfjs may hang for ever instead of failing, so all work on a device races its loss.
 */
import type { Bundle } from "../model/bundle/bundle.ts";
import { EngineError } from "../model/errors.ts";
import type { DeviceState, EngineTimings, RetrievalEngine, RetrievalState, StartOptions } from "../model/contract.ts";
import { chooseEngine, fastestEngine, timingsKey } from "../model/retrieval/choose-engine.ts";
import { chooseDevice, reasonOf, recoverDevice } from "./device/device.ts";
import type { Device } from "./device/device.ts";
import { timeSearches } from "./retrieval/calibrate.ts";
import { createRetriever } from "./retrieval/retriever.ts";
import type { Retriever } from "./retrieval/retriever.ts";
import type { TimingStore } from "./store/store.ts";

/** A call that failed on a lost device may hear of it before the loss is announced; milliseconds. */
const LOSS_GRACE_MS = 200;
/** One loss takes a new GPU device, the next another backend, which cannot be lost. */
const MAX_ATTEMPTS = 3;

interface Opened {
  readonly device: Device;
  readonly retriever: Retriever;
  readonly retrieval: RetrievalState;
  /** Rejects with DEVICE_LOST; never resolves. */
  readonly lost: Promise<never>;
  /** Under way on the retriever. */
  readonly works: Set<Promise<unknown>>;
}

export class Compute {
  readonly #timings: TimingStore;
  readonly #onState: (state: DeviceState) => void;
  readonly #losses = new WeakMap<Device, PromiseWithResolvers<never>>();
  #wish: RetrievalEngine | null;
  #bundle: Pick<Bundle, "items" | "clusters"> | null = null;
  #device: Promise<Device>;
  #opened: Promise<Opened> | null = null;
  /** The measurement under way; anything else that is to be done ends it. */
  #measuring: AbortController | null = null;

  /** @param timings where what was measured is remembered */
  constructor(
    { backend, retrieval }: Pick<StartOptions, "backend" | "retrieval">,
    timings: TimingStore,
    onState: (state: DeviceState) => void,
  ) {
    this.#timings = timings;
    this.#onState = onState;
    this.#wish = retrieval;
    this.#device = chooseDevice(backend, (device, reason) => this.#lose(device, reason));
    this.#device.catch(() => {});
  }

  /** Puts the items of a bundle on the device; those of the one before are let go. */
  async load(bundle: Pick<Bundle, "items" | "clusters">): Promise<void> {
    this.#bundle = bundle;
    await this.#reopen();
  }

  /** Searches with that engine from now on, with another where it cannot run; null: with the fastest. */
  async useRetrieval(engine: RetrievalEngine | null): Promise<void> {
    this.#wish = engine;
    if (this.#bundle) await this.#reopen();
  }

  /**
   * Runs `work` on the device, again on its replacement when it is lost meanwhile.
   * @throws DEVICE_LOST when every replacement is lost too
   */
  async run<T>(work: (retriever: Retriever) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (!this.#opened) throw new EngineError("NOT_STARTED");
      this.#measuring?.abort();
      const { device, retriever, lost, works } = await this.#opened;
      const working = Promise.race([work(retriever), lost]);
      works.add(working);
      try {
        return await working;
      } catch (cause) {
        if (attempt === MAX_ATTEMPTS || !device.gpu) throw cause;
        const announced = await Promise.race([
          lost.catch(() => true),
          new Promise<false>((resolve) => setTimeout(() => resolve(false), LOSS_GRACE_MS)),
        ]);
        if (!announced) throw cause;
      } finally {
        works.delete(working);
      }
    }
  }

  /**
   * Measures WGSL and WebAssembly on the items, goes on with the faster one and remembers what they took. Nothing where
   * there is nothing to choose or it is known already. It gives way to whatever else is asked for; it can be called again.
   */
  async calibrate(): Promise<void> {
    if (!this.#opened || this.#measuring) return;
    const measuring = new AbortController();
    this.#measuring = measuring;
    try {
      await this.#measure(this.#opened, measuring.signal);
    } catch {
      // A lost device, which the next request hears of.
    } finally {
      this.#measuring = null;
    }
  }

  async #measure(opening: Promise<Opened>, signal: AbortSignal): Promise<void> {
    const opened = await opening;
    const { device, retriever, retrieval, works, lost } = opened;
    const { items } = this.#bundle!;
    if (retrieval.choice !== "default" || retriever.name !== "wgsl") return;
    // Shaders of the tower may compile for seconds.
    await Promise.allSettled(works);
    if (signal.aborted) return;
    const rejected = [...retrieval.rejected];
    const other = await retriever.beside("wasm").catch((cause: unknown) => {
      rejected.push({ engine: "wasm", reason: reasonOf(cause) });
      return null;
    });
    const contenders = other === null ? [retriever] : [retriever, other];
    const searches = Promise.race([timeSearches(contenders, items, signal), lost]);
    works.add(searches);
    const timings = await searches.catch(() => null);
    works.delete(searches);
    if (timings === null || signal.aborted) {
      other?.dispose();
      return;
    }
    const engine = fastestEngine(timings)!;
    const fastest = contenders.find(({ name }) => name === engine)!;
    const measured: Opened = {
      ...opened,
      retriever: fastest,
      retrieval: { engine, choice: "measured", timings, rejected },
      works: fastest === retriever ? works : new Set(),
    };
    this.#opened = Promise.resolve(measured);
    this.#tell(measured);
    if (fastest === retriever) other?.dispose();
    else await close(opening);
    await this.#timings.write(timingsKey(device.state.adapter, items), timings).catch(() => {});
  }

  /** What is open is closed first: two copies of a large table may not fit. */
  #reopen(): Promise<Opened> {
    this.#measuring?.abort();
    const before = this.#opened;
    this.#opened = (async () => {
      if (before) await close(before);
      return this.#open();
    })();
    this.#opened.catch(() => {});
    return this.#opened;
  }

  async #open(): Promise<Opened> {
    const device = await this.#device;
    const { items, clusters } = this.#bundle!;
    const timings = await this.#remembered(device);
    const { first, choice } = chooseEngine(this.#wish, timings);
    const retriever = await createRetriever(device, items, clusters.starts, first);
    const { name: engine, rejected } = retriever;
    const retrieval: RetrievalState = { engine, choice: engine === first ? choice : "default", timings, rejected };
    const opened: Opened = { device, retriever, retrieval, lost: this.#lossOf(device).promise, works: new Set() };
    this.#tell(opened);
    return opened;
  }

  /** Without a GPU there is nothing to choose, and nothing is measured. */
  async #remembered({ gpu, state }: Device): Promise<EngineTimings> {
    if (!gpu) return {};
    return (await this.#timings.read(timingsKey(state.adapter, this.#bundle!.items)).catch(() => null)) ?? {};
  }

  #tell({ device, retrieval }: Opened): void {
    this.#onState({ ...device.state, retrieval });
  }

  #lossOf(device: Device): PromiseWithResolvers<never> {
    const known = this.#losses.get(device);
    if (known) return known;
    const loss = Promise.withResolvers<never>();
    loss.promise.catch(() => {});
    this.#losses.set(device, loss);
    return loss;
  }

  #lose(device: Device, reason: string): void {
    this.#device = recoverDevice(device);
    this.#device.catch(() => {});
    if (this.#bundle) void this.#reopen();
    this.#lossOf(device).reject(new EngineError("DEVICE_LOST", { reason }));
  }
}

/** Frees the items' copy once the work on it is done; one that never opened holds none. */
async function close(opening: Promise<Opened>): Promise<void> {
  const opened = await opening.catch(() => null);
  if (!opened) return;
  await Promise.allSettled(opened.works);
  opened.retriever.dispose();
}
