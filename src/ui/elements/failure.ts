import { html } from "lit";
import type { EngineErrorData } from "../../model/contract.ts";
import { emit } from "../app/events.ts";
import type { Locale } from "../parts/locale.ts";

/** What went wrong, in the person's words, and the way on. */
export function failure(error: EngineErrorData, locale: Locale) {
  return html`<div class="failure" role="alert">
    <p>
      <strong>${locale.t.errorTitle}</strong>
    </p>
    <p>${locale.error(error)}</p>
    <p>
      <button
        type="button"
        class="button"
        @click=${(event: Event) => emit(event.currentTarget!, "affiche-command", "retry")}
      >
        ${locale.t.retry}
      </button>
    </p>
  </div>`;
}
