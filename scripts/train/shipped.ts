/**
 * What `build` writes and the browser runs, up to the score: iALS with its items in int8, the history through the user
 * tower, the int8 scan, and the retrieved items scored again by float32. Slate and rules come after it, and so does the
 * ranker, which learns from impressions.
 */
import { RETRIEVAL, TOWER } from "../../src/model/config.ts";
import { scoreAll } from "../../src/model/retrieval/exact-scan.ts";
import { dequantiseRows, quantiseItems, quantiseQuery, scanInt8 } from "../../src/model/retrieval/quantise.ts";
import { foldInTensor } from "../../src/model/tower/user-tower.ts";
import { ialsEntry, trainIalsModel } from "./ials.ts";
import type { IalsModel, IalsParams } from "./ials.ts";
import type { ModelEntry, TrainedModel, TrainingData } from "./model.ts";
import { itemPopularity } from "./popularity.ts";
import { openBackend } from "./tensor-ops.ts";

/**
 * @param data says whether histories have an order: recency counts where they do, as on the device
 * @throws INTERNAL where tfjs does not run
 */
export async function shippedModel(
  { params, trainCpuSeconds, factors: { dimensions, itemVectors } }: IalsModel,
  data: TrainingData,
): Promise<TrainedModel> {
  await openBackend();
  const items = quantiseItems(itemVectors, dimensions);
  const popularity = itemPopularity(data.matrix);
  const vectors = dequantiseRows(items, [...popularity.keys()]);
  const decay = data.sequences === null ? 1 : TOWER.recencyDecay;
  return {
    name: "shipped",
    params,
    trainCpuSeconds,
    score({ rows, weights }, out) {
      if (rows.length === 0) {
        out.set(popularity);
        return;
      }
      const recent = rows.slice(-TOWER.maxHistory);
      const tensor = foldInTensor(
        dequantiseRows(items, recent),
        weights.slice(-TOWER.maxHistory).map((weight, at) => weight * decay ** (recent.length - 1 - at)),
        new Float32Array(recent.length).fill(1),
        dimensions,
        TOWER.conjugateGradientSteps,
      );
      const user = tensor.dataSync<"float32">();
      tensor.dispose();
      const retrieved = scanInt8(items, quantiseQuery(user, items), RETRIEVAL.personal + rows.length).rows;
      scoreAll(user, vectors, dimensions, out);
      // Nothing else reaches the page by its score: it stands below, in the order of its own.
      const lowest = retrieved.reduce((least, row) => Math.min(least, out[row]!), Infinity);
      const found = new Set(retrieved);
      for (let row = 0; row < out.length; row++) if (!found.has(row)) out[row] = Math.min(out[row]!, lowest);
    },
  };
}

/** Settings are those that validation chooses for iALS: tens of thousands of people take the tower minutes. */
export const shippedEntry: ModelEntry<IalsParams> = {
  defaults: ialsEntry.defaults,
  tried: ialsEntry.tried,
  space: ialsEntry.space,
  chosenAs: "ials",
  train: async (data, params, { pool }) => shippedModel(await trainIalsModel(data.matrix, params, pool), data),
};
