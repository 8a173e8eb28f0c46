/** What the tests of training share: compiled kernels, small matrices, and naive float64 twins. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildInteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import type { ThreadPoolOptions } from "../../../../scripts/train/thread-pool.ts";

export async function openPool(options: ThreadPoolOptions): Promise<ThreadPool> {
  execFileSync(process.execPath, [fileURLToPath(new URL("../../../../scripts/kernels.mjs", import.meta.url))]);
  return ThreadPool.open(options);
}

/** Weighted interactions of a given density; the rows of `silentUsers` and `silentItems` stay empty. */
export function randomMatrix(
  users: number,
  items: number,
  density: number,
  seed: number,
  silentUsers: readonly number[] = [],
  silentItems: readonly number[] = [],
): InteractionMatrix {
  const random = seededRandom(seed);
  const triplets: [number, number, number][] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      const present = random() < density && !silentUsers.includes(user) && !silentItems.includes(item);
      if (present) triplets.push([user, item, 0.5 + random()]);
    }
  }
  return buildInteractionMatrix({
    users,
    items,
    userRows: Uint32Array.from(triplets, ([user]) => user),
    itemRows: Uint32Array.from(triplets, ([, item]) => item),
    weights: Float32Array.from(triplets, ([, , weight]) => weight),
  });
}

/** The matrix as rows of numbers, 0 where there is no interaction. */
export function dense(matrix: InteractionMatrix): number[][] {
  return Array.from({ length: matrix.users }, (_, user) => {
    const row = Array.from({ length: matrix.items }, () => 0);
    for (let at = matrix.indptr[user]!; at < matrix.indptr[user + 1]!; at++) {
      row[matrix.indices[at]!] = matrix.weights[at]!;
    }
    return row;
  });
}

/** The inverse by Gauss and Jordan with pivoting. */
export function naiveInverse(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column; i < size; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const scale = rows[column]![column]!;
    rows[column] = rows[column]!.map((value) => value / scale);
    for (let i = 0; i < size; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * rows[column]![j]!);
    }
  }
  return rows.map((row) => row.slice(size));
}

/** The largest absolute difference. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let most = 0;
  for (let at = 0; at < a.length; at++) most = Math.max(most, Math.abs(a[at]! - b[at]!));
  return most;
}
