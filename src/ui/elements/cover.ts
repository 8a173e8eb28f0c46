import { html, nothing } from "lit";
import type { PropertyValues } from "lit";
import type { ItemCard } from "../../model/contract.ts";
import { coverOf, titleSetting } from "../parts/covers.ts";
import type { Cover } from "../parts/covers.ts";
import { define, LightElement } from "../parts/light-element.ts";

/** A generated cover with its title, for the eye alone: beside it stands the title as text. */
export class AfficheCover extends LightElement {
  static override properties = { item: { attribute: false }, bare: { type: Boolean } };
  declare item: ItemCard;
  /** Without the title, where the cover is too small to read it. */
  declare bare: boolean;
  #cover: Cover | null = null;

  constructor() {
    super();
    this.bare = false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("item")) return;
    const { style, palette } = (this.#cover = coverOf(this.item));
    const { size, lines, whole } = titleSetting(this.item.title, this.item.kind);
    this.dataset["face"] = style.face;
    this.dataset["size"] = size;
    this.toggleAttribute("data-cut", !whole);
    this.dataset["kind"] = this.item.kind;
    this.style.setProperty("aspect-ratio", style.size.join(" / "));
    this.style.setProperty("--cover-ink", palette.ink);
    this.style.setProperty("--cover-lines", String(lines));
  }

  protected override render() {
    const { style, drawing } = this.#cover!;
    return html`<svg
        viewBox=${`0 0 ${style.size.join(" ")}`}
        preserveAspectRatio="xMidYMax slice"
        aria-hidden="true"
        focusable="false"
      >
        ${drawing}</svg
      >${this.bare ? nothing : html`<b aria-hidden="true" dir="auto">${this.item.title}</b>`}`;
  }
}

define("affiche-cover", AfficheCover);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-cover": AfficheCover;
  }
}
