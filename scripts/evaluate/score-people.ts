/** The scores of person after person: by a kernel where they are dot products, otherwise one by one. */
import type { Factors, TrainedModel } from "../train/model.ts";
import { evenBounds } from "../train/partition.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import type { EvaluatedUser } from "./protocol.ts";

/** A multiple of 4. Their scores stay in the memory that the kernel writes: 10 MB for 40,000 items. */
const PEOPLE_AT_ONCE = 64;
const BLOCK_ITEMS = 1024;
const LABEL = "people measured";

/**
 * @param visit gets the scores of everybody in turn, shape [N]; its own to change until it returns
 * @throws CANCELLED
 */
export async function scorePeople(
  model: TrainedModel,
  users: readonly EvaluatedUser[],
  items: number,
  pool: ThreadPool,
  visit: (scores: Float32Array, person: number) => void,
): Promise<void> {
  if (model.factors) return scoreByKernel(model.factors, users, items, pool, visit);
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

function scoreByKernel(
  { dimensions, itemVectors, userVector }: Factors,
  users: readonly EvaluatedUser[],
  items: number,
  pool: ThreadPool,
  visit: (scores: Float32Array, person: number) => void,
): Promise<void> {
  return pool.scope(async () => {
    const width = Math.ceil(items / 8) * 8;
    const vectors = pool.float32(itemVectors);
    const people = pool.float32(dimensions * PEOPLE_AT_ONCE);
    const scores = pool.float32(width * PEOPLE_AT_ONCE);
    const args = [people.pointer, PEOPLE_AT_ONCE, vectors.pointer, dimensions, scores.pointer, width];
    for (let first = 0; first < users.length; first += PEOPLE_AT_ONCE) {
      const batch = users.slice(first, first + PEOPLE_AT_ONCE);
      batch.forEach(({ history }, at) => {
        userVector(history).forEach((value, d) => (people.array[d * PEOPLE_AT_ONCE + at] = value));
      });
      await pool.run("scorePeople", evenBounds(items, BLOCK_ITEMS), args, 256 * dimensions);
      batch.forEach((_, at) => visit(scores.array.subarray(at * width, at * width + items), first + at));
      pool.progress(first + batch.length, users.length, LABEL);
    }
  });
}
