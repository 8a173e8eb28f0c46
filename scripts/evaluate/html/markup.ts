/** HTML written as template literals: whatever is put in is escaped, unless it is markup itself. */

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Markup | null | readonly Part[];

/** null and an empty list put in nothing. Attributes are written in double quotes; indentation is left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const lines = strings.map((text) => text.replaceAll(/\s*\n\s*/gu, "\n"));
  return new Markup(lines.reduce((text, next, at) => text + written(parts[at - 1] ?? null) + next));
}

function written(part: Part): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.text;
  return typeof part === "object" ? part.map(written).join("") : escaped(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters other than tab and line feed are no text of an HTML document: they become U+FFFD. */
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/gu, (character) => ENTITIES[character]!).replaceAll(/[^\P{Cc}\t\n]/gu, "\uFFFD");

/** .2273, −.0012, 1.0000; nothing to measure: a dash. */
export function decimal(value: number, digits = 4): string {
  return Number.isNaN(value)
    ? "–"
    : value
        .toFixed(digits)
        .replace(/^(-?)0\.(?=\d{3})/u, "$1.")
        .replace("-", "\u2212");
}

/** 1,234 */
export const count = (value: number): string => value.toLocaleString("en");

/** 12.3 % */
export const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** A table in a box of its own: on a narrow screen the box scrolls, not the page. The first column stays. */
export function table(caption: Part, head: Part, rows: readonly Part[], label: string): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}: table" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        ${head}
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
