/**
 * EASE^R (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019, eq. 8):
 * P = (X'X + lambda I)^-1, B_ij = -P_ij / P_jj, zero diagonal; the score of j is sum over the history w_i B_ij.
 *
 * M users, N items. Where there are fewer users than items the same scores come from K = XX' + lambda I, of M x M
 * (Woodbury: P = (I - X'K^-1 X) / lambda). With the history w, z = K^-1 X w and d_j = lambda P_jj = 1 - x_j'K^-1 x_j,
 *
 *   w B = (X'z - w) / d + w
 *
 * and B, N x N, is never made.
 */
import { EngineError } from "../../src/model/errors.ts";
import { choleskyFactor, choleskySolve } from "../../src/model/tower/fold-in.ts";
import { shareMatrix, transpose } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, TrainedModel } from "./model.ts";
import { evenBounds } from "./partition.ts";
import type { Shared, ThreadPool } from "./thread-pool.ts";

export type EaseParams = {
  /** > 0 */
  readonly lambda: number;
};

/** N^2 float32 are 1.6 GB and N^3 / 2 multiply-adds 4e12 at this size: minutes, and the limit of a laptop. */
export const EASE_MAX_SIZE = 20_000;

/** As in assembly/dense-inverse.ts. */
const TILE = 64;
const TILE_FLOATS = TILE * TILE;
const tileNumber = (row: number, column: number): number => (row * (row + 1)) / 2 + column;

const tooLarge = ({ users, items }: InteractionMatrix): string | null =>
  Math.min(users, items) > EASE_MAX_SIZE
    ? `EASE inverts a matrix of all items or of all people and takes up to ${EASE_MAX_SIZE} of one of them, not ${items} and ${users}; leave "ease" out of --models`
    : null;

/**
 * B, shape [N, N], row-major, float32; row i holds what item i adds to the score of each item.
 * @throws INTERNAL when lambda is so small that there is no finite inverse
 */
export async function trainEase(
  matrix: InteractionMatrix,
  { lambda }: EaseParams,
  pool: ThreadPool,
): Promise<Float32Array> {
  return pool.scope(async () => itemWeights(await negativeInverse(matrix, lambda, pool), matrix.items));
}

/** The tiles of -(X'X + lambda I)^-1; they last as long as the pool's scope. */
async function negativeInverse(matrix: InteractionMatrix, lambda: number, pool: ThreadPool): Promise<Float32Array> {
  const tileRows = Math.ceil(matrix.items / TILE);
  const tiles = pool.float32(tileNumber(tileRows, 0) * TILE_FLOATS);
  const pointers = [...shareMatrix(pool, transpose(matrix)), ...shareMatrix(pool, matrix)];
  await pool.run("coOccurrenceTiles", evenBounds(tileRows, 1), [tiles.pointer, matrix.items, ...pointers, lambda]);
  await invert(tiles, tileRows, pool);
  return tiles.array;
}

/** Sweeps every pivot: the tiles of A become those of -A^-1. */
async function invert(tiles: Shared<Float32Array>, tileRows: number, pool: ThreadPool): Promise<void> {
  const inverse = pool.float32(TILE_FLOATS);
  const columns = pool.float32(tileRows * TILE_FLOATS).pointer;
  const scaled = pool.float32(tileRows * TILE_FLOATS).pointer;
  const bounds = evenBounds(tileRows, 1);
  for (let pivot = 0; pivot < tileRows; pivot++) {
    pool.progress(pivot, tileRows, "EASE sweeps");
    const at = tileNumber(pivot, pivot) * TILE_FLOATS;
    const tile = tiles.array.subarray(at, at + TILE_FLOATS);
    inverse.array.set(invertTile(tile));
    await pool.run("sweepPanel", bounds, [tiles.pointer, pivot, inverse.pointer, columns, scaled]);
    await pool.run("sweepTiles", bounds, [tiles.pointer, tileRows, pivot, columns, scaled]);
    tile.set(inverse.array.map((value) => -value));
  }
  pool.progress(tileRows, tileRows, "EASE sweeps");
}

/** The inverse of a symmetric positive definite tile [64, 64], float64. */
function invertTile(tile: Float32Array): Float64Array {
  const factor = Float64Array.from(tile);
  choleskyFactor(factor, TILE);
  const inverse = new Float64Array(TILE_FLOATS);
  const unit = new Float64Array(TILE);
  for (let column = 0; column < TILE; column++) {
    unit[column] = 1;
    inverse.set(choleskySolve(factor, unit, TILE), column * TILE);
    unit[column] = 0;
  }
  if (!inverse.every(Number.isFinite)) throw new EngineError("INTERNAL", { reason: "EASE needs a larger lambda" });
  return inverse;
}

