import { html, nothing } from "lit";
import type { ItemCard, ShelfItem } from "../../model/contract.ts";
import { emit } from "../app/events.ts";
import type { Verdict } from "../app/events.ts";
import { titleSetting } from "../parts/covers.ts";
import { icon } from "../parts/icons.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";
import { dotColour } from "../parts/palette.ts";
import "./cover.ts";

let cards = 0;

/** One item: a link with its cover, and a menu that says why it is here and takes a verdict. */
class AfficheCard extends LightElement {
  static override properties = {
    item: { attribute: false },
    why: { attribute: false },
    href: { attribute: false },
    locale: { attribute: false },
    open: { state: true },
  };
  declare item: ItemCard;
  /** null where nobody proposed the item, as in a search. */
  declare why: Pick<ShelfItem, "reason" | "probabilities"> | null;
  declare href: string;
  declare locale: Locale;
  declare open: boolean;
  readonly #menuId = `affiche-menu-${cards++}`;

  constructor() {
    super();
    this.why = null;
    this.open = false;
  }

  protected override render() {
    const { item, locale } = this;
    const { whole } = titleSetting(item.title, item.kind);
    return html`<a class="card" href=${this.href} data-item-id=${item.id} data-kind=${item.kind}>
        <span class="frame"><affiche-cover .item=${item}></affiche-cover></span>
        <span class="caption">
          <span class=${whole ? "visually-hidden" : "caption-title"} dir="auto">${item.title}</span>
          <span class="caption-facts">${factsLine(item, locale)}</span>
        </span>
      </a>
      <button
        class="card-more"
        type="button"
        popovertarget=${this.#menuId}
        aria-label=${locale.t.more(item.title)}
        aria-expanded=${this.open}
      >
        ${icon("more")}
      </button>
      <div
        class="menu"
        id=${this.#menuId}
        popover
        @beforetoggle=${(event: ToggleEvent) => (this.open = event.newState === "open")}
      >
        ${this.open ? this.#menu() : nothing}
      </div>`;
  }

  #menu() {
    const { why } = this;
    const { t } = this.locale;
    return html`${
      why === null
        ? nothing
        : html`<div class="menu-why">
            <h3>${t.why}</h3>
            <p>${this.locale.reason(why.reason)}</p>
            ${
              why.probabilities === null
                ? nothing
                : html`<p>
                    ${t.chances(
                      this.locale.percent(why.probabilities.click),
                      this.locale.percent(why.probabilities.booking),
                    )}
                  </p>`
            }
          </div>`
    }
    ${this.#verdict("favourite")}${this.#verdict("booking")}${this.#verdict("dismiss")}`;
  }

  #verdict(event: Verdict) {
    const { t } = this.locale;
    const [symbol, words] = (
      { favourite: ["heart", t.like], booking: ["ticket", t.book], dismiss: ["less", t.less] } as const
    )[event];
    return html`<button type="button" data-verdict=${event} @click=${() => this.#say(event)}>
      ${icon(symbol)}${words}
    </button>`;
  }

  #say(event: Verdict): void {
    this.querySelector<HTMLElement>(".menu")!.hidePopover();
    emit(this, "affiche-verdict", { item: this.item, event });
  }
}

/** The dot of the cluster, the kind and the maker; the year where no maker is known. */
export function factsLine(item: ItemCard, locale: Locale) {
  const year = item.year === null ? "" : locale.year(item.year);
  const facts = [locale.kindTitle(item.kind), item.maker || year].filter((fact) => fact !== "");
  return html`<svg class="dot" viewBox="0 0 9 9" aria-hidden="true" focusable="false">
      <circle cx="4.5" cy="4.5" r="4.5" fill=${dotColour(item.cluster)} /></svg
    ><span dir="auto">${facts.join(" · ")}</span>`;
}

define("affiche-card", AfficheCard);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-card": AfficheCard;
  }
}
