/** What stands around every page. */
import { html, nothing, svg } from "lit";
import type { EngineErrorData, EngineState } from "../../model/contract.ts";
import { icon } from "../parts/icons.ts";
import type { Locale } from "../parts/locale.ts";
import { LANGUAGES, MESSAGES } from "../parts/messages.ts";
import { paletteOf } from "../parts/palette.ts";
import { THEMES } from "../parts/preferences.ts";
import type { Preferences } from "../parts/preferences.ts";
import type { Page, Router } from "./router.ts";

type Prefer = (change: Partial<Preferences>) => void;

const NAVIGATION = [
  { page: { name: "home" }, symbol: "home" },
  { page: { name: "search", query: "" }, symbol: "search" },
  { page: { name: "data" }, symbol: "data" },
] as const satisfies readonly { page: Page; symbol: Parameters<typeof icon>[0] }[];

export function header(
  locale: Locale,
  router: Router,
  state: EngineState,
  online: boolean,
  preferences: Preferences,
  prefer: Prefer,
) {
  const { t } = locale;
  const here = router.route.page.name;
  return html`<a class="skip" href="#main" @click=${skip}>${t.skip}</a>
    <header class="top">
      <a class="logo" href=${router.href({ name: "home" })} aria-label="Affiche">${logo()}<span>Affiche</span></a>
      <nav class="nav" aria-label=${t.navigation}>
        ${NAVIGATION.map(
          ({ page, symbol }) =>
            html`<a href=${router.href(page)} aria-current=${here === page.name ? "page" : nothing}
              >${icon(symbol)}<span>${t[page.name]}</span></a
            >`,
        )}
      </nav>
      ${chip(locale, state, online)} ${settings(locale, preferences, prefer)}
    </header>`;
}

function skip(event: Event): void {
  event.preventDefault();
  (event.currentTarget as Element).parentElement!.querySelector("main")!.focus();
}

/** Where the computation runs, and whether the network is there. */
function chip({ t }: Locale, { device }: EngineState, online: boolean) {
  const words = [t.onDevice, device === null ? "" : t.backends[device.backend], online ? "" : t.offline];
  return html`<p class="chip" ?data-offline=${!online}>
    <i></i><span>${words.filter((word) => word !== "").join(" · ")}</span>
  </p>`;
}

/** What the person should know of the engine on every page: where the history is kept, and what the bundle lacks. */
export function notices(locale: Locale, { bundle, storage }: EngineState, online: boolean) {
  const notice = bundle.status === "ready" ? bundle.notice : null;
  // The chip says it already.
  const said = !online && notice?.code === "BUNDLE_UNREACHABLE";
  return html`${storage === "memory" ? html`<p class="notice" role="status">${locale.t.memoryMode}</p>` : nothing}
  ${notice === null || said ? nothing : html`<p class="notice" role="status">${bundleNotice(notice, locale)}</p>`}`;
}

/** Storage fails a bundle that was downloaded; everything else leaves the stored one in use. */
function bundleNotice(notice: EngineErrorData, locale: Locale): string {
  const { bundleNotKept, bundleNotice: stored } = locale.t;
  return (notice.code.startsWith("STORAGE_") ? bundleNotKept : stored)(locale.error(notice));
}

/** On a phone the settings stand at the foot of the page. */
export function footer(locale: Locale, preferences: Preferences, prefer: Prefer) {
  return html`<footer class="foot">
    <p>${locale.t.promise}</p>
    ${settings(locale, preferences, prefer)}
  </footer>`;
}

function settings({ t }: Locale, { language, theme }: Preferences, prefer: Prefer) {
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return html`<div class="settings">
    <div class="languages" role="group" aria-label=${t.language}>
      ${LANGUAGES.map(
        (code) =>
          html`<button
            type="button"
            lang=${code}
            aria-pressed=${code === language}
            title=${MESSAGES[code].languageName}
            @click=${() => prefer({ language: code })}
          >
            ${code.toUpperCase()}
          </button>`,
      )}
    </div>
    <button
      type="button"
      class="theme"
      aria-label=${t.theme(t.themes[theme])}
      title=${t.theme(t.themes[theme])}
      @click=${() => prefer({ theme: nextTheme })}
    >
      ${icon(theme)}
    </button>
  </div>`;
}

/** A small cover: the same as in public/icon.svg. */
function logo() {
  const { ground, a, b } = paletteOf(0, 0);
  return html`<svg viewBox="0 0 26 34" aria-hidden="true" focusable="false">
    ${svg`<clipPath id="affiche-logo"><rect width="26" height="34" rx="2" /></clipPath>
    <g clip-path="url(#affiche-logo)"><rect width="26" height="34" fill=${ground} /><circle cx="18" cy="25" r="13" fill=${a} /><circle cx="18" cy="25" r="6.5" fill=${b} /></g>`}
  </svg>`;
}
