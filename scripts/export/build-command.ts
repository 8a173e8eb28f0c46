import { defineCommand } from "citty";
import { ITEMS } from "../../src/model/config.ts";
import { EngineError } from "../../src/model/errors.ts";
import { DATA_ARGS, readingOf, seedOf } from "../arguments.ts";
import { evaluationTable } from "../evaluate/report.ts";
import type { TowersTrial } from "../evaluate/choose-towers.ts";
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
    "bytes-per-item": {
      type: "string",
      default: String(ITEMS.bytesPerItem),
      description: "What the vectors and tables of an item may take in the bundle",
    },
    "bundle-version": { type: "string", description: "Version of the bundle; must rise when its content changes" },
  },
  async run({ args }) {
    const out = reporter(args.json);
    const version = args["bundle-version"] === undefined ? null : Number(args["bundle-version"]);
    if (version !== null && !(Number.isSafeInteger(version) && version >= 1)) {
      throw new EngineError("USAGE", { reason: `--bundle-version ${args["bundle-version"]} is not 1, 2, 3 ...` });
    }
    const bytesPerItem = Number(args["bytes-per-item"]);
    if (!(bytesPerItem > 0)) {
      throw new EngineError("USAGE", { reason: `--bytes-per-item ${args["bytes-per-item"]} is not a number above 0.` });
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
          bytesPerItem,
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

function describe(out: string, { manifest, evaluation, towers, ranker }: BuildReport): string {
  const head = (name: string, { positives, auc, aucWithinList, retrieval, popularity }: HeadReport): string => {
    const pair = (value: { auc: number; aucWithinList: number }): string =>
      `${value.auc.toFixed(3)} / ${value.aucWithinList.toFixed(3)}`;
    return `${name.padEnd(10)} ${pair({ auc, aucWithinList })}   ${pair(retrieval)}   ${pair(popularity)}   ${positives} positives`;
  };
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `${out}: version ${manifest.version}, ${manifest.data.items} items, ${manifest.clusters} clusters, ${bytes.toLocaleString("en")} bytes`,
    towersTable(towers),
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

/** What the bytes of an item were spent on, and what else was tried. */
function towersTable(trials: readonly TowersTrial[]): string {
  const row = ({ params, ndcgAt100, bytesPerItem }: TowersTrial): string =>
    [
      ndcgAt100.toFixed(4).padStart(8),
      bytesPerItem.toFixed(1).padStart(6),
      String(params.dimensions).padStart(6),
      String(params.residualEntries).padStart(9),
      String(params.transitionEntries).padStart(12),
      String(params.recencyDecay).padStart(8),
      String(params.popularityExponent).padStart(11),
    ].join("");
  return [
    "the towers: divisions of the bytes of an item by NDCG@100 on validation, each with its best weights; the first ships",
    "    NDCG bytes  dims residual transitions recency popularity",
    ...trials.map(row),
  ].join("\n");
}
