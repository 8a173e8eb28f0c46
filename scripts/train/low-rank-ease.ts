/**
 * Low-rank EASE: a linear autoencoder in closed form whose memory grows with the items, not with their square.
 *
 * X [M, N] the interactions, G = X'X = V diag(s^2) V' + a rest, V [N, D] the D largest eigenvectors, lambda the ridge.
 * EASE^R (Steck 2019, eq. 8) is B = I - P dg(1 / P_jj), P = (G + lambda I)^-1. Its scores, projected on the
 * eigenvectors that carry most of X (a low-rank linear autoencoder: Jin, Li, Gao, Liu, Ding, Zhou and Gao, "Towards a
 * better understanding of linear models for recommendation", 2021, section 3; Steck, "Autoencoders that don't overfit
 * towards the identity", 2020, section 3.3), are those of two tables of vectors:
 *
 *   u = sum over the history w_i U_i,  score_j = u . V_j,  U = B V = V - P Y,  Y = dg(1 / P_jj) V
 *
 * - P Y is solved, not inverted: conjugate gradients on all D columns at once. They start from the solution in the span
 *   of V, so that only eigenvalues below s_D^2 are left to them: a dozen steps.
 * - P_jj is that of G with the rest replaced by its diagonal (as in factor analysis): with d_j = lambda + rest_jj and
 *   z_j = V_j diag(s) / sqrt(d_j), P_jj = (1 - z_j'(I + Z'Z)^-1 z_j) / d_j by Woodbury's identity.
 *
 * On the validation of MovieLens 1M, split strong, neither the projection nor the diagonal costs anything against the
 * best rank-D factors of B, which need the N x N matrix: NDCG@100 .4671 here, .4680 with the exact P_jj and .4664 with
 * the best factors at D = 64; .4761, .4751 and .4778 at D = 256 (standard error .007).
 */
import { EngineError } from "../../src/model/errors.ts";
import { factorModel, weightedSum } from "./factor-model.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, TrainedModel } from "./model.ts";
import type { Shared, ThreadPool } from "./thread-pool.ts";
import {
  denseRows,
  gramian,
  invertedCholesky,
  multiply,
  shareBothWays,
  transform,
  transposed,
  truncatedSvd,
} from "./truncated-svd.ts";
import type { TruncatedSvd } from "./truncated-svd.ts";

export type LowRankEaseParams = {
  readonly dimensions: number;
  /** > 0 */
  readonly lambda: number;
  readonly seed: number;
};

/** V and U, both of shape [N, D], row-major, float32. */
export interface LowRankEase {
  readonly itemVectors: Float32Array;
  readonly historyVectors: Float32Array;
}

/** Of every column, in its right-hand side: the steps end there. */
const RESIDUAL = 1e-3;
const MAX_STEPS = 100;

/** @throws CANCELLED; INTERNAL when lambda is so small that the solution is not finite */
export async function trainLowRankEase(
  matrix: InteractionMatrix,
  params: LowRankEaseParams,
  pool: ThreadPool,
): Promise<LowRankEase> {
  const { dimensions, lambda } = params;
  const { items } = matrix;
  const svd = await truncatedSvd(matrix, params, pool);
  return pool.scope(async () => {
    const size = Math.ceil(dimensions / 16) * 16;
    /** V scaled row by row and column by column, padded to [N, S]. */
    const scaled = (rowScale: (item: number) => number, columnScale: (d: number) => number): Shared<Float32Array> => {
      const rows = denseRows(items, size, pool);
      const scales = Float64Array.from({ length: dimensions }, (_, d) => columnScale(d));
      for (let item = 0; item < items; item++) {
        const scale = rowScale(item);
        for (let d = 0; d < dimensions; d++) {
          rows.array[item * size + d] = svd.vectors[item * dimensions + d]! * scale * scales[d]!;
        }
      }
      return rows;
    };
    const one = (): number => 1;
    const diagonal = await inverseDiagonal(matrix, svd, params, size, scaled, pool);
    const rightHandSide = scaled((item) => 1 / diagonal[item]!, one);
    // In the span of V the solution is V diag(1 / (s^2 + lambda)) V'Y, and V'Y = V' dg(1 / P_jj) V.
    const inSpan = await pool.scope(() =>
      gramian(
        scaled((item) => 1 / Math.sqrt(diagonal[item]!), one),
        items,
        size,
        pool,
      ),
    );
    const solution = scaled(one, (d) => 1 / (svd.values[d]! ** 2 + lambda));
    await transform(solution, items, inSpan, size, pool);
    await conjugateGradients(matrix, lambda, rightHandSide, solution, size, pool);
    const historyVectors = svd.vectors.map((value, at) => {
      return value - solution.array[Math.floor(at / dimensions) * size + (at % dimensions)]!;
    });
    if (!historyVectors.every(Number.isFinite)) {
      throw new EngineError("INTERNAL", { reason: "low-rank EASE needs a larger lambda" });
    }
    return { itemVectors: svd.vectors, historyVectors };
  });
}

