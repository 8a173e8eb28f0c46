/**
 * The only thing `ui` and `worker` share: what the engine can be asked, and what it answers.
 * Everything here can be structured-cloned.
 */
import type { ErrorCode, EngineErrorData } from "./errors.ts";
import type { EventKind, Interaction } from "./interactions/interaction.ts";

/** How an item is shown. Text is plain text and is bound as text. */
export interface ItemCard {
  readonly id: string;
  readonly title: string;
  /** Author, director, venue ...; "" when unknown. */
  readonly maker: string;
  readonly year: number | null;
  /** "film", "book" ...; "" when unknown. */
  readonly kind: string;
  readonly category: string;
  readonly subcategory: string;
  readonly genreCode: string;
  readonly themes: readonly string[];
  readonly language: string;
  readonly country: string;
  readonly price: number | null;
  readonly url: string;
  /** The cluster of the item's embedding, 0 to C - 1; it gives the cover its hue. */
  readonly cluster: number;
}

/** Why an item is proposed. "because": the history item whose removal lowers the score most. */
export type Reason =
  | { readonly type: "because"; readonly itemId: string; readonly title: string; readonly event: EventKind }
  | { readonly type: "similar"; readonly itemId: string; readonly title: string }
  | { readonly type: "popular" | "new" | "discover" };

export interface ShelfItem {
  readonly item: ItemCard;
  readonly reason: Reason;
  /** P(click) and P(booking), 0 to 1; null where the bundle has no ranker and retrieval's score decides. */
  readonly probabilities: { readonly click: number; readonly booking: number } | null;
}

/** What a shelf is about; the interface words it. */
export type ShelfTopic =
  | { readonly type: "for-you" }
  | { readonly type: "because"; readonly itemId: string; readonly title: string; readonly event: EventKind }
  /** A kind, or a category where the catalogue has one kind. */
  | { readonly type: "kind"; readonly kind: string }
  | { readonly type: "popular" | "new" | "discover" }
  | { readonly type: "similar"; readonly itemId: string; readonly title: string };

export interface Shelf {
  /** Unique on the page and stable between visits, e.g. "kind:film". */
  readonly key: string;
  readonly topic: ShelfTopic;
  readonly items: readonly ShelfItem[];
}

export interface StageTimings {
  readonly towerMs: number;
  readonly retrievalMs: number;
  readonly rankingMs: number;
  readonly slateMs: number;
  readonly totalMs: number;
}

export interface HomePage {
  readonly shelves: readonly Shelf[];
  /** Events of the history that count as interest; 0 at a first visit. */
  readonly historyLength: number;
  readonly timings: StageTimings;
}

export interface OfferPage {
  readonly item: ItemCard;
  /** What the person did with this item, oldest first. */
  readonly events: readonly Interaction[];
  /** Empty shelves are left out. */
  readonly shelves: readonly Shelf[];
  readonly timings: StageTimings;
}

/** What a shelf on another site's page asks for. */
export interface ShelfRequest {
  /** The shelf resembles this item; null: it follows the person's history. */
  readonly itemId: string | null;
  /** Items of this kind only (category where the catalogue has one kind); null: of every kind. */
  readonly kind: string | null;
  /** Items at most, 1 to `SLATE.similar`. */
  readonly limit: number;
}

export interface ShelfPage {
  /** null: nothing to show, say for a kind that the catalogue lacks. */
  readonly shelf: Shelf | null;
  readonly timings: StageTimings;
}

/** One line of the history, newest first, with its item where the catalogue still has it. */
export interface HistoryEntry {
  readonly interaction: Interaction;
  readonly item: ItemCard | null;
}

export type BackendName = "webgpu" | "wasm" | "cpu";
export const BACKEND_NAMES = ["webgpu", "wasm", "cpu"] as const satisfies readonly BackendName[];

/** What searches the items: WGSL on the graphics device, WebAssembly, or plain JavaScript. All find the same rows. */
export type RetrievalEngine = "wgsl" | "wasm" | "exact";
export const RETRIEVAL_ENGINES = ["wgsl", "wasm", "exact"] as const satisfies readonly RetrievalEngine[];

/** What one search of the bundle's items takes, median, milliseconds; of the engines that were measured. */
export type EngineTimings = Readonly<Partial<Record<RetrievalEngine, number>>>;

/** Which engine searches, and why that one. */
export interface RetrievalState {
  readonly engine: RetrievalEngine;
  /**
   * "default": the first that took the items, nothing was measured. "measured": the fastest, measured since the start;
   * "remembered": at an earlier one. "forced": the one that was asked for.
   */
  readonly choice: "default" | "measured" | "remembered" | "forced";
  /** Empty where nothing was measured on this machine. */
  readonly timings: EngineTimings;
  /** Engines that were tried and could not take the items. */
  readonly rejected: readonly { readonly engine: RetrievalEngine; readonly reason: string }[];
}

