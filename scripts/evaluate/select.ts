/** Chooses a model's settings on validation and fits it for the test. */
import type { Reporter } from "../output.ts";
import type { Params, TrainedModel } from "../train/model.ts";
import { modelEntry, trainModel } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { searchGrid } from "./grid-search.ts";
import type { Protocol } from "./protocol.ts";
import { tryOut } from "./try-out.ts";

/** What was chosen before: models may share their settings. */
const chosen = new WeakMap<Protocol, Map<ModelName, Params>>();

/**
 * The params of the best NDCG@100 on validation; settings that do not converge are passed over. One choice: no fit.
 * @throws CANCELLED
 */
export async function selectParams(
  name: ModelName,
  protocol: Protocol,
  pool: ThreadPool,
  reporter: Reporter,
): Promise<Params> {
  const entry = modelEntry(name);
  const chosenAs = entry.chosenAs as ModelName | undefined;
  if (chosenAs !== undefined) return selectParams(chosenAs, protocol, pool, reporter);
  const before = chosen.get(protocol) ?? new Map<ModelName, Params>();
  chosen.set(protocol, before);
  if (before.has(name)) return before.get(name)!;
  const best = await searchGrid(entry, async (params, done, total) => {
    const { ndcgAt100 } = await tryOut(name, params, protocol.validation, pool);
    reporter.progress(`${name}: settings tried on validation`, done + 1, total);
    return ndcgAt100;
  });
  before.set(name, best);
  return best;
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
