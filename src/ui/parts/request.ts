import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { EngineErrorData } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";

/**
 * One question to the engine at a time, for a host that shows its answer. A new question cancels the
 * one before it; the last answer stays until the next arrives.
 */
export class Request<T> implements ReactiveController {
  value: T | null = null;
  error: EngineErrorData | null = null;
  readonly #host: ReactiveControllerHost;
  #asking: AbortController | null = null;
  #interrupted: ((signal: AbortSignal) => Promise<T>) | null = null;
  #ask: ((signal: AbortSignal) => Promise<T>) | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get pending(): boolean {
    return this.#asking !== null;
  }

  hostConnected(): void {
    if (this.#interrupted !== null) void this.run(this.#interrupted);
  }

  hostDisconnected(): void {
    this.#interrupted = this.pending ? this.#ask : null;
    this.#asking?.abort();
    this.#asking = null;
  }

  /** Resolves to whether this question was the one answered. */
  async run(ask: (signal: AbortSignal) => Promise<T>): Promise<boolean> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#ask = ask;
    this.#interrupted = null;
    // Asked again: what went wrong before is no news any more.
    this.error = null;
    this.#host.requestUpdate();
    let answer: { value: T } | { error: EngineErrorData };
    try {
      answer = { value: await ask(asking.signal) };
    } catch (error) {
      answer = { error: EngineError.from(error).toData() };
    }
    if (this.#asking !== asking) return false;
    this.#asking = null;
    if ("value" in answer) this.value = answer.value;
    this.error = "error" in answer ? answer.error : null;
    this.#host.requestUpdate();
    return this.error === null;
  }
}