/** The place of row i and column j, i >= j. */
const cell = (i: number, j: number): number => tileNumber(i >> 6, j >> 6) * TILE_FLOATS + (i & 63) * TILE + (j & 63);

/** B from the tiles of -P: B_ij = -P_ij / P_jj, B_ii = 0. */
function itemWeights(tiles: Float32Array, items: number): Float32Array {
  const diagonal = Float64Array.from({ length: items }, (_, i) => -tiles[cell(i, i)]!);
  const weights = new Float32Array(items * items);
  for (let i = 0; i < items; i++) {
    for (let j = 0; j < i; j++) {
      const value = tiles[cell(i, j)]!;
      weights[i * items + j] = value / diagonal[j]!;
      weights[j * items + i] = value / diagonal[i]!;
    }
  }
  return weights;
}

type Score = TrainedModel["score"];

async function primalScore(matrix: InteractionMatrix, params: EaseParams, pool: ThreadPool): Promise<Score> {
  const { items } = matrix;
  const itemWeight = await trainEase(matrix, params, pool);
  return ({ rows, weights }, out) => {
    out.fill(0);
    rows.forEach((row, at) => {
      const weight = weights[at]!;
      const start = row * items;
      for (let item = 0; item < items; item++) out[item]! += weight * itemWeight[start + item]!;
    });
  };
}

async function dualScore(matrix: InteractionMatrix, { lambda }: EaseParams, pool: ThreadPool): Promise<Score> {
  const { users, items } = matrix;
  const byItem = transpose(matrix);
  // K^-1, shape [M, M].
  const inverse = await pool.scope(async () => {
    const tiles = await negativeInverse(byItem, lambda, pool);
    const whole = new Float32Array(users * users);
    for (let i = 0; i < users; i++) {
      for (let j = 0; j <= i; j++) whole[i * users + j] = whole[j * users + i] = -tiles[cell(i, j)]!;
    }
    return whole;
  });
  const columnOf = (item: number): readonly [start: number, end: number] => [
    byItem.indptr[item]!,
    byItem.indptr[item + 1]!,
  ];
  const remainder = Float64Array.from({ length: items }, (_, item) => {
    const [start, end] = columnOf(item);
    let explained = 0;
    for (let a = start; a < end; a++) {
      const row = byItem.indices[a]! * users;
      let sum = 0;
      for (let b = start; b < end; b++) sum += byItem.weights[b]! * inverse[row + byItem.indices[b]!]!;
      explained += byItem.weights[a]! * sum;
    }
    return 1 - explained;
  });
  return ({ rows, weights }, out) => {
    const shared = new Float64Array(users);
    rows.forEach((item, at) => {
      const [start, end] = columnOf(item);
      for (let a = start; a < end; a++) shared[byItem.indices[a]!]! += weights[at]! * byItem.weights[a]!;
    });
    const z = new Float64Array(users);
    shared.forEach((value, user) => {
      if (value === 0) return;
      for (let other = 0; other < users; other++) z[other]! += value * inverse[user * users + other]!;
    });
    const own = new Map(Array.from(rows, (item, at) => [item, weights[at]!]));
    for (let item = 0; item < items; item++) {
      const [start, end] = columnOf(item);
      let sum = 0;
      for (let a = start; a < end; a++) sum += byItem.weights[a]! * z[byItem.indices[a]!]!;
      const weight = own.get(item) ?? 0;
      out[item] = (sum - weight) / remainder[item]! + weight;
    }
  };
}

/** @throws DATA_INVALID above {@link EASE_MAX_SIZE}; INTERNAL when lambda is so small that there is no finite inverse */
export async function trainEaseModel(
  matrix: InteractionMatrix,
  params: EaseParams,
  pool: ThreadPool,
): Promise<TrainedModel> {
  const reason = tooLarge(matrix);
  if (reason !== null) throw new EngineError("DATA_INVALID", { path: "the catalogue", reason });
  const train = matrix.users < matrix.items ? dualScore : primalScore;
  const { result: score, cpuSeconds } = await measureCpu(() => train(matrix, params, pool));
  return { name: "ease", params: { ...params }, trainCpuSeconds: cpuSeconds, score };
}

export const easeEntry: ModelEntry<EaseParams> = {
  defaults: { lambda: 400 },
  tried: { lambda: [100, 200, 400, 800] },
  space: { lambda: { low: 10, high: 5000 } },
  refusal: ({ matrix }) => tooLarge(matrix),
  train: ({ matrix }, params, { pool }) => trainEaseModel(matrix, params, pool),
};
