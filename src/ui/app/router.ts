/**
 * Routes live wholly in the fragment, which no server sees: `#page=offer&item=ID`.
 * `bundle`, `device` and `retrieval` may stand in it and stay while the person moves about.
 */
import { BACKEND_NAMES, RETRIEVAL_ENGINES } from "../../model/contract.ts";
import type { BackendName, RetrievalEngine } from "../../model/contract.ts";

export type Page =
  | { readonly name: "home" }
  | { readonly name: "offer"; readonly itemId: string }
  | { readonly name: "search"; readonly query: string }
  | { readonly name: "data" };

export interface Route {
  readonly page: Page;
  /** null: the default of the page's `<meta name="affiche-bundle">`. */
  readonly bundle: string | null;
  /** null: the best that the machine has. */
  readonly device: BackendName | null;
  /** null: as the person prefers. */
  readonly retrieval: RetrievalEngine | null;
}

/** Anything that cannot be read leads home. */
export function parseRoute(hash: string): Route {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const bundle = parameters.get("bundle");
  const device = parameters.get("device");
  const retrieval = parameters.get("retrieval");
  return {
    page: parsePage(parameters),
    bundle: bundle !== null && /^[a-z0-9-]+$/.test(bundle) ? bundle : null,
    device: BACKEND_NAMES.find((name) => name === device) ?? null,
    retrieval: RETRIEVAL_ENGINES.find((engine) => engine === retrieval) ?? null,
  };
}

function parsePage(parameters: URLSearchParams): Page {
  const itemId = parameters.get("item");
  switch (parameters.get("page")) {
    case "offer":
      return itemId ? { name: "offer", itemId } : { name: "home" };
    case "search":
      return { name: "search", query: parameters.get("q") ?? "" };
    case "data":
      return { name: "data" };
    default:
      return { name: "home" };
  }
}

/** The fragment with its "#"; home on the default bundle is "#". */
export function formatRoute({ page, bundle, device, retrieval }: Route): string {
  const parameters = new URLSearchParams();
  if (page.name !== "home") parameters.set("page", page.name);
  if (page.name === "offer") parameters.set("item", page.itemId);
  if (page.name === "search" && page.query !== "") parameters.set("q", page.query);
  if (bundle !== null) parameters.set("bundle", bundle);
  if (device !== null) parameters.set("device", device);
  if (retrieval !== null) parameters.set("retrieval", retrieval);
  return `#${parameters}`;
}

/** Where the person was on a page, to be found again on the way back. */
export interface Place {
  readonly scrollY: number;
  /** A shelf and its distance from the top of the view, px: others may come above it. null: the top of the page. */
  readonly anchor: { readonly key: string; readonly top: number } | null;
  /** Scroll positions of the shelves by key, px. */
  readonly shelves: Readonly<Record<string, number>>;
  /** A selector of the focused element; null: nothing had the focus. */
  readonly focus: string | null;
}

/** "link": a new page; "history": the first page, back, forward or reload, with the place to restore. */
export type Arrival = { readonly by: "link" } | { readonly by: "history"; readonly place: Place | null };

interface HistoryState {
  readonly key: string;
  readonly place?: Place;
}

/** The browser's history as routes. `affiche-route` tells of every change that is not a `replace`. */
export class Router extends EventTarget {
  #route: Route;
  #arrival: Arrival;
  #key: string;
  readonly #places = new Map<string, Place>();
  readonly #readPlace: () => Place;
  #listeners: AbortController | null = null;

  /** @param readPlace reads the place on the page that is being left */
  constructor(readPlace: () => Place) {
    super();
    this.#readPlace = readPlace;
    this.#route = parseRoute(location.hash);
    const state = history.state as HistoryState | null;
    this.#arrival = { by: "history", place: state?.place ?? null };
    this.#key = state?.key ?? crypto.randomUUID();
  }

  get route(): Route {
    return this.#route;
  }
  /** Names the entry of the browser's history. */
  get key(): string {
    return this.#key;
  }
  get arrival(): Arrival {
    return this.#arrival;
  }

  connect(): void {
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    history.scrollRestoration = "manual";
    history.replaceState({ key: this.#key } satisfies HistoryState, "");
    addEventListener("popstate", () => this.#onPopState(), { signal });
    addEventListener("pagehide", () => this.#keepPlace(), { signal });
  }

  disconnect(): void {
    this.#listeners?.abort();
    history.scrollRestoration = "auto";
  }

  href(page: Page): string {
    return formatRoute({ ...this.#route, page });
  }

  /** Where an item's card leads. */
  readonly offerHref = (itemId: string): string => this.href({ name: "offer", itemId });

  /** Goes to another page, as a link does. */
  go(page: Page): void {
    this.#places.set(this.#key, this.#readPlace());
    this.#key = crypto.randomUUID();
    history.pushState({ key: this.#key } satisfies HistoryState, "", this.#url(page));
    this.#arrive({ by: "link" });
  }

  /** Changes the address of this page, without a new entry and without an event. */
  replace(change: Partial<Route>): void {
    this.#route = { ...this.#route, ...change };
    history.replaceState({ key: this.#key } satisfies HistoryState, "", this.#url(this.#route.page));
  }

  #url(page: Page): string {
    const fragment = this.href(page);
    return location.pathname + location.search + (fragment === "#" ? "" : fragment);
  }

  /** Back, forward, or an address typed by hand, which has no key yet. */
  #onPopState(): void {
    this.#places.set(this.#key, this.#readPlace());
    const state = history.state as HistoryState | null;
    this.#key = state?.key ?? crypto.randomUUID();
    if (state === null) history.replaceState({ key: this.#key } satisfies HistoryState, "");
    this.#arrive(state === null ? { by: "link" } : { by: "history", place: this.#places.get(this.#key) ?? null });
  }

  #arrive(arrival: Arrival): void {
    this.#route = parseRoute(location.hash);
    this.#arrival = arrival;
    this.dispatchEvent(new Event("affiche-route"));
  }

  /** A reload finds the place in the entry itself. */
  #keepPlace(): void {
    history.replaceState({ key: this.#key, place: this.#readPlace() } satisfies HistoryState, "");
  }
}
