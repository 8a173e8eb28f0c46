/**
 * Interactions as a sparse matrix, users x items, compressed by row (CSR).
 */
import { EngineError } from "../../src/model/errors.ts";
import type { ThreadPool } from "./thread-pool.ts";

export interface InteractionMatrix {
  readonly users: number;
  readonly items: number;
  /** shape [users + 1]: the interactions of user u are number indptr[u] to indptr[u + 1] - 1. */
  readonly indptr: Uint32Array;
  /** Item rows, ascending and distinct within a user. */
  readonly indices: Uint32Array;
  /** Confidence of each interaction, > 0, finite. */
  readonly weights: Float32Array;
}

/** Interactions one by one, in any order; three columns of equal length. */
export interface Triplets {
  readonly users: number;
  readonly items: number;
  readonly userRows: Uint32Array;
  readonly itemRows: Uint32Array;
  readonly weights: Float32Array;
}

/**
 * Of several interactions of one user with one item the strongest counts: a booking is not made surer by the
 * clicks that led to it, and unweighted data stays binary.
 * @throws DATA_INVALID for a row out of range or a weight that is not a finite number > 0
 */
export function buildInteractionMatrix(triplets: Triplets): InteractionMatrix {
  const { users, items, userRows, itemRows, weights } = triplets;
  for (let at = 0; at < userRows.length; at++) {
    const valid = userRows[at]! < users && itemRows[at]! < items && weights[at]! > 0 && weights[at]! < Infinity;
    if (valid) continue;
    const reason = `user ${userRows[at]} of ${users}, item ${itemRows[at]} of ${items}, weight ${weights[at]} is no interaction`;
    throw new EngineError("DATA_INVALID", { path: `interaction ${at}`, reason });
  }
  // Two stable counting sorts, by item and then by user, order the items within each user.
  const byItem = countingSort(itemRows, items);
  const byUser = countingSort(
    byItem.order.map((at) => userRows[at]!),
    users,
  );
  const indptr = new Uint32Array(users + 1);
  const indices = new Uint32Array(userRows.length);
  const confidences = new Float32Array(userRows.length);
  let length = 0;
  for (let user = 0; user < users; user++) {
    const first = length;
    for (let k = byUser.starts[user]!; k < byUser.starts[user + 1]!; k++) {
      const at = byItem.order[byUser.order[k]!]!;
      const item = itemRows[at]!;
      if (length > first && indices[length - 1] === item) {
        confidences[length - 1] = Math.max(confidences[length - 1]!, weights[at]!);
      } else {
        indices[length] = item;
        confidences[length++] = weights[at]!;
      }
    }
    indptr[user + 1] = length;
  }
  return {
    users,
    items,
    indptr,
    indices: indices.slice(0, length),
    weights: confidences.slice(0, length),
  };
}

/** The same interactions by item: `users` and `items` change places. */
export function transpose(matrix: InteractionMatrix): InteractionMatrix {
  const { order, starts } = countingSort(matrix.indices, matrix.items);
  const rows = userRows(matrix);
  return {
    users: matrix.items,
    items: matrix.users,
    indptr: starts,
    indices: order.map((at) => rows[at]!),
    weights: Float32Array.from(order, (at) => matrix.weights[at]!),
  };
}

/** The user of each interaction, in the order of `indices`. */
export function userRows({ users, indptr, indices }: InteractionMatrix): Uint32Array {
  const rows = new Uint32Array(indices.length);
  for (let user = 0; user < users; user++) rows.fill(user, indptr[user], indptr[user + 1]);
  return rows;
}

/** A copy for the kernels: pointers to indptr, indices, weights. */
export function shareMatrix(pool: ThreadPool, matrix: InteractionMatrix): readonly [number, number, number] {
  return [
    pool.uint32(matrix.indptr).pointer,
    pool.uint32(matrix.indices).pointer,
    pool.float32(matrix.weights).pointer,
  ];
}

/** `order`: the positions of `keys` by ascending key, stable; `starts`: [count + 1], where each key begins. */
export function countingSort(keys: Uint32Array, count: number): { order: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(count + 1);
  for (const key of keys) starts[key + 1]!++;
  for (let key = 0; key < count; key++) starts[key + 1]! += starts[key]!;
  const next = starts.slice();
  const order = new Uint32Array(keys.length);
  for (let at = 0; at < keys.length; at++) order[next[keys[at]!]!++] = at;
  return { order, starts };
}
