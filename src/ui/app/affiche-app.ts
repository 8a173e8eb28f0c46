import { html, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { EngineErrorData, HomePage, ItemCard, NewInteraction, StageTimings } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import type { EngineClient } from "../client.ts";
import { failure } from "../elements/failure.ts";
import type { Toast } from "../elements/toast.ts";
import "../elements/toast.ts";
import "../pages/home-page.ts";
import "../pages/data-page.ts";
import "../pages/offer-page.ts";
import "../pages/search-page.ts";
import type { AfficheData } from "../pages/data-page.ts";
import type { AfficheOffer } from "../pages/offer-page.ts";
import type { AfficheSearch } from "../pages/search-page.ts";
import { downloadJson } from "../parts/download.ts";
import { define, LightElement } from "../parts/light-element.ts";
import { Locale } from "../parts/locale.ts";
import { clearPreferences, readPreferences, writePreferences } from "../parts/preferences.ts";
import type { Preferences } from "../parts/preferences.ts";
import { Request } from "../parts/request.ts";
import { installBar, releaseBar, stepsDialog } from "./bars.ts";
import type { AfficheEvents, Verdict } from "./events.ts";
import { footer, header } from "./frame.ts";
import type { Installation } from "./installation.ts";
import { readPlace, restorePlace } from "./place.ts";
import type { Releases, ReleaseState } from "./releases.ts";
import { parseRoute, Router } from "./router.ts";

/** Choices after which installing is proposed: by then the app has been of use. */
const CHOICES_BEFORE_INSTALL = 3;

/** The whole interface: who the page is for, where they are, and what they have just said. */
export class AfficheApp extends LightElement {
  static override properties = {
    client: { attribute: false },
    releases: { attribute: false },
    installation: { attribute: false },
    preferences: { state: true },
    toast: { state: true },
    revision: { state: true },
    online: { state: true },
    putOff: { state: true },
  };
  declare client: EngineClient;
  declare releases: Releases;
  declare installation: Installation;
  declare preferences: Preferences;
  declare toast: Toast | null;
  /** Counts what the person said or took back, so that pages ask anew. */
  declare revision: number;
  declare online: boolean;
  /** The state of the releases whose bar was closed. */
  declare putOff: ReleaseState;

  readonly #router = new Router(() => readPlace(this));
  /** The route that chose the engine's bundle and device. */
  readonly #started = this.#router.route;
  readonly #home = new Request<HomePage>(this);
  /** False when the history or the catalogue has changed since the home page was asked for. */
  #homeFresh = false;
  /** The bundle's version as last heard; 0: none. */
  #version = 0;
  /** The engine's count of changes elsewhere, as last heard. */
  #elsewhere = 0;
  #locale: Locale;
  #timings: StageTimings | null = null;
  /** "placed": the place of this arrival has been restored, or the heading focused. */
  #arrival: "under way" | "shown" | "placed" = "under way";
  /** Recordings under way; the home page waits for them. */
  readonly #recording = new Set<Promise<unknown>>();
  #persistenceAsked = false;
  #listeners: AbortController | null = null;

  constructor() {
    super();
    this.preferences = readPreferences();
    this.#locale = new Locale(this.preferences.language);
    this.toast = null;
    this.revision = 0;
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
    this.addEventListener("affiche-verdict", ({ detail }) => void this.#say(detail.item, detail.event), options);
    this.addEventListener("affiche-shown", ({ detail }) => this.#onShown(detail), options);
    this.addEventListener("affiche-query", ({ detail }) => this.#onQuery(detail), options);
    this.addEventListener("affiche-command", ({ detail }) => void this.#command(detail), options);
    this.#applyPreferences();
    void this.#askHome();
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
    const { steps } = this.installation;
    const { t } = locale;
    return html`<a class="skip" href="#main" @click=${(event: Event) => this.#skip(event)}>${t.skip}</a>
      ${header(locale, router, client.state, this.online, this.preferences, (change) => this.#prefer(change))}
      <main id="main" tabindex="-1" aria-busy=${this.#home.pending && page.name === "home"}>
        ${storage === "memory" ? html`<p class="notice" role="status">${t.memoryMode}</p>` : nothing}
        ${
          bundle.status === "ready" && bundle.notice !== null && !this.#offlineSays(bundle.notice)
            ? html`<p class="notice" role="status">${bundleNotice(bundle.notice, locale)}</p>`
            : nothing
        }
        ${
          bundle.status === "failed" && page.name !== "data"
            ? html`<h1 tabindex="-1">${t.failedTitle}</h1>
                ${failure(bundle.error, locale)}`
            : keyed(router.key, this.#page())
        }
      </main>
      ${footer(locale, this.preferences, (change) => this.#prefer(change))}
      <div class="bottom">
        <div role="status">${this.#bar()}</div>
        <affiche-toast .toast=${this.toast} .closeLabel=${t.close}></affiche-toast>
      </div>
      ${steps === null ? nothing : stepsDialog(locale, steps)}`;
  }

  /** One at a time; the invitation to install only where the choices are shown to count. */
  #bar() {
    const { releases, installation } = this;
    if (releases.state !== "current" && releases.state !== this.putOff) {
      return releaseBar(this.#locale, releases.state, () => (this.putOff = releases.state));
    }
    const invites =
      this.#router.route.page.name === "home" &&
      (this.#home.value?.historyLength ?? 0) >= CHOICES_BEFORE_INSTALL &&
      (installation.state === "prompt" || installation.state === "steps") &&
      !this.preferences.installDeclined;
    return invites
      ? installBar(this.#locale, installation.state, () => this.#prefer({ installDeclined: true }))
      : nothing;
  }

  /** The chip says it already. */
  #offlineSays({ code }: EngineErrorData): boolean {
    return !this.online && code === "BUNDLE_UNREACHABLE";
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
    void this.#record({ id: crypto.randomUUID(), itemId: link.dataset["itemId"]!, event: "click" }, null);
  }

  #onRoute(): void {
    const { bundle, device } = this.#router.route;
    // Another bundle or device was typed into the address: another engine.
    if (bundle !== this.#started.bundle || device !== this.#started.device) location.reload();
    this.#arrival = "under way";
    void this.#askHome();
    this.requestUpdate();
  }

  #onQuery(query: string): void {
    this.#router.replace({ name: "search", query });
    this.requestUpdate();
  }

  #onShown(timings: StageTimings | null): void {
    if (timings !== null) this.#timings = timings;
    void this.releases.start();
    const heading = this.querySelector<HTMLElement>("main h1");
    if (this.#router.route.page.name === "offer") document.title = `${heading?.textContent} · Affiche`;
    if (this.#arrival !== "under way") return;
    this.#arrival = "shown";
    // By the next frame the shelves and their cards stand too.
    this.#onNextFrame(() => {
      const { arrival } = this.#router;
      this.#arrival = "placed";
      if (arrival.by === "history") {
        if (arrival.place !== null) restorePlace(this, arrival.place);
        return;
      }
      window.scrollTo({ top: 0, behavior: "instant" });
      const field = this.querySelector<HTMLElement>("main input[type=search]");
      (field ?? heading)?.focus({ preventScroll: true });
    });
  }

  /** Back online, what could not be had for want of a connection is asked for again. */
  #onConnection(): void {
    this.online = navigator.onLine;
    const { bundle } = this.client.state;
    const trouble = bundle.status === "ready" ? bundle.notice : bundle.status === "failed" ? bundle.error : null;
    if (this.online && trouble?.code === "BUNDLE_UNREACHABLE") this.client.retry().catch(() => {});
  }

  #skip(event: Event): void {
    event.preventDefault();
    this.querySelector<HTMLElement>("main")!.focus();
  }

  // What the engine says

  #onEngine(): void {
    const { bundle, historyRevision } = this.client.state;
    const version = bundle.status === "ready" ? bundle.info.version : 0;
    if (version !== 0 && version !== this.#version) {
      this.#homeFresh &&= this.#version === 0;
      void this.#askHome();
    }
    this.#version = version || this.#version;
    // No page will stand: what there is can be kept all the same.
    if (bundle.status === "failed") void this.releases.start();
    if (historyRevision !== this.#elsewhere) {
      this.#elsewhere = historyRevision;
      this.#homeFresh = false;
      this.revision++;
      void this.#askHome();
    }
    this.requestUpdate();
  }

  /** Asks for the home page where it is on show and no longer true. */
  async #askHome(): Promise<void> {
    if (this.#router.route.page.name !== "home" || this.#homeFresh) return;
    this.#homeFresh = true;
    await this.#home.run(async (signal) => {
      await Promise.allSettled(this.#recording);
      const page = await this.client.home(signal);
      this.#keepPlace();
      return page;
    });
    if (this.#home.error !== null) this.#homeFresh = false;
  }

  /** Holds still what the person looks at while the page changes around it. */
  #keepPlace(): void {
    if (this.#router.route.page.name !== "home" || this.#arrival !== "placed") return;
    const place = readPlace(this);
    this.#onNextFrame(() => restorePlace(this, place));
  }

  /** Unless the person has gone on by then. */
  #onNextFrame(act: () => void): void {
    const { key } = this.#router;
    requestAnimationFrame(() => {
      if (key === this.#router.key) act();
    });
  }

  // What the person says

  async #say(item: ItemCard, event: Verdict): Promise<void> {
    const { t } = this.#locale;
    const id = crypto.randomUUID();
    const recorded = await this.#record(
      { id, itemId: item.id, event },
      { text: t.done[event](item.title), action: { label: t.undo, run: () => void this.#undo(id) } },
    );
    if (!recorded) return;
    if (event === "dismiss") void this.#askHome();
    // Asked after the first interest: the browser then has a reason to say yes.
    else this.#askToPersist();
  }

  #askToPersist(): void {
    if (this.#persistenceAsked) return;
    this.#persistenceAsked = true;
    navigator.storage?.persist().catch(() => {});
  }

  /** @param done said once the event is kept; null: nothing is said, and no page asks anew in place */
  async #record(interaction: NewInteraction, done: Toast | null): Promise<boolean> {
    const recording = this.client.record(interaction);
    this.#recording.add(recording);
    try {
      await recording;
      this.#homeFresh = false;
      if (done !== null) {
        this.toast = done;
        this.revision++;
      }
      return true;
    } catch (error) {
      this.#complain(error, () => void this.#record(interaction, done));
      return false;
    } finally {
      this.#recording.delete(recording);
    }
  }

  /** @param id of the event; without it the newest, in whichever tab it was said */
  async #undo(id?: string): Promise<void> {
    const { t } = this.#locale;
    try {
      const undone = await this.client.undo(id);
      this.toast = { text: undone === null ? t.nothingToUndo : t.undone, action: null };
      this.#homeFresh = false;
      this.revision++;
      void this.#askHome();
    } catch (error) {
      this.#complain(error, () => void this.#undo(id));
    }
  }

  async #command(command: AfficheEvents["affiche-command"]): Promise<void> {
    if (command === "undo") return this.#undo();
    try {
      if (command === "install") await this.#install();
      else if (command === "reload") await this.#reload();
      else if (command === "retry") await this.#retry();
      else if (command === "export") {
        const file = await this.client.exportHistory();
        downloadJson(`affiche-history-${file.bundleName}.json`, file);
      } else await this.#erase();
    } catch (error) {
      this.#complain(error, () => void this.#command(command));
    }
  }

  async #retry(): Promise<void> {
    if (this.client.state.bundle.status === "failed") await this.client.retry();
    else if (this.#router.route.page.name === "home") await this.#askHome();
    else
      this.querySelector<AfficheOffer | AfficheSearch | AfficheData>(
        "affiche-offer, affiche-search, affiche-data",
      )?.ask();
  }

  async #install(): Promise<void> {
    const steps = this.querySelector<HTMLDialogElement>("[data-steps]");
    if (steps !== null) steps.showModal();
    else if (!(await this.installation.prompt())) this.#prefer({ installDeclined: true });
  }

  async #reload(): Promise<void> {
    await Promise.allSettled(this.#recording);
    this.releases.reload();
  }

  async #erase(): Promise<void> {
    await this.client.eraseEverything();
    clearPreferences();
    this.preferences = readPreferences();
    this.#applyPreferences();
    this.#home.value = null;
    this.#homeFresh = false;
    this.#timings = null;
    this.#router.go({ name: "home" });
    this.toast = { text: this.#locale.t.erased, action: null };
  }

  #complain(error: unknown, again: () => void): void {
    const { code, details, retryable } = EngineError.from(error);
    const text = this.#locale.error({ code, details });
    this.toast = { text, action: retryable ? { label: this.#locale.t.retry, run: again } : null };
  }

  #prefer(change: Partial<Preferences>): void {
    this.preferences = { ...this.preferences, ...change };
    writePreferences(this.preferences);
    this.#applyPreferences();
  }

  #applyPreferences(): void {
    const { language, theme } = this.preferences;
    if (language !== this.#locale.language) this.#locale = new Locale(language);
    document.documentElement.lang = language;
    document.documentElement.dataset["theme"] = theme;
  }
}

/** Storage fails a bundle that was downloaded; everything else leaves the stored one in use. */
function bundleNotice(notice: EngineErrorData, locale: Locale): string {
  const { bundleNotKept, bundleNotice: stored } = locale.t;
  return (notice.code.startsWith("STORAGE_") ? bundleNotKept : stored)(locale.error(notice));
}

define("affiche-app", AfficheApp);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-app": AfficheApp;
  }
}
