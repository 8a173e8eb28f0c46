import { html } from "lit";
import type { BundleState } from "../../model/contract.ts";
import type { Locale } from "../parts/locale.ts";

/** Kinds of the empty frames: a skyline like the one to come. */
const SKYLINE = ["book", "film", "music", "museum", "theatre", "series", "book", "game", "comic"];

/** The place of two shelves while they are computed, and how far the download is. */
export function skeleton(locale: Locale, bundle: BundleState) {
  const shelf = html`<div class="shelf" aria-hidden="true">
    <div class="shelf-head"><span class="bone bone-heading"></span></div>
    <div class="shelf-bones">
      ${SKYLINE.map(
        (kind) =>
          html`<div>
            <span class="frame"><span class="bone bone-cover" data-kind=${kind}></span></span>
            <span class="bone bone-line"></span>
          </div>`,
      )}
    </div>
  </div>`;
  return html`<div class="skeleton" aria-busy="true">
    <p class="visually-hidden" role="status">${locale.t.loading}</p>
    ${progress(locale, bundle)} ${shelf} ${shelf}
  </div>`;
}

/** Keeps its place before and after the download, so that nothing below it moves. */
function progress(locale: Locale, bundle: BundleState) {
  const { doneBytes, totalBytes } = bundle.status === "loading" ? bundle : { doneBytes: 0, totalBytes: 0 };
  const sizes = totalBytes === 0 ? "" : locale.t.bytesOf(locale.bytes(doneBytes), locale.bytes(totalBytes));
  const label = locale.t.downloading;
  return html`<div class="download" ?data-idle=${totalBytes === 0}>
    <span aria-hidden="true">${label}</span>
    <progress aria-label=${label} max=${totalBytes || 1} .value=${doneBytes}></progress>
    <span class="download-sizes">${sizes}</span>
  </div>`;
}
