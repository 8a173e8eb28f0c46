/**
 * Trains the ranker's two heads by impression. K impressions, G features.
 *
 * Logistic regression with an L2 penalty, solved by Newton's method (iteratively reweighted least
 * squares): convex, so deterministic. The position shown is an extra input, ln(position), that
 * serving leaves at its mean: the heads learn interest apart from place (Ling et al. 2017, section 4).
 */
import { FEATURE_NAMES } from "../../src/model/ranking/features.ts";
import { sigmoid } from "../../src/model/ranking/ranker.ts";
import type { Head, Ranker } from "../../src/model/ranking/ranker.ts";
import { choleskyFactor, choleskySolve } from "../../src/model/tower/fold-in.ts";

export interface ImpressionTable {
  /** shape [K, G], row-major. */
  readonly features: Float32Array;
  /** shape [K], from 1. */
  readonly position: Uint32Array;
  /** shape [K], 0 or 1. */
  readonly clicked: Uint8Array;
  readonly booked: Uint8Array;
}

/** Strength of the penalty on standardised weights, in impressions. */
const PENALTY = 10;
const MAX_STEPS = 30;
const TOLERANCE = 1e-8;

/** No impressions: null, and retrieval's score decides. */
export function trainRanker({ features, position, clicked, booked }: ImpressionTable): Ranker | null {
  const count = position.length;
  if (count === 0) return null;
  const size = FEATURE_NAMES.length;
  const inputs = size + 1;
  const raw = new Float64Array(count * inputs);
  for (let k = 0; k < count; k++) {
    raw.set(features.subarray(k * size, (k + 1) * size), k * inputs);
    raw[k * inputs + size] = Math.log(position[k]!);
  }
  const { mean, deviation } = standardise(raw, inputs);
  const head = (labels: Uint8Array): Head => {
    const solution = fitLogistic(raw, labels, inputs);
    return { weights: Float32Array.from(solution.subarray(0, size)), bias: Math.fround(solution[inputs]!) };
  };
  return {
    mean: Float32Array.from(mean.subarray(0, size)),
    deviation: Float32Array.from(deviation.subarray(0, size)),
    click: head(clicked),
    booking: head(booked),
  };
}

/** In place: each column to mean 0 and deviation 1; a constant column keeps deviation 1. */
function standardise(table: Float64Array, inputs: number): { mean: Float64Array; deviation: Float64Array } {
  const count = table.length / inputs;
  const mean = new Float64Array(inputs);
  const deviation = new Float64Array(inputs);
  table.forEach((value, at) => (mean[at % inputs]! += value / count));
  table.forEach((value, at) => (deviation[at % inputs]! += (value - mean[at % inputs]!) ** 2 / count));
  for (let g = 0; g < inputs; g++) deviation[g] = deviation[g]! > 1e-12 ? Math.sqrt(deviation[g]!) : 1;
  for (let at = 0; at < table.length; at++) {
    table[at] = (table[at]! - mean[at % inputs]!) / deviation[at % inputs]!;
  }
  return { mean, deviation };
}

/**
 * @param table shape [K, inputs]
 * @returns weights and bias, shape [inputs + 1]
 */
function fitLogistic(table: Float64Array, labels: Uint8Array, inputs: number): Float64Array {
  const count = labels.length;
  const size = inputs + 1;
  const solution = new Float64Array(size);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  // One pseudo-impression of each label keeps the bias finite where a label never occurs.
  solution[inputs] = Math.log((positives + 1) / (count - positives + 1));
  const row = new Float64Array(size).fill(1);
  for (let step = 0; step < MAX_STEPS; step++) {
    const hessian = new Float64Array(size * size);
    const gradient = new Float64Array(size);
    for (let g = 0; g < size; g++) {
      // The bias is hardly penalised.
      const penalty = g === inputs ? 1e-3 : PENALTY;
      hessian[g * size + g] = penalty;
      gradient[g] = penalty * (g === inputs ? 0 : solution[g]!);
    }
    for (let k = 0; k < count; k++) {
      row.set(table.subarray(k * inputs, (k + 1) * inputs));
      let logit = 0;
      for (let g = 0; g < size; g++) logit += solution[g]! * row[g]!;
      const probability = sigmoid(logit);
      const curvature = probability * (1 - probability);
      for (let i = 0; i < size; i++) {
        gradient[i]! += (probability - labels[k]!) * row[i]!;
        for (let j = 0; j <= i; j++) hessian[i * size + j]! += curvature * row[i]! * row[j]!;
      }
    }
    choleskyFactor(hessian, size);
    const change = choleskySolve(hessian, gradient, size);
    for (let g = 0; g < size; g++) solution[g]! -= change[g]!;
    if (change.every((value) => Math.abs(value) < TOLERANCE)) break;
  }
  return solution;
}
