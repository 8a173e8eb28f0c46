/** Chooses a model's settings on validation and fits it for the test. */
import type { Reporter } from "../output.ts";
import type { Params, TrainedModel } from "../train/model.ts";
import { paramGrid, trainModel } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { evaluateModel } from "./evaluate.ts";
import type { Protocol } from "./protocol.ts";

/** The params of the best NDCG@100 on validation; the first of equals. One choice: no fit. */
export async function selectParams(
  name: ModelName,
  protocol: Protocol,
  pool: ThreadPool,
  reporter: Reporter,
): Promise<Params> {
  const grid = paramGrid(name);
  let best = { params: grid[0]!, ndcg: -Infinity };
  if (grid.length === 1) return best.params;
  for (const [at, params] of grid.entries()) {
    const model = await trainModel(name, params, protocol.validation.matrix, pool);
    const { ndcgAt100 } = evaluateModel(model, protocol.validation, () => {});
    if (ndcgAt100 > best.ndcg) best = { params, ndcg: ndcgAt100 };
    reporter.progress(`${name}: settings tried on validation`, at + 1, grid.length);
  }
  return best.params;
}

/** Settings by validation, then the fit that the test measures. */
export async function fitForTest(
  name: ModelName,
  protocol: Protocol,
  pool: ThreadPool,
  reporter: Reporter,
): Promise<TrainedModel> {
  const params = await selectParams(name, protocol, pool, reporter);
  return trainModel(name, params, protocol.test.matrix, pool);
}