/** Where the computation runs, and why not on an earlier path. */
export interface DeviceState {
  readonly backend: BackendName;
  /** The adapter as the browser names it, e.g. "google swiftshader"; "" unless webgpu. */
  readonly adapter: string;
  readonly retrieval: RetrievalState;
  readonly rejected: readonly { readonly backend: BackendName; readonly reason: string }[];
}

export interface BundleInfo {
  readonly name: string;
  readonly version: number;
  readonly items: number;
  readonly bytes: number;
  /** True where the audience behind the bundle is simulated; the interface says so. */
  readonly simulated: boolean;
  readonly ranker: "trained" | "retrieval";
  /** Kinds (categories where the catalogue has one kind) by their number of items, most first. */
  readonly kinds: readonly { readonly kind: string; readonly items: number }[];
}

export type BundleState =
  | { readonly status: "loading"; readonly doneBytes: number; readonly totalBytes: number }
  /** `notice`: the newest bundle could not be had and the stored one serves; null when all is well. */
  | { readonly status: "ready"; readonly info: BundleInfo; readonly notice: EngineErrorData | null }
  /** No bundle at all: nothing stored and nothing downloaded. */
  | { readonly status: "failed"; readonly error: EngineErrorData };

export interface EngineState {
  readonly bundle: BundleState;
  /** null until a backend has been chosen. */
  readonly device: DeviceState | null;
  /** "memory": the browser allows no storage; the history ends with the page. */
  readonly storage: "indexeddb" | "memory";
  /** Rises whenever the history changed elsewhere: in another tab, or because the browser took it away. */
  readonly historyRevision: number;
}

export interface StartOptions {
  /** The bundle's folder under `models/`; lower-case letters, digits and hyphens. */
  readonly bundleName: string;
  /** The folder of all bundles, absolute URL with a trailing slash, same origin. */
  readonly modelsUrl: string;
  /** Start with this backend and fall back from there; null: webgpu first. */
  readonly backend: BackendName | null;
  /** Search with this engine, with another where it cannot run; null: with the fastest. */
  readonly retrieval: RetrievalEngine | null;
}

export interface NewInteraction {
  readonly id: string;
  readonly itemId: string;
  readonly event: EventKind;
  readonly value?: number;
}

export interface HistoryExport {
  readonly format: "affiche-history";
  readonly formatVersion: 1;
  readonly bundleName: string;
  readonly interactions: readonly Interaction[];
}

/** Every call names its request, so that `cancel` can reach it: an AbortSignal cannot cross. */
export interface RequestContext {
  readonly requestId: string;
}

/**
 * The engine. Every rejection is an {@link EngineError}; its code and details survive the boundary.
 * Calls before the bundle is ready wait for it, and fail with its error where there is none.
 */
export interface EngineApi {
  /** Chooses the device, opens the store, brings the bundle up to date. `onState` hears every change. */
  start(options: StartOptions, onState: (state: EngineState) => void): Promise<void>;
  /** Tries the download again after a failure. */
  retryBundle(): Promise<void>;
  /** Searches from now on as `StartOptions.retrieval` says; resolves once it does. */
  useRetrieval(engine: RetrievalEngine | null): Promise<void>;
  /** No history: popular, new and diverse shelves. @throws CANCELLED, BUNDLE_* */
  home(context: RequestContext): Promise<HomePage>;
  /** The offer and what resembles it. @throws ITEM_UNKNOWN, CANCELLED, BUNDLE_* */
  similar(itemId: string, context: RequestContext): Promise<OfferPage>;
  /** One shelf. @throws ITEM_UNKNOWN, CANCELLED, BUNDLE_* */
  shelf(request: ShelfRequest, context: RequestContext): Promise<ShelfPage>;
  /** At most `SEARCH.limit` items, best first; an empty or unknown text gives none. @throws CANCELLED */
  search(query: string, context: RequestContext): Promise<readonly ItemCard[]>;
  /** Resolves once the event is on disk (strict durability). @throws EVENT_INVALID, ITEM_UNKNOWN, STORAGE_* */
  record(interaction: NewInteraction): Promise<Interaction>;
  /** Takes back that event, without an id the newest; null when there is none. @throws STORAGE_* */
  undo(id?: string): Promise<Interaction | null>;
  /** Newest first, at most `limit`. */
  history(limit: number): Promise<readonly HistoryEntry[]>;
  exportHistory(): Promise<HistoryExport>;
  /** Every history, every stored bundle and what was measured here, of this origin. The next start downloads anew. @throws STORAGE_* */
  eraseEverything(): Promise<void>;
  /** Ends the request with CANCELLED at its next stage; unknown ids are ignored. */
  cancel(requestId: string): Promise<void>;
  /** Answers at once while the worker lives. */
  heartbeat(): Promise<true>;
}

export type { ErrorCode, EngineErrorData, EventKind, Interaction };
