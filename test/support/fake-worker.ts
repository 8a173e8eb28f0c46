/** A worker on the same thread: a real channel and a real Comlink with an engine at the other end. */
import { expose, transferHandlers } from "comlink";
import type { Endpoint } from "comlink";
import { throwHandler } from "../../src/model/boundary.ts";
import type { EngineApi } from "../../src/model/contract.ts";

export class FakeWorker extends EventTarget {
  readonly #ports = new MessageChannel();
  terminated = false;

  constructor(engine: EngineApi) {
    super();
    transferHandlers.set("throw", throwHandler(transferHandlers.get("throw")!));
    expose(engine, this.#ports.port2 as Endpoint);
    this.#ports.port1.addEventListener("message", ({ data }) =>
      this.dispatchEvent(new MessageEvent("message", { data })),
    );
    this.#ports.port1.start();
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#ports.port1.postMessage(message, transfer);
  }

  terminate(): void {
    this.terminated = true;
    this.#ports.port1.close();
    this.#ports.port2.close();
  }

  /** As a worker whose script threw. */
  crash(): void {
    this.#ports.port1.close();
    this.dispatchEvent(new Event("error"));
  }
}
