/** The scores of person after person: by a kernel where they are made of dot products, otherwise one by one. */
import type { Products, TrainedModel } from "../train/model.ts";
import { evenBounds } from "../train/partition.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import type { EvaluatedUser } from "./protocol.ts";

/** A multiple of 4. What they are multiplied to stays in the memory that the kernel writes: 10 MB for 40,000 items. */
const VECTORS_AT_ONCE = 64;
const FOLDED_AT_ONCE = 1024;
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
export async function multiplyPeople(
  { dimensions, itemVectors, people }: Products,
  users: readonly EvaluatedUser[],
  items: number,
  pool: ThreadPool,
  visit: (scores: Float32Array, person: number) => void,
): Promise<void> {
  const width = Math.ceil(items / 8) * 8;
  for (let first = 0; first < users.length; first += FOLDED_AT_ONCE) {
    const histories = users.slice(first, first + FOLDED_AT_ONCE).map(({ history }) => history);
    const folded = await people(histories, pool);
    const each = folded[0]!.vectors.length;
    const batchSize = Math.floor(VECTORS_AT_ONCE / each);
    await pool.scope(async () => {
      const kept = pool.float32(itemVectors);
      const vectors = pool.float32(dimensions * VECTORS_AT_ONCE);
      const products = pool.float32(width * VECTORS_AT_ONCE);
      const args = [vectors.pointer, VECTORS_AT_ONCE, kept.pointer, dimensions, products.pointer, width];
      for (let start = 0; start < folded.length; start += batchSize) {
        const batch = folded.slice(start, start + batchSize);
        const columns = batch.flatMap((person) => person.vectors);
        columns.forEach((vector, at) => {
          for (let d = 0; d < dimensions; d++) vectors.array[d * VECTORS_AT_ONCE + at] = vector[d]!;
        });
        await pool.run("scorePeople", evenBounds(items, BLOCK_ITEMS), args, 256 * dimensions);
        batch.forEach(({ scores }, at) => {
          const rows = Array.from({ length: each }, (_, k) => (at * each + k) * width);
          visit(scores(rows.map((row) => products.array.subarray(row, row + items))), first + start + at);
        });
        pool.progress(first + start + batch.length, users.length, LABEL);
      }
    });
  }
}
