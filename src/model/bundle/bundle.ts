/**
 * A bundle in memory, and its way to files and back. `affiche build` writes with
 * {@link bundleToFiles}, the worker reads with {@link bundleFromFiles}: one definition of the format.
 *
 * N items, D embedding size, C clusters.
 */
import * as v from "valibot";
import { Catalogue, catalogueFromFile, catalogueToFile } from "../catalogue/catalogue.ts";
import { EngineError } from "../errors.ts";
import { EVENT_KINDS } from "../interactions/interaction.ts";
import { rankerFromFile, rankerToFile } from "../ranking/ranker.ts";
import type { Ranker } from "../ranking/ranker.ts";
import { itemsOfCodes } from "../retrieval/item-codes.ts";
import type { ItemCodes } from "../retrieval/item-codes.ts";
import type { QuantisedItems } from "../retrieval/quantise.ts";
import { neighboursFromFile, neighboursToFile } from "../tower/neighbour-codec.ts";
import type { NeighbourTables } from "../tower/neighbour-codec.ts";
import { popularityFactorOf } from "../tower/scorer.ts";
import type { ScoringModel } from "../tower/scorer.ts";
import type { FileRole } from "./manifest.ts";
import { decodeTensorFile, encodeTensorFile, tensorOf } from "./tensor-file.ts";
import type { TensorFile } from "./tensor-file.ts";

const positive = v.pipe(v.number(), v.minValue(0));
const towerSchema = v.strictObject({
  conjugateGradientSteps: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  maxHistory: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  recencyDecay: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  orderDecay: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  popularityExponent: positive,
  positiveRating: v.number(),
  eventWeights: v.strictObject(v.entriesFromList(EVENT_KINDS, positive)),
});

const itemsSchema = v.strictObject({ largest: v.pipe(positive, v.finite()) });

/** What the user tower needs beside the items; defaults and meanings in config.ts. */
export type TowerParams = v.InferOutput<typeof towerSchema>;

/** Cluster c holds the rows `starts[c]` to `starts[c + 1] - 1`. */
export interface Clusters {
  /** shape [C, D], row-major. */
  readonly centroids: Float32Array;
  /** shape [C + 1], ascending from 0 to N. */
  readonly starts: Uint32Array;
}

export interface Bundle extends NeighbourTables {
  readonly catalogue: Catalogue;
  /** The items as the file holds them. */
  readonly codes: ItemCodes;
  /** `itemsOfCodes(codes)`: what every score is computed with. */
  readonly items: QuantisedItems;
  readonly clusters: Clusters;
  readonly tower: TowerParams;
  /** null: no impressions; retrieval's score decides. */
  readonly ranker: Ranker | null;
}

/** The cluster of each row, shape [N]. */
export function clusterOfRows({ starts }: Clusters): Uint16Array {
  const clusterOf = new Uint16Array(starts.at(-1)!);
  for (let c = 0; c + 1 < starts.length; c++) clusterOf.fill(c, starts[c], starts[c + 1]);
  return clusterOf;
}

/** What the scores of a bundle are made of. */
export function scoringModelOf(
  bundle: Pick<Bundle, "catalogue" | "items" | "residual" | "transitions" | "tower">,
): ScoringModel {
  const { catalogue, items, residual, transitions, tower } = bundle;
  const popularityFactor = popularityFactorOf(catalogue.columns.popularity, tower.popularityExponent);
  return { items, residual, transitions, params: tower, popularityFactor };
}

/** Each file's bytes by role; deterministic. `items` is no part of them: it follows from `codes`. */
export function bundleToFiles(bundle: Omit<Bundle, "items">): Map<FileRole, Uint8Array> {
  const { codes, clusters } = bundle;
  const clusterCount = clusters.starts.length - 1;
  const files: [FileRole, TensorFile][] = [
    ["catalogue", catalogueToFile(bundle.catalogue)],
    [
      "items",
      {
        meta: { largest: codes.largest } satisfies v.InferInput<typeof itemsSchema>,
        tensors: {
          scales: { dtype: "uint16", shape: [codes.count], data: codes.scales },
          codes: { dtype: "uint8", shape: [codes.count, codes.dimensions / 2], data: codes.codes },
        },
      },
    ],
    ["neighbours", neighboursToFile(bundle)],
    [
      "clusters",
      {
        meta: null,
        tensors: {
          starts: { dtype: "uint32", shape: [clusterCount + 1], data: clusters.starts },
          centroids: { dtype: "float32", shape: [clusterCount, codes.dimensions], data: clusters.centroids },
        },
      },
    ],
    ["tower", { meta: bundle.tower, tensors: {} }],
  ];
  if (bundle.ranker) files.push(["ranker", rankerToFile(bundle.ranker)]);
  return new Map(files.map(([role, file]) => [role, encodeTensorFile(file)]));
}

/**
 * Parses and cross-checks every file.
 * @throws FILE_FORMAT
 */
export function bundleFromFiles(files: ReadonlyMap<FileRole, Uint8Array>): Bundle {
  const fail = (file: FileRole, reason: string): never => {
    throw new EngineError("FILE_FORMAT", { file, reason });
  };
  const decode = (role: FileRole): TensorFile => decodeTensorFile(files.get(role) ?? fail(role, "it is missing"), role);
  const catalogue = catalogueFromFile(decode("catalogue"));
  const { count } = catalogue;
  const itemsFile = decode("items");
  const itemsMeta = v.safeParse(itemsSchema, itemsFile.meta);
  if (!itemsMeta.success) return fail("items", itemsMeta.issues[0].message);
  const { data, shape } = tensorOf(itemsFile, "codes", "uint8", [count, -1]);
  const dimensions = 2 * shape[1]!;
  if (dimensions === 0) fail("items", "they have no dimension");
  const scales = tensorOf(itemsFile, "scales", "uint16", [count]).data;
  const codes: ItemCodes = { count, dimensions, codes: data, scales, largest: itemsMeta.output.largest };
  const clustersFile = decode("clusters");
  const starts = tensorOf(clustersFile, "starts", "uint32", [-1]).data;
  const ascending = starts.every((start, at) => at === 0 || start >= starts[at - 1]!);
  if (starts[0] !== 0 || starts.at(-1) !== count || !ascending) fail("clusters", "the starts are not valid");
  const centroids = tensorOf(clustersFile, "centroids", "float32", [starts.length - 1, dimensions]).data;
  const tower = v.safeParse(towerSchema, decode("tower").meta);
  if (!tower.success) return fail("tower", tower.issues[0].message);
  return {
    catalogue,
    codes,
    items: itemsOfCodes(codes),
    ...neighboursFromFile(decode("neighbours"), count),
    clusters: { centroids, starts },
    tower: tower.output,
    ranker: files.has("ranker") ? rankerFromFile(decode("ranker")) : null,
  };
}
