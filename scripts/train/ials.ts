/**
 * iALS: implicit alternating least squares (Hu, Koren, Volinsky 2008) with the frequency-scaled regularisation of
 * Rendle, Krichene, Zhang, Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks" (2021), eq. 4-6
 * with nu = 1:
 *
 *   sum over interactions w (x_u.v_i - 1)^2 + alpha0 sum over all pairs (x_u.v_i)^2
 *     + lambda ( sum_u (w_u + alpha0 N) |x_u|^2 + sum_i (w_i + alpha0 M) |v_i|^2 )
 *
 * M users, N items, D embedding size, w confidence of an interaction, w_u and w_i the sum of those of a user and of an
 * item: with w = 1 their number, and a common factor of all weights and alpha0 changes nothing.
 */
import { ITEMS } from "../../src/model/config.ts";
import { EngineError } from "../../src/model/errors.ts";
import { foldInModel } from "./factor-model.ts";
import { shareMatrix, transpose } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { Factors, ModelEntry, TrainedModel } from "./model.ts";
import { partialEpochs } from "./partial-fit.ts";
import { balancedBounds, evenBounds } from "./partition.ts";
import { gaussian, seededRandom } from "./random.ts";
import type { Shared, ThreadPool } from "./thread-pool.ts";
import { whiten } from "./whiten.ts";

export type IalsParams = {
  readonly dimensions: number;
  readonly epochs: number;
  /** > 0 */
  readonly lambda: number;
  /** Confidence of a pair without an interaction, > 0, where an ordinary interaction has 1. */
  readonly alpha0: number;
  readonly seed: number;
};

/** Rows of the items' first values: normal, of this standard deviation over sqrt(D) (Rendle et al., section 3.3). */
const INITIAL_DEVIATION = 0.1;
/** Rows of a block of the Gramian; more where there are many, so that at most 64 blocks are summed. */
const GRAMIAN_ROWS = 1024;
const GRAMIAN_BLOCKS = 64;
/** As in assembly/ials.ts. */
const PANEL_ROWS = 64;

interface Side {
  readonly count: number;
  /** shape [count, S] */
  readonly factors: Shared<Float32Array>;
  readonly pointers: readonly [number, number, number];
  readonly bounds: Uint32Array;
}

/**
 * Item factors, shape [N, D], row-major, float32. No item: an empty array; an item without interactions: zeros.
 * @param from item factors to go on from, shape [., D]; rows beyond begin at random, as all do without
 * @throws CANCELLED, INTERNAL when lambda or alpha0 is so small that a solution is not finite
 */
export async function trainIals(
  matrix: InteractionMatrix,
  params: IalsParams,
  pool: ThreadPool,
  onEpoch?: (epoch: number, itemFactors: Float32Array) => void | Promise<void>,
  from: Float32Array = new Float32Array(0),
): Promise<Float32Array> {
  return pool.scope(async () => {
    const { dimensions, epochs } = params;
    const size = Math.ceil(dimensions / 8) * 8;
    const side = (rows: InteractionMatrix): Side => ({
      count: rows.users,
      factors: pool.float32(rows.users * size),
      pointers: shareMatrix(pool, rows),
      bounds: balancedBounds(rows.indptr),
    });
    const users = side(matrix);
    const items = side(transpose(matrix));
    const random = seededRandom(params.seed);
    const deviation = INITIAL_DEVIATION / Math.sqrt(dimensions);
    for (let item = 0; item < items.count; item++) {
      for (let d = 0; d < dimensions; d++) {
        items.factors.array[item * size + d] = from[item * dimensions + d] ?? deviation * gaussian(random);
      }
    }
    const itemFactors = (): Float32Array => {
      const factors = new Float32Array(items.count * dimensions);
      for (let item = 0; item < items.count; item++) {
        factors.set(items.factors.array.subarray(item * size, item * size + dimensions), item * dimensions);
      }
      if (factors.every(Number.isFinite)) return factors;
      const reason = `iALS has no finite solution with ${JSON.stringify(params)}`;
      throw new EngineError("INTERNAL", { reason });
    };
    for (let epoch = 0; epoch < epochs; epoch++) {
      pool.progress(epoch, epochs, "iALS epochs");
      await halfStep(items, users, size, params, pool);
      await halfStep(users, items, size, params, pool);
      await onEpoch?.(epoch + 1, itemFactors());
    }
    pool.progress(epochs, epochs, "iALS epochs");
    return itemFactors();
  });
}

