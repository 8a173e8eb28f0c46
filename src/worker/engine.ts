/**
 * The engine: start, state, requests and history. The query itself is in pages.ts.
 */
import { clusterOfRows, scoringModelOf } from "../model/bundle/bundle.ts";
import type { Bundle } from "../model/bundle/bundle.ts";
import { bundleBytes } from "../model/bundle/manifest.ts";
import type { Manifest } from "../model/bundle/manifest.ts";
import { Availability } from "../model/catalogue/availability.ts";
import { CALIBRATION, SEARCH } from "../model/config.ts";
import type {
  BundleInfo,
  EngineApi,
  EngineState,
  HistoryEntry,
  Interaction,
  NewInteraction,
  RequestContext,
  StartOptions,
} from "../model/contract.ts";
import { EngineError } from "../model/errors.ts";
import { isEventKind } from "../model/interactions/interaction.ts";
import { standingListsOf } from "../model/slate/standing-lists.ts";
import { foldInTower } from "../model/tower/user-tower.ts";
import { Compute } from "./compute.ts";
import { deliverBundle } from "./delivery/deliver.ts";
import { homePage, offerPage, shelfPage } from "./pages.ts";
import type { Loaded, QueryContext } from "./pages.ts";
import { itemSearchOf } from "./search.ts";
import type { ItemSearch } from "./search.ts";
import { openStore } from "./store/store.ts";
import type { Store } from "./store/store.ts";

/** Progress is published at most so often, milliseconds. */
const PROGRESS_EVERY_MS = 100;
const BUNDLE_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/u;
const MAX_RATING = 5;

/** All that a started engine holds. */
interface Session {
  readonly options: StartOptions;
  readonly store: Store;
  readonly compute: Compute;
  loaded: Promise<Loaded & { readonly search: ItemSearch }>;
}