/** P_jj, shape [N], > 0. */
async function inverseDiagonal(
  matrix: InteractionMatrix,
  { values, vectors }: TruncatedSvd,
  { dimensions, lambda }: LowRankEaseParams,
  size: number,
  scaled: (rowScale: (item: number) => number, columnScale: (d: number) => number) => Shared<Float32Array>,
  pool: ThreadPool,
): Promise<Float64Array> {
  const { items } = matrix;
  const rest = new Float64Array(items);
  matrix.indices.forEach((item, at) => (rest[item]! += matrix.weights[at]! ** 2));
  for (let item = 0; item < items; item++) {
    for (let d = 0; d < dimensions; d++) rest[item]! -= (values[d]! * vectors[item * dimensions + d]!) ** 2;
  }
  // Below zero by rounding only.
  const ridge = rest.map((value) => lambda + Math.max(0, value));
  return pool.scope(async () => {
    const z = scaled(
      (item) => 1 / Math.sqrt(ridge[item]!),
      (d) => values[d]!,
    );
    const inner = await gramian(z, items, size, pool);
    for (let d = 0; d < size; d++) inner[d * size + d]! += 1;
    await transform(z, items, transposed(invertedCholesky(inner, size, 0), size), size, pool);
    return ridge.map((value, item) => {
      const row = z.array.subarray(item * size, (item + 1) * size);
      return (1 - row.reduce((sum, entry) => sum + entry * entry, 0)) / value;
    });
  });
}

/**
 * (X'X + lambda I) solution = right-hand side, column by column, all [N, S], from the solution given (Hestenes and
 * Stiefel 1952). The right-hand side is overwritten.
 * @param residual steps end when every column's is this part of its right-hand side
 */
export async function conjugateGradients(
  matrix: InteractionMatrix,
  lambda: number,
  rightHandSide: Shared<Float32Array>,
  solution: Shared<Float32Array>,
  size: number,
  pool: ThreadPool,
  residual = RESIDUAL,
): Promise<void> {
  const length = matrix.items * size;
  const sparse = shareBothWays(matrix, pool);
  const rows = denseRows(matrix.users, size, pool);
  const product = denseRows(matrix.items, size, pool);
  const direction = denseRows(matrix.items, size, pool);
  const [x, r, p, ap] = [solution.array, rightHandSide.array, direction.array, product.array];
  const apply = async (dense: Shared<Float32Array>): Promise<void> => {
    await multiply(sparse.rows, dense, rows, size, pool);
    await multiply(sparse.columns, rows, product, size, pool);
    for (let at = 0; at < length; at++) ap[at]! += lambda * dense.array[at]!;
  };
  const columnDots = (a: Float32Array, b: Float32Array): Float64Array => {
    const dots = new Float64Array(size);
    for (let start = 0; start < length; start += size) {
      for (let d = 0; d < size; d++) dots[d]! += a[start + d]! * b[start + d]!;
    }
    return dots;
  };
  const ratio = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, d) => (b[d]! > 0 ? value / b[d]! : 0));
  const enough = columnDots(r, r).map((square) => residual ** 2 * square);
  await apply(solution);
  for (let at = 0; at < length; at++) r[at]! -= ap[at]!;
  p.set(r);
  let squares = columnDots(r, r);
  for (let step = 0; step < MAX_STEPS && squares.some((square, d) => square > enough[d]!); step++) {
    pool.progress(step, MAX_STEPS, "conjugate gradient steps");
    await apply(direction);
    const alpha = ratio(squares, columnDots(p, ap));
    for (let start = 0; start < length; start += size) {
      for (let d = 0; d < size; d++) {
        x[start + d]! += alpha[d]! * p[start + d]!;
        r[start + d]! -= alpha[d]! * ap[start + d]!;
      }
    }
    const next = columnDots(r, r);
    const beta = ratio(next, squares);
    for (let start = 0; start < length; start += size) {
      for (let d = 0; d < size; d++) p[start + d] = r[start + d]! + beta[d]! * p[start + d]!;
    }
    squares = next;
  }
  pool.progress(MAX_STEPS, MAX_STEPS, "conjugate gradient steps");
}

export async function trainLowRankEaseModel(
  matrix: InteractionMatrix,
  params: LowRankEaseParams,
  pool: ThreadPool,
): Promise<TrainedModel> {
  const { dimensions } = params;
  const { result, cpuSeconds } = await measureCpu(() => trainLowRankEase(matrix, params, pool));
  return factorModel("low-rank-ease", params, cpuSeconds, {
    dimensions,
    itemVectors: result.itemVectors,
    userVector: ({ rows, weights }) => weightedSum(result.historyVectors, dimensions, rows, weights),
  });
}

export const lowRankEaseEntry: ModelEntry<LowRankEaseParams> = {
  defaults: { dimensions: 256, lambda: 400, seed: 1 },
  tried: { dimensions: [64, 256], lambda: [25, 100, 400] },
  space: { dimensions: { values: [32, 64, 128, 256, 512] }, lambda: { low: 10, high: 5000 } },
  train: ({ matrix }, params, { pool }) => trainLowRankEaseModel(matrix, params, pool),
};
