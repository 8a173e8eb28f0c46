import { html, nothing } from "lit";
import type { PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ItemCard } from "../../model/contract.ts";
import { emit } from "../app/events.ts";
import type { Router } from "../app/router.ts";
import type { EngineClient } from "../client.ts";
import "../elements/card.ts";
import { failure } from "../elements/failure.ts";
import { icon } from "../parts/icons.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";
import { Request } from "../parts/request.ts";

interface Results {
  readonly query: string;
  readonly items: readonly ItemCard[];
}

/** Pause in the typing before the engine is asked, ms. */
const PAUSE_MS = 120;

/** Search as one types; the text stays in the address's fragment. */
export class AfficheSearch extends LightElement {
  static override properties = {
    query: { attribute: false },
    client: { attribute: false },
    locale: { attribute: false },
    router: { attribute: false },
  };
  declare query: string;
  declare client: EngineClient;
  declare locale: Locale;
  declare router: Router;
  readonly #results = new Request<Results>(this);
  #timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("query")) this.ask();
  }

  ask(): void {
    const { client } = this;
    const query = this.query.trim();
    void this.#results.run(async (signal) => ({
      query,
      items: query === "" ? [] : await client.search(query, signal),
    }));
  }

  protected override updated(): void {
    if (this.#results.value !== null && !this.#results.pending) emit(this, "affiche-shown", null);
  }

  protected override render() {
    const { locale } = this;
    const { t } = locale;
    const { value, error } = this.#results;
    return html`<h1 tabindex="-1">${t.searchTitle}</h1>
      <form class="search" role="search" action="search" @submit=${(event: Event) => event.preventDefault()}>
        <label>
          <span class="visually-hidden">${t.searchLabel}</span>
          ${icon("search")}
          <input
            type="search"
            name="q"
            autocomplete="off"
            spellcheck="false"
            enterkeyhint="search"
            placeholder=${t.searchLabel}
            .value=${this.query}
            @input=${(event: InputEvent) => this.#onInput((event.target as HTMLInputElement).value)}
          />
        </label>
      </form>
      <p class="search-status" role="status">${this.#status()}</p>
      ${error === null ? nothing : failure(error, locale)}
      <ul class="grid" role="list" aria-busy=${this.#results.pending}>
        ${repeat(
          value?.items ?? [],
          ({ id }) => id,
          (item) =>
            html`<li>
              <affiche-card .item=${item} .href=${this.router.offerHref(item.id)} .locale=${locale}></affiche-card>
            </li>`,
        )}
      </ul>`;
  }

  #status(): string {
    const { t } = this.locale;
    const { value } = this.#results;
    if (value === null || value.query === "") return t.searchHint;
    return value.items.length === 0 ? t.noResults(value.query) : this.locale.count(value.items.length, t.results);
  }

  #onInput(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => emit(this, "affiche-query", text), PAUSE_MS);
  }
}

define("affiche-search", AfficheSearch);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-search": AfficheSearch;
  }
}
