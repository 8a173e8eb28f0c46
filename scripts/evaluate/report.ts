/** What an evaluation says, and how it is printed: a table of 80 columns, everything else in the JSON. */
import type { Dataset } from "../import/dataset.ts";
import { COMPARED } from "./compare.ts";
import type { Comparison } from "./compare.ts";
import type { ModelRow } from "./evaluate.ts";
import type { Feedback } from "./feedback.ts";
import type { Protocol } from "./protocol.ts";
import type { SegmentRow } from "./segments.ts";

export interface EvaluationReport {
  readonly dataset: string;
  readonly protocol: string;
  readonly users: number;
  /** Items and interactions of the training. */
  readonly items: number;
  readonly interactions: number;
  readonly models: readonly ModelRow[];
}

/** Of `affiche evaluate`. */
export interface FullReport extends EvaluationReport {
  readonly seed: number;
  readonly feedback: Feedback;
  /** People with targets and no history: not measured. */
  readonly withoutHistory: number;
  /** Models that cannot be fitted on this data, and why. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** By model; null where they were not asked for. */
  readonly segments: Readonly<Record<string, readonly SegmentRow[]>> | null;
  /** Every other model minus `baseline`; null where it was not asked for. */
  readonly comparison: { readonly baseline: string; readonly models: readonly Comparison[] } | null;
}

/** The report without its models. */
export function describeProtocol(dataset: Dataset, protocol: Protocol): Omit<EvaluationReport, "models"> {
  const { data, users } = protocol.test;
  return {
    dataset: dataset.meta.name,
    protocol: protocol.name,
    users: users.length,
    items: new Set(data.matrix.indices).size,
    interactions: data.matrix.indices.length,
  };
}

/** Printed in the table, under two lines of title; the JSON has all metrics. */
const COLUMNS = [
  ["ndcg", "@10", ({ ndcgAt10 }) => ndcgAt10],
  ["ndcg", "@100", ({ ndcgAt100 }) => ndcgAt100],
  ["± se", "", ({ se }) => se.ndcgAt100],
  ["recall", "@20", ({ recallAt20 }) => recallAt20],
  ["prec", "@10", ({ precisionAt10 }) => precisionAt10],
  ["hit", "@10", ({ hitRateAt10 }) => hitRateAt10],
  ["auc", "", ({ auc }) => auc],
  ["cov", "@20", ({ coverageAt20 }) => coverageAt20],
] as const satisfies readonly (readonly [title: string, at: string, value: (row: ModelRow) => number])[];

const NAME_WIDTH = 15;
const SEGMENT_WIDTH = 30;
export const nameCell = (name: string): string => name.padEnd(NAME_WIDTH);
export const cell = (text: string): string => text.padStart(7);
const wide = (text: string): string => text.padStart(10);
/** .2273 */
export const share = (value: number): string =>
  Number.isNaN(value) ? "-" : value.toFixed(4).replace(/^(-?)0\./u, "$1.");

export function evaluationTable(report: EvaluationReport): string {
  const { dataset, protocol, users, items, interactions, models } = report;
  const settings = ({ params }: ModelRow): string =>
    Object.entries(params)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ");
  return [
    `${dataset}, ${protocol}: ${users} users, ${items} items, ${interactions} interactions fitted`,
    nameCell("model") + COLUMNS.map(([title]) => cell(title)).join("") + cell("CPU s"),
    nameCell("") + COLUMNS.map(([, at]) => cell(at)).join(""),
    ...models.map(
      (row) =>
        nameCell(row.name) +
        COLUMNS.map(([, , value]) => cell(share(value(row)))).join("") +
        cell(row.trainCpuSeconds.toFixed(1)),
    ),
    ...models.filter(({ params }) => Object.keys(params).length > 0).map((row) => `${row.name}: ${settings(row)}`),
  ].join("\n");
}

export function fullTable(report: FullReport): string {
  const { withoutHistory, refused, segments, comparison } = report;
  const blocks = [
    evaluationTable(report),
    refused.map(({ name, reason }) => `${name} was not fitted: ${reason}`).join("\n"),
    withoutHistory > 0 ? `${withoutHistory} people have targets and no history: they are not measured.` : "",
    Object.entries(segments ?? {})
      .map(([name, rows]) => segmentTable(name, rows))
      .join("\n\n"),
    comparison ? comparisonTable(comparison) : "",
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function segmentTable(name: string, rows: readonly SegmentRow[]): string {
  const titles = ["people", "targets", "ndcg@100", "± se", "recall@20"];
  const cells = ({ people, targets, ndcgAt100, recallAt20, se }: SegmentRow): string[] => [
    String(people),
    String(targets),
    ...[ndcgAt100, se.ndcgAt100, recallAt20].map(share),
  ];
  return [
    `${name} by segment`.padEnd(SEGMENT_WIDTH) + titles.map(wide).join(""),
    ...rows.map(
      (row) =>
        `${row.by} ${row.segment}`.slice(0, SEGMENT_WIDTH - 1).padEnd(SEGMENT_WIDTH) + cells(row).map(wide).join(""),
    ),
  ].join("\n");
}

function comparisonTable({ baseline, models }: NonNullable<FullReport["comparison"]>): string {
  return [
    `minus ${baseline}: difference, its 95 % interval, p (paired bootstrap)`,
    ...models.flatMap((model) =>
      COMPARED.map((metric) => {
        const { difference, low, high, pValue } = model[metric];
        const interval = `${share(low)} to ${share(high)}`;
        return `${nameCell(model.name)}${metric.padStart(12)}${cell(share(difference))}${interval.padStart(18)}  p ${pValue.toFixed(4)}`;
      }),
    ),
  ].join("\n");
}
