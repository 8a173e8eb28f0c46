/** What waits for an answer at the foot of the screen, for as long as it takes. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { icon } from "../parts/icons.ts";
import type { Locale } from "../parts/locale.ts";
import { emit } from "./events.ts";
import type { InstallState, Steps } from "./installation.ts";
import type { ReleaseState } from "./releases.ts";

const command = (name: "install" | "reload") => (event: Event) => emit(event.currentTarget!, "affiche-command", name);

/** "New version: reload". @param later puts it off until the next visit */
export function releaseBar({ t }: Locale, state: Exclude<ReleaseState, "current">, later: () => void): TemplateResult {
  return html`<div class="bar" data-bar="release">
    <span>${state === "waiting" ? t.releaseWaiting : t.releaseReplaced}</span>
    <button type="button" class="button primary" @click=${command("reload")}>${t.reload}</button>
    <button type="button" class="bar-close" aria-label=${t.close} @click=${later}>${icon("close")}</button>
  </div>`;
}

export function installBar(locale: Locale, state: InstallState, decline: () => void): TemplateResult {
  const { t } = locale;
  return html`<div class="bar" data-bar="install">
    <span>${t.installInvitation}</span>
    <span class="bar-buttons">
      <button type="button" class="button" data-decline @click=${decline}>${t.notNow}</button>
      ${installButton(locale, state)}
    </span>
  </div>`;
}

export function installButton({ t }: Locale, state: InstallState): TemplateResult {
  return html`<button type="button" class="button primary" data-install @click=${command("install")}>
    ${state === "steps" ? t.installHow : t.install}
  </button>`;
}

const close = ({ currentTarget }: Event) => (currentTarget as Element).closest("dialog")!.close();

/** Written steps, where the browser has no prompt. */
export function stepsDialog({ t }: Locale, steps: Steps): TemplateResult {
  return html`<dialog class="dialog" data-steps aria-labelledby="steps-title">
    <h2 id="steps-title">${t.installTitle}</h2>
    <ol class="steps">
      ${t.installSteps[steps].map((step) => html`<li>${step}</li>`)}
    </ol>
    ${steps === "firefox-android" ? nothing : html`<p class="small">${t.installSeparate}</p>`}
    <div class="dialog-buttons">
      <button type="button" class="button" @click=${close}>${t.close}</button>
    </div>
  </dialog>`;
}
