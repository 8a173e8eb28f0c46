/** The whitened fold-in of many people at once, by a kernel. M people, I interactions, S: D rounded up to 16. */
import { shareMatrix } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import type { ScoredHistory } from "./model.ts";
import { balancedBounds } from "./partition.ts";
import type { Shared, ThreadPool } from "./thread-pool.ts";
import { denseRows } from "./truncated-svd.ts";

export interface FoldedPeople {
  /** S */
  readonly size: number;
  /** shape [N, S] */
  readonly vectors: Shared<Float32Array>;
  /** shape [M, S]: x = (I + Z'WZ)^-1 Z'w; no history: zeros */
  readonly people: Shared<Float32Array>;
  /** shape [I]: z.x of each interaction */
  readonly scores: Float32Array;
  /** shape [I]: the same if that interaction were not part of the history */
  readonly heldOut: Float32Array;
}

/**
 * What it gives lasts as long as the pool's scope.
 * @param vectors shape [N, D], whitened
 */
export async function foldInPeople(
  matrix: InteractionMatrix,
  vectors: Float32Array,
  dimensions: number,
  pool: ThreadPool,
): Promise<FoldedPeople> {
  const size = Math.ceil(dimensions / 16) * 16;
  const z = denseRows(matrix.items, size, pool);
  for (let item = 0; item < matrix.items; item++) {
    z.array.set(vectors.subarray(item * dimensions, (item + 1) * dimensions), item * size);
  }
  const people = denseRows(matrix.users, size, pool);
  const scores = pool.float32(matrix.indices.length);
  const heldOut = pool.float32(matrix.indices.length);
  const args = [...shareMatrix(pool, matrix), z.pointer, people.pointer, scores.pointer, heldOut.pointer, size];
  await pool.run("foldInPeople", balancedBounds(matrix.indptr), args, 4 * size * (size + 3 + 64));
  return { size, vectors: z, people, scores: scores.array, heldOut: heldOut.array };
}

/** A weight of zero would be no interaction. */
const LEAST_WEIGHT = 1e-30;

/** x of each history, shape [D]; an empty one: zeros. @param vectors shape [N, D], whitened @throws CANCELLED */
export async function foldInHistories(
  histories: readonly Pick<ScoredHistory, "rows" | "weights">[],
  vectors: Float32Array,
  dimensions: number,
  pool: ThreadPool,
): Promise<Float32Array[]> {
  const indptr = new Uint32Array(histories.length + 1);
  histories.forEach(({ rows }, user) => (indptr[user + 1] = indptr[user]! + rows.length));
  const indices = new Uint32Array(indptr[histories.length]!);
  const weights = new Float32Array(indices.length);
  histories.forEach((history, user) => {
    indices.set(history.rows, indptr[user]);
    weights.set(history.weights, indptr[user]);
  });
  for (let at = 0; at < weights.length; at++) weights[at] = Math.max(LEAST_WEIGHT, weights[at]!);
  // In the order of the histories, not of the items: sums do not mind.
  const matrix = { users: histories.length, items: vectors.length / dimensions, indptr, indices, weights };
  return pool.scope(async () => {
    const { people, size } = await foldInPeople(matrix, vectors, dimensions, pool);
    return histories.map((_, user) => people.array.slice(user * size, user * size + dimensions));
  });
}
