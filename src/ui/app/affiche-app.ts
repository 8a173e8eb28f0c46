import { html, nothing } from "lit";
import type { HomePage, ItemCard, NewInteraction, StageTimings } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import type { EngineClient } from "../client.ts";
import { failure } from "../elements/failure.ts";
import type { Toast } from "../elements/toast.ts";
import "../elements/toast.ts";
import "../pages/data-page.ts";
import "../pages/home-page.ts";
import "../pages/offer-page.ts";
import "../pages/search-page.ts";
import { downloadJson } from "../parts/download.ts";
import { define, LightElement } from "../parts/light-element.ts";
import { Locale } from "../parts/locale.ts";
import { clearPreferences, readPreferences, writePreferences } from "../parts/preferences.ts";
import type { Preferences } from "../parts/preferences.ts";
import { Request } from "../parts/request.ts";
import type { Verdict } from "./events.ts";
import { footer, header } from "./frame.ts";
import { readPlace, restorePlace } from "./place.ts";
import { Router } from "./router.ts";

/** The whole interface: who the page is for, where they are, and what they have just said. */
export class AfficheApp extends LightElement {
  static override properties = {
    client: { attribute: false },
    preferences: { state: true },
    toast: { state: true },
    revision: { state: true },
    online: { state: true },
  };
  declare client: EngineClient;
  declare preferences: Preferences;
  declare toast: Toast | null;
  /** Counts the changes of the history that this page made. */
  declare revision: number;
  declare online: boolean;

  readonly #router = new Router(() => readPlace(this));
  readonly #home = new Request<HomePage>(this);
  /** The revision that the home page was computed from; -1: none. */
  #homeRevision = -1;
  #locale: Locale;
  #timings: StageTimings | null = null;
  /** True once the place of this arrival has been restored, or the heading focused. */
  #arrived = false;
  /** Recordings under way; the home page waits for them. */
  readonly #recording = new Set<Promise<unknown>>();
  #listeners: AbortController | null = null;

  constructor() {
    super();
    this.preferences = readPreferences();
    this.#locale = new Locale(this.preferences.language);
    this.toast = null;
    this.revision = 0;
    this.online = navigator.onLine;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listeners = new AbortController();
    const options = { signal: this.#listeners.signal };
    this.#router.connect();
    this.#router.addEventListener("affiche-route", () => this.#onRoute(), options);
    this.client.addEventListener("affiche-engine", () => this.#onEngine(), options);
    for (const type of ["online", "offline"]) {
      addEventListener(type, () => (this.online = navigator.onLine), options);
    }
    this.addEventListener("click", (event) => this.#onClick(event), options);
    this.addEventListener("auxclick", (event) => this.#onOpened(event), options);
    this.addEventListener("affiche-verdict", ({ detail }) => void this.#say(detail.item, detail.event), options);
    this.addEventListener("affiche-shown", ({ detail }) => this.#onShown(detail), options);
    this.addEventListener("affiche-query", ({ detail }) => this.#onQuery(detail), options);
    this.addEventListener("affiche-command", ({ detail }) => void this.#command(detail), options);
    this.#applyPreferences();
    this.#askHome();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listeners?.abort();
    this.#router.disconnect();
  }

  protected override render() {
    const { client } = this;
    const locale = this.#locale;
    const router = this.#router;
    const { page } = router.route;
    const { bundle, storage } = client.state;
    const { t } = locale;
    return html`<a class="skip" href="#main" @click=${(event: Event) => this.#skip(event)}>${t.skip}</a>
      ${header(locale, router, client.state, this.online, this.preferences, (change) => this.#prefer(change))}
      <main id="main" tabindex="-1" aria-busy=${this.#home.pending && page.name === "home"}>
        ${storage === "memory" ? html`<p class="notice" role="status">${t.memoryMode}</p>` : nothing}
        ${bundle.status === "ready" && bundle.notice !== null
          ? html`<p class="notice" role="status">${t.bundleNotice(locale.error(bundle.notice))}</p>`
          : nothing}
        ${bundle.status === "failed" && page.name !== "data"
          ? failure(bundle.error, locale, t.failedTitle)
          : this.#page()}
      </main>
      ${footer(locale, this.preferences, (change) => this.#prefer(change))}
      <affiche-toast .toast=${this.toast} .closeLabel=${t.close}></affiche-toast>`;
  }

  #page() {
    const { client, revision } = this;
    const locale = this.#locale;
    const router = this.#router;
    const { page } = router.route;
    switch (page.name) {
      case "home":
        return html`<affiche-home
          .page=${this.#home.value}
          .error=${this.#home.error}
          .bundle=${client.state.bundle}
          .locale=${locale}
          .router=${router}
        ></affiche-home>`;
      case "offer":
        return html`<affiche-offer
          .itemId=${page.itemId}
          .revision=${revision}
          .client=${client}
          .locale=${locale}
          .router=${router}
        ></affiche-offer>`;
      case "search":
        return html`<affiche-search
          .query=${page.query}
          .client=${client}
          .locale=${locale}
          .router=${router}
        ></affiche-search>`;
      case "data":
        return html`<affiche-data
          .revision=${revision}
          .client=${client}
          .state=${client.state}
          .timings=${this.#timings}
          .locale=${locale}
          .router=${router}
        ></affiche-data>`;
    }
  }

  protected override updated(): void {
    const { page } = this.#router.route;
    const { t } = this.#locale;
    const titles = { home: t.home, search: t.search, data: t.data, offer: "" };
    // An offer names itself once it is known.
    if (page.name !== "offer") document.title = `${titles[page.name]} · Affiche`;
  }

  // Where the person goes

  #onClick(event: MouseEvent): void {
    this.#onOpened(event);
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="#"]:not(.skip)');
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link === null || !plain) return;
    event.preventDefault();
    this.#router.go(parseRoute(link.hash).page);
  }

  /** A card was opened, here or in another tab: once an opening, and never by a reload or by going back. */
  #onOpened(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLElement>("affiche-card a[data-item-id]");
    if (link === null || event.button > 1) return;
    this.toast = null;
    void this.#record({ id: crypto.randomUUID(), itemId: link.dataset["itemId"]!, event: "click" });
  }

  #onRoute(): void {
    this.#arrived = false;
    this.#askHome();
    this.requestUpdate();
  }

  #onShown(timings: StageTimings | null): void {
    if (timings !== null) this.#timings = timings;
    if (this.#arrived) return;
    this.#arrived = true;
  }
}
