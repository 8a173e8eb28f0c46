import { EngineError } from "../../src/model/errors.ts";
import { measureCpu } from "../train/model.ts";
import type { Params } from "../train/model.ts";
import { trainModel } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { meanNdcg } from "./evaluate.ts";
import type { Fold } from "./protocol.ts";
import type { Trial } from "./trial-file.ts";

/** One setting, fitted and measured. @throws CANCELLED */
export async function tryOut(
  model: ModelName,
  params: Params,
  fold: Fold,
  pool: ThreadPool,
): Promise<Omit<Trial, "model" | "rung">> {
  const { result, cpuSeconds } = await measureCpu(async () => {
    try {
      return await trainModel(model, params, fold.data, { pool });
    } catch (error) {
      // What models say of settings with which they do not converge.
      if (error instanceof EngineError && error.code === "INTERNAL") return String(error.details["reason"]);
      throw error;
    }
  });
  if (typeof result === "string") return { params, ndcgAt100: null, failure: result, trainCpuSeconds: cpuSeconds };
  const ndcgAt100 = await meanNdcg(result, fold, pool);
  return { params, ndcgAt100, failure: null, trainCpuSeconds: result.trainCpuSeconds };
}
