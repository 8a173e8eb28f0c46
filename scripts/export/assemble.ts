/**
 * From interactions to everything of a bundle but its ranker: towers, clusters, cluster-major order, quantisation,
 * catalogue.
 */
import type { Bundle } from "../../src/model/bundle/bundle.ts";
import { Catalogue } from "../../src/model/catalogue/catalogue.ts";
import { CodeColumn, CodeListColumn, TextColumn } from "../../src/model/catalogue/columns.ts";
import { ITEMS, TOWER } from "../../src/model/config.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import type { EventKind } from "../../src/model/interactions/interaction.ts";
import type { NeighbourEntries } from "../../src/model/tower/neighbours.ts";
import type { Dataset } from "../import/dataset.ts";
import { kMeans } from "../train/k-means.ts";
import type { TrainingData } from "../train/model.ts";
import { itemPopularity } from "../train/popularity.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { encodedItems, towersOf, trainTowers } from "../train/towers.ts";
import type { TowersParams } from "../train/towers.ts";

export interface Assembled {
  readonly bundle: Omit<Bundle, "ranker">;
  /** The bundle's row of each of the dataset's items, shape [N]. */
  readonly rowOfItem: Uint32Array;
}

/** @param params its `seed` seeds the clusters too */
export async function assemble(
  dataset: Dataset,
  data: TrainingData,
  params: TowersParams,
  pool: ThreadPool,
): Promise<Assembled> {
  const { dimensions, seed } = params;
  const parts = await trainTowers(data, params, pool);
  const { vectors } = parts;
  const { centroids, assignment } = await kMeans(vectors, { dimensions, clusters: ITEMS.clusters, seed }, pool);
  const order = clusterMajorOrder(vectors, centroids, assignment, dimensions);
  const ordered = new Float32Array(vectors.length);
  order.forEach((item, row) => {
    ordered.set(vectors.subarray(item * dimensions, (item + 1) * dimensions), row * dimensions);
  });
  const rowOfItem = new Uint32Array(order.length);
  order.forEach((item, row) => (rowOfItem[item] = row));
  const byRow = ({ sources, targets, values }: NeighbourEntries): NeighbourEntries => ({
    sources: sources.map((item) => rowOfItem[item]!),
    targets: targets.map((item) => rowOfItem[item]!),
    values,
  });
  const starts = new Uint32Array(centroids.length / dimensions + 1);
  for (const cluster of assignment) starts[cluster + 1]!++;
  for (let c = 1; c < starts.length; c++) starts[c]! += starts[c - 1]!;
  const { codes, items, residual, transitions } = towersOf({
    params,
    tower: encodedItems(ordered, dimensions),
    residual: byRow(parts.residual),
    transitions: byRow(parts.transitions),
  });
  return {
    bundle: {
      catalogue: catalogueOf(dataset, order, itemPopularity(data.matrix)),
      codes,
      items,
      residual,
      transitions,
      clusters: { centroids, starts },
      tower: {
        ...TOWER,
        // Data without an order says nothing of recency; a device's history has one.
        recencyDecay: data.sequences === null ? TOWER.recencyDecay : params.recencyDecay,
        popularityExponent: params.popularityExponent,
        // Where a rating itself is interest, a low one is interest too.
        positiveRating: dataset.meta.positiveEvents.includes("rating") ? 0 : TOWER.positiveRating,
        eventWeights: Object.fromEntries(
          EVENT_KINDS.map((kind) => [kind, dataset.meta.weights[kind] ?? TOWER.eventWeights[kind]]),
        ) as Record<EventKind, number>,
      },
    },
    rowOfItem,
  };
}

/** Clusters one after the other, in each the largest residual norm first: a bound holds for a prefix. */
function clusterMajorOrder(
  vectors: Float32Array,
  centroids: Float32Array,
  assignment: Uint32Array,
  dimensions: number,
): number[] {
  const residual = Float64Array.from(assignment, (cluster, item) => {
    let square = 0;
    for (let d = 0; d < dimensions; d++) {
      square += (vectors[item * dimensions + d]! - centroids[cluster * dimensions + d]!) ** 2;
    }
    return square;
  });
  return Array.from(assignment.keys()).toSorted(
    (a, b) => assignment[a]! - assignment[b]! || residual[b]! - residual[a]! || a - b,
  );
}

function catalogueOf({ items }: Dataset, order: readonly number[], popularity: Float32Array): Catalogue {
  const texts = (values: readonly string[]): string[] => order.map((item) => values[item]!);
  const numbers = <T extends Int32Array | Float32Array | Float64Array>(values: T): T =>
    values.map((_, row) => values[order[row]!]!) as T;
  return new Catalogue({
    ids: TextColumn.from(texts(items.ids)),
    titles: TextColumn.from(texts(items.titles)),
    makers: TextColumn.from(texts(items.makers)),
    urls: TextColumn.from(texts(items.urls)),
    kind: CodeColumn.from(texts(items.kind)),
    category: CodeColumn.from(texts(items.category)),
    subcategory: CodeColumn.from(texts(items.subcategory)),
    genreCode: CodeColumn.from(texts(items.genreCode)),
    language: CodeColumn.from(texts(items.language)),
    country: CodeColumn.from(texts(items.country)),
    themes: CodeListColumn.from(order.map((item) => items.themes[item]!)),
    year: numbers(items.year),
    price: numbers(items.price),
    availableFrom: numbers(items.availableFrom),
    availableUntil: numbers(items.availableUntil),
    latitude: numbers(items.latitude),
    longitude: numbers(items.longitude),
    popularity: numbers(popularity),
  });
}
