/**
 * Item-kNN (Sarwar et al. 2001; shrinkage as in Bell and Koren 2007): cosine of the items' columns,
 * s_ij = x_i.x_j / (|x_i| |x_j| + shrinkage); the score of j is the sum of w_i s_ij over those of the history that are
 * among its k nearest. k is `neighbours`.
 */
import { countingSort, shareMatrix, transpose } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { TrainedModel } from "./model.ts";
import { evenBounds } from "./partition.ts";
import type { ThreadPool } from "./thread-pool.ts";

export interface ItemKnnParams {
  /** k, the most items that add to one item's score, >= 1. */
  readonly neighbours: number;
  /** >= 0; lowers the similarity of items with few interactions. */
  readonly shrinkage: number;
}

/** Sparse, by the item of the history: item i adds similarities[p] to targets[p], p from indptr[i] to indptr[i + 1] - 1. */
export interface ItemNeighbours {
  readonly indptr: Uint32Array;
  readonly targets: Uint32Array;
  readonly similarities: Float32Array;
}

/** Items of a block; each clears one row of N floats, so not too few. */
const BLOCK_ITEMS = 32;

/** Items that share no user are never neighbours; at equal similarity the lower row comes first. */
export async function trainItemKnn(
  matrix: InteractionMatrix,
  params: ItemKnnParams,
  pool: ThreadPool,
): Promise<ItemNeighbours> {
  const { items } = matrix;
  const neighbours = Math.max(1, Math.min(params.neighbours, items - 1));
  return pool.scope(async () => {
    pool.progress(0, 1, "item-kNN");
    const byItem = transpose(matrix);
    const norms = Float32Array.from({ length: items }, (_, item) => {
      const column = byItem.weights.subarray(byItem.indptr[item]!, byItem.indptr[item + 1]!);
      return Math.sqrt(column.reduce((sum, weight) => sum + weight * weight, 0));
    });
    const nearest = pool.uint32(items * neighbours);
    const similarities = pool.float32(items * neighbours);
    const counts = pool.uint32(items);
    const args = [
      items,
      ...shareMatrix(pool, byItem),
      ...shareMatrix(pool, matrix),
      pool.float32(norms).pointer,
      params.shrinkage,
      neighbours,
      nearest.pointer,
      similarities.pointer,
      counts.pointer,
    ];
    await pool.run("nearestItems", evenBounds(items, BLOCK_ITEMS), args, 8 * items);
    // From "the neighbours of each target" to "the targets of each neighbour".
    const kept = counts.array.reduce((sum, count) => sum + count, 0);
    const places = new Uint32Array(kept);
    let length = 0;
    counts.array.forEach((count, item) => {
      for (let k = 0; k < count; k++) places[length++] = item * neighbours + k;
    });
    const { order, starts } = countingSort(
      places.map((place) => nearest.array[place]!),
      items,
    );
    pool.progress(1, 1, "item-kNN");
    return {
      indptr: starts,
      targets: order.map((at) => Math.floor(places[at]! / neighbours)),
      similarities: Float32Array.from(order, (at) => similarities.array[places[at]!]!),
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
