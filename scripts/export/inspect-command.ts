import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommand } from "citty";
import { bundleFromFiles } from "../../src/model/bundle/bundle.ts";
import type { Bundle } from "../../src/model/bundle/bundle.ts";
import { bundleBytes, parseManifest } from "../../src/model/bundle/manifest.ts";
import type { FileRole } from "../../src/model/bundle/manifest.ts";
import { EngineError } from "../../src/model/errors.ts";
import { dequantiseRows, quantiseQuery, scanInt8 } from "../../src/model/retrieval/quantise.ts";
import { byCosine } from "../../src/model/slate/similar.ts";
import { JSON_ARG } from "../arguments.ts";
import { reporter } from "../output.ts";

const SAMPLES = 5;
const NEIGHBOURS = 5;
const CANDIDATES = 100;

export const inspectCommand = defineCommand({
  meta: { name: "inspect", description: "Verify a bundle and show what it holds" },
  args: {
    bundle: { type: "positional", required: true, description: "The bundle's folder" },
    ...JSON_ARG,
  },
  async run({ args }) {
    const out = reporter(args.json);
    const manifest = parseManifest(await readJson(join(args.bundle, "manifest.json")));
    const files = new Map<FileRole, Uint8Array>();
    for (const { role, path, sha256 } of manifest.files) {
      const bytes = await readBytes(join(args.bundle, path));
      const got = createHash("sha256").update(bytes).digest("hex");
      if (got !== sha256) {
        throw new EngineError("BUNDLE_FILE_CORRUPT", { path, reason: `SHA-256 is ${got}, expected ${sha256}` });
      }
      files.set(role, bytes);
    }
    const bundle = bundleFromFiles(files);
    const neighbours = sampleNeighbours(bundle);
    const { name, version, data, dimensions, clusters, ranker, evaluation } = manifest;
    const sizes = clusterSizes(bundle);
    const perItem = (bytes: number): number => bytes / Math.max(1, data.items);
    const sizeOf = (bytes: number): string =>
      `${String(bytes).padStart(10)} bytes ${perItem(bytes).toFixed(1).padStart(8)} an item`;
    out.result(
      {
        name,
        version,
        data,
        dimensions,
        clusters,
        ranker,
        files: manifest.files.map((file) => ({ ...file, bytesPerItem: perItem(file.bytes) })),
        clusterSizes: sizes,
        evaluation,
        neighbours,
      },
      [
        `${name}, version ${version}: ${data.items} items, ${dimensions} dimensions, ${clusters} clusters of ${sizes.smallest} to ${sizes.largest} items, ranker: ${ranker}`,
        `from ${data.name}: ${data.users} users, ${data.interactions} interactions${data.simulated ? " (simulated)" : ""}`,
        ...manifest.files.map((file) => `${file.role.padEnd(10)} ${sizeOf(file.bytes)}  ${file.sha256}`),
        `${"total".padEnd(10)} ${sizeOf(bundleBytes(manifest))}  every hash verified`,
        `evaluation ${JSON.stringify(evaluation, null, 2)}`,
        ...neighbours.map(({ item, nearest }) => `${item}: ${nearest.join("; ")}`),
      ].join("\n"),
    );
  },
});

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new EngineError("DATA_MISSING", { path, remedy: "Make the bundle with `affiche build`." }, cause);
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readBytes(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError("BUNDLE_MANIFEST_INVALID", { reason: "it is not JSON" }, cause);
  }
}

function clusterSizes({ clusters: { starts } }: Bundle): { smallest: number; largest: number } {
  const sizes = Array.from(starts.subarray(1), (end, c) => end - starts[c]!);
  return { smallest: Math.min(...sizes), largest: Math.max(...sizes) };
}

/** The most popular items with their nearest, as the offer page finds them. */
function sampleNeighbours({ catalogue, items }: Bundle): { item: string; nearest: string[] }[] {
  const { titles, popularity } = catalogue.columns;
  const byPopularity = Array.from(popularity.keys()).toSorted((a, b) => popularity[b]! - popularity[a]! || a - b);
  return byPopularity.slice(0, SAMPLES).map((row) => {
    const query = quantiseQuery(dequantiseRows(items, [row]), items);
    const candidates = Array.from(scanInt8(items, query, CANDIDATES).rows).filter((other) => other !== row);
    const nearest = byCosine(items, row, candidates).slice(0, NEIGHBOURS);
    return { item: titles.at(row), nearest: nearest.map((other) => titles.at(other)) };
  });
}
