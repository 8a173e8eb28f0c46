import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { DATA_ARGS, readingOf, seedOf } from "../arguments.ts";
import { readDataset } from "../import/dataset.ts";
import { reporter } from "../output.ts";
import { modelEntry, refusalOf } from "../train/models.ts";
import { withPool } from "../with-pool.ts";
import { FEEDBACK_ARGS, feedbackOf } from "./feedback.ts";
import { measureLearningCurve } from "./learning-curve.ts";
import type { LearningCurve } from "./learning-curve.ts";
import { loadProtocol } from "./load-protocol.ts";
import { share } from "./report.ts";
import { METHODS } from "./search.ts";
import type { Search } from "./search.ts";
import { fingerprintOf, TrialFile } from "./trial-file.ts";
import { tunedModel, tuneModels } from "./tune.ts";
import { tuneTable } from "./tune-table.ts";
import type { TuneReport } from "./tune-table.ts";
import { wantedModels } from "./wanted-models.ts";

export const tuneCommand = defineCommand({
  meta: { name: "tune", description: "Search the settings of models on validation; goes on where it was stopped" },
  args: {
    ...DATA_ARGS,
    ...FEEDBACK_ARGS,
    protocol: { type: "string", default: "strong", description: "As of evaluate; its test part is not looked at" },
    models: { type: "string", required: true, description: "all, or names with commas between them" },
    trials: { type: "string", default: "20", description: "Settings to try for each model" },
    search: { type: "string", default: "random", description: `${METHODS.join(" or ")}: few epochs for many settings` },
    out: { type: "string", default: "tune.json", description: "Where every finished trial is kept" },
  },
  async run({ args }) {
    const out = reporter(args.json);
    const search: Search = { method: methodOf(args.search), trials: trialsOf(args.trials), seed: seedOf(args) };
    const feedback = feedbackOf(args);
    const reading = readingOf(args, out);
    const dataset = await readDataset(args.data, reading);
    const { validation } = await loadProtocol(args.data, dataset, args.protocol, search.seed, reading, feedback);
    if (validation.users.length === 0) {
      throw new EngineError("USAGE", {
        reason: `The validation of --protocol ${args.protocol} has nobody to measure on: choose another.`,
      });
    }
    const { names, refused } = wantedModels(args.models, (name) => {
      if (name.startsWith("shipped")) return `${name} chooses its settings part by part (build, evaluate): tune ials.`;
      return refusalOf(name, validation.data);
    });
    const file = await TrialFile.open(args.out, {
      ...search,
      protocol: args.protocol,
      data: fingerprintOf(validation),
      models: Object.fromEntries(
        names.map((name) => [name, { defaults: modelEntry(name).defaults, space: modelEntry(name).space }]),
      ),
    });
    if (file.trials.length > 0) out.log(`Going on after the ${file.trials.length} trials of ${args.out}.`);

    let current = "";
    const curves: LearningCurve[] = [];
    let finished = false;
    try {
      await withPool(
        out,
        () => current,
        async (pool) => {
          await tuneModels(names, validation, search, file, pool, ({ model, done, total, best }) => {
            const found = best === null ? "none yet" : share(best);
            current = `${done} of ${total} trials, ${total - done} left; ${model}, best NDCG@100 ${found}`;
          });
          for (const name of names) {
            current = `Learning curve of ${name}`;
            const { best } = tunedModel(name, file.trials);
            const curve = best && (await measureLearningCurve(name, best.params, validation, pool));
            if (curve) curves.push(curve);
          }
        },
      );
      finished = true;
    } catch (error) {
      if (!(error instanceof EngineError && error.code === "CANCELLED")) throw error;
      out.log(`Stopped; ${file.trials.length} trials are in ${args.out}, and the same command goes on from there.`);
      process.exitCode = 130;
    }

    const report: TuneReport = {
      dataset: dataset.meta.name,
      protocol: args.protocol,
      people: validation.users.length,
      search,
      feedback,
      finished,
      models: names.map((name) => tunedModel(name, file.trials)),
      refused,
      curves,
    };
    out.result(report, tuneTable(report));
  },
});

/** @throws USAGE */
function methodOf(text: string): Search["method"] {
  const method = METHODS.find((other) => other === text);
  if (method !== undefined) return method;
  throw new EngineError("USAGE", { reason: `--search ${text} is not one of ${METHODS.join(", ")}.` });
}

/** @throws USAGE */
function trialsOf(text: string): number {
  const trials = Number(text);
  if (Number.isSafeInteger(trials) && trials > 0) return trials;
  throw new EngineError("USAGE", { reason: `--trials ${text} is not a whole number from 1 on.` });
}
