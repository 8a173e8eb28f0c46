/** The tables of `bench:quality`, in Markdown: as they stand in docs/quality.md. */
import type { ModelRow } from "../scripts/evaluate/evaluate.ts";
import type { Measuring } from "./bench.ts";
import type { Block } from "./quality-plan.ts";

export interface Measured extends Measuring {
  readonly row: ModelRow;
}

const share = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "" : value.toFixed(4).replace(/^(-?)0\./u, "$1.");

/** Ours minus the reference in standard errors of ours: the two are measured on the same people. */
const apart = (ours: number, reference: number, error: number): string =>
  ((ours - reference) / error).toFixed(1).replace(/^-0\.0$/u, "0.0");

/** What quantisation costs. */
const percent = (share: number): string => `${share < 0 ? "" : "+"}${(100 * share).toFixed(1)} %`;

export function qualityTables(blocks: readonly (Block & { readonly measured: readonly Measured[] })[]): string {
  return blocks
    .filter(({ measured }) => measured.length > 0)
    .map(({ data, protocol, metrics, reference, published, measured }) => {
      const [first] = metrics;
      const header = [
        "model",
        `${first} ± se`,
        ...metrics.slice(1),
        "reference",
        "apart, se",
        "to float32",
        "CPU s",
        "settings",
      ];
      const exact = measured.find(({ row }) => row.name === "shipped-float32")?.row[first!];
      const rows = measured.map(({ row }) => {
        const theirs = reference[row.name as keyof typeof reference];
        const settings = Object.entries(row.params).map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`);
        return [
          row.name,
          `${share(row[first!])} ± ${share(row.se[first!])}`,
          ...metrics.slice(1).map((metric) => share(row[metric])),
          theirs?.map((value) => share(value).replace(/0$/u, "")).join(" / ") ?? "",
          theirs === undefined ? "" : apart(row[first!], theirs[0]!, row.se[first!]),
          row.name === "shipped" && exact !== undefined ? percent(row[first!] / exact - 1) : "",
          row.trainCpuSeconds.toFixed(1),
          settings.join(", "),
        ];
      });
      const records = Object.entries(published).map(([name, values]) => [
        `_${name}, published_`,
        ...metrics.map((_, at) => share(values[at])),
      ]);
      const cells = (row: readonly string[]): string => `| ${header.map((_, at) => row[at] ?? "").join(" | ")} |`;
      const dates = [...new Set(measured.map(({ date }) => date))].join(", ");
      const machines = [...new Set(measured.map(({ machine }) => machine))].join("; ");
      return [
        `### ${data}, \`${protocol}\``,
        "",
        cells(header),
        cells(header.map(() => "---")),
        ...[...rows, ...records].map(cells),
        "",
        `\`npm run bench:quality -- --only ${data}:${protocol}\`, ${dates}; ${machines}.`,
      ].join("\n");
    })
    .join("\n\n");
}
