import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { DATA_ARGS, readingOf, seedOf } from "../arguments.ts";
import { readDataset } from "../import/dataset.ts";
import { reporter } from "../output.ts";
import { MODEL_NAMES, refusalOf } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { Factors } from "../train/model.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { withPool } from "../with-pool.ts";
import { compareWith } from "./compare.ts";
import { evaluateModel } from "./evaluate.ts";
import type { Measurement } from "./evaluate.ts";
import { FEEDBACK_ARGS, feedbackOf } from "./feedback.ts";
import { fixedSettings } from "./fixed-settings.ts";
import { checkHtmlPath } from "./html/page.ts";
import { writeHtmlReport } from "./html-report.ts";
import type { HtmlReport } from "./html-report.ts";
import { itemMap } from "./item-map.ts";
import { itemStatistics } from "./item-statistics.ts";
import { measureLearningCurve } from "./learning-curve.ts";
import type { LearningCurve } from "./learning-curve.ts";
import { loadProtocol } from "./load-protocol.ts";
import type { Protocol } from "./protocol.ts";
import { describeProtocol, fullTable } from "./report.ts";
import type { FullReport } from "./report.ts";
import { segmentRows } from "./segments.ts";
import { fitForTest } from "./select.ts";
import { shownItems } from "./shown-items.ts";
import { wantedModels } from "./wanted-models.ts";

/** Those that take seconds. */
const DEFAULT_MODELS: readonly ModelName[] = ["popularity", "item-knn", "ials", "ease"];

export const evaluateCommand = defineCommand({
  meta: { name: "evaluate", description: "Measure models on a split; settings are chosen on validation" },
  args: {
    ...DATA_ARGS,
    ...FEEDBACK_ARGS,
    protocol: {
      type: "string",
      default: "strong",
      description:
        "A split of the data directory, or one made from it: random, leave-last-out, temporal, cold-items, cold-users",
    },
    models: { type: "string", default: DEFAULT_MODELS.join(","), description: `all, or of ${MODEL_NAMES.join(", ")}` },
    set: {
      type: "string",
      valueHint: "MODEL.SETTING=NUMBER,...",
      description: "Settings that are taken as they are; the others are chosen on validation",
    },
    segments: { type: "boolean", default: false, description: "Also by activity, popularity of the item and kind" },
    compare: { type: "string", valueHint: "MODEL", description: "Paired bootstrap of every model against this one" },
    html: {
      type: "string",
      valueHint: "FILE",
      description: "Also write one HTML file, with pictures, to open offline",
    },
  },
  async run({ args }) {
    const out = reporter(args.json);
    const feedback = feedbackOf(args);
    const seed = seedOf(args);
    if (args.html !== undefined) await checkHtmlPath(args.html);
    const reading = readingOf(args, out);
    const dataset = await readDataset(args.data, reading);
    const protocol = await loadProtocol(args.data, dataset, args.protocol, seed, reading, feedback);
    const { names, refused } = wantedModels(args.models, (name) => refusalOf(name, protocol.test.data));
    const fixed = fixedSettings(args.set, names);
    if (args.compare !== undefined && !names.some((name) => name === args.compare)) {
      const reason = `--compare ${args.compare} is not one of the models ${names.join(", ")}.`;
      throw new EngineError("USAGE", { reason });
    }

    let current = "";
    const measured: Measurement[] = [];
    let pictures: Pictures | null = null;
    try {
      pictures = await withPool(
        out,
        () => current,
        async (pool) => {
          let mapped: Mapped | null = null;
          for (const name of names) {
            current = name;
            const model = await fitForTest(name, protocol, pool, out, fixed.get(name));
            const measurement = await evaluateModel(model, protocol.test, pool);
            measured.push(measurement);
            const { ndcgAt100 } = measurement.row;
            if (model.factors && ndcgAt100 > (mapped?.ndcgAt100 ?? -1))
              mapped = { name, ndcgAt100, factors: model.factors };
          }
          current = "pictures";
          return args.html === undefined ? null : drawPictures(protocol, measured, mapped, seed, pool);
        },
      );
    } catch (error) {
      if (!(error instanceof EngineError && error.code === "CANCELLED")) throw error;
      out.log(`Stopped while at ${current}; what follows was measured before.`);
      if (args.html !== undefined) out.log(`${args.html} is not written.`);
      process.exitCode = 130;
    }

    const baseline = measured.find(({ row }) => row.name === args.compare);
    const report: FullReport = {
      ...describeProtocol(dataset, protocol),
      seed,
      feedback,
      withoutHistory: protocol.withoutHistory,
      models: measured.map(({ row }) => row),
      refused,
      segments: args.segments
        ? Object.fromEntries(measured.map((model) => [model.row.name, segmentRows(protocol.test, model)]))
        : null,
      comparison: baseline ? { baseline: baseline.row.name, models: compareWith(baseline, measured, seed) } : null,
    };
    out.result(report, fullTable(report));
    if (args.html !== undefined && pictures) {
      await writeHtmlReport(args.html, { report, items: dataset.items, ...pictures });
      out.log(`${args.html} is written.`);
    }
  },
});

/** The best model with item vectors, so far; the others are not kept: EASE on 20,000 items has 1.6 GB. */
interface Mapped {
  readonly name: string;
  readonly ndcgAt100: number;
  readonly factors: Factors;
}

/** What the HTML report has beside the report. */
type Pictures = Omit<HtmlReport, "report" | "items">;

/** @throws CANCELLED */
async function drawPictures(
  { validation, test }: Protocol,
  measured: readonly Measurement[],
  mapped: Mapped | null,
  seed: number,
  pool: ThreadPool,
): Promise<Pictures> {
  const curves: LearningCurve[] = [];
  for (const { row } of measured) {
    const curve = await measureLearningCurve(row.name as ModelName, row.params, validation, pool);
    if (curve) curves.push(curve);
  }
  const { owners } = itemStatistics(test.data.matrix);
  const map = mapped && (await itemMap(mapped.factors, test.data.items, owners, seed, pool));
  const shown = shownItems(
    test,
    measured.map(({ row, lists }) => ({ model: row.name, lists })),
  );
  return { curves, map: mapped && map && { model: mapped.name, map }, shown };
}
