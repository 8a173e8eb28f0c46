import { html, nothing } from "lit";
import type { PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ItemCard, OfferPage } from "../../model/contract.ts";
import { emit } from "../app/events.ts";
import type { Router } from "../app/router.ts";
import type { EngineClient } from "../client.ts";
import { factsLine } from "../elements/card.ts";
import "../elements/cover.ts";
import { factList } from "../elements/fact-list.ts";
import type { Fact } from "../elements/fact-list.ts";
import { failure } from "../elements/failure.ts";
import { offerActions } from "../elements/offer-actions.ts";
import "../elements/shelf.ts";
import { skeleton } from "../elements/skeleton.ts";
import { icon } from "../parts/icons.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";
import { dotColour } from "../parts/palette.ts";
import { Request } from "../parts/request.ts";
import { webAddress } from "../parts/web-address.ts";

/** One item: its facts, the person's verdict, and what resembles it. */
export class AfficheOffer extends LightElement {
  static override properties = {
    itemId: { attribute: false },
    revision: { attribute: false },
    client: { attribute: false },
    locale: { attribute: false },
    router: { attribute: false },
  };
  declare itemId: string;
  /** Changes with the history; the page then asks anew. */
  declare revision: number;
  declare client: EngineClient;
  declare locale: Locale;
  declare router: Router;
  readonly #offer = new Request<OfferPage>(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("itemId") || changed.has("revision")) this.ask();
    const { value } = this.#offer;
    if (value !== null) this.style.setProperty("--tint", dotColour(value.item.cluster));
  }

  ask(): void {
    const { client, itemId } = this;
    if (this.#offer.value?.item.id !== itemId) this.#offer.value = null;
    void this.#offer.run((signal) => client.similar(itemId, signal));
  }

  protected override updated(): void {
    if (this.#offer.value !== null) emit(this, "affiche-shown", this.#offer.value.timings);
  }

  protected override render() {
    const { locale, router } = this;
    const { value, error } = this.#offer;
    return html`<p class="back"><a href=${router.href({ name: "home" })}>${icon("previous")}${locale.t.back}</a></p>
      ${error === null ? nothing : failure(error, locale)}
      ${value !== null ? this.#page(value) : error === null ? skeleton(locale, this.client.state.bundle) : nothing}`;
  }

  #page({ item, events, shelves }: OfferPage) {
    const { locale } = this;
    const said = new Set<string>(events.map(({ event }) => event));
    return html`<article class="offer" data-offer-id=${item.id}>
        <div class="offer-cover"><affiche-cover .item=${item}></affiche-cover></div>
        <div class="offer-text">
          <p class="offer-kind caption-facts">
            ${factsLine({ ...item, maker: locale.term(item.subcategory) }, locale)}
          </p>
          <h1 tabindex="-1" dir="auto">${item.title}</h1>
          ${item.maker === "" ? nothing : html`<p class="offer-maker" dir="auto">${item.maker}</p>`}
          ${offerActions(item, said, locale)} ${this.#facts(item)} ${this.#website(item)}
        </div>
      </article>
      ${repeat(
        shelves,
        ({ key }) => key,
        (shelf) => {
          const { title, note } = locale.topic(shelf.topic, 0);
          return html`<affiche-shelf
            .key=${shelf.key}
            .heading=${title}
            .note=${note}
            .items=${shelf.items}
            .locale=${locale}
            .hrefOf=${this.router.offerHref}
          ></affiche-shelf>`;
        },
      )}`;
  }

  #facts(item: ItemCard) {
    const { locale } = this;
    const { t } = locale;
    const themes = item.themes.map(
      (theme) =>
        html`<a class="tag" href=${this.router.href({ name: "search", query: theme })} dir="auto"
          >${locale.term(theme)}</a
        >`,
    );
    const facts: readonly Fact[] = [
      [t.year, item.year === null ? "" : locale.year(item.year)],
      [t.country, locale.country(item.country)],
      [t.itemLanguage, locale.itemLanguage(item.language)],
      [t.category, locale.term(item.category)],
      [t.price, item.price === null ? "" : locale.price(item.price)],
      [t.itemThemes, themes.length === 0 ? "" : html`<span class="tags">${themes}</span>`],
    ];
    return factList(facts, "facts");
  }

  #website({ url }: ItemCard) {
    if (webAddress(url) === "") return nothing;
    const { t } = this.locale;
    return html`<p class="outside">
      <a href=${url} rel="noreferrer noopener" referrerpolicy="no-referrer">${t.website}${icon("outside")}</a>
      <span class="small">${t.outside}</span>
    </p>`;
  }
}

define("affiche-offer", AfficheOffer);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-offer": AfficheOffer;
  }
}
