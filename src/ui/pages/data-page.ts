import { html, nothing } from "lit";
import type { PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { RETRIEVAL_ENGINES } from "../../model/contract.ts";
import type { EngineState, HistoryEntry, Interaction, RetrievalEngine, StageTimings } from "../../model/contract.ts";
import { EVENT_KINDS } from "../../model/interactions/interaction.ts";
import { installButton } from "../app/bars.ts";
import { emit } from "../app/events.ts";
import type { InstallState } from "../app/installation.ts";
import type { ReleaseState } from "../app/releases.ts";
import type { Router } from "../app/router.ts";
import type { EngineClient } from "../client.ts";
import "../elements/cover.ts";
import { factList } from "../elements/fact-list.ts";
import type { Fact } from "../elements/fact-list.ts";
import { failure } from "../elements/failure.ts";
import { machineFacts } from "../elements/machine-facts.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";
import { Request } from "../parts/request.ts";

/** Lines of the history on the page; the export has them all. */
const SHOWN = 200;

interface Held {
  readonly entries: readonly HistoryEntry[];
  /** Of all interactions, shown or not. */
  readonly all: readonly Interaction[];
  /** Bytes of this origin's storage; null where the browser does not say. */
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
  readonly persistent: boolean | null;
}

/** What is kept on the device, and the means to take it along or erase it. */
export class AfficheData extends LightElement {
  static override properties = {
    revision: { attribute: false },
    client: { attribute: false },
    state: { attribute: false },
    retrieval: { attribute: false },
    timings: { attribute: false },
    keptRelease: { attribute: false },
    release: { attribute: false },
    installation: { attribute: false },
    locale: { attribute: false },
    router: { attribute: false },
  };
  declare revision: number;
  declare client: EngineClient;
  declare state: EngineState;
  /** The engine that is asked for; null: the fastest. */
  declare retrieval: RetrievalEngine | null;
  declare timings: StageTimings | null;
  /** Whether the app itself is kept on the device. */
  declare keptRelease: boolean;
  declare release: ReleaseState;
  declare installation: InstallState;
  declare locale: Locale;
  declare router: Router;
  readonly #held = new Request<Held>(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("revision")) this.ask();
  }

  ask(): void {
    const { client } = this;
    void this.#held.run(async (signal) => {
      const [entries, { interactions }, space, persistent] = await Promise.all([
        client.history(SHOWN, signal),
        client.exportHistory(),
        spaceUsed(),
        isPersistent(),
      ]);
      return {
        entries,
        all: interactions,
        usedBytes: space?.usage ?? null,
        quotaBytes: space?.quota ?? null,
        persistent,
      };
    });
  }

  protected override updated(): void {
    if (this.#held.value !== null && !this.#held.pending) emit(this, "affiche-shown", null);
  }

  protected override render() {
    const { locale } = this;
    const { t } = locale;
    const { value, error } = this.#held;
    return html`<div class="hero">
        <h1 tabindex="-1">${t.dataTitle}</h1>
        <div class="hero-text"><p>${t.dataPromise}</p></div>
      </div>
      ${error === null ? nothing : failure(error, locale)}
      <div class="columns">
        <section aria-labelledby="history-heading">
          <h2 id="history-heading">${t.history}</h2>
          ${value === null ? nothing : this.#counts(value.all)} ${this.#buttons(value?.all.length ?? 0)}
          ${value === null ? nothing : this.#entries(value)}
        </section>
        <div>
          <section aria-labelledby="app-heading">
            <h2 id="app-heading">${t.app}</h2>
            ${this.#appFacts()}
          </section>
          <section aria-labelledby="machine-heading">
            <h2 id="machine-heading">${t.machine}</h2>
            ${machineFacts(
              locale,
              this.state,
              this.timings,
              value?.usedBytes ?? null,
              value?.quotaBytes ?? null,
              value?.persistent ?? null,
            )}
            ${this.#retrievalChoice()}
          </section>
        </div>
      </div>
      <dialog class="dialog" aria-labelledby="erase-title">
        <h2 id="erase-title">${t.eraseTitle}</h2>
        <p>${t.eraseText}</p>
        <div class="dialog-buttons">
          <button type="button" class="button" @click=${() => this.#dialog.close()}>${t.cancel}</button>
          <button type="button" class="button danger" data-erase @click=${() => this.#erase()}>
            ${t.eraseConfirm}
          </button>
        </div>
      </dialog>`;
  }

  #appFacts() {
    const { locale, release, installation } = this;
    const { t } = locale;
    const facts: readonly Fact[] = [
      [t.installed, t.installStates[installation]],
      [t.worksOffline, t.worksOfflineStates[this.#worksOffline() ? "yes" : "no"]],
      [t.releases, release === "current" ? "" : t.releaseStates[release]],
    ];
    const reload = () => emit(this, "affiche-command", "reload");
    return html`${factList(facts, "facts machine")}
      <div class="row-buttons">
        ${installation === "prompt" || installation === "steps" ? installButton(locale, installation) : nothing}
        ${
          release === "current"
            ? nothing
            : html`<button type="button" class="button" @click=${reload}>${t.reload}</button>`
        }
      </div>`;
  }

  #retrievalChoice() {
    const { t } = this.locale;
    const choose = (event: Event): void => {
      const { value } = event.currentTarget as HTMLSelectElement;
      emit(this, "affiche-retrieval", RETRIEVAL_ENGINES.find((engine) => engine === value) ?? null);
    };
    return html`<label class="setting">
        <span>${t.retrievalLabel}</span>
        <select data-retrieval aria-describedby="retrieval-hint" @change=${choose}>
          <option value="" .selected=${this.retrieval === null}>${t.retrievalAutomatic}</option>
          ${RETRIEVAL_ENGINES.map(
            (engine) =>
              html`<option value=${engine} .selected=${engine === this.retrieval}>${t.retrievals[engine]}</option>`,
          )}
        </select>
      </label>
      <p class="small" id="retrieval-hint">${t.retrievalHint}</p>`;
  }

  /** The app and its catalogue are both on the device. */
  #worksOffline(): boolean {
    const { bundle, storage } = this.state;
    const stored = bundle.status === "ready" && !bundle.notice?.code.startsWith("STORAGE_");
    return this.keptRelease && storage === "indexeddb" && stored;
  }

  #counts(all: readonly Interaction[]) {
    const { locale } = this;
    const { t } = locale;
    if (all.length === 0) return html`<p>${t.historyEmpty}</p>`;
    const counts = EVENT_KINDS.map((event) => [event, all.filter((one) => one.event === event).length] as const)
      .filter(([, count]) => count > 0)
      .map(([event, count]) => html`<li><b>${locale.number(count)}</b> ${t.eventNames[event]}</li>`);
    return html`<p>${locale.count(all.length, t.events)}</p>
      <ul class="counts" role="list">
        ${counts}
      </ul>`;
  }

  /** Also where the history cannot be shown: what cannot be read can still be erased. */
  #buttons(events: number) {
    const { t } = this.locale;
    const command = (name: "undo" | "export") => () => emit(this, "affiche-command", name);
    return html`<div class="row-buttons">
      <button type="button" class="button" ?hidden=${events === 0} @click=${command("undo")}>${t.undoLast}</button>
      <button type="button" class="button" @click=${command("export")}>${t.exportButton}</button>
      <button type="button" class="button danger" @click=${() => this.#dialog.showModal()}>${t.eraseButton}</button>
    </div>`;
  }

  #entries({ entries, all }: Held) {
    const { locale } = this;
    return html`<ol class="history" role="list">
        ${repeat(
          entries,
          ({ interaction }) => interaction.id,
          (entry) => this.#entry(entry),
        )}
      </ol>
      ${
        all.length > entries.length
          ? html`<p class="small">${locale.t.historyShown(locale.number(entries.length))}</p>`
          : nothing
      }`;
  }

  #entry({ interaction, item }: HistoryEntry) {
    const { locale } = this;
    const { t } = locale;
    const { event, value, atMs, itemId } = interaction;
    const said = event === "rating" && value !== undefined ? t.ratingOf(locale.number(value)) : t.eventNames[event];
    return html`<li data-history-item=${itemId} data-event=${event}>
      <span class="thumb">${item === null ? nothing : html`<affiche-cover bare .item=${item}></affiche-cover>`}</span>
      <span class="history-text">
        ${
          item === null
            ? html`<span class="history-title">${t.gone} (${itemId})</span>`
            : html`<a class="history-title" dir="auto" href=${this.router.href({ name: "offer", itemId })}
                >${item.title}</a
              >`
        }
        <span class="small">${said} · <time datetime=${new Date(atMs).toISOString()}>${locale.time(atMs)}</time></span>
      </span>
    </li>`;
  }

  get #dialog(): HTMLDialogElement {
    return this.querySelector("dialog")!;
  }

  #erase(): void {
    this.#dialog.close();
    emit(this, "affiche-command", "erase");
  }
}

async function spaceUsed(): Promise<StorageEstimate | null> {
  return (await navigator.storage?.estimate().catch(() => null)) ?? null;
}

/** null where the browser does not say. */
async function isPersistent(): Promise<boolean | null> {
  return (await navigator.storage?.persisted().catch(() => null)) ?? null;
}

define("affiche-data", AfficheData);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-data": AfficheData;
  }
}
