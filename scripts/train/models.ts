/** The models by name, and the hyper-parameters among which validation chooses. */
import { ITEMS } from "../../src/model/config.ts";
import { trainEaseModel } from "./ease.ts";
import type { EaseParams } from "./ease.ts";
import { trainIalsModel } from "./ials.ts";
import type { IalsParams } from "./ials.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { trainItemKnnModel } from "./item-knn.ts";
import type { ItemKnnParams } from "./item-knn.ts";
import type { Params, TrainedModel } from "./model.ts";
import { trainPopularityModel } from "./popularity.ts";
import type { ThreadPool } from "./thread-pool.ts";

export const MODEL_NAMES = ["popularity", "item-knn", "ials", "ease"] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

interface ModelEntry<P> {
  readonly defaults: P;
  /** The values that are tried, by parameter; the grid is their product. */
  readonly tried: { readonly [K in keyof P]?: readonly P[K][] };
  readonly train: (matrix: InteractionMatrix, params: P, pool: ThreadPool) => Promise<TrainedModel>;
}

/**
 * The grids are coarse, even on a logarithmic scale, and wider than what one data set needs: validation
 * chooses. All of them together take about a CPU minute and a half on MovieLens 1M.
 */
const MODELS: {
  readonly popularity: ModelEntry<Record<never, number>>;
  readonly "item-knn": ModelEntry<ItemKnnParams>;
  readonly ials: ModelEntry<IalsParams>;
  readonly ease: ModelEntry<EaseParams>;
} = {
  popularity: { defaults: {}, tried: {}, train: trainPopularityModel },
  "item-knn": {
    defaults: { neighbours: 100, shrinkage: 0 },
    tried: { neighbours: [50, 100, 200], shrinkage: [0, 20] },
    train: trainItemKnnModel,
  },
  ials: {
    defaults: { dimensions: ITEMS.dimensions, epochs: 10, lambda: 0.003, alpha0: 0.3, seed: 1 },
    tried: { lambda: [0.001, 0.003, 0.01], alpha0: [0.1, 0.3, 0.6] },
    train: trainIalsModel,
  },
  ease: { defaults: { lambda: 400 }, tried: { lambda: [100, 200, 400, 800] }, train: trainEaseModel },
};

/** Every combination of the values that are tried; never empty. */
export function paramGrid(name: ModelName): Params[] {
  const { defaults, tried } = MODELS[name];
  let grid: Params[] = [{ ...defaults }];
  for (const [param, values] of Object.entries<readonly number[]>(tried)) {
    grid = grid.flatMap((params) => values.map((value) => ({ ...params, [param]: value })));
  }
  return grid;
}

/** @param params those left out take the model's defaults @throws as the model's own training */
export function trainModel(
  name: ModelName,
  params: Params,
  matrix: InteractionMatrix,
  pool: ThreadPool,
): Promise<TrainedModel> {
  const model = MODELS[name] as ModelEntry<Params>;
  return model.train(matrix, { ...model.defaults, ...params }, pool);
}
