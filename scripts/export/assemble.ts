/**
 * From interactions to everything of a bundle but its ranker: item factors, whitening, clusters,
 * cluster-major order, quantisation, catalogue.
 */
import type { Bundle } from "../../src/model/bundle/bundle.ts";
import { Catalogue } from "../../src/model/catalogue/catalogue.ts";
import { CodeColumn, CodeListColumn, TextColumn } from "../../src/model/catalogue/columns.ts";
import { ITEMS, TOWER } from "../../src/model/config.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import type { EventKind } from "../../src/model/interactions/interaction.ts";
import { encodeItems, itemsOfCodes } from "../../src/model/retrieval/item-codes.ts";
import { neighbourTable } from "../../src/model/tower/neighbours.ts";
import type { Dataset } from "../import/dataset.ts";
import { trainIals } from "../train/ials.ts";
import type { IalsParams } from "../train/ials.ts";
import type { InteractionMatrix } from "../train/interaction-matrix.ts";
import { kMeans } from "../train/k-means.ts";
import { itemPopularity } from "../train/popularity.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { whiten } from "../train/whiten.ts";

export interface Assembled {
  readonly bundle: Omit<Bundle, "ranker">;
  /** The bundle's row of each of the dataset's items, shape [N]. */
  readonly rowOfItem: Uint32Array;
}

/** @param params the iALS settings; its `seed` seeds the clusters too */
export async function assemble(
  dataset: Dataset,
  matrix: InteractionMatrix,
  params: IalsParams,
  pool: ThreadPool,
): Promise<Assembled> {
  const { dimensions, seed } = params;
  const factors = await trainIals(matrix, params, pool);
  const vectors = whiten(factors, params);
  const { centroids, assignment } = await kMeans(vectors, { dimensions, clusters: ITEMS.clusters, seed }, pool);
  const order = clusterMajorOrder(vectors, centroids, assignment, dimensions);
  const ordered = new Float32Array(vectors.length);
  order.forEach((item, row) => {
    ordered.set(vectors.subarray(item * dimensions, (item + 1) * dimensions), row * dimensions);
  });
  const rowOfItem = new Uint32Array(order.length);
  order.forEach((item, row) => (rowOfItem[item] = row));
  const starts = new Uint32Array(centroids.length / dimensions + 1);
  for (const cluster of assignment) starts[cluster + 1]!++;
  for (let c = 1; c < starts.length; c++) starts[c]! += starts[c - 1]!;
  const codes = encodeItems(ordered, dimensions);
  const none = { sources: new Uint32Array(0), targets: new Uint32Array(0), values: new Float32Array(0) };
  return {
    bundle: {
      catalogue: catalogueOf(dataset, order, itemPopularity(matrix)),
      codes,
      items: itemsOfCodes(codes),
      residual: neighbourTable(none, order.length),
      transitions: null,
      clusters: { centroids, starts },
      tower: {
        ...TOWER,
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
