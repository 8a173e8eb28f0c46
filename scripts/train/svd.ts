/**
 * PureSVD (Cremonesi, Koren and Turrin, "Performance of recommender algorithms on top-N recommendation tasks", 2010,
 * section 3.2): the person's row x, projected on the D largest right singular vectors of the users x items matrix, is
 * the scores: x V V'. A person who is new to the model is folded in by the same product.
 */
import { EngineError } from "../../src/model/errors.ts";
import { factorModel, weightedSum } from "./factor-model.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, ScoredHistory, TrainedModel, TrainingData } from "./model.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { truncatedSvd } from "./truncated-svd.ts";

export type SvdParams = {
  readonly dimensions: number;
  /**
   * e: the column of item i is multiplied by |x_i|^(e - 1) before V is found (EigenRec: Nikolakopoulos, Kalantzis,
   * Gallopoulos and Garofalakis 2019, section 3.1, cosine similarity). 1: PureSVD; lower: popular items shape V less.
   */
  readonly popularityExponent: number;
  /** 1: x holds ratings less the person's mean rating, 0 without a rating. 0: x holds the weights. */
  readonly centred: number;
  readonly seed: number;
};

/** @throws DATA_INVALID when `centred` and the data has no values */
export async function trainSvdModel(data: TrainingData, params: SvdParams, pool: ThreadPool): Promise<TrainedModel> {
  const { dimensions, centred } = params;
  const { result, cpuSeconds } = await measureCpu(async () => {
    const matrix = centred ? centredRatings(data) : data.matrix;
    return truncatedSvd(scaledColumns(matrix, params.popularityExponent), params, pool);
  });
  return factorModel("svd", params, cpuSeconds, {
    dimensions,
    itemVectors: result.vectors,
    userVector({ rows, weights, values }: ScoredHistory) {
      return weightedSum(result.vectors, dimensions, rows, centred ? lessMean(values) : weights);
    },
  });
}

function centredRatings({ matrix, values }: TrainingData): InteractionMatrix {
  if (values === null) {
    const reason = "the interactions have no values to centre; choose centred 0 for svd";
    throw new EngineError("DATA_INVALID", { path: "events.csv", reason });
  }
  const weights = new Float32Array(values.length);
  for (let user = 0; user < matrix.users; user++) {
    const [first, last] = [matrix.indptr[user]!, matrix.indptr[user + 1]!];
    weights.set(lessMean(values.subarray(first, last)), first);
  }
  return { ...matrix, weights };
}

/** The values less their mean; 0 for NaN. */
function lessMean(values: Float32Array): Float32Array {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return values.map((value) => (Number.isNaN(value) ? 0 : value - mean));
}

function scaledColumns(matrix: InteractionMatrix, exponent: number): InteractionMatrix {
  if (exponent === 1) return matrix;
  const squares = new Float64Array(matrix.items);
  matrix.indices.forEach((item, at) => (squares[item]! += matrix.weights[at]! ** 2));
  const scales = squares.map((square) => (square > 0 ? square ** ((exponent - 1) / 2) : 0));
  return { ...matrix, weights: matrix.weights.map((weight, at) => weight * scales[matrix.indices[at]!]!) };
}

export const svdEntry: ModelEntry<SvdParams> = {
  defaults: { dimensions: 64, popularityExponent: 1, centred: 0, seed: 1 },
  tried: { dimensions: [16, 32, 64, 128] },
  space: {
    dimensions: { values: [8, 16, 24, 32, 48, 64, 96, 128, 192, 256] },
    popularityExponent: { values: [0, 0.2, 0.4, 0.6, 0.8, 1] },
  },
  train: (data, params, { pool }) => trainSvdModel(data, params, pool),
};
