/** A report as one HTML file that opens offline: no script, nothing from elsewhere, the same bytes for the same figures. */
import type { DatasetItems } from "../import/dataset.ts";
import { lineChart } from "./html/line-chart.ts";
import { clusterTable, mapChart } from "./html/map-chart.ts";
import { count, decimal, html } from "./html/markup.ts";
import type { Markup, Part } from "./html/markup.ts";
import { comparisonTable, curveTable, metricTables, segmentTable, settingsTable } from "./html/metric-tables.ts";
import { htmlPage, pageStyle, writePage } from "./html/page.ts";
import { divisionTable, mostTables } from "./html/shown-tables.ts";
import { IMPLICIT } from "./feedback.ts";
import type { ItemMap } from "./item-map.ts";
import type { LearningCurve } from "./learning-curve.ts";
import type { FullReport } from "./report.ts";
import type { ShownItems } from "./shown-items.ts";

export interface HtmlReport {
  readonly report: FullReport;
  readonly items: DatasetItems;
  /** Of the models that learn by epochs, on validation. */
  readonly curves: readonly LearningCurve[];
  /** Of the best model whose scores are dot products; null where there is none, or too few items. */
  readonly map: { readonly model: string; readonly map: ItemMap } | null;
  readonly shown: ShownItems;
}

/** Whole or not at all. @throws OUTPUT_FAILED */
export async function writeHtmlReport(path: string, source: HtmlReport): Promise<void> {
  await writePage(path, htmlReport(source, await pageStyle()));
}

/** @param style trusted: it is put in as it is */
export function htmlReport(source: HtmlReport, style: string): string {
  const { report, items, curves, map, shown } = source;
  const { dataset, protocol, models, segments, comparison } = report;
  const best = models.reduce((a, b) => (b.ndcgAt100 > a.ndcgAt100 ? b : a));
  const drawn = curves.filter(({ points }) => points.length > 0);
  const body = html` <header>
      <p class="eyebrow">Affiche, evaluation</p>
      <h1>${dataset}, ${protocol}</h1>
      <p>
        ${models.length} models, each with the settings that were best on validation, measured once on people and items
        held out. The best by NDCG@100 is ${best.name}: ${decimal(best.ndcgAt100)} ± ${decimal(best.se.ndcgAt100)}.
      </p>
      ${facts(report)}
    </header>
    <main>
      ${section(
        "metrics",
        "Metrics",
        "Means over people, below each its standard error; differences within two of them may be chance. The best of each column is bold and underlined: the highest, for Gini and CPU seconds the lowest. What each metric is stands in docs/evaluation.md.",
        metricTables(models),
      )}
      ${
        comparison &&
        section(
          "comparison",
          "Differences between models",
          "By the paired bootstrap: pairs of lists for the same person are compared, so that gaps far below the standard errors above can be certain.",
          comparisonTable(comparison),
        )
      }
      ${
        segments &&
        section(
          "segments",
          "Segments",
          "The same lists, by how much people have consumed, by how popular the targets are and by their kind.",
          segmentTable(segments),
        )
      }
      ${section("settings", "Settings", "Chosen on validation, by NDCG@100, from the values that each model tries.", settingsTable(report))}
      ${
        drawn.length > 0
          ? section(
              "curves",
              "Learning curves",
              "Fitted on the training part alone and measured on validation after every epoch. A ring marks the first epoch with 95 % of the best AUC.",
              html`<div class="charts">
                  ${(["ndcgAt100", "auc"] as const).map((metric) => {
                    const title = metric === "auc" ? "AUC on validation" : "NDCG@100 on validation";
                    return html`<figure>
                      <figcaption>${title}</figcaption>
                      ${lineChart(drawn, metric, title)}
                    </figure> `;
                  })}
                </div>
                ${curveTable(drawn)}`,
            )
          : null
      }
      ${
        map &&
        section(
          "map",
          "Map of the items",
          `What the same people like lies close together: the item vectors of ${map.model}, made unit vectors, in two dimensions that keep each item's neighbours (UMAP). Of ${count(map.map.items)} items ${count(map.map.points.length)} are drawn${map.map.points.length < map.map.items ? ", drawn by lot with popular items the likelier" : ""}. Clusters are those of k-means on the map. Each is named after the two categories, genres, themes or decades (one at most) with the largest lift, which is their share among its items over their share among all, of those that a tenth of its items have; where no lift reaches 1.2, after its most consumed items.`,
          html`${mapChart(map.map, items)} ${clusterTable(map.map, items)}`,
        )
      }
      ${section(
        "most",
        "Most consumed, most recommended",
        "By people of the training who have the item, and by people measured who have it in their first five places. Bold titles are among the most consumed.",
        mostTables(shown, items, best.name),
      )}
      ${section(
        "top-fives",
        "What everybody's top five hold",
        "The share of each group in what is consumed, and in the first five places of the lists of everybody who was measured.",
        html`${shown.divisions.map((division) =>
          divisionTable(
            division,
            shown.recommended.map(({ model }) => model),
          ),
        )}`,
      )}
    </main>`;
  return htmlPage({ title: `${dataset}, ${protocol}: evaluation`, style, body });
}

function section(id: string, title: string, text: string, content: Markup): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <p>${text}</p>
    ${content}
  </section>`;
}

function facts({ users, items, interactions, withoutHistory, seed, feedback }: FullReport): Markup {
  const changed = Object.entries(feedback).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(IMPLICIT[name as keyof typeof IMPLICIT]),
  );
  const entries: readonly (readonly [string, Part])[] = [
    ["people measured", count(users)],
    ["items", count(items)],
    ["interactions fitted", count(interactions)],
    ...(withoutHistory > 0 ? [["people without a history, not measured", count(withoutHistory)] as const] : []),
    ["seed", seed],
    ...changed.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)] as const),
  ];
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