export function createEngine(): EngineApi {
  let open: (() => Promise<Session>) | null = null;
  let opening: Promise<Session> | null = null;
  /** As last asked for. */
  let retrieval: StartOptions["retrieval"] = null;
  let state: EngineState = {
    bundle: { status: "loading", doneBytes: 0, totalBytes: 0 },
    device: null,
    storage: "indexeddb",
    historyRevision: 0,
  };
  let idle: ReturnType<typeof setTimeout> | undefined;
  let publish: (state: EngineState) => void = () => {};
  const cancelled = new Set<string>();
  const running = new Set<string>();

  const change = (part: Partial<EngineState>): void => {
    state = { ...state, ...part };
    publish(state);
  };

  let lastProgressMs = -Infinity;
  const onProgress = (doneBytes: number, totalBytes: number): void => {
    const now = performance.now();
    if (doneBytes < totalBytes && now - lastProgressMs < PROGRESS_EVERY_MS) return;
    lastProgressMs = now;
    change({ bundle: { status: "loading", doneBytes, totalBytes } });
  };

  /** What is needed to be ready: its failure is the state, and everybody's answer. */
  const orFailed = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const error = EngineError.from(cause);
      change({ bundle: { status: "failed", error: error.toData() } });
      throw error;
    }
  };

  const load = ({ options, store, compute }: Omit<Session, "loaded">): Session["loaded"] =>
    orFailed(async () => {
      const { modelsUrl, bundleName: name } = options;
      const { manifest, bundle, notice } = await store.bundles.deliver(name, () =>
        deliverBundle({ modelsUrl, name, store, onProgress, signal: new AbortController().signal }),
      );
      await compute.load(bundle);
      warmUp(compute, bundle);
      const { catalogue } = bundle;
      const lists = standingListsOf(catalogue);
      const source = { catalogue, clusterOf: clusterOfRows(bundle.clusters) };
      const scoring = scoringModelOf(bundle);
      const search = itemSearchOf(catalogue);
      const availability = new Availability(catalogue);
      change({ bundle: { status: "ready", info: infoOf(manifest, bundle, lists.groups), notice } });
      return { bundle, source, scoring, lists, availability, search };
    });

  const session = async (): Promise<Session> => {
    if (!opening) throw new EngineError("NOT_STARTED");
    return opening;
  };

  /** Not while a request is under way: its own end is followed by another rest. */
  const calibrate = (): void => {
    if (running.size > 0) return;
    session().then(
      ({ compute }) => compute.calibrate(),
      () => {},
    );
  };

  /** Runs one request; its answer is CANCELLED once `cancel` names it. */
  const answer = async <T>(
    { requestId }: RequestContext,
    work: (context: QueryContext, search: ItemSearch) => Promise<T>,
  ): Promise<T> => {
    running.add(requestId);
    const checkpoint = (): void => {
      if (cancelled.has(requestId)) throw new EngineError("CANCELLED");
    };
    try {
      const { options, store, compute, loaded: loading } = await session();
      const { search, ...loaded } = await loading;
      checkpoint();
      const history = await store.history.all(options.bundleName);
      const result = await work({ loaded, compute, history, nowMs: Date.now(), checkpoint }, search);
      checkpoint();
      return result;
    } finally {
      running.delete(requestId);
      cancelled.delete(requestId);
      clearTimeout(idle);
      idle = setTimeout(calibrate, CALIBRATION.idleMs);
    }
  };

  return {
    async start(options, onState) {
      if (opening) throw new EngineError("INTERNAL", { reason: "start() was called twice" });
      if (!BUNDLE_NAME.test(options.bundleName)) {
        throw new EngineError("BUNDLE_ABSENT", { name: options.bundleName });
      }
      publish = onState;
      retrieval = options.retrieval;
      open = async () => {
        const store = await orFailed(() =>
          openStore((bundleName) => {
            const ours = bundleName === null || bundleName === options.bundleName;
            if (ours) change({ historyRevision: state.historyRevision + 1 });
          }),
        );
        change({ storage: store.kind });
        const compute = new Compute({ ...options, retrieval }, store.timings, (device) => change({ device }));
        const loaded = load({ options, store, compute });
        loaded.catch(() => {});
        return { options, store, compute, loaded };
      };
      opening = open();
      await opening;
    },

    async retryBundle() {
      if (!open) throw new EngineError("NOT_STARTED");
      if (state.bundle.status === "loading") return;
      change({ bundle: { status: "loading", doneBytes: 0, totalBytes: 0 } });
      const opened = await session().catch(() => null);
      if (opened) {
        opened.loaded = load(opened);
        opened.loaded.catch(() => {});
      } else {
        // The store could not be opened, say for an old tab that held it: begin again.
        opening = open();
        opening.catch(() => {});
      }
    },

    async useRetrieval(engine) {
      retrieval = engine;
      const { compute } = await session();
      await compute.useRetrieval(engine);
    },

    home: (context) => answer(context, (query) => homePage(query)),

    similar: (itemId, context) =>
      answer(context, (query) => offerPage(query, query.loaded.bundle.catalogue.requireRow(itemId))),

    shelf: (request, context) => answer(context, (query) => shelfPage(query, request)),

    search: (query, context) =>
      answer(context, async ({ loaded: { source } }, search) =>
        (await search.rows(query, SEARCH.limit)).map((row) => source.catalogue.card(row, source.clusterOf[row]!)),
      ),

    async record(interaction) {
      const { options, store, loaded } = await session();
      const { bundle } = await loaded;
      const valid = validated(interaction);
      bundle.catalogue.requireRow(valid.itemId);
      return store.history.append(options.bundleName, { ...valid, atMs: Date.now() });
    },

    async undo(id) {
      const { options, store } = await session();
      return store.history.remove(options.bundleName, id);
    },

    async history(limit): Promise<readonly HistoryEntry[]> {
      const { options, store, loaded } = await session();
      const { source } = await loaded;
      const newest = (await store.history.all(options.bundleName)).toReversed().slice(0, limit);
      return newest.map((interaction) => {
        const row = source.catalogue.rowOf(interaction.itemId);
        return { interaction, item: row < 0 ? null : source.catalogue.card(row, source.clusterOf[row]!) };
      });
    },

    async exportHistory() {
      const { options, store } = await session();
      const interactions = await store.history.all(options.bundleName);
      return { format: "affiche-history", formatVersion: 1, bundleName: options.bundleName, interactions };
    },

    async eraseEverything() {
      const { store } = await session();
      await store.history.eraseAll();
      await store.bundles.eraseAll();
      await store.timings.eraseAll();
    },

    async cancel(requestId) {
      if (running.has(requestId)) cancelled.add(requestId);
    },

    async heartbeat() {
      return true;
    },
  } satisfies EngineApi;
}

/** Runs the tower once on a made-up history of one item: backends compile at the first use, not at a click. */
function warmUp(compute: Compute, { items, tower }: Bundle): void {
  const one = Float32Array.of(1);
  const vectors = new Float32Array(items.dimensions).fill(1);
  const run = (): Promise<Float32Array> =>
    foldInTower(vectors, one, one, items.dimensions, tower.conjugateGradientSteps);
  // A failure shows at the first real request, which has somebody to tell.
  compute.run(run).catch(() => {});
}

function infoOf(manifest: Manifest, { items }: Bundle, groups: Loaded["lists"]["groups"]): BundleInfo {
  return {
    name: manifest.name,
    version: manifest.version,
    items: items.count,
    bytes: bundleBytes(manifest),
    simulated: manifest.data.simulated,
    ranker: manifest.ranker,
    kinds: groups.map(({ group, items: count }) => ({ kind: group, items: count })),
  };
}

/** @throws EVENT_INVALID */
function validated({ id, itemId, event, value }: NewInteraction): Omit<Interaction, "atMs"> {
  const fail = (reason: string): never => {
    throw new EngineError("EVENT_INVALID", { reason });
  };
  if (typeof id !== "string" || id === "" || id.length > 100) fail("its id is not a short text");
  if (!isEventKind(event)) fail(`"${String(event)}" is no kind of event`);
  if (event !== "rating") return { id, itemId, event };
  if (typeof value !== "number" || !(value >= 0 && value <= MAX_RATING)) fail(`a rating is from 0 to ${MAX_RATING}`);
  return { id, itemId, event, value: value! };
}
