/**
 * EASE^R (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019, eq. 8):
 * P = (X'X + lambda I)^-1, B_ij = -P_ij / P_jj, zero diagonal; the score of j is sum over the history w_i B_ij.
 */
import { EngineError } from "../../src/model/errors.ts";
import { choleskyFactor, choleskySolve } from "../../src/model/tower/fold-in.ts";
import { shareMatrix, transpose } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { TrainedModel } from "./model.ts";
import { evenBounds } from "./partition.ts";
import type { Shared, ThreadPool } from "./thread-pool.ts";

export interface EaseParams {
  /** > 0 */
  readonly lambda: number;
}

/** N^2 float32 are 1.6 GB and N^3 / 2 multiply-adds 4e12 at this many items: minutes, and the limit of a laptop. */
export const EASE_MAX_ITEMS = 20_000;

/** As in assembly/dense-inverse.ts. */
const TILE = 64;
const TILE_FLOATS = TILE * TILE;
const tileNumber = (row: number, column: number): number => (row * (row + 1)) / 2 + column;

/**
 * B, shape [N, N], row-major, float32; row i holds what item i adds to the score of each item.
 * @throws DATA_INVALID above {@link EASE_MAX_ITEMS}; INTERNAL when lambda is so small that there is no finite inverse
 */
export async function trainEase(
  matrix: InteractionMatrix,
  { lambda }: EaseParams,
  pool: ThreadPool,
): Promise<Float32Array> {
  const { items } = matrix;
  if (items > EASE_MAX_ITEMS) {
    throw new EngineError("DATA_INVALID", {
      path: "the catalogue",
      reason: `EASE inverts an items x items matrix and takes up to ${EASE_MAX_ITEMS} items, not ${items}; leave "ease" out of --models`,
    });
  }
  return pool.scope(async () => {
    const tileRows = Math.ceil(items / TILE);
    const tiles = pool.float32(tileNumber(tileRows, 0) * TILE_FLOATS);
    const pointers = [...shareMatrix(pool, transpose(matrix)), ...shareMatrix(pool, matrix)];
    await pool.run("coOccurrenceTiles", evenBounds(tileRows, 1), [tiles.pointer, items, ...pointers, lambda]);
    await invert(tiles, tileRows, pool);
    return itemWeights(tiles.array, items);
  });
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

/** B from the tiles of -P: B_ij = -P_ij / P_jj, B_ii = 0. */
function itemWeights(tiles: Float32Array, items: number): Float32Array {
  const cell = (i: number, j: number): number => tileNumber(i >> 6, j >> 6) * TILE_FLOATS + (i & 63) * TILE + (j & 63);
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

export async function trainEaseModel(
  matrix: InteractionMatrix,
  params: EaseParams,
  pool: ThreadPool,
): Promise<TrainedModel> {
  const { result: itemWeight, cpuSeconds } = await measureCpu(() => trainEase(matrix, params, pool));
  const { items } = matrix;
  return {
    name: "ease",
    params: { ...params },
    trainCpuSeconds: cpuSeconds,
    score({ rows, weights }, out) {
      out.fill(0);
      rows.forEach((row, at) => {
        const weight = weights[at]!;
        const start = row * items;
        for (let item = 0; item < items; item++) out[item]! += weight * itemWeight[start + item]!;
      });
    },
  };
}
