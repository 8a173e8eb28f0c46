import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scorePeople } from "../../../../scripts/evaluate/score-people.ts";
import { foldInModel } from "../../../../scripts/train/factor-model.ts";
import type { TrainedModel } from "../../../../scripts/train/model.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { openPool } from "../train/helpers.ts";
import { historyOf, scoresOf } from "../train/model-data.ts";

const ITEMS = 61;
const DIMENSIONS = 10;
/** More than are folded in at once. */
const PEOPLE = 1100;

const random = seededRandom(1);
const vectors = Float32Array.from({ length: ITEMS * DIMENSIONS }, () => gaussian(random));
const model = foldInModel("folded", { dimensions: DIMENSIONS }, 0, vectors);
const users = Array.from({ length: PEOPLE }, (_, user) => ({
  user,
  history: historyOf([user % ITEMS, (7 * user + 1) % ITEMS], [1, 1 + (user % 3)]),
  targets: new Set<number>(),
}));

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

async function scored(of: Pick<TrainedModel, "score" | "products">): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  await scorePeople(of, users, ITEMS, pool, (scores, person) => {
    expect(person).toBe(all.length);
    all.push(scores.slice());
    // Its own to change.
    scores.fill(NaN);
  });
  return all;
}

describe("the scores of many people", () => {
  it("folded in and multiplied at once are those of one by one", async () => {
    const atOnce = await scored(model);
    expect(atOnce).toHaveLength(PEOPLE);
    atOnce.forEach((scores, person) => {
      const alone = scoresOf(model, users[person]!.history, ITEMS);
      scores.forEach((score, item) => expect(score).toBeCloseTo(alone[item]!, 4));
    });
  });

  it("are the same where a model has no products, and where a person has several vectors", async () => {
    const { products, ...alone } = model;
    const oneByOne = await scored(alone);
    const several = await scored({
      ...model,
      products: {
        ...products!,
        people: async (histories, threads) =>
          (await products!.people(histories, threads)).map(({ vectors: [vector] }) => ({
            vectors: [vector!, vector!.map((value) => 2 * value), vector!.map((value) => -value)],
            scores: ([once, twice, minus]) => once!.map((value, item) => value + twice![item]! + 2 * minus![item]!),
          })),
      },
    });
    several.forEach((scores, person) => {
      scores.forEach((score, item) => expect(score).toBeCloseTo(oneByOne[person]![item]!, 3));
    });
  });
});
