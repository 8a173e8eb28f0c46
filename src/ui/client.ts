/**
 * The engine as the interface sees it: a worker that is spawned, watched and respawned. Every call
 * ends: with an answer, at its deadline, at its abort, or when the worker dies.
 */
import { proxy, transferHandlers, wrap } from "comlink";
import type { Remote } from "comlink";
import { throwHandler } from "../model/boundary.ts";
import { DEADLINES } from "../model/config.ts";
import type {
  EngineApi,
  EngineState,
  HistoryEntry,
  HistoryExport,
  HomePage,
  Interaction,
  ItemCard,
  NewInteraction,
  OfferPage,
  RetrievalEngine,
  ShelfPage,
  ShelfRequest,
  StartOptions,
} from "../model/contract.ts";
import { EngineError } from "../model/errors.ts";
import type { EngineWorker, Spawn } from "./engine-worker.ts";

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number;
  /** False for calls that need no catalogue. */
  readonly needsBundle?: boolean;
  /** False for calls that may not be made twice, when the worker dies of the first. */
  readonly repeatable?: boolean;
}

/** Deaths in a row, without a ready bundle between them, after which the worker stays down. */
const MAX_DEATHS = 3;
/** Times a call is sent to one worker after the other: they may be dying of the call itself. */
const MAX_SENDINGS = 3;
/** A timer this late says that the page slept, not that the worker died, ms. */
const SLEEP_MS = 2_000;

const LOADING: EngineState = {
  bundle: { status: "loading", doneBytes: 0, totalBytes: 0 },
  device: null,
  storage: "indexeddb",
  historyRevision: 0,
};

/** One worker's life. */
class Connection {
  readonly worker: EngineWorker;
  readonly remote: Remote<EngineApi>;
  /** Rejections of the calls that are under way. */
  readonly pending = new Set<(error: EngineError) => void>();
  readonly listeners = new AbortController();

  constructor(worker: EngineWorker) {
    this.worker = worker;
    this.remote = wrap<EngineApi>(worker);
  }

  get alive(): boolean {
    return !this.listeners.signal.aborted;
  }

  close(error: EngineError): void {
    this.listeners.abort();
    this.worker.terminate();
    for (const reject of this.pending) reject(error);
  }
}

/** `affiche-engine` tells of every change of `state`. */
export class EngineClient extends EventTarget {
  readonly #spawn: Spawn;
  #options: StartOptions | null = null;
  #connection: Connection | null = null;
  #state: EngineState = LOADING;
  #deaths = 0;
  /** Recordings under way. */
  readonly #recording = new Set<Promise<Interaction>>();

  constructor(spawn: Spawn) {
    super();
    this.#spawn = spawn;
    const original = transferHandlers.get("throw")!;
    transferHandlers.set("throw", throwHandler(original));
  }

  get state(): EngineState {
    return this.#state;
  }

  /** What comes of it is told by `state`. */
  start(options: StartOptions): void {
    this.#options = options;
    this.#connect();
  }

  /** Ends the worker and its calls; `start` begins anew. */
  stop(): void {
    this.#connection?.close(new EngineError("ENGINE_STOPPED", { reason: "stopped" }));
    this.#connection = null;
  }

