import { html, nothing } from "lit";
import type { PropertyValues } from "lit";
import { EngineError } from "../../model/errors.ts";
import { icon } from "../parts/icons.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";

export interface Toast {
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

/** What went wrong; with a way to try again where that may help. */
export function complaint(error: unknown, locale: Locale, again: () => void): Toast {
  const { code, details, retryable } = EngineError.from(error);
  return {
    text: locale.error({ code, details }),
    action: retryable ? { label: locale.t.retry, run: again } : null,
  };
}

/** Long enough to read and to reach; it waits while it is hovered or focused, ms. */
const SHOWN_MS = 8_000;

/** What has just happened, said politely, with a way back. */
class AfficheToast extends LightElement {
  static override properties = { toast: { attribute: false }, closeLabel: { attribute: false } };
  declare toast: Toast | null;
  declare closeLabel: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.toast = null;
    this.closeLabel = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#wait();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("toast")) this.#wait();
  }

  protected override render() {
    const { toast } = this;
    return html`<div class="toasts" role="status">
      ${
        toast === null
          ? nothing
          : html`<div
              class="toast"
              @pointerenter=${() => clearTimeout(this.#timer)}
              @pointerleave=${() => this.#wait()}
              @focusin=${() => clearTimeout(this.#timer)}
              @focusout=${() => this.#wait()}
            >
              <span>${toast.text}</span>
              ${
                toast.action === null
                  ? nothing
                  : html`<button type="button" class="toast-action" @click=${() => this.#act()}>
                      ${toast.action.label}
                    </button>`
              }
              <button type="button" class="toast-close" aria-label=${this.closeLabel} @click=${() => this.#close()}>
                ${icon("close")}
              </button>
            </div>`
      }
    </div>`;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.toast !== null) this.#timer = setTimeout(() => this.#close(), SHOWN_MS);
  }

  #act(): void {
    const run = this.toast?.action?.run;
    this.#close();
    run?.();
  }

  #close(): void {
    this.toast = null;
  }
}

define("affiche-toast", AfficheToast);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-toast": AfficheToast;
  }
}
