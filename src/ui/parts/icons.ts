import { svg, html } from "lit";
import type { SVGTemplateResult, TemplateResult } from "lit";

const PATHS = {
  home: svg`<rect x="4" y="3.5" width="7" height="17" rx="1.2" /><rect x="14" y="8" width="6" height="12.5" rx="1.2" />`,
  search: svg`<circle cx="10.5" cy="10.5" r="6.5" /><path d="m15.5 15.5 5 5" />`,
  data: svg`<path d="M12 3.5 5 6v5.5c0 4.4 2.9 7.5 7 9 4.1-1.5 7-4.6 7-9V6z" /><path d="m9 11.8 2.2 2.2 4-4.2" />`,
  previous: svg`<path d="M19 12H5.5M11 6l-6 6 6 6" />`,
  next: svg`<path d="M5 12h13.5M13 6l6 6-6 6" />`,
  more: svg`<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="3" />`,
  heart: svg`<path d="M12 20s-7.5-4.6-7.5-10A4.3 4.3 0 0 1 12 7.3 4.3 4.3 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10z" />`,
  ticket: svg`<path d="M4 6.5h16v4a1.8 1.8 0 0 0 0 3.6v3.4H4v-3.4a1.8 1.8 0 0 0 0-3.6zM14 7v10" />`,
  less: svg`<circle cx="12" cy="12" r="8" /><path d="M8.5 12h7" />`,
  outside: svg`<path d="M13.5 5H19v5.5M19 5l-9 9M16.5 14v5H5V7.5h5" />`,
  auto: svg`<circle cx="12" cy="12" r="7.5" /><path d="M12 4.5v15a7.5 7.5 0 0 0 0-15z" fill="currentColor" />`,
  light: svg`<circle cx="12" cy="12" r="4" /><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4" />`,
  dark: svg`<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z" />`,
  close: svg`<path d="m6.5 6.5 11 11M17.5 6.5l-11 11" />`,
} satisfies Record<string, SVGTemplateResult>;

/** A drawing beside words: assistive technology does not hear it. */
export function icon(name: keyof typeof PATHS): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${PATHS[name]}</svg>`;
}
