/**
 * Item-kNN (Sarwar, Karypis, Konstan and Riedl 2001): the score of j is the sum of w_i s_ij over those of the history
 * that are among its k nearest items. s by similarity.ts, of the items' columns; k is `neighbours`.
 *
 * With the popularity filter the direction turns: an item of the history adds to the `popular` items with the most
 * interactions among the 30 that are nearest to it.
 */
import { countingSort, shareMatrix, transpose } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, TrainedModel } from "./model.ts";
import { evenBounds } from "./partition.ts";
import { itemPopularity } from "./popularity.ts";
import { compareRows, SIMILARITIES } from "./similarity.ts";
import type { ThreadPool } from "./thread-pool.ts";

export type ItemKnnParams = {
  /** k, the most items that add to one item's score, >= 1; without effect under the popularity filter. */
  readonly neighbours: number;
  /** >= 0; lowers the similarity of items with few interactions. */
  readonly shrinkage: number;
  /** A place in SIMILARITIES: 0 cosine, 1 Jaccard, 2 Pearson. */
  readonly similarity: number;
  /** Of the 30 nearest the most popular that are kept; 0: no popularity filter. */
  readonly popular: number;
};

/** Sparse, by the item of the history: item i adds similarities[p] to targets[p], p from indptr[i] to indptr[i + 1] - 1. */
export interface ItemNeighbours {
  readonly indptr: Uint32Array;
  readonly targets: Uint32Array;
  readonly similarities: Float32Array;
}

/** Among how many nearest the popularity filter chooses. */
export const FILTERED_NEIGHBOURS = 30;
/** Items of a block; each clears one row of N floats, so not too few. */
const BLOCK_ITEMS = 32;

/** Items that share no user are never neighbours; at equal similarity or popularity the lower row comes first. */
export async function trainItemKnn(
  matrix: InteractionMatrix,
  params: ItemKnnParams,
  pool: ThreadPool,
): Promise<ItemNeighbours> {
  const { items } = matrix;
  const wanted = params.popular > 0 ? FILTERED_NEIGHBOURS : params.neighbours;
  const neighbours = Math.max(1, Math.min(wanted, items - 1));
  return pool.scope(async () => {
    pool.progress(0, 1, "item-kNN");
    const similarity = SIMILARITIES[params.similarity]!;
    const byItem = compareRows(transpose(matrix), similarity);
    const nearest = pool.uint32(items * neighbours);
    const similarities = pool.float32(items * neighbours);
    const counts = pool.uint32(items);
    const args = [
      items,
      ...shareMatrix(pool, byItem.matrix),
      ...shareMatrix(pool, transpose(byItem.matrix)),
      pool.float32(byItem.norms).pointer,
      pool.float32(byItem.offsets).pointer,
      similarity === "jaccard" ? 1 : 0,
      params.shrinkage,
      neighbours,
      nearest.pointer,
      similarities.pointer,
      counts.pointer,
    ];
    await pool.run("nearestItems", evenBounds(items, BLOCK_ITEMS), args, 8 * items);
    pool.progress(1, 1, "item-kNN");
    // Neighbour k of item i has the place i * neighbours + k.
    const itemOf = (place: number): number => Math.floor(place / neighbours);
    const neighbourOf = (place: number): number => nearest.array[place]!;
    const filter = params.popular > 0;
    const popularity = itemPopularity(matrix);
    const places = new Uint32Array(counts.array.reduce((sum, count) => sum + count, 0));
    let length = 0;
    counts.array.forEach((count, item) => {
      const own = Uint32Array.from({ length: count }, (_, k) => item * neighbours + k);
      if (filter) {
        own.sort(
          (a, b) => popularity[neighbourOf(b)]! - popularity[neighbourOf(a)]! || neighbourOf(a) - neighbourOf(b),
        );
      }
      const kept = filter ? own.subarray(0, params.popular) : own;
      places.set(kept, length);
      length += kept.length;
    });
    const kept = places.subarray(0, length);
    const [source, target] = filter ? [itemOf, neighbourOf] : [neighbourOf, itemOf];
    const { order, starts } = countingSort(kept.map(source), items);
    return {
      indptr: starts,
      targets: order.map((at) => target(kept[at]!)),
      similarities: Float32Array.from(order, (at) => similarities.array[kept[at]!]!),
    };
  });
}

export async function trainItemKnnModel(
  matrix: InteractionMatrix,
  params: ItemKnnParams,
  pool: ThreadPool,
): Promise<TrainedModel> {
  const { result, cpuSeconds } = await measureCpu(() => trainItemKnn(matrix, params, pool));
  const { indptr, targets, similarities } = result;
  return {
    name: "item-knn",
    params: { ...params },
    trainCpuSeconds: cpuSeconds,
    score({ rows, weights }, out) {
      out.fill(0);
      rows.forEach((row, at) => {
        const weight = weights[at]!;
        for (let p = indptr[row]!; p < indptr[row + 1]!; p++) out[targets[p]!]! += weight * similarities[p]!;
      });
    },
  };
}

export const itemKnnEntry: ModelEntry<ItemKnnParams> = {
  defaults: { neighbours: 100, shrinkage: 0, similarity: 0, popular: 0 },
  tried: { neighbours: [50, 100, 200], shrinkage: [0, 20] },
  space: {
    neighbours: { values: [10, 20, 30, 50, 100, 200, 400] },
    shrinkage: { values: [0, 1, 5, 10, 20, 50, 100] },
    similarity: { values: [0, 1, 2] },
    popular: { values: [0, 5, 10, 20] },
  },
  train: ({ matrix }, params, { pool }) => trainItemKnnModel(matrix, params, pool),
};
