/** The figures of a report as tables. */
import { COMPARED } from "../compare.ts";
import type { MetricName, ModelRow } from "../evaluate.ts";
import type { LearningCurve } from "../learning-curve.ts";
import type { FullReport } from "../report.ts";
import type { SegmentRow } from "../segments.ts";
import { count, decimal, html, table } from "./markup.ts";
import type { Markup } from "./markup.ts";

interface Column {
  readonly title: string;
  readonly at: string;
  readonly value: (row: ModelRow) => number;
  /** null: not a mean over people. */
  readonly error: ((row: ModelRow) => number) | null;
  /** Which end of the column is marked. */
  readonly best: "highest" | "lowest";
  readonly digits: number;
}

const mean = (title: string, at: string, name: MetricName, digits = 4): Column => ({
  title,
  at,
  value: (row) => row[name],
  error: ({ se }) => se[name],
  best: "highest",
  digits,
});

const ACCURACY: readonly Column[] = [
  mean("NDCG", "@10", "ndcgAt10"),
  mean("NDCG", "@20", "ndcgAt20"),
  mean("NDCG", "@100", "ndcgAt100"),
  mean("recall", "@20", "recallAt20"),
  mean("recall", "@50", "recallAt50"),
  mean("hits recall", "@10", "hitsRecallAt10"),
  mean("hits recall", "@20", "hitsRecallAt20"),
  mean("precision", "@10", "precisionAt10"),
  mean("MAP", "@10", "mapAt10"),
  mean("MRR", "@100", "mrrAt100"),
  mean("hit rate", "@10", "hitRateAt10"),
  mean("AUC", "", "auc"),
];
const VARIETY: readonly Column[] = [
  mean("novelty, bits", "@20", "noveltyAt20", 2),
  mean("diversity", "@10", "diversityAt10"),
  { title: "coverage", at: "@20", value: (row) => row.coverageAt20, error: null, best: "highest", digits: 3 },
  { title: "Gini", at: "@20", value: (row) => row.giniAt20, error: null, best: "lowest", digits: 3 },
];
const COST: Column = {
  title: "training, CPU s",
  at: "",
  value: (row) => row.trainCpuSeconds,
  error: null,
  best: "lowest",
  digits: 1,
};

/** Means over people, each with its standard error; the best of each column is marked by more than a colour. */
export function metricTables(models: readonly ModelRow[]): Markup {
  return html`${metricTable("How well the lists find what people took", models, ACCURACY)}
  ${metricTable("What the lists are like, and what training costs", models, [...VARIETY, COST])}`;
}

function metricTable(caption: string, models: readonly ModelRow[], columns: readonly Column[]): Markup {
  const best = columns.map((column) => {
    const values = models.map(column.value).filter((value) => !Number.isNaN(value));
    const printed = (column.best === "highest" ? Math.max : Math.min)(...values).toFixed(column.digits);
    return models.length > 1 ? printed : null;
  });
  const head = html`<tr>
    <th scope="col">model</th>
    ${columns.map(({ title, at }) => html`<th scope="col" class="n">${title}<br />${at}</th>`)}
  </tr>`;
  const rows = models.map(
    (row) =>
      html`<tr>
        <th scope="row">${row.name}</th>
        ${columns.map(({ value, error, digits }, at) => {
          const marked = value(row).toFixed(digits) === best[at];
          const figure = decimal(value(row), digits);
          const spread = error ? html`<small>± ${decimal(error(row), digits)}</small>` : null;
          return marked
            ? html`<td class="n best"><b>${figure}</b>${spread}</td>`
            : html`<td class="n">${figure}${spread}</td>`;
        })}
      </tr> `,
  );
  return table(caption, head, rows, caption);
}

