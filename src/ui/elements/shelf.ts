import { html, nothing } from "lit";
import type { PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ShelfItem } from "../../model/contract.ts";
import { icon } from "../parts/icons.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";
import "./card.ts";

/** Part of the visible width that a button moves. */
const STEP = 0.8;

/**
 * Shelves with cards to draw, one card a task: 200 at once hold a phone up for a second. The first shelf
 * of the page is whole before the next begins.
 */
const waiting: AfficheShelf[] = [];
let drawing = false;

function drawCard(): void {
  const [shelf] = waiting;
  drawing = shelf !== undefined;
  if (shelf === undefined) return;
  shelf.drawn = Math.min(shelf.drawn + 1, shelf.items.length);
  if (shelf.drawn === shelf.items.length) waiting.shift();
  setTimeout(drawCard);
}

let shelves = 0;

/** A row of cards: scrolled by hand, by its two buttons, or by the arrow keys, Home and End. */
export class AfficheShelf extends LightElement {
  static override properties = {
    key: { attribute: false },
    heading: { attribute: false },
    note: { attribute: false },
    items: { attribute: false },
    locale: { attribute: false },
    hrefOf: { attribute: false },
    atStart: { state: true },
    atEnd: { state: true },
    gradual: { attribute: false },
    drawn: { state: true },
  };
  declare key: string;
  declare heading: string;
  /** A few words beside the heading; "" for none. */
  declare note: string;
  declare items: readonly ShelfItem[];
  declare locale: Locale;
  declare hrefOf: (itemId: string) => string;
  declare atStart: boolean;
  declare atEnd: boolean;
  /** Whether cards are drawn one after the other: on a first page, where nothing has to be found again at once. */
  declare gradual: boolean;
  /** Cards drawn so far, where that is gradual. */
  declare drawn: number;
  readonly #headingId = `affiche-shelf-${shelves++}`;
  #resizes: ResizeObserver | null = null;
  /** The card that had the focus before an update. */
  #focused: { readonly link: HTMLElement; readonly at: number } | null = null;

  /** Scroll position before an update, px. */
  #left = 0;

  constructor() {
    super();
    this.note = "";
    this.atStart = true;
    this.atEnd = true;
    this.gradual = false;
    this.drawn = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resizes = new ResizeObserver(() => this.#measure());
    if (!this.hasUpdated) return;
    this.#resizes.observe(this.#list);
    this.#awaitTurn();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes?.disconnect();
    this.#resizes = null;
    if (waiting.includes(this)) waiting.splice(waiting.indexOf(this), 1);
  }

  protected override firstUpdated(): void {
    this.#resizes?.observe(this.#list);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#focused = null;
    // Reading a place makes the browser lay the page out at once.
    if (!this.hasUpdated || !changed.has("items")) return;
    this.#left = this.#list.scrollLeft;
    const links = this.#links;
    const at = links.findIndex((link) => link.parentElement!.matches(":focus-within"));
    this.#focused = at < 0 ? null : { link: links[at]!, at };
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.#awaitTurn();
    if (changed.get("items")) void this.updateComplete.then(() => this.#settle());
    else if (changed.has("drawn") && !this.#unfinished) this.#measure();
    if (this.#focused === null || this.#list.matches(":focus-within")) return;
    // The card was moved, which takes its focus, or has gone: then its neighbour has it.
    const { link, at } = this.#focused;
    const links = this.#links;
    const heir = links.includes(link) ? link : links[Math.min(at, links.length - 1)];
    heir?.focus({ preventScroll: true });
  }

  get #unfinished(): boolean {
    return this.gradual && this.drawn < this.items.length;
  }
  #awaitTurn(): void {
    if (!this.#unfinished || waiting.includes(this)) return;
    waiting.push(this);
    if (!drawing) setTimeout(drawCard);
    drawing = true;
  }

  get #list(): HTMLElement {
    return this.querySelector("ul")!;
  }
  get #links(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>("a.card")];
  }

  protected override render() {
    const { t } = this.locale;
    const button = (direction: "previous" | "next", disabled: boolean) =>
      html`<button
        type="button"
        class="round"
        aria-label=${t[direction]}
        aria-disabled=${disabled}
        @click=${() => this.#step(direction === "next" ? 1 : -1)}
      >
        ${icon(direction)}
      </button>`;
    return html`<section
      class="shelf"
      aria-labelledby=${this.#headingId}
      data-shelf=${this.key}
      ?data-gradual=${this.gradual}
      @contentvisibilityautostatechange=${() => this.#measure()}
    >
      <div class="shelf-head">
        <h2 id=${this.#headingId} dir="auto">${this.heading}</h2>
        ${this.note === "" ? nothing : html`<p>${this.note}</p>`}
        ${
          this.atStart && this.atEnd
            ? nothing
            : html`<div class="shelf-buttons">${button("previous", this.atStart)}${button("next", this.atEnd)}</div>`
        }
      </div>
      <ul
        role="list"
        aria-busy=${this.#unfinished}
        @scroll=${() => this.#measure()}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
      >
        ${repeat(
          this.gradual ? this.items.slice(0, this.drawn) : this.items,
          ({ item }) => item.id,
          (entry) =>
            html`<li>
              <affiche-card
                .item=${entry.item}
                .why=${entry}
                .href=${this.hrefOf(entry.item.id)}
                .locale=${this.locale}
              ></affiche-card>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  /** Scroll snap and scroll anchoring follow a card that moved: the person sees the same place instead. */
  #settle(): void {
    this.#list.scrollTo({ left: this.#left, behavior: "instant" });
    this.#measure();
  }

  #measure(): void {
    // A shelf that the browser skips, far below the view, is measured when it comes near.
    if (!this.#list.checkVisibility({ contentVisibilityAuto: true })) return;
    const { scrollLeft, clientWidth, scrollWidth } = this.#list;
    this.atStart = Math.abs(scrollLeft) <= 1;
    this.atEnd = Math.abs(scrollLeft) + clientWidth >= scrollWidth - 1;
  }

  #step(direction: 1 | -1): void {
    const list = this.#list;
    list.scrollBy({ left: direction * STEP * list.clientWidth });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const links = this.#links;
    const now = links.findIndex((link) => link === event.target);
    if (now < 0) return;
    const last = links.length - 1;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (next >= last && this.#unfinished) void this.#drawRest(event.key === "End" ? this.items.length - 1 : next);
    else links[Math.min(last, Math.max(0, next))]!.focus();
  }

  /** Draws what is not drawn yet, and gives the focus to one of it. */
  async #drawRest(at: number): Promise<void> {
    this.drawn = this.items.length;
    await this.updateComplete;
    this.#links.at(at)?.focus();
  }
}

define("affiche-shelf", AfficheShelf);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-shelf": AfficheShelf;
  }
}
