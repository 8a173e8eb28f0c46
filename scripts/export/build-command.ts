import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { DATA_ARGS, readingOf, seedOf } from "../arguments.ts";
import { evaluationTable } from "../evaluate/report.ts";
import { reporter } from "../output.ts";
import { ThreadPool } from "../train/thread-pool.ts";
import { buildBundle } from "./build.ts";
import type { BuildReport, HeadReport } from "./build.ts";

export const buildCommand = defineCommand({
  meta: { name: "build", description: "Make a bundle: split, train, evaluate, cluster, rank, quantise, write" },
  args: {
    ...DATA_ARGS,
    out: { type: "string", required: true, description: "The bundle's folder, e.g. public/models/NAME" },
    split: { type: "string", default: "strong", description: "The split that settings and metrics come from" },
    "bundle-version": { type: "string", description: "Version of the bundle; must rise when its content changes" },
  },
  async run({ args }) {
    const out = reporter(args.json);
    const version = args["bundle-version"] === undefined ? null : Number(args["bundle-version"]);
    if (version !== null && !(Number.isSafeInteger(version) && version >= 1)) {
      throw new EngineError("USAGE", { reason: `--bundle-version ${args["bundle-version"]} is not 1, 2, 3 ...` });
    }
    const pool = await ThreadPool.open();
    try {
      const report = await buildBundle(
        {
          data: args.data,
          out: args.out,
          split: args.split,
          version,
          seed: seedOf(args),
          reading: readingOf(args, out),
        },
        pool,
        out,
      );
      out.result(report, describe(args.out, report));
    } finally {
      await pool.close();
    }
  },
});

function describe(out: string, { manifest, evaluation, ranker }: BuildReport): string {
  const head = (name: string, { positives, auc, aucWithinList, retrieval, popularity }: HeadReport): string => {
    const pair = (value: { auc: number; aucWithinList: number }): string =>
      `${value.auc.toFixed(3)} / ${value.aucWithinList.toFixed(3)}`;
    return `${name.padEnd(10)} ${pair({ auc, aucWithinList })}   ${pair(retrieval)}   ${pair(popularity)}   ${positives} positives`;
  };
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `${out}: version ${manifest.version}, ${manifest.data.items} items, ${manifest.clusters} clusters, ${bytes.toLocaleString("en")} bytes`,
    evaluationTable(evaluation),
    ranker
      ? [
          `ranker, trained on ${ranker.trainedOn} impressions, measured on ${ranker.testedOn} later ones, AUC / AUC within lists`,
          "           ranker          retrieval       popularity",
          head("P(click)", ranker.click),
          head("P(booking)", ranker.booking),
        ].join("\n")
      : "no ranker: the score is retrieval's",
  ].join("\n");
}
