/** iALS as it ships: the whitened items through int8 and back, folded in and scored by the same code. */
import { quantiseItems, dequantiseRows } from "../../src/model/retrieval/quantise.ts";
import { scoreAll } from "../../src/model/retrieval/exact-scan.ts";
import { foldInExact } from "../../src/model/tower/fold-in.ts";
import type { IalsModel } from "../train/ials.ts";
import type { TrainedModel } from "../train/model.ts";

export function quantisedModel(model: IalsModel): TrainedModel {
  const { dimensions } = model;
  const items = quantiseItems(model.itemVectors, dimensions);
  const vectors = dequantiseRows(
    items,
    Array.from({ length: items.count }, (_, row) => row),
  );
  return {
    name: "ials-int8",
    params: model.params,
    trainCpuSeconds: model.trainCpuSeconds,
    score({ rows, weights }, out) {
      const targets = new Float32Array(rows.length).fill(1);
      const user = foldInExact(dequantiseRows(items, rows), weights, targets, dimensions);
      scoreAll(user, vectors, dimensions, out);
    },
  };
}
