import { html } from "lit";
import type { ItemCard } from "../../model/contract.ts";
import type { Verdict } from "../app/events.ts";
import { factsLine } from "../elements/card.ts";
import "../elements/cover.ts";
import { factList } from "../elements/fact-list.ts";
import { offerActions } from "../elements/offer-actions.ts";
import { icon } from "../parts/icons.ts";
import type { Locale } from "../parts/locale.ts";
import { webAddress } from "../parts/web-address.ts";

/** One offer in the place of the shelf. `affiche-verdict` tells what the person says about it. */
export function offerPanel(item: ItemCard, said: ReadonlySet<Verdict>, locale: Locale, close: () => void) {
  const { t } = locale;
  const facts = [
    [t.year, item.year === null ? "" : locale.year(item.year)],
    [t.country, locale.country(item.country)],
    [t.itemLanguage, locale.itemLanguage(item.language)],
    [t.category, locale.term(item.category)],
    [t.price, item.price === null ? "" : locale.price(item.price)],
    [t.itemThemes, locale.list(item.themes.map((theme) => locale.term(theme)))],
    // As text to copy: the frame may open no window, and a link that does nothing is worse than none.
    [t.webPage, webAddress(item.url) === "" ? "" : html`<span class="address">${item.url}</span>`],
  ] as const;
  return html`<article
    class="offer-panel"
    aria-labelledby="affiche-offer-title"
    data-offer-id=${item.id}
    @keydown=${({ key }: KeyboardEvent) => key === "Escape" && close()}
  >
    <button type="button" class="link" @click=${close}>${icon("previous")}${t.back}</button>
    <div class="offer-panel-cover"><affiche-cover .item=${item}></affiche-cover></div>
    <div class="offer-panel-text">
      <h2 id="affiche-offer-title" tabindex="-1" dir="auto">${item.title}</h2>
      <p class="caption-facts">${factsLine(item, locale)}</p>
      ${offerActions(item, said, locale)} ${factList(facts, "facts")}
    </div>
  </article>`;
}
