/**
 * The device with the bundle's items on it, replaced when the device is lost.
 *
 * After a loss tfjs may hang for ever instead of failing, so all work on a device races its loss.
 */
import type { Bundle } from "../model/bundle/bundle.ts";
import { EngineError } from "../model/errors.ts";
import type { BackendName, DeviceState } from "../model/contract.ts";
import { chooseDevice, recoverDevice } from "./device/device.ts";
import type { Device } from "./device/device.ts";
import { createRetriever } from "./retrieval/retriever.ts";
import type { Retriever } from "./retrieval/retriever.ts";

/** A call that failed on a lost device may hear of it before the loss is announced; milliseconds. */
const LOSS_GRACE_MS = 200;
/** One loss takes a new GPU device, the next another backend, which cannot be lost. */
const MAX_ATTEMPTS = 3;

interface Opened {
  readonly device: Device;
  readonly retriever: Retriever;
  /** Rejects with DEVICE_LOST; never resolves. */
  readonly lost: Promise<never>;
}

export class Compute {
  readonly #onState: (state: DeviceState) => void;
  readonly #losses = new WeakMap<Device, PromiseWithResolvers<never>>();
  #bundle: Pick<Bundle, "items" | "clusters"> | null = null;
  #device: Promise<Device>;
  #opened: Promise<Opened> | null = null;

  /** @param first the first backend to try; null: webgpu */
  constructor(first: BackendName | null, onState: (state: DeviceState) => void) {
    this.#onState = onState;
    this.#device = chooseDevice(first, (device, reason) => this.#lose(device, reason));
    this.#device.catch(() => {});
  }

  /** Puts the items of a bundle on the device; those of the one before are let go. */
  async load(bundle: Pick<Bundle, "items" | "clusters">): Promise<void> {
    this.#bundle = bundle;
    const before = this.#opened;
    this.#opened = this.#open();
    await this.#opened;
    (await before?.catch(() => null))?.retriever.dispose();
  }

  /**
   * Runs `work` on the device, again on its replacement when it is lost meanwhile.
   * @throws DEVICE_LOST when every replacement is lost too
   */
  async run<T>(work: (retriever: Retriever) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (!this.#opened) throw new EngineError("NOT_STARTED");
      const { device, retriever, lost } = await this.#opened;
      try {
        return await Promise.race([work(retriever), lost]);
      } catch (cause) {
        if (attempt === MAX_ATTEMPTS || !device.gpu) throw cause;
        const announced = await Promise.race([
          lost.catch(() => true),
          new Promise<false>((resolve) => setTimeout(() => resolve(false), LOSS_GRACE_MS)),
        ]);
        if (!announced) throw cause;
      }
    }
  }

  async #open(): Promise<Opened> {
    const device = await this.#device;
    const { items, clusters } = this.#bundle!;
    const retriever = await createRetriever(device, items, clusters.starts);
    this.#onState({ ...device.state, retrieval: retriever.name });
    const { promise: lost } = this.#lossOf(device);
    return { device, retriever, lost };
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
    if (this.#bundle) {
      this.#opened = this.#open();
      this.#opened.catch(() => {});
    }
    this.#lossOf(device).reject(new EngineError("DEVICE_LOST", { reason }));
  }
}
