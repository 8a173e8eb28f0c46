/** The models by name: the one list that every command goes by. */
import { contentEntry } from "./content.ts";
import { easeEntry } from "./ease.ts";
import { bprEntry, logisticEntry, warpEntry } from "./factorisation-models.ts";
import { ialsEntry } from "./ials.ts";
import { itemKnnEntry } from "./item-knn.ts";
import { itemTowerEntry } from "./item-tower.ts";
import { lowRankEaseEntry } from "./low-rank-ease.ts";
import type { ModelEntry, Params, TrainedModel, Training, TrainingData } from "./model.ts";
import { popularityEntry } from "./popularity.ts";
import { shippedDotEntry, shippedEntry, shippedFloat32Entry } from "./shipped.ts";
import { svdEntry } from "./svd.ts";
import { transitionKnnEntry } from "./transition-knn.ts";
import { twoTowerEntry } from "./two-tower.ts";
import { userKnnEntry } from "./user-knn.ts";
import { weightedRatingEntry } from "./weighted-rating.ts";

const MODELS = {
  popularity: popularityEntry,
  "weighted-rating": weightedRatingEntry,
  content: contentEntry,
  "item-knn": itemKnnEntry,
  "user-knn": userKnnEntry,
  "transition-knn": transitionKnnEntry,
  svd: svdEntry,
  logistic: logisticEntry,
  bpr: bprEntry,
  warp: warpEntry,
  ials: ialsEntry,
  ease: easeEntry,
  "low-rank-ease": lowRankEaseEntry,
  "two-tower": twoTowerEntry,
  "item-tower": itemTowerEntry,
  shipped: shippedEntry,
  "shipped-float32": shippedFloat32Entry,
  "shipped-dot": shippedDotEntry,
} as const;

export type ModelName = keyof typeof MODELS;
export const MODEL_NAMES = Object.keys(MODELS) as readonly ModelName[];

/** Which parameters a model has is its own affair: here they are numbers by name. */
export const modelEntry = (name: ModelName): ModelEntry => MODELS[name] as unknown as ModelEntry;

/** Why the model cannot be fitted on the data; null: it can. */
export function refusalOf(name: ModelName, data: TrainingData): string | null {
  return modelEntry(name).refusal?.(data) ?? null;
}

/** @param params those left out take the model's defaults @throws as the model's own training */
export function trainModel(
  name: ModelName,
  params: Params,
  data: TrainingData,
  training: Training,
): Promise<TrainedModel> {
  const { defaults, train } = modelEntry(name);
  return train(data, { ...defaults, ...params }, training);
}
