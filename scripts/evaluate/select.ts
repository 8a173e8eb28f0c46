/** Chooses a model's settings on validation and fits it for the test. */
import type { Reporter } from "../output.ts";
import type { Params, TrainedModel } from "../train/model.ts";
import { modelEntry, paramGrid, trainModel } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { meanNdcg } from "./evaluate.ts";
import type { Protocol } from "./protocol.ts";

/** What was chosen before: models may share their settings. */
const chosen = new WeakMap<Protocol, Map<ModelName, Params>>();

/** The params of the best NDCG@100 on validation; the first of equals. One choice: no fit. */
export async function selectParams(
  name: ModelName,
  protocol: Protocol,
  pool: ThreadPool,
  reporter: Reporter,
): Promise<Params> {
  const chosenAs = modelEntry(name).chosenAs as ModelName | undefined;
  if (chosenAs !== undefined) return selectParams(chosenAs, protocol, pool, reporter);
  const before = chosen.get(protocol) ?? new Map<ModelName, Params>();
  chosen.set(protocol, before);
  if (before.has(name)) return before.get(name)!;
  const grid = paramGrid(name);
  let best = { params: grid[0]!, ndcg: -Infinity };
  if (grid.length === 1) return best.params;
  for (const [at, params] of grid.entries()) {
    const model = await trainModel(name, params, protocol.validation.data, { pool });
    const ndcg = await meanNdcg(model, protocol.validation, pool);
    if (ndcg > best.ndcg) best = { params, ndcg };
    reporter.progress(`${name}: settings tried on validation`, at + 1, grid.length);
  }
  before.set(name, best.params);
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
  return trainModel(name, params, protocol.test.data, { pool });
}
