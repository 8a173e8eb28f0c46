/** The scores of person after person: by a kernel where they are made of dot products, otherwise one by one. */
import type { Products, TrainedModel } from "../train/model.ts";
import { evenBounds } from "../train/partition.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import type { EvaluatedUser } from "./protocol.ts";

/** A multiple of 4. What they are multiplied to stays in the memory that the kernel writes: 10 MB for 40,000 items. */
const VECTORS_AT_ONCE = 64;
const PEOPLE_AT_ONCE = 64;
const BLOCK_ITEMS = 1024;
const LABEL = "people measured";

/**
 * @param visit gets the scores of everybody in turn, shape [N]; its own to change until it returns
 * @throws CANCELLED
 */
export async function scorePeople(
  model: Pick<TrainedModel, "score" | "products">,
  users: readonly EvaluatedUser[],
  items: number,
  pool: ThreadPool,
  visit: (scores: Float32Array, person: number) => void,
): Promise<void> {
  if (model.products) return multiplyPeople(model.products, users, items, pool, visit);
  const scores = new Float32Array(items);
  for (let person = 0; person < users.length; person++) {
    model.score(users[person]!.history, scores);
    visit(scores, person);
    if (person % PEOPLE_AT_ONCE > 0) continue;
    pool.progress(person, users.length, LABEL);
    // Lets a Ctrl-C be heard.
    await new Promise(setImmediate);
  }
  pool.progress(users.length, users.length, LABEL);
}

/** As {@link scorePeople}, of models whose scores are made of dot products. */
export function multiplyPeople(
  { dimensions, itemVectors, person }: Products,
  users: readonly EvaluatedUser[],
  items: number,
  pool: ThreadPool,
  visit: (scores: Float32Array, person: number) => void,
): Promise<void> {
  return pool.scope(async () => {
    const width = Math.ceil(items / 8) * 8;
    const kept = pool.float32(itemVectors);
    const vectors = pool.float32(dimensions * VECTORS_AT_ONCE);
    const products = pool.float32(width * VECTORS_AT_ONCE);
    const args = [vectors.pointer, VECTORS_AT_ONCE, kept.pointer, dimensions, products.pointer, width];
    for (let first = 0; first < users.length;) {
      const batch = [person(users[first]!.history)];
      const each = batch[0]!.vectors.length;
      const last = Math.min(users.length, first + Math.floor(VECTORS_AT_ONCE / each));
      while (first + batch.length < last) batch.push(person(users[first + batch.length]!.history));
      batch
        .flatMap((one) => one.vectors)
        .forEach((vector, at) => {
          vector.forEach((value, d) => (vectors.array[d * VECTORS_AT_ONCE + at] = value));
        });
      await pool.run("scorePeople", evenBounds(items, BLOCK_ITEMS), args, 256 * dimensions);
      batch.forEach(({ scores }, at) => {
        const starts = Array.from({ length: each }, (_, k) => (at * each + k) * width);
        visit(scores(starts.map((start) => products.array.subarray(start, start + items))), first + at);
      });
      first = last;
      pool.progress(first, users.length, LABEL);
    }
  });
}
