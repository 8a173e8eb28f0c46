import { html, nothing } from "lit";
import type { PropertyValues } from "lit";
import type { EngineErrorData, ItemCard, NewInteraction, ShelfPage } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import type { Verdict } from "../app/events.ts";
import type { EngineClient } from "../client.ts";
import type { Spawn } from "../engine-worker.ts";
import { failure } from "../elements/failure.ts";
import "../elements/shelf.ts";
import { skeleton } from "../elements/skeleton.ts";
import { complaint } from "../elements/toast.ts";
import type { Toast } from "../elements/toast.ts";
import { define, LightElement } from "../parts/light-element.ts";
import { Locale } from "../parts/locale.ts";
import { readPreferences } from "../parts/preferences.ts";
import { Request } from "../parts/request.ts";
import { webAddress } from "../parts/web-address.ts";
import type { Settings } from "./channel.ts";
import { applyLook } from "./look.ts";
import { offerPanel } from "./offer-panel.ts";
import "./profile.ts";
import type { ProfileChange } from "./profile.ts";
import { loadErrorOf } from "./protocol.ts";
import type { HostChannel } from "./protocol.ts";

/**
 * The shelf inside a partner's page. Its height is the style sheet's: nothing that it shows can change
 * it, so that the page around learns nothing by measuring. It leaves the browser's history alone.
 */
export class AfficheEmbed extends LightElement {
  static override properties = {
    startClient: { attribute: false },
    client: { attribute: false },
    own: { attribute: false },
    channel: { attribute: false },
    settings: { state: true },
    opened: { state: true },
    said: { state: true },
    toast: { state: true },
  };
  declare startClient: (spawn: Spawn) => EngineClient;
  /** Another client is another profile. */
  declare client: EngineClient;
  /** Whether that is the person's own profile, else the partner's part of the storage. */
  declare own: boolean;
  declare channel: HostChannel;
  /** null: the host has not said anything yet. */
  declare settings: Settings | null;
  /** The offer in the place of the shelf; null: the shelf itself. */
  declare opened: ItemCard | null;
  /** What the person has said about the opened offer: shelves propose only what nothing was said about. */
  declare said: ReadonlySet<Verdict>;
  declare toast: Toast | null;

  readonly #shelf = new Request<ShelfPage>(this);
  #locale = new Locale(readPreferences().language);
  /** Whether the host knows what became of its wish; what comes later may be the person's doing. */
  #told = false;
  #listeners: AbortController | null = null;

  constructor() {
    super();
    this.settings = null;
    this.opened = null;
    this.said = new Set();
    this.toast = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const sizes = new ResizeObserver(() => {
      if (this.settings !== null) this.channel.height(Math.ceil(this.getBoundingClientRect().height));
    });
    sizes.observe(this, { box: "border-box" });
    signal.addEventListener("abort", () => sizes.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#dress(), { signal });
    this.addEventListener("affiche-verdict", ({ detail }) => void this.#say(detail.item, detail.event), { signal });
    this.addEventListener("affiche-command", () => void this.#retry(), { signal });
    this.addEventListener("affiche-profile", ({ detail }) => this.#change(detail), { signal });
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listeners?.abort();
  }

  protected override firstUpdated(): void {
    this.channel.listen((settings) => this.#onSettings(settings));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.get("client") === undefined) return;
    this.#follow();
    this.#shelf.value = null;
    this.opened = null;
    this.toast = null;
    void this.#ask();
  }

  protected override render() {
    const { channel, opened, settings } = this;
    if (settings === null) return nothing;
    const locale = this.#locale;
    const { bundle, storage } = this.client.state;
    const { t } = locale;
    const simulated = bundle.status === "ready" && bundle.info.simulated;
    return html`<main aria-busy=${this.#shelf.pending}>
        <div
          class="stage"
          ?inert=${opened !== null}
          @click=${(event: MouseEvent) => this.#onOpened(event)}
          @auxclick=${(event: MouseEvent) => this.#onOpened(event)}
        >
          ${this.#stage()}
        </div>
        ${opened === null ? nothing : offerPanel(opened, this.said, locale, () => this.#close())}
      </main>
      <footer>
        ${channel.select ? html`<p class="select-notice">${t.embedSelect(channel.host)}</p>` : nothing}
        <div class="embed-foot">
          <p>${storage === "memory" ? t.memoryMode : simulated ? t.embedSimulated : t.embedFoot}</p>
          <affiche-profile .own=${this.own} .locale=${locale}></affiche-profile>
        </div>
      </footer>
      <affiche-toast .toast=${this.toast} .closeLabel=${t.close}></affiche-toast>`;
  }

  #stage() {
    const locale = this.#locale;
    const { value, error } = this.#shelf;
    if (value === null) return error === null ? skeleton(locale, this.client.state.bundle) : failure(error, locale);
    const { shelf } = value;
    if (shelf === null) return html`<p class="embed-empty">${locale.t.embedEmpty}</p>`;
    const personal = shelf.items.some(({ reason }) => reason.type === "because");
    const { title, note } =
      shelf.topic.type === "for-you" && personal
        ? { title: locale.t.shelfForYou, note: "" }
        : locale.topic(shelf.topic, 0);
    return html`<affiche-shelf
      .key=${shelf.key}
      .heading=${title}
      .note=${note}
      .items=${shelf.items}
      .locale=${locale}
      .hrefOf=${offerHref}
    ></affiche-shelf>`;
  }

  // What the host says

  #onSettings(settings: Settings): void {
    const before = this.settings;
    this.settings = settings;
    const language = settings.locale ?? readPreferences().language;
    if (language !== this.#locale.language) this.#locale = new Locale(language);
    document.documentElement.lang = language;
    this.#dress();
    if (before?.item === settings.item && before.kind === settings.kind && before.limit === settings.limit) return;
    this.#told = false;
    this.opened = null;
    void this.#ask();
  }

  #dress(): void {
    if (this.settings !== null) applyLook(document.documentElement, this.settings.theme, this.settings.look);
  }

  // What the engine says

  #follow(): void {
    const { client } = this;
    let { historyRevision } = client.state;
    let version = 0;
    client.addEventListener(
      "affiche-engine",
      () => {
        if (client !== this.client) return;
        const { bundle, historyRevision: revision } = client.state;
        const newest = bundle.status === "ready" ? bundle.info.version : version;
        // The first bundle is no change: the first question waits for it.
        const changed = (version !== 0 && newest !== version) || revision !== historyRevision;
        version = newest;
        historyRevision = revision;
        if (changed) void this.#ask();
        this.requestUpdate();
      },
      { signal: this.#listeners!.signal },
    );
  }

  async #ask(): Promise<void> {
    if (this.settings === null) return;
    const { item, kind, limit } = this.settings;
    const answered = await this.#shelf.run(async (signal) => {
      await this.client.recorded();
      try {
        return await this.client.shelf({ itemId: item, kind, limit }, signal);
      } catch (error) {
        const { code, details } = EngineError.from(error);
        if (code !== "ITEM_UNKNOWN") throw error;
        // The host names an offer that the catalogue lacks: the person has their own shelf instead.
        this.#tell({ code, details });
        return this.client.shelf({ itemId: null, kind, limit }, signal);
      }
    });
    if (answered) this.channel.ready();
    else if (!this.#shelf.pending && this.#shelf.error !== null) this.#tell(this.#shelf.error);
    if (!this.#shelf.pending) this.#told = true;
  }

  #tell(error: EngineErrorData): void {
    if (!this.#told) this.channel.error(loadErrorOf(error.code), EngineError.fromData(error).message);
    this.#told = true;
  }

  #change({ own, spawn }: ProfileChange): void {
    this.client.stop();
    this.client = this.startClient(spawn);
    this.own = own;
  }

  async #retry(): Promise<void> {
    try {
      if (this.client.state.bundle.status === "failed") await this.client.retry();
    } catch {
      // The state says it.
    }
    void this.#ask();
  }

