/**
 * `npm run bench:bytes`: quality against the bytes of an item. For each budget the towers are chosen on validation within
 * it, then measured on the test. `--data ml-1m,lastfm-hetrec` (folders of AFFICHE_DATA, by default ../shared/data),
 * `--protocol strong`, `--bytes 24,32,48,64,96,128,192`, `--json`. Ctrl-C stops it.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodeTensorFile } from "../src/model/bundle/tensor-file.ts";
import { neighboursToFile } from "../src/model/tower/neighbour-codec.ts";
import { evaluateModel } from "../scripts/evaluate/evaluate.ts";
import { loadProtocol } from "../scripts/evaluate/load-protocol.ts";
import { selectTowers } from "../scripts/evaluate/select.ts";
import { readDataset } from "../scripts/import/dataset.ts";
import { reporter } from "../scripts/output.ts";
import { modelOfTowers } from "../scripts/train/shipped.ts";
import { towersOf, trainTowers } from "../scripts/train/towers.ts";
import type { Towers } from "../scripts/train/towers.ts";
import { withPool } from "../scripts/with-pool.ts";
import { DATA, runBench, SEED } from "./bench.ts";

interface Point {
  readonly data: string;
  readonly budget: number;
  /** Of the files, an item. */
  readonly bytes: number;
  readonly dimensions: number;
  readonly residualEntries: number;
  readonly transitionEntries: number;
  readonly ndcgAt100: number;
  readonly standardError: number;
  /** The dot product alone, of the same vectors. */
  readonly dotNdcgAt100: number;
}

function bytesOf(towers: Towers): number {
  const { codes, scales, count } = towers.codes;
  return (codes.byteLength + scales.byteLength + encodeTensorFile(neighboursToFile(towers)).byteLength) / count;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: "string", default: "ml-1m,steam-200k,lastfm-hetrec,retailrocket-small" },
      protocol: { type: "string", default: "strong" },
      bytes: { type: "string", default: "24,32,48,64,96,128,192" },
      json: { type: "boolean", default: false },
    },
  });
  const out = reporter(values.json);
  const points: Point[] = [];
  let current = "";
  await withPool(
    out,
    () => current,
    async (pool) => {
      for (const data of values.data.split(",")) {
        const reading = { maxBadRows: 0, log: out.log, progress: out.progress };
        const dataset = await readDataset(join(DATA, data), reading);
        const protocol = await loadProtocol(join(DATA, data), dataset, values.protocol, SEED, reading);
        for (const budget of values.bytes.split(",").map(Number)) {
          current = `${data}, ${budget} bytes`;
          const { params } = await selectTowers(protocol, budget, pool, out);
          const parts = await trainTowers(protocol.test.data, params, pool);
          const measure = async (name: "shipped" | "shipped-dot") =>
            (await evaluateModel(await modelOfTowers(name, parts, protocol.test.data, 0), protocol.test, pool)).row;
          const { ndcgAt100, se } = await measure("shipped");
          const { dimensions, residualEntries, transitionEntries } = params;
          points.push({
            data,
            budget,
            bytes: bytesOf(towersOf(parts)),
            dimensions,
            residualEntries,
            transitionEntries,
            ndcgAt100,
            standardError: se.ndcgAt100,
            dotNdcgAt100: (await measure("shipped-dot")).ndcgAt100,
          });
        }
      }
    },
  );
  const share = (value: number): string => value.toFixed(4).slice(1);
  const rows = points.map(
    ({ data, budget, bytes, dimensions, residualEntries, transitionEntries, ...figures }) =>
      `| ${[
        data,
        budget,
        bytes.toFixed(1),
        dimensions,
        residualEntries,
        transitionEntries,
        `${share(figures.ndcgAt100)} ± ${share(figures.standardError)}`,
        share(figures.dotNdcgAt100),
      ].join(" | ")} |`,
  );
  const header =
    "| data | budget | bytes an item | dimensions | residual | transitions | ndcgAt100 ± se | dot product alone |";
  out.result(points, [header, header.replaceAll(/[^|]+/gu, " --- "), ...rows].join("\n"));
}

await runBench(main);
