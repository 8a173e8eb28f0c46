import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { evaluateModel } from "../../../../scripts/evaluate/evaluate.ts";
import { epochAt95, measureLearningCurve } from "../../../../scripts/evaluate/learning-curve.ts";
import type { TrainedModel } from "../../../../scripts/train/model.ts";
import { trainModel } from "../../../../scripts/train/models.ts";
import type { ModelName } from "../../../../scripts/train/models.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { openPool } from "../train/helpers.ts";
import { dataOf } from "../train/model-data.ts";
import { foldOf } from "./helpers.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

/** Two tastes of six items each. */
const fold = foldOf(
  12,
  Array.from({ length: 24 }, (_, user) =>
    [0, 1, 2, 3, 4, 5].filter((k) => (user >> 1) % 6 !== k).map((k) => 2 * k + (user % 2)),
  ),
  [
    { history: [0, 2], targets: [4, 6] },
    { history: [1, 3, 5], targets: [7, 0] },
  ],
);

describe.each<ModelName>(["ials", "bpr", "warp", "logistic"])("the learning curve of %s", (name) => {
  const params = { dimensions: 4, epochs: 5 };

  it("is what the models of its epochs measure", async () => {
    const models: TrainedModel[] = [];
    const onEpoch = (_epoch: number, _epochs: number, model: TrainedModel): void => void models.push(model);
    const last = await trainModel(name, params, fold.data, { pool, onEpoch });
    const rows = [];
    for (const model of models) rows.push((await evaluateModel(model, fold, pool)).row);
    const curve = await measureLearningCurve(name, params, fold, pool);
    expect(curve).toEqual({
      name,
      points: rows.map(({ ndcgAt100, auc }, at) => ({ epoch: at + 1, ndcgAt100, auc })),
      epochAt95: expect.any(Number),
    });
    expect(curve!.points).toHaveLength(5);
    // To measure on the way changes nothing of the training.
    const { row } = await evaluateModel(last, fold, pool);
    expect(curve!.points[4]).toEqual({ epoch: 5, ndcgAt100: row.ndcgAt100, auc: row.auc });
  });
});

it.each<ModelName>(["ials", "bpr", "two-tower"])(
  "is possible because %s waits until an epoch was told",
  async (name) => {
    const told: string[] = [];
    const onEpoch = async (epoch: number): Promise<void> => {
      told.push(`${epoch} begins`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      told.push(`${epoch} ends`);
    };
    await trainModel(name, { dimensions: 4, epochs: 2 }, dataOf(fold.data.matrix), { pool, onEpoch });
    expect(told).toEqual(["1 begins", "1 ends", "2 begins", "2 ends"]);
  },
);

it("is null for a model without epochs, which is not fitted", async () => {
  expect(await measureLearningCurve("popularity", {}, fold, pool)).toBeNull();
  const closed = await openPool({ threads: 1 });
  await closed.close();
  expect(await measureLearningCurve("ease", {}, fold, closed)).toBeNull();
});

it("is null without an epoch", async () => {
  expect(await measureLearningCurve("ials", { epochs: 0 }, fold, pool)).toBeNull();
});

test.each([
  // 95 % of .8 is .76.
  [[0.5, 0.75, 0.77, 0.8, 0.79], 3],
  [[0.8, 0.5, 0.6], 1],
  // Above chance it has next to nothing, but of the AUC itself 98 %.
  [[0.501, 0.51], 1],
  [[0.2, 0.2], 1],
  [[NaN], null],
  [[], null],
])("of the AUCs %j, nearly the best comes after epoch %j", (aucs, epoch) => {
  const points = aucs.map((auc, at) => ({ epoch: at + 1, ndcgAt100: 0, auc }));
  expect(epochAt95(points)).toBe(epoch);
});
