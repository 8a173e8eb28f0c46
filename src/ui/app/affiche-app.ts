import { html, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { RetrievalEngine, StageTimings } from "../../model/contract.ts";
import type { EngineClient } from "../client.ts";
import { failure } from "../elements/failure.ts";
import { complaint } from "../elements/toast.ts";
import type { Toast } from "../elements/toast.ts";
import "../pages/home-page.ts";
import "../pages/data-page.ts";
import "../pages/offer-page.ts";
import "../pages/search-page.ts";
import type { AfficheData } from "../pages/data-page.ts";
import type { AfficheOffer } from "../pages/offer-page.ts";
import type { AfficheSearch } from "../pages/search-page.ts";
import { downloadJson } from "../parts/download.ts";
import { define, LightElement } from "../parts/light-element.ts";
import { ActivePreferences } from "./active-preferences.ts";
import { installBar, releaseBar, stepsDialog } from "./bars.ts";
import { Choices } from "./choices.ts";
import type { AfficheEvents } from "./events.ts";
import { footer, header, notices } from "./frame.ts";
import { HomeFeed } from "./home-feed.ts";
import type { Installation } from "./installation.ts";
import { Landing } from "./landing.ts";
import { readPlace } from "./place.ts";
import type { Releases, ReleaseState } from "./releases.ts";
import { parseRoute, Router } from "./router.ts";

/** Choices after which installing is proposed: by then the app has been of use. */
const CHOICES_BEFORE_INSTALL = 3;

/** The whole interface: the page that the person is on and what stands around it, drawn anew as the engine and the person speak. */
export class AfficheApp extends LightElement {
  static override properties = {
    client: { attribute: false },
    releases: { attribute: false },
    installation: { attribute: false },
    toast: { state: true },
    online: { state: true },
    putOff: { state: true },
  };
  declare client: EngineClient;
  declare releases: Releases;
  declare installation: Installation;
  declare toast: Toast | null;
  declare online: boolean;
  /** The state of the releases whose bar was closed. */
  declare putOff: ReleaseState;

  readonly #router = new Router(() => readPlace(this));
  /** The route that chose the engine's bundle and device. */
  readonly #started = this.#router.route;
  readonly #landing = new Landing(this, this.#router);
  readonly #preferences = new ActivePreferences(this);
  readonly #home = new HomeFeed(this, this.#router, this.#landing);
  readonly #choices = new Choices(this, this.#preferences, this.#home);
  /** The engine that was last asked to search. */
  #retrieval = this.#wishedRetrieval;
  #timings: StageTimings | null = null;
  #listeners: AbortController | null = null;

  constructor() {
    super();
    this.toast = null;
    this.online = navigator.onLine;
    this.putOff = "current";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listeners = new AbortController();
    const options = { signal: this.#listeners.signal };
    this.#router.connect();
    this.#router.addEventListener("affiche-route", () => this.#onRoute(), options);
    this.client.addEventListener("affiche-engine", () => this.#onEngine(), options);
    this.releases.addEventListener("affiche-release", () => this.requestUpdate(), options);
    this.installation.addEventListener("affiche-installation", () => this.requestUpdate(), options);
    for (const type of ["online", "offline"]) addEventListener(type, () => this.#onConnection(), options);
    this.addEventListener("click", (event) => this.#onClick(event), options);
    this.addEventListener("auxclick", (event) => this.#onOpened(event), options);
    this.addEventListener("affiche-verdict", ({ detail }) => void this.#choices.say(detail), options);
    this.addEventListener("affiche-shown", ({ detail }) => this.#onShown(detail), options);
    this.addEventListener("affiche-query", ({ detail }) => this.#onQuery(detail), options);
    this.addEventListener("affiche-retrieval", ({ detail }) => this.#onRetrieval(detail), options);
    this.addEventListener("affiche-command", ({ detail }) => void this.#command(detail), options);
    void this.#home.ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listeners?.abort();
    this.#router.disconnect();
  }

  protected override render() {
    const { client } = this;
    const { locale, prefer, value: preferences } = this.#preferences;
    const router = this.#router;
    const { page } = router.route;
    const { bundle } = client.state;
    const { steps } = this.installation;
    const { t } = locale;
    return html`${header(locale, router, client.state, this.online, preferences, prefer)}
      <main id="main" tabindex="-1" aria-busy=${this.#home.pending && page.name === "home"}>
        ${notices(locale, client.state, this.online)}
        ${
          bundle.status === "failed" && page.name !== "data"
            ? html`<h1 tabindex="-1">${t.failedTitle}</h1>
                ${failure(bundle.error, locale)}`
            : keyed(router.key, this.#page())
        }
      </main>
      ${footer(locale, preferences, prefer)}
      <div class="bottom">
        <div role="status">${this.#bar()}</div>
        <affiche-toast .toast=${this.toast} .closeLabel=${t.close}></affiche-toast>
      </div>
      ${steps === null ? nothing : stepsDialog(locale, steps)}`;
  }

  /** One at a time; the invitation to install only where the choices are shown to count. */
  #bar() {
    const { releases, installation } = this;
    const { locale, prefer, value: preferences } = this.#preferences;
    if (releases.state !== "current" && releases.state !== this.putOff) {
      return releaseBar(locale, releases.state, () => (this.putOff = releases.state));
    }
    const invites =
      this.#router.route.page.name === "home" &&
      (this.#home.page?.historyLength ?? 0) >= CHOICES_BEFORE_INSTALL &&
      (installation.state === "prompt" || installation.state === "steps") &&
      !preferences.installDeclined;
    return invites ? installBar(locale, installation.state, () => prefer({ installDeclined: true })) : nothing;
  }

  #page() {
    const { client } = this;
    const { revision } = this.#choices;
    const { locale } = this.#preferences;
    const router = this.#router;
    const { page } = router.route;
    switch (page.name) {
      case "home":
        return html`<affiche-home
          .page=${this.#home.page}
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
          .retrieval=${this.#wishedRetrieval}
          .timings=${this.#timings}
          .keptRelease=${this.releases.kept}
          .release=${this.releases.state}
          .installation=${this.installation.state}
          .locale=${locale}
          .router=${router}
        ></affiche-data>`;
    }
  }

  protected override updated(): void {
    const { page } = this.#router.route;
    const { t } = this.#preferences.locale;
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
    this.#choices.open(link.dataset["itemId"]!);
  }

  #onRoute(): void {
    const { bundle, device } = this.#router.route;
    // Another bundle or device was typed into the address: another engine.
    if (bundle !== this.#started.bundle || device !== this.#started.device) location.reload();
    this.#useRetrieval();
    this.#landing.begin();
    void this.#home.ask();
    this.requestUpdate();
  }

  /** From here on the person's word counts, and no longer the address's. */
  #onRetrieval(retrieval: RetrievalEngine | null): void {
    this.#router.replace({ retrieval: null });
    this.#preferences.prefer({ retrieval });
    this.#useRetrieval();
  }

  get #wishedRetrieval(): RetrievalEngine | null {
    return this.#router.route.retrieval ?? this.#preferences.value.retrieval;
  }

  /** The page stays; the next answers come from the engine that is wished for. */
  #useRetrieval(): void {
    const wish = this.#wishedRetrieval;
    if (wish === this.#retrieval) return;
    this.#retrieval = wish;
    this.#sendRetrieval();
  }

  #sendRetrieval(): void {
    this.client.useRetrieval(this.#retrieval).catch((error: unknown) => {
      this.toast = complaint(error, this.#preferences.locale, () => this.#sendRetrieval());
    });
  }

  #onQuery(query: string): void {
    this.#router.replace({ page: { name: "search", query } });
    this.requestUpdate();
  }

  #onShown(timings: StageTimings | null): void {
    if (timings !== null) this.#timings = timings;
    void this.releases.start();
    if (this.#router.route.page.name === "offer") {
      document.title = `${this.querySelector("main h1")?.textContent} · Affiche`;
    }
    this.#landing.onShown();
  }

  /** Back online, what could not be had for want of a connection is asked for again. */
  #onConnection(): void {
    this.online = navigator.onLine;
    const { bundle } = this.client.state;
    const trouble = bundle.status === "ready" ? bundle.notice : bundle.status === "failed" ? bundle.error : null;
    if (this.online && trouble?.code === "BUNDLE_UNREACHABLE") this.client.retry().catch(() => {});
  }

  // What the engine says

  #onEngine(): void {
    const { bundle, historyRevision } = this.client.state;
    this.#home.onBundle(bundle);
    // No page will stand: what there is can be kept all the same.
    if (bundle.status === "failed") void this.releases.start();
    this.#choices.onHistory(historyRevision);
    this.requestUpdate();
  }

  // What a page asks for

  async #command(command: AfficheEvents["affiche-command"]): Promise<void> {
    if (command === "undo") return this.#choices.undo();
    try {
      if (command === "install") await this.#install();
      else if (command === "reload") await this.#reload();
      else if (command === "retry") await this.#retry();
      else if (command === "export") {
        const file = await this.client.exportHistory();
        downloadJson(`affiche-history-${file.bundleName}.json`, file);
      } else await this.#erase();
    } catch (error) {
      this.toast = complaint(error, this.#preferences.locale, () => void this.#command(command));
    }
  }

  async #retry(): Promise<void> {
    if (this.client.state.bundle.status === "failed") await this.client.retry();
    else if (this.#router.route.page.name === "home") await this.#home.ask();
    else
      this.querySelector<AfficheOffer | AfficheSearch | AfficheData>(
        "affiche-offer, affiche-search, affiche-data",
      )?.ask();
  }

  async #install(): Promise<void> {
    const steps = this.querySelector<HTMLDialogElement>("[data-steps]");
    if (steps !== null) steps.showModal();
    else if (!(await this.installation.prompt())) this.#preferences.prefer({ installDeclined: true });
  }

  async #reload(): Promise<void> {
    await this.client.recorded();
    this.releases.reload();
  }

  async #erase(): Promise<void> {
    await this.client.eraseEverything();
    this.#preferences.clear();
    this.#useRetrieval();
    this.#home.clear();
    this.#timings = null;
    this.#router.go({ name: "home" });
    this.toast = { text: this.#preferences.locale.t.erased, action: null };
  }
}

define("affiche-app", AfficheApp);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-app": AfficheApp;
  }
}