  /** Tries again what failed: the worker, where it stays down, or the download. @throws BUNDLE_* */
  async retry(): Promise<void> {
    if (this.#connection === null) {
      this.#deaths = 0;
      this.#connect();
    } else {
      await this.#call("retryBundle", (remote) => remote.retryBundle(), {
        deadlineMs: DEADLINES.startMs,
        needsBundle: false,
        repeatable: false,
      });
    }
  }

  /** For this worker and those after it. @throws DEADLINE_EXCEEDED, ENGINE_STOPPED, STORAGE_FAILED */
  async useRetrieval(engine: RetrievalEngine | null): Promise<void> {
    if (this.#options) this.#options = { ...this.#options, retrieval: engine };
    await this.#call("useRetrieval", (remote) => remote.useRetrieval(engine), { needsBundle: false });
  }

  /** @throws CANCELLED, DEADLINE_EXCEEDED, ENGINE_STOPPED, BUNDLE_* */
  home(signal?: AbortSignal): Promise<HomePage> {
    return this.#call("home", (remote, requestId) => remote.home({ requestId }), { signal });
  }

  /** @throws ITEM_UNKNOWN, CANCELLED, DEADLINE_EXCEEDED, ENGINE_STOPPED, BUNDLE_* */
  similar(itemId: string, signal?: AbortSignal): Promise<OfferPage> {
    return this.#call("similar", (remote, requestId) => remote.similar(itemId, { requestId }), { signal });
  }

  /** @throws ITEM_UNKNOWN, CANCELLED, DEADLINE_EXCEEDED, ENGINE_STOPPED, BUNDLE_* */
  shelf(request: ShelfRequest, signal?: AbortSignal): Promise<ShelfPage> {
    return this.#call("shelf", (remote, requestId) => remote.shelf(request, { requestId }), { signal });
  }

  /** @throws CANCELLED, DEADLINE_EXCEEDED, ENGINE_STOPPED, BUNDLE_* */
  search(query: string, signal?: AbortSignal): Promise<readonly ItemCard[]> {
    return this.#call("search", (remote, requestId) => remote.search(query, { requestId }), { signal });
  }

  /**
   * Outlives the worker: an event that was not acknowledged is sent again with the same id, and the
   * store keeps one of each id. @throws EVENT_INVALID, ITEM_UNKNOWN, STORAGE_*, DEADLINE_EXCEEDED, ENGINE_STOPPED
   */
  async record(interaction: NewInteraction): Promise<Interaction> {
    const recording = this.#call("record", (remote) => remote.record(interaction));
    this.#recording.add(recording);
    try {
      return await recording;
    } finally {
      this.#recording.delete(recording);
    }
  }

  /** Resolves once nothing that was to be recorded is under way any more, kept or not. */
  async recorded(): Promise<void> {
    await Promise.allSettled(this.#recording);
  }

  /** @throws STORAGE_*, DEADLINE_EXCEEDED, ENGINE_STOPPED */
  undo(id?: string): Promise<Interaction | null> {
    return this.#call("undo", (remote) => remote.undo(id), { repeatable: false });
  }

  /** @throws DEADLINE_EXCEEDED, ENGINE_STOPPED, BUNDLE_* */
  history(limit: number, signal?: AbortSignal): Promise<readonly HistoryEntry[]> {
    return this.#call("history", (remote) => remote.history(limit), { signal });
  }

  /** @throws STORAGE_*, DEADLINE_EXCEEDED, ENGINE_STOPPED */
  exportHistory(): Promise<HistoryExport> {
    return this.#call("exportHistory", (remote) => remote.exportHistory(), { needsBundle: false });
  }

  /** Erases, then starts as on a first visit. @throws STORAGE_*, DEADLINE_EXCEEDED, ENGINE_STOPPED */
  async eraseEverything(): Promise<void> {
    await this.#call("eraseEverything", (remote) => remote.eraseEverything(), {
      needsBundle: false,
      repeatable: false,
    });
    this.stop();
    this.#connect();
  }

  #connect(): void {
    const options = this.#options;
    if (options === null) throw new EngineError("NOT_STARTED");
    this.#setState({ ...this.#state, bundle: LOADING.bundle });
    let connection: Connection;
    try {
      connection = new Connection(this.#spawn());
    } catch (error) {
      this.#fail(EngineError.from(error));
      return;
    }
    this.#connection = connection;
    const { worker, listeners } = connection;
    const died = (reason: string) => this.#onDeath(connection, new EngineError("ENGINE_STOPPED", { reason }));
    const listen = (type: string, listener: (event: Event) => void) =>
      worker.addEventListener(type, listener as EventListener, { signal: listeners.signal });
    listen("error", (event) => died((event as ErrorEvent).message || "its script failed"));
    listen("messageerror", () => died("a message could not be read"));

    let heard = false;
    const onState = (state: EngineState) => {
      if (!connection.alive) return;
      if (state.bundle.status === "ready") this.#deaths = 0;
      this.#setState(state);
      // Not before the first word: the script itself may take long to arrive.
      if (!heard) void this.#watch(connection);
      heard = true;
    };
    this.#send(connection, "start", (remote) => remote.start(options, proxy(onState)), DEADLINES.startMs).catch(
      (error: unknown) => {
        if (connection.alive && this.#state.bundle.status === "loading") this.#fail(EngineError.from(error));
      },
    );
  }

  #onDeath(connection: Connection, error: EngineError): void {
    if (!connection.alive) return;
    this.#deaths++;
    this.#connection = null;
    if (this.#deaths < MAX_DEATHS) this.#connect();
    else this.#fail(error);
    // Last, so that those who send again find the new worker.
    connection.close(error);
  }

  /** A worker that closed itself fires no event: only silence tells. */
  async #watch(connection: Connection): Promise<void> {
    while (connection.alive) {
      await new Promise((resolve) => setTimeout(resolve, DEADLINES.heartbeatEveryMs));
      if (!connection.alive) return;
      const loading = this.#state.bundle.status === "loading";
      const deadlineMs = loading ? DEADLINES.heartbeatLoadingMs : DEADLINES.heartbeatMs;
      const sentMs = performance.now();
      try {
        await this.#send(connection, "heartbeat", (remote) => remote.heartbeat(), deadlineMs);
      } catch {
        const slept = performance.now() - sentMs > deadlineMs + SLEEP_MS;
        if (!slept) this.#onDeath(connection, new EngineError("ENGINE_STOPPED", { reason: "no heartbeat" }));
      }
    }
  }

  async #call<T>(
    name: string,
    invoke: (remote: Remote<EngineApi>, requestId: string) => Promise<T>,
    { signal, deadlineMs = DEADLINES.callMs, needsBundle = true, repeatable = true }: CallOptions = {},
  ): Promise<T> {
    for (let sending = 1; ; sending++) {
      if (needsBundle) await this.#bundleSettled(signal);
      if (signal?.aborted) throw new EngineError("CANCELLED");
      const connection = this.#connection;
      if (connection === null) throw this.#reasonOfSilence();
      try {
        return await this.#send(connection, name, invoke, deadlineMs, signal);
      } catch (error) {
        const replaced = !connection.alive && this.#connection !== null;
        if (!repeatable || !replaced || sending === MAX_SENDINGS) throw error;
      }
    }
  }

  #reasonOfSilence(): EngineError {
    const { bundle } = this.#state;
    return bundle.status === "failed" ? EngineError.fromData(bundle.error) : new EngineError("NOT_STARTED");
  }

  /** A deadline begins when the catalogue is there: a slow download is not a slow answer. */
  async #bundleSettled(signal: AbortSignal | undefined): Promise<void> {
    const waits = () => this.#options !== null && this.#state.bundle.status === "loading" && !signal?.aborted;
    while (waits()) {
      const listeners = new AbortController();
      await new Promise<void>((resolve) => {
        const options = { signal: listeners.signal };
        this.addEventListener("affiche-engine", () => resolve(), options);
        signal?.addEventListener("abort", () => resolve(), options);
      });
      listeners.abort();
    }
  }

  /** The race of one answer against the deadline, the abort and the worker's death. */
  async #send<T>(
    connection: Connection,
    name: string,
    invoke: (remote: Remote<EngineApi>, requestId: string) => Promise<T>,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<T> {
    const requestId = crypto.randomUUID();
    let stop!: (error: EngineError) => void;
    const stopped = new Promise<never>((_, reject) => (stop = reject));
    const onAbort = () => stop(new EngineError("CANCELLED"));
    const timer = setTimeout(() => stop(new EngineError("DEADLINE_EXCEEDED", { call: name, deadlineMs })), deadlineMs);
    signal?.addEventListener("abort", onAbort);
    connection.pending.add(stop);
    try {
      return await Promise.race([invoke(connection.remote, requestId), stopped]);
    } catch (error) {
      // Whoever still works on it may stop; a request that has ended is unknown there and ignored.
      if (connection.alive) connection.remote.cancel(requestId).catch(() => {});
      throw EngineError.from(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      connection.pending.delete(stop);
    }
  }

  #fail(error: EngineError): void {
    this.#setState({ ...this.#state, bundle: { status: "failed", error: error.toData() } });
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.dispatchEvent(new Event("affiche-engine"));
  }
}