  // What the person says

  #onOpened(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLElement>("affiche-card a[data-item-id]");
    const found = this.#shelf.value?.shelf?.items.find(({ item }) => item.id === link?.dataset["itemId"]);
    if (found === undefined || event.button > 1) return;
    // In every way of opening it: the frame may open no window.
    event.preventDefault();
    const { item } = found;
    this.opened = item;
    this.said = new Set();
    this.toast = null;
    void this.updateComplete.then(() =>
      this.querySelector<HTMLElement>("h2[tabindex]")?.focus({ preventScroll: true }),
    );
    this.channel.selected(item.id, item.title, webAddress(item.url));
    void this.#record({ id: crypto.randomUUID(), itemId: item.id, event: "click" }, null).then(() => this.#ask());
  }

  #close(): void {
    const itemId = this.opened?.id;
    this.opened = null;
    void this.updateComplete.then(() => this.#focusCard(itemId));
  }

  /** Of this item, or the first where it has left the shelf. */
  #focusCard(itemId: string | undefined): void {
    const links = [...this.querySelectorAll<HTMLElement>("a[data-item-id]")];
    const link = links.find(({ dataset }) => dataset["itemId"] === itemId) ?? links[0];
    link?.focus({ preventScroll: true });
  }

  async #say(item: ItemCard, event: Verdict): Promise<void> {
    const { t } = this.#locale;
    const id = crypto.randomUUID();
    const undo = { label: t.undo, run: () => void this.#undo(id, event) };
    const recorded = await this.#record(
      { id, itemId: item.id, event },
      { text: t.done[event](item.title), action: undo },
    );
    if (!recorded) return;
    if (this.opened?.id === item.id) this.said = new Set([...this.said, event]);
    if (event === "dismiss") void this.#ask();
  }

  /** @param done said once the event is kept; null: nothing is said */
  async #record(interaction: NewInteraction, done: Toast | null): Promise<boolean> {
    try {
      await this.client.record(interaction);
      if (done !== null) this.toast = done;
      return true;
    } catch (error) {
      this.#complain(error, () => void this.#record(interaction, done));
      return false;
    }
  }

  async #undo(id: string, event: Verdict): Promise<void> {
    const { t } = this.#locale;
    try {
      const undone = await this.client.undo(id);
      this.toast = { text: undone === null ? t.nothingToUndo : t.undone, action: null };
      this.said = new Set([...this.said].filter((one) => one !== event));
      void this.#ask();
    } catch (error) {
      this.#complain(error, () => void this.#undo(id, event));
    }
  }

  #complain(error: unknown, again: () => void): void {
    this.toast = complaint(error, this.#locale, again);
  }
}

/** In the app itself, where the browser's own menu opens it. */
const offerHref = (itemId: string): string =>
  new URL(`./#${new URLSearchParams({ page: "offer", item: itemId })}`, document.baseURI).href;

define("affiche-embed", AfficheEmbed);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-embed": AfficheEmbed;
  }
}
