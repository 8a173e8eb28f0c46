/** What was measured, as numbers for machines and as tables for people. */
import { quantile } from "../bench.ts";
import { READ } from "./row.ts";
import type { Row } from "./row.ts";

export type Summary = Omit<Row, "times"> & {
  /** That there was time for. */
  readonly rounds: number;
  /** NaN, and null in JSON, where there are none. */
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly minMs: number;
};

/** How many times as fast as theirs ours is: the rounds' own ratios, since both were asked in the same rounds. */
export interface Ratio {
  readonly ours: string;
  readonly theirs: string;
  readonly items: number;
  readonly queries: number;
  readonly median: number;
  /** 5th and 95th percentile. */
  readonly low: number;
  readonly high: number;
  /** Of the least times of all rounds. */
  readonly least: number;
}

export function summaryOf({ times, ...row }: Row): Summary {
  const sorted = times.toSorted((a, b) => a - b);
  return {
    ...row,
    rounds: times.length,
    medianMs: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    minMs: quantile(sorted, 0),
  };
}

/** Of each of ours to each other engine, and to reading as many bytes. */
export function ratiosOf(rows: readonly Row[]): Ratio[] {
  const measured = rows.filter(({ error }) => error === null);
  const isOurs = ({ engine }: Row): boolean => engine.startsWith("affiche");
  return measured.filter(isOurs).flatMap((ours) =>
    measured
      .filter((row) => !isOurs(row) && row.items === ours.items)
      .filter(({ engine, queries }) => queries === ours.queries || (engine === READ && ours.queries === 1))
      .map((theirs) => {
        const rounds = Math.min(ours.times.length, theirs.times.length);
        const sorted = Array.from({ length: rounds }, (_, round) => theirs.times[round]! / ours.times[round]!).sort(
          (a, b) => a - b,
        );
        return {
          ours: ours.engine,
          theirs: theirs.engine,
          items: ours.items,
          queries: ours.queries,
          median: quantile(sorted, 0.5),
          low: quantile(sorted, 0.05),
          high: quantile(sorted, 0.95),
          least: Math.min(...theirs.times) / Math.min(...ours.times),
        };
      }),
  );
}

type RatioTree = Record<
  string,
  Record<string, Record<string, Record<string, Omit<Ratio, "ours" | "theirs" | "items" | "queries">>>>
>;

/** By items, queries, ours and theirs. */
export function ratioTree(ratios: readonly Ratio[]): RatioTree {
  const tree: RatioTree = {};
  for (const { items, queries, ours, theirs, ...ratio } of ratios) {
    (((tree[items] ??= {})[queries] ??= {})[ours] ??= {})[theirs] = ratio;
  }
  return tree;
}

const figure = (value: number | null, decimals: number): string => value?.toFixed(decimals) ?? "";
/** Three digits that count. */
const digits = (value: number): string => (value < 999.5 ? value.toPrecision(3) : value.toFixed(0));
const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const HEADER = [
  "items",
  "engine",
  "queries",
  "median ms",
  "95 %",
  "least",
  "rounds",
  "recall@200",
  "to open, ms",
  "peak MB",
  "bytes an item",
];
const RATIO_HEADER = ["items", "ours", "times as fast as", "one query", "four queries", "one query, least to least"];

/** In Markdown, as they stand in docs/retrieval.md. */
export function reportTables(rows: readonly Summary[], ratios: readonly Ratio[]): string {
  return [
    line(HEADER),
    line(HEADER.map(() => "---")),
    ...rows.map((row) =>
      line([
        row.items.toLocaleString("en"),
        row.engine,
        ...(row.error === null
          ? [String(row.queries || ""), digits(row.medianMs), digits(row.p95Ms), digits(row.minMs), String(row.rounds)]
          : ["", row.error, "", "", ""]),
        figure(row.recallAt200, 3),
        figure(row.loadMs, 0),
        figure(row.peakMB, 0),
        figure(row.bytesPerItem, 0),
      ]),
    ),
    "",
    line(RATIO_HEADER),
    line(RATIO_HEADER.map(() => "---")),
    ...ratios
      .filter(({ queries }) => queries === 1)
      .map((one) => {
        const four = ratios.find(
          ({ items, ours, theirs, queries }) =>
            queries === 4 && items === one.items && ours === one.ours && theirs === one.theirs,
        );
        const spread = ({ median, low, high }: Ratio): string =>
          `${digits(median)} (${digits(low)} to ${digits(high)})`;
        return line([
          one.items.toLocaleString("en"),
          one.ours,
          one.theirs,
          spread(one),
          four ? spread(four) : "",
          digits(one.least),
        ]);
      }),
    "",
    "In brackets: 5 % to 95 % of the rounds.",
  ].join("\n");
}