export function settingsTable({ models, refused }: FullReport): Markup {
  const head = html`<tr>
    <th scope="col">model</th>
    <th scope="col">settings</th>
  </tr>`;
  const rows = [
    ...models.map(({ name, params }) => {
      const settings = Object.entries(params).map(([param, value]) => `${param} ${value}`);
      return html`<tr>
        <th scope="row">${name}</th>
        <td class="text">${settings.join(", ") || "none"}</td>
      </tr> `;
    }),
    ...refused.map(
      ({ name, reason }) =>
        html`<tr>
          <th scope="row">${name}</th>
          <td class="text">not fitted: ${reason}</td>
        </tr> `,
    ),
  ];
  return table("Settings", head, rows, "Settings");
}

/** One table: segments down, models across. */
export function segmentTable(segments: NonNullable<FullReport["segments"]>): Markup {
  const names = Object.keys(segments);
  const [first = []] = Object.values(segments);
  const head = html`<tr>
    <th scope="col">segment</th>
    <th scope="col" class="n">people</th>
    <th scope="col" class="n">targets</th>
    ${names.map((name) => html`<th scope="col" class="n">${name}</th>`)}
  </tr>`;
  const rows = first.map((segment, at) => {
    const own: readonly (SegmentRow | undefined)[] = names.map((name) => segments[name]![at]);
    return html`<tr>
      <th scope="row">${segment.by}: ${segment.segment}</th>
      <td class="n">${count(segment.people)}</td>
      <td class="n">${count(segment.targets)}</td>
      ${own.map(
        (row) =>
          html`<td class="n">
            ${decimal(row?.ndcgAt100 ?? NaN)}<small>± ${decimal(row?.se.ndcgAt100 ?? NaN)}</small>
          </td>`,
      )}
    </tr> `;
  });
  return table("NDCG@100 by segment", head, rows, "Segments");
}

const COMPARED_TITLES: Readonly<Record<(typeof COMPARED)[number], string>> = {
  ndcgAt100: "NDCG@100",
  recallAt20: "recall@20",
  auc: "AUC",
};

export function comparisonTable({ baseline, models }: NonNullable<FullReport["comparison"]>): Markup {
  const head = html`<tr>
    <th scope="col">model</th>
    <th scope="col">metric</th>
    <th scope="col" class="n">minus ${baseline}</th>
    <th scope="col" class="n">95 % interval</th>
    <th scope="col" class="n">p</th>
  </tr>`;
  const rows = models.flatMap((model) =>
    COMPARED.map((metric) => {
      const { difference, low, high, pValue } = model[metric];
      return html`<tr>
        <th scope="row">${model.name}</th>
        <td>${COMPARED_TITLES[metric]}</td>
        <td class="n">${decimal(difference)}</td>
        <td class="n">${decimal(low)} to ${decimal(high)}</td>
        <td class="n">${decimal(pValue)}</td>
      </tr> `;
    }),
  );
  return table(`Every other model minus ${baseline}, person by person`, head, rows, "Comparison");
}

/** @param curves each with a point */
export function curveTable(curves: readonly LearningCurve[]): Markup {
  const head = html`<tr>
    <th scope="col">model</th>
    <th scope="col" class="n">epochs</th>
    <th scope="col" class="n">NDCG@100<br />after the first</th>
    <th scope="col" class="n">NDCG@100<br />after the last</th>
    <th scope="col" class="n">AUC<br />after the first</th>
    <th scope="col" class="n">AUC<br />after the last</th>
    <th scope="col" class="n">95 % of the best AUC<br />from epoch</th>
  </tr>`;
  const rows = curves.map(({ name, points, epochAt95 }) => {
    const ends = [points[0]!, points.at(-1)!];
    return html`<tr>
      <th scope="row">${name}</th>
      <td class="n">${points.length}</td>
      ${ends.map(
        ({ ndcgAt100 }) => html`<td class="n">${decimal(ndcgAt100)}</td>`,
      )}${ends.map(({ auc }) => html`<td class="n">${decimal(auc)}</td>`)}
      <td class="n">${epochAt95 ?? "–"}</td>
    </tr> `;
  });
  return table("Learning curves", head, rows, "Learning curves");
}
