/** `affiche explain --history`: what a history typed by hand is shown, before and after each part of the towers. */
import { ITEMS, TOWER } from "../../../src/model/config.ts";
import { EngineError } from "../../../src/model/errors.ts";
import type { Dataset } from "../../import/dataset.ts";
import type { Reporter } from "../../output.ts";
import { itemPopularity } from "../../train/popularity.ts";
import { towersOf, trainTowers } from "../../train/towers.ts";
import { withPool } from "../../with-pool.ts";
import type { Protocol } from "../protocol.ts";
import { selectTowers } from "../select.ts";
import { pageByParts } from "./page-by-parts.ts";
import type { PartedTowers } from "./page-by-parts.ts";
import { MOST_EMBEDDED, writePartedReport } from "./parted-report.ts";
import { partedTable } from "./parted-table.ts";
import { TitleIndex } from "./titles.ts";

export interface TypedHistory {
  /** Titles or ids between semicolons, oldest first. */
  readonly text: string;
  readonly k: number;
  readonly seed: number;
  /** Where to write the page; undefined: nowhere. */
  readonly html: string | undefined;
}

/** @throws USAGE for a title that is not found or not one item's, CANCELLED, OUTPUT_FAILED */
export async function explainHistory(
  dataset: Dataset,
  protocol: Protocol,
  { text, k, html, seed }: TypedHistory,
  out: Reporter,
): Promise<void> {
  const { data } = protocol.test;
  const popularity = itemPopularity(data.matrix);
  const index = new TitleIndex(dataset.items, popularity);
  const rows = rowsOf(text, index, dataset.items.ids);
  await withPool(
    out,
    () => "shipped",
    async (pool) => {
      const { params } = await selectTowers(protocol, ITEMS.bytesPerItem, pool, out);
      const { codes, items, residual, transitions } = towersOf(await trainTowers(data, params, pool));
      const { popularityExponent } = params;
      // Data without an order says nothing of recency; a typed history has one, as a device's has.
      const recencyDecay = data.sequences === null ? TOWER.recencyDecay : params.recencyDecay;
      const towers: PartedTowers = {
        items,
        residual,
        transitions,
        popularity,
        params: { ...TOWER, recencyDecay, popularityExponent },
      };
      const page = pageByParts(towers, rows, k);
      const { labels } = index;
      const named = (item: number): { itemId: string; title: string } => ({
        itemId: dataset.items.ids[item]!,
        title: labels[item]!,
      });
      const report = {
        dataset: dataset.meta.name,
        protocol: protocol.name,
        params,
        seed,
        history: page.history.map(named),
        lists: page.lists.map(({ part, shown }) => ({
          part,
          shown: shown.map(({ item, ...rest }) => ({ ...named(item), ...rest })),
        })),
        made: page.made.map(({ item, sum, parts, most }) => ({
          ...named(item),
          sum,
          parts: Object.fromEntries(page.lists.map(({ part }, at) => [part, parts[at]])),
          most: most && { ...named(most.item), amount: most.amount },
        })),
      };
      out.result(
        report,
        `${report.dataset}, ${report.protocol}, towers\n${partedTable(page, labels, popularityExponent)}`,
      );
      if (html === undefined) return;
      const { name } = dataset.meta;
      const source = { dataset: name, protocol: protocol.name, items: dataset.items, labels, towers, codes, page };
      const bytes = await writePartedReport(html, { ...source, places: k });
      const inside =
        bytes > 0
          ? `the towers inside are ${bytes.toLocaleString("en")} bytes`
          : `without towers: it has more than ${MOST_EMBEDDED.toLocaleString("en")} items`;
      out.log(`${html} is written, ${inside}.`);
    },
  );
}

function rowsOf(text: string, index: TitleIndex, ids: readonly string[]): number[] {
  const titles = text.split(";").map((title) => title.trim());
  const typed = titles.filter((title) => title !== "");
  if (typed.length === 0) throw usage("--history names no title: write titles or item ids with semicolons between.");
  return typed.map((title) => {
    const found = index.find(title);
    if (found.row !== null) return found.row;
    const near = found.candidates.map((row) => `"${index.labels[row]!}" (item ${ids[row]!})`).join(", ");
    throw usage(
      found.reason === "unknown"
        ? `No item is called "${title}". The nearest are ${near}.`
        : `"${title}" is more than one item. Write one of ${near}, or its id.`,
    );
  });
}

const usage = (reason: string): EngineError => new EngineError("USAGE", { reason });
