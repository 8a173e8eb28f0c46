/**
 * The ranker: two logistic heads over standardised candidate features.
 *
 *   P(head) = 1 / (1 + exp(-(bias + sum_g weight[g] (x[g] - mean[g]) / deviation[g])))
 *   score = P(click) + P(booking)
 *
 * K candidates, G features. Both heads are trained by impression, with the position shown as an
 * extra input that serving leaves at its mean (position as a feature, Ling et al. 2017, section 4).
 */
import * as v from "valibot";
import { tensorOf } from "../bundle/tensor-file.ts";
import type { TensorFile } from "../bundle/tensor-file.ts";
import { EngineError } from "../errors.ts";
import { FEATURE_NAMES } from "./features.ts";

/** One head: weights shape [G] on standardised features. */
export interface Head {
  readonly weights: Float32Array;
  readonly bias: number;
}

export interface Ranker {
  /** shape [G]. */
  readonly mean: Float32Array;
  /** shape [G], > 0. */
  readonly deviation: Float32Array;
  readonly click: Head;
  readonly booking: Head;
}

export interface RankedScores {
  /** shape [K] each, 0 to 1. */
  readonly click: Float32Array;
  readonly booking: Float32Array;
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * @param features shape [K, G], row-major
 * No candidates: empty arrays.
 */
export function rank(ranker: Ranker, features: Float32Array): RankedScores {
  const size = ranker.mean.length;
  const count = features.length / size;
  const head = ({ weights, bias }: Head): Float32Array =>
    Float32Array.from({ length: count }, (_, k) => {
      let logit = bias;
      for (let g = 0; g < size; g++) {
        logit += (weights[g]! * (features[k * size + g]! - ranker.mean[g]!)) / ranker.deviation[g]!;
      }
      return sigmoid(logit);
    });
  return { click: head(ranker.click), booking: head(ranker.booking) };
}

const metaSchema = v.strictObject({
  features: v.array(v.string()),
  clickBias: v.pipe(v.number(), v.finite()),
  bookingBias: v.pipe(v.number(), v.finite()),
});

export function rankerToFile(ranker: Ranker): TensorFile {
  const tensor = (data: Float32Array) => ({ dtype: "float32", shape: [data.length], data }) as const;
  return {
    meta: {
      features: FEATURE_NAMES,
      clickBias: ranker.click.bias,
      bookingBias: ranker.booking.bias,
    } satisfies v.InferInput<typeof metaSchema> | { features: readonly string[] },
    tensors: {
      mean: tensor(ranker.mean),
      deviation: tensor(ranker.deviation),
      click: tensor(ranker.click.weights),
      booking: tensor(ranker.booking.weights),
    },
  };
}

/** @throws FILE_FORMAT, also when the ranker was trained on other features than this app computes */
export function rankerFromFile(file: TensorFile): Ranker {
  const meta = v.safeParse(metaSchema, file.meta);
  if (!meta.success || meta.output.features.join() !== FEATURE_NAMES.join()) {
    throw new EngineError("FILE_FORMAT", { file: "ranker", reason: "its features are not those of this app" });
  }
  const read = (name: string): Float32Array => {
    const { data } = tensorOf(file, name, "float32", [FEATURE_NAMES.length]);
    if (data.every(Number.isFinite)) return data;
    throw new EngineError("FILE_FORMAT", { file: "ranker", reason: `${name} has a number that is not finite` });
  };
  const deviation = read("deviation");
  if (!deviation.every((value) => value > 0)) {
    throw new EngineError("FILE_FORMAT", { file: "ranker", reason: "a deviation is not positive" });
  }
  return {
    mean: read("mean"),
    deviation,
    click: { weights: read("click"), bias: meta.output.clickBias },
    booking: { weights: read("booking"), bias: meta.output.bookingBias },
  };
}