/** Solves every entity of `solved` given the factors of `fixed`. */
async function halfStep(fixed: Side, solved: Side, size: number, params: IalsParams, pool: ThreadPool): Promise<void> {
  const { lambda, alpha0 } = params;
  await pool.scope(async () => {
    const blockRows = Math.max(GRAMIAN_ROWS, Math.ceil(fixed.count / GRAMIAN_BLOCKS));
    const bounds = evenBounds(fixed.count, blockRows);
    const blocks = pool.float32((bounds.length - 1) * size * size);
    await pool.run("gramian", bounds, [fixed.factors.pointer, blocks.pointer, size, blockRows]);
    const sum = new Float64Array(size * size);
    for (let at = 0; at < blocks.array.length; at++) sum[at % sum.length]! += blocks.array[at]!;
    const base = pool.float32(sum.map((value) => alpha0 * value));
    const ridge = lambda * alpha0 * fixed.count;
    const scratchBytes = 4 * size * (size + 2 + PANEL_ROWS);
    const args = [...solved.pointers, fixed.factors.pointer, solved.factors.pointer, base.pointer, size, ridge, lambda];
    await pool.run("solveEntities", solved.bounds, args, scratchBytes);
  });
}

export interface IalsModel extends TrainedModel {
  readonly params: IalsParams;
  /** The item vectors are whitened: what a bundle ships. */
  readonly factors: Factors;
  /** shape [N, D], before whitening: what training goes on from. */
  readonly itemFactors: Float32Array;
}

/** iALS as it ships: whitened items, the history folded in by the user tower's exact twin, dot products. */
export async function trainIalsModel(
  matrix: InteractionMatrix,
  params: IalsParams,
  pool: ThreadPool,
  onEpoch?: (epoch: number, model: IalsModel) => void | Promise<void>,
  goOn?: { readonly epochs: number; readonly from: IalsModel },
): Promise<IalsModel> {
  const epochs = goOn?.epochs ?? params.epochs;
  const { result, cpuSeconds } = await measureCpu(async (clock) => {
    const tell = (epoch: number, factors: Float32Array): Promise<void> =>
      clock.aside(() => onEpoch?.(epoch, ialsModel(factors, params, clock.seconds())));
    const factors = await trainIals(matrix, { ...params, epochs }, pool, onEpoch && tell, goOn?.from.itemFactors);
    return ialsModel(factors, params, 0);
  });
  return { ...result, trainCpuSeconds: cpuSeconds };
}

function ialsModel(itemFactors: Float32Array, params: IalsParams, trainCpuSeconds: number): IalsModel {
  return { ...foldInModel("ials", params, trainCpuSeconds, whiten(itemFactors, params)), params, itemFactors };
}

export const ialsEntry: ModelEntry<IalsParams> = {
  defaults: { dimensions: ITEMS.dimensions, epochs: 10, lambda: 0.003, alpha0: 0.3, seed: 1 },
  tried: { lambda: [0.001, 0.003, 0.01], alpha0: [0.1, 0.3, 0.6] },
  space: {
    lambda: { low: 0.0001, high: 0.1 },
    alpha0: { low: 0.003, high: 3 },
    dimensions: { values: [32, 64, 128, 256] },
    epochs: { values: [5, 10, 20] },
  },
  train: ({ matrix }, params, { pool, onEpoch }) =>
    trainIalsModel(matrix, params, pool, onEpoch && ((epoch, model) => onEpoch(epoch, params.epochs, model))),
  partialFit(model, { matrix }, { pool, onEpoch }) {
    const from = model as IalsModel;
    const epochs = partialEpochs(from.params.epochs);
    const tell = onEpoch && ((epoch: number, now: IalsModel) => onEpoch(epoch, epochs, now));
    return trainIalsModel(matrix, from.params, pool, tell, { epochs, from });
  },
};
