/** How a model gets better with the epochs of its training, on people whose targets it does not learn from. */
import { areaUnderCurve, ndcgAt } from "../../src/model/metrics/ranking-metrics.ts";
import { meanAndError } from "../../src/model/metrics/statistics.ts";
import type { Params } from "../train/model.ts";
import { modelEntry, trainModel } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { forEachList } from "./evaluate.ts";
import type { Fold } from "./protocol.ts";

export interface LearningCurve {
  readonly name: string;
  /** After each epoch, in order, from epoch 1 on. */
  readonly points: readonly { readonly epoch: number; readonly ndcgAt100: number; readonly auc: number }[];
  /** The first epoch whose AUC reaches 95 % of the best AUC; null: no epochs. */
  readonly epochAt95: number | null;
}

const NEARLY_BEST = 0.95;

/**
 * One fit on the fold, measured on the fold's people after every epoch. The fold is that of validation: how long to
 * train is a setting too. Null for a model that tells of no epoch; one that has no `epochs`, or those of another model, is not even fitted.
 * @param params those left out take the model's defaults
 * @throws CANCELLED, or as the model's own training
 */
export async function measureLearningCurve(
  name: ModelName,
  params: Params,
  fold: Fold,
  pool: ThreadPool,
): Promise<LearningCurve | null> {
  const { defaults, space } = modelEntry(name);
  if (defaults["epochs"] === undefined || space["epochs"] === undefined) return null;
  const points: LearningCurve["points"][number][] = [];
  await trainModel(name, params, fold.data, {
    pool,
    onEpoch: async (epoch, _, model) => {
      const ndcg: number[] = [];
      const auc: number[] = [];
      await forEachList(model, fold, pool, (list, targets, scores) => {
        ndcg.push(ndcgAt(list, targets, 100));
        auc.push(areaUnderCurve(scores, targets));
      });
      points.push({ epoch, ndcgAt100: meanAndError(ndcg).mean, auc: meanAndError(auc).mean });
    },
  });
  return points.length === 0 ? null : { name, points, epochAt95: epochAt95(points) };
}

/** By the AUC itself, not by what it has above the .5 of chance. Null without points. */
export function epochAt95(points: LearningCurve["points"]): number | null {
  const best = Math.max(...points.map(({ auc }) => auc));
  return points.find(({ auc }) => auc >= NEARLY_BEST * best)?.epoch ?? null;
}
