/** The page of a history by parts as an HTML file: drawn as it is written, and again for any history typed in it. */
import { readFile } from "node:fs/promises";
import type { ItemCodes } from "../../../src/model/retrieval/item-codes.ts";
import { count, decimal, html, Markup } from "../html/markup.ts";
import { htmlPage, pageStyle, writePage } from "../html/page.ts";
import type { PartedPage, PartedTowers } from "./page-by-parts.ts";
import { encodeParted } from "./parted-file.ts";
import type { TitledItems } from "./titles.ts";
import { historyView, NO_ORDER, pageView } from "./view.ts";
import type { Drawn } from "./view.ts";

/** Items up to which a page embeds its towers: 2.6 MB of text at 96 bytes an item. */
export const MOST_EMBEDDED = 20_000;

const STYLE = new URL("parted.css", import.meta.url);
const SCRIPT = "scripts/evaluate/parts/browser/main.ts";

export interface PartedReport {
  readonly dataset: string;
  readonly protocol: string;
  readonly items: TitledItems;
  readonly labels: readonly string[];
  readonly towers: PartedTowers;
  readonly codes: ItemCodes;
  readonly page: PartedPage;
  /** Length of the lists. */
  readonly places: number;
}

/** What the script in the page reads. */
export interface EmbeddedTowers {
  /** base64 of {@link encodeParted} */
  readonly towers: string;
  readonly items: TitledItems;
  /** The first one, item rows, oldest first. */
  readonly history: readonly number[];
  readonly places: number;
}

/** Whole or not at all. @returns the bytes of the towers inside, 0 where there are too many items @throws OUTPUT_FAILED */
export async function writePartedReport(path: string, report: PartedReport): Promise<number> {
  const style = (await pageStyle()) + (await readFile(STYLE, "utf8"));
  const { items, towers, page, places } = report;
  if (items.ids.length > MOST_EMBEDDED) {
    await writePage(path, partedReport(report, style, null));
    return 0;
  }
  const bytes = encodeParted(towers, report.codes);
  const { ids, titles, year } = items;
  const embedded: EmbeddedTowers = {
    towers: Buffer.from(bytes).toString("base64"),
    items: { ids, titles, year: Array.from(year) },
    history: page.history,
    places,
  };
  // Vite is slow to load and only needed here.
  const { scriptOf } = await import("../../site/script-of.ts");
  const script = { code: await scriptOf(SCRIPT), embedded, bytes: bytes.length };
  await writePage(path, partedReport(report, style, script));
  return bytes.length;
}

interface Script {
  readonly code: string;
  readonly embedded: EmbeddedTowers;
  /** Of the towers. */
  readonly bytes: number;
}

/**
 * @param style trusted: it is put in as it is
 * @param script null: the page shows this one history
 */
export function partedReport(report: PartedReport, style: string, script: Script | null): string {
  const { dataset, protocol, labels, towers, page } = report;
  const { popularityExponent } = towers.params;
  const facts = [
    ["items", count(towers.items.count)],
    ["dimensions", count(towers.items.dimensions)],
    ["residual entries", count(towers.residual.targets.length)],
    ["transitions", towers.transitions ? count(towers.transitions.targets.length) : "none"],
    ...(script ? [["towers in this page", `${count(Math.round(script.bytes / 1000))} kB`]] : []),
  ] as const;
  const body = html`<header>
      <p class="eyebrow">Affiche, part by part</p>
      <h1>${dataset}</h1>
      <p>
        What a history is shown, before and after each part of the score. The towers were trained on the test's training
        data of ${protocol}, with the settings that were best on validation.
      </p>
      <dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name!}</dt>
              <dd>${value!}</dd>
            </div>`,
        )}
      </dl>
    </header>
    <main>
      <section aria-labelledby="history-title">
        <h2 id="history-title">History</h2>
        <p>
          Oldest first: a title that is added is the
          newest.${
            script
              ? " Type titles to add them, take others away: the page is computed here, in this browser, and nothing leaves it."
              : ` With more than ${count(MOST_EMBEDDED)} items the page embeds no towers; run the command again for another history.`
          }
        </p>
        <div id="history">${markupOf(historyView(page.history, labels, false))}</div>
        ${
          script &&
          html`<form id="add">
              <label for="title">Title</label>
              <input id="title" list="titles" autocomplete="off" required />
              <datalist id="titles"></datalist>
              <button type="submit">Add</button>
            </form>
            <p id="status" role="status"></p>`
        }
      </section>
      <section aria-labelledby="page-title">
        <h2 id="page-title">The first ${report.places}, part by part</h2>
        <p>
          <b class="move new">new</b> was not among them before this part; arrows say by how many places it moved. Of
          each score it is said which part gave how much, and which title of the history gave
          most.${
            popularityExponent > 0
              ? ` In every list scores are divided by popularity to the power of ${decimal(popularityExponent, 2)}; the table shows them before that.`
              : ""
          }${towers.transitions ? "" : ` ${NO_ORDER}`}
        </p>
        <div id="page">${pageView(page, labels).map(markupOf)}</div>
      </section>
    </main>
    ${
      script &&
      // "<" would end the element; within JSON's strings it may be written so.
      new Markup(
        `<script type="application/json" id="towers">${JSON.stringify(script.embedded).replaceAll("<", String.raw`\u003c`)}</script>`,
      )
    }`;
  return htmlPage({ title: `${dataset}, part by part`, style, body, ...(script && { script: script.code }) });
}

function markupOf({ tag, attributes, children }: Drawn): Markup {
  const name = new Markup(tag);
  const written = Object.entries(attributes).map(([key, value]) => html` ${new Markup(key)}="${value}"`);
  const inside = children.map((child) => (typeof child === "string" ? child : markupOf(child)));
  return html`<${name}${written}>${inside}</${name}>`;
}
