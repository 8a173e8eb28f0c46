import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { BundleInfo, BundleState, EngineErrorData, HomePage } from "../../model/contract.ts";
import type { Router } from "../app/router.ts";
import { emit } from "../app/events.ts";
import { failure } from "../elements/failure.ts";
import "../elements/shelf.ts";
import { skeleton } from "../elements/skeleton.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";

/** Kinds that the first sentence names. */
const NAMED_KINDS = 3;

/** "For you": the hero and the shelves. */
class AfficheHome extends LightElement {
  static override properties = {
    page: { attribute: false },
    error: { attribute: false },
    bundle: { attribute: false },
    locale: { attribute: false },
    router: { attribute: false },
  };
  /** null: not computed yet. */
  declare page: HomePage | null;
  declare error: EngineErrorData | null;
  declare bundle: BundleState;
  declare locale: Locale;
  declare router: Router;

  protected override updated(): void {
    if (this.page !== null) emit(this, "affiche-shown", this.page.timings);
  }

  protected override render() {
    const { page, locale, router } = this;
    const { t } = locale;
    return html`<div class="hero">
        <h1 tabindex="-1">${t.heroTitle}</h1>
        <div class="hero-text">
          <p>${t.promise}</p>
          ${this.bundle.status === "ready" ? this.#sentences(this.bundle.info) : nothing}
        </div>
      </div>
      ${this.error === null ? nothing : failure(this.error, locale)}
      ${
        page !== null
          ? repeat(
              page.shelves,
              ({ key }) => key,
              (shelf) => {
                const { title, note } = locale.topic(shelf.topic, page.historyLength);
                return html`<affiche-shelf
                  .key=${shelf.key}
                  .heading=${title}
                  .note=${note}
                  .items=${shelf.items}
                  .locale=${locale}
                  .hrefOf=${router.offerHref}
                  .gradual=${router.arrival.by === "history" && router.arrival.place === null}
                ></affiche-shelf>`;
              },
            )
          : this.error === null
            ? skeleton(locale, this.bundle)
            : nothing
      }`;
  }

  #sentences(info: BundleInfo) {
    const { locale } = this;
    const { t } = locale;
    const kinds = info.kinds.map(({ kind }) => locale.kind(kind, "other")).filter((kind) => kind !== "");
    const named = kinds.slice(0, NAMED_KINDS).concat(kinds.length > NAMED_KINDS ? t.andMore : []);
    const works =
      named.length === 0
        ? `${locale.count(info.items, t.works)}.`
        : t.heroKinds(locale.count(info.items, t.works), locale.list(named));
    return html`<p>${works}</p>
      ${this.page?.historyLength === 0 ? html`<p>${t.firstVisit}</p>` : nothing}
      ${info.simulated ? html`<p class="small">${t.simulated}</p>` : nothing}`;
  }
}

define("affiche-home", AfficheHome);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-home": AfficheHome;
  }
}
