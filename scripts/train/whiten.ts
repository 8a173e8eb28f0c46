/**
 * Whitening: item factors v become z = Q C^-1 v, with C C' = alpha0 V'V + lambda alpha0 N I and Q a rotation.
 *
 * The fold-in of iALS without its term lambda w_u, u = (alpha0 V'V + lambda alpha0 N I + V_u'WV_u)^-1 V_u'w, is then
 * x = (I + Z_u'WZ_u)^-1 Z_u'w, and z.x = v.u for every item: a bundle needs no matrix beside the items. Q changes
 * no score; it spreads the variance over the dimensions, so that one scale per row or per dimension quantises well.
 */
import { choleskyFactor } from "../../src/model/tower/fold-in.ts";
import { gaussian, seededRandom } from "./random.ts";

export interface WhitenParams {
  readonly dimensions: number;
  readonly lambda: number;
  readonly alpha0: number;
  /** Of the rotation. */
  readonly seed: number;
}

/**
 * @param itemFactors shape [N, D], row-major; no items: an empty array
 * @returns shape [N, D], float32, computed in float64
 */
export function whiten(itemFactors: Float32Array, { dimensions, lambda, alpha0, seed }: WhitenParams): Float32Array {
  const items = itemFactors.length / dimensions;
  const factor = new Float64Array(dimensions * dimensions);
  for (let item = 0; item < items; item++) {
    const v = itemFactors.subarray(item * dimensions, (item + 1) * dimensions);
    for (let i = 0; i < dimensions; i++) {
      for (let j = 0; j <= i; j++) factor[i * dimensions + j]! += alpha0 * v[i]! * v[j]!;
    }
  }
  for (let d = 0; d < dimensions; d++) factor[d * dimensions + d]! += lambda * alpha0 * items;
  choleskyFactor(factor, dimensions);
  const transform = multiply(rotation(dimensions, seed), invertLower(factor, dimensions), dimensions);
  const whitened = new Float32Array(itemFactors.length);
  for (let item = 0; item < items; item++) {
    const v = itemFactors.subarray(item * dimensions, (item + 1) * dimensions);
    for (let i = 0; i < dimensions; i++) {
      let sum = 0;
      for (let j = 0; j < dimensions; j++) sum += transform[i * dimensions + j]! * v[j]!;
      whitened[item * dimensions + i] = sum;
    }
  }
  return whitened;
}

/** The inverse of a lower triangular matrix [D, D]; what lies above the diagonal is not read. */
function invertLower(lower: Float64Array, dimensions: number): Float64Array {
  const inverse = new Float64Array(dimensions * dimensions);
  for (let column = 0; column < dimensions; column++) {
    for (let i = column; i < dimensions; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= lower[i * dimensions + k]! * inverse[k * dimensions + column]!;
      inverse[i * dimensions + column] = sum / lower[i * dimensions + i]!;
    }
  }
  return inverse;
}

/** A random orthogonal matrix [D, D]: normal rows made orthonormal (Gram-Schmidt, modified). */
function rotation(dimensions: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const matrix = Float64Array.from({ length: dimensions * dimensions }, () => gaussian(random));
  for (let i = 0; i < dimensions; i++) {
    const row = matrix.subarray(i * dimensions, (i + 1) * dimensions);
    for (let k = 0; k < i; k++) {
      const earlier = matrix.subarray(k * dimensions, (k + 1) * dimensions);
      const dot = row.reduce((sum, value, d) => sum + value * earlier[d]!, 0);
      for (let d = 0; d < dimensions; d++) row[d]! -= dot * earlier[d]!;
    }
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let d = 0; d < dimensions; d++) row[d]! /= norm;
  }
  return matrix;
}

function multiply(a: Float64Array, b: Float64Array, dimensions: number): Float64Array {
  const product = new Float64Array(dimensions * dimensions);
  for (let i = 0; i < dimensions; i++) {
    for (let k = 0; k < dimensions; k++) {
      const value = a[i * dimensions + k]!;
      for (let j = 0; j < dimensions; j++) product[i * dimensions + j]! += value * b[k * dimensions + j]!;
    }
  }
  return product;
}
