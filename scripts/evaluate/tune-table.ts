/** What a search says, and how it is printed: in 80 columns, but for the settings. */
import type { Params } from "../train/model.ts";
import type { Feedback } from "./feedback.ts";
import type { LearningCurve } from "./learning-curve.ts";
import { cell, nameCell, share } from "./report.ts";
import type { Search } from "./search.ts";
import type { TunedModel } from "./tune.ts";
import type { Refused } from "./wanted-models.ts";

export interface TuneReport {
  readonly dataset: string;
  readonly protocol: string;
  /** Of the validation: every figure is theirs. */
  readonly people: number;
  readonly search: Search;
  readonly feedback: Feedback;
  /** False: stopped before its end; the best are the best so far. */
  readonly finished: boolean;
  readonly models: readonly TunedModel[];
  readonly refused: readonly Refused[];
  /** Of the best settings of each model that learns by epochs. */
  readonly curves: readonly LearningCurve[];
}

export function tuneTable({ dataset, protocol, people, search, models, refused, curves }: TuneReport): string {
  const { method, trials, seed } = search;
  return [
    `${dataset}, validation of ${protocol}: ${people} people; ${method} search, ${trials} settings, seed ${seed}`,
    `${nameCell("model") + wide("ndcg@100") + wide("CPU s")}${cell("trials")}${wide("all CPU s")}`,
    ...models.map(
      ({ name, best, trials: done, searchCpuSeconds }) =>
        nameCell(name) +
        wide(share(best?.ndcgAt100 ?? NaN)) +
        wide(best?.trainCpuSeconds.toFixed(1) ?? "-") +
        cell(String(done)) +
        wide(searchCpuSeconds.toFixed(1)),
    ),
    ...models.flatMap(({ name, best }) => (best === null ? [] : `${name}: ${settings(best.params)}`)),
    ...models.flatMap(({ name, failures }) =>
      failures.length === 0 ? [] : `${name}: ${failures.length} trials did not converge; the first: ${failures[0]}`,
    ),
    ...refused.map(({ name, reason }) => `${name} was not tuned: ${reason}`),
    ...curves.flatMap((curve) => ["", ...curveLines(curve)]),
  ].join("\n");
}

const wide = (text: string): string => text.padStart(10);

function settings(params: Params): string {
  const named = Object.entries(params).map(([name, value]) => `${name} ${value}`);
  return named.length === 0 ? "nothing to set" : named.join(", ");
}

/** After 1, 2, 4, 8 ... epochs and at the end. */
function curveLines({ name, points, epochAt95 }: LearningCurve): string[] {
  const shown = points.filter(({ epoch }, at) => Number.isInteger(Math.log2(epoch)) || at === points.length - 1);
  const best = Math.max(...points.map(({ auc }) => auc));
  return [
    `${name}: AUC ${share(best)} at best, 95 % of it after epoch ${epochAt95 ?? "-"} of ${points.length}`,
    nameCell("epoch") + shown.map(({ epoch }) => cell(String(epoch))).join(""),
    nameCell("ndcg@100") + shown.map(({ ndcgAt100 }) => cell(share(ndcgAt100))).join(""),
    nameCell("auc") + shown.map(({ auc }) => cell(share(auc))).join(""),
  ];
}
