import { html } from "lit";
import type { ItemCard } from "../../model/contract.ts";
import { emit } from "../app/events.ts";
import type { Verdict } from "../app/events.ts";
import { icon } from "../parts/icons.ts";
import type { Locale } from "../parts/locale.ts";

/** What a person can say about an offer, and what they have said. `affiche-verdict` tells of it. */
export function offerActions(item: ItemCard, said: { has(event: Verdict): boolean }, locale: Locale) {
  const { t } = locale;
  const buttons = [
    ["favourite", "heart", t.like, t.liked],
    ["booking", "ticket", t.book, t.booked],
    ["dismiss", "less", t.less, t.lessDone],
  ] as const;
  return html`<div class="offer-actions" role="group" aria-label=${t.actions}>
    ${buttons.map(([event, symbol, ask, done]) => {
      const isSaid = said.has(event);
      return html`<button
        type="button"
        class="button"
        data-verdict=${event}
        aria-disabled=${isSaid}
        ?data-done=${isSaid}
        @click=${({ currentTarget }: Event) => isSaid || emit(currentTarget!, "affiche-verdict", { item, event })}
      >
        ${icon(symbol)}${isSaid ? done : ask}
      </button>`;
    })}
  </div>`;
}
