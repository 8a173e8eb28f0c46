/**
 * The inverse of a dense symmetric positive definite matrix, float32, in place, by sweeps over 64 columns
 * (the sweep operator in blocks: Goodnight, "A Tutorial on the SWEEP Operator", 1979; N^3 / 2 multiply-adds,
 * as many as Cholesky, triangular inverse and product together, in one uniform parallel step).
 * Only the lower triangle is kept, in tiles of 64 x 64 floats: tile (I, J), I >= J, is number I (I + 1) / 2 + J,
 * row-major inside, so that no stride is a power of two that empties the cache.
 * Sweeping K with P = A_KK^-1: A_KK = -P, A_IK = A_IK P, A_IJ -= A_IK P A_KJ. After all K the matrix is -A^-1.
 */
import { addTile } from "./tile";

const TILE: u32 = 64;
const ROW_BYTES: usize = 256;
const TILE_BYTES: usize = 16384;

function tileAt(tiles: usize, row: u32, column: u32): usize {
  return tiles + <usize>((row * (row + 1)) / 2 + column) * TILE_BYTES;
}

/** A += sign * X'Y, all [64, 64]. */
function addProduct(a: usize, x: usize, y: usize, sign: f32): void {
  for (let i: usize = 0; i < TILE; i += 4) {
    for (let j: usize = 0; j < TILE; j += 8) {
      addTile(a + i * ROW_BYTES + (j << 2), ROW_BYTES, x + (i << 2), ROW_BYTES, y + (j << 2), ROW_BYTES, TILE, sign);
    }
  }
}

function transpose(target: usize, source: usize): void {
  for (let i: usize = 0; i < TILE; i++) {
    for (let j: usize = 0; j < TILE; j++) {
      store<f32>(target + j * ROW_BYTES + (i << 2), load<f32>(source + i * ROW_BYTES + (j << 2)));
    }
  }
}

/**
 * X'X + lambda I in the tile rows [begin, end), X being the interactions by user and, transposed, by item;
 * the rows and columns past the last item are those of the identity.
 */
export function coOccurrenceTiles(
  scratch: usize,
  begin: u32,
  end: u32,
  tiles: usize,
  items: u32,
  itemIndptr: usize,
  itemUsers: usize,
  itemWeights: usize,
  userIndptr: usize,
  userItems: usize,
  userWeights: usize,
  lambda: f32,
): void {
  for (let tileRow = begin; tileRow < end; tileRow++) {
    const base = tileAt(tiles, tileRow, 0);
    memory.fill(base, 0, <usize>(tileRow + 1) * TILE_BYTES);
    for (let i: u32 = 0; i < TILE; i++) {
      const item = tileRow * TILE + i;
      const row = base + i * ROW_BYTES;
      const diagonal = row + tileRow * TILE_BYTES + (i << 2);
      if (item >= items) {
        store<f32>(diagonal, 1);
        continue;
      }
      const last = load<u32>(itemIndptr + (item << 2), 4);
      for (let at = load<u32>(itemIndptr + (item << 2)); at < last; at++) {
        const user = load<u32>(itemUsers + (at << 2));
        const weight = load<f32>(itemWeights + (at << 2));
        const userLast = load<u32>(userIndptr + (user << 2), 4);
        for (let k = load<u32>(userIndptr + (user << 2)); k < userLast; k++) {
          const other = load<u32>(userItems + (k << 2));
          if (other > item) break;
          const cell = row + (other >> 6) * TILE_BYTES + ((other & 63) << 2);
          store<f32>(cell, load<f32>(cell) + weight * load<f32>(userWeights + (k << 2)));
        }
      }
      store<f32>(diagonal, load<f32>(diagonal) + lambda);
    }
  }
}

/**
 * For the tile rows I in [begin, end) but the pivot: columns[I] = A_KI and scaled[I] = P A_KI, both [64, 64],
 * and A_IK becomes A_IK P.
 */
export function sweepPanel(
  scratch: usize,
  begin: u32,
  end: u32,
  tiles: usize,
  pivot: u32,
  inverse: usize,
  columns: usize,
  scaled: usize,
): void {
  for (let row = begin; row < end; row++) {
    if (row == pivot) continue;
    const column = columns + row * TILE_BYTES;
    const product = scaled + row * TILE_BYTES;
    const below = row > pivot;
    const tile = below ? tileAt(tiles, row, pivot) : tileAt(tiles, pivot, row);
    if (below) transpose(column, tile);
    else memory.copy(column, tile, TILE_BYTES);
    memory.fill(product, 0, TILE_BYTES);
    addProduct(product, inverse, column, 1);
    if (below) transpose(tile, product);
    else memory.copy(tile, product, TILE_BYTES);
  }
}

/** A_IJ -= scaled[I]' columns[J] for the tile rows I in [begin, end), counted from the last, and all J <= I but the pivot. */
export function sweepTiles(
  scratch: usize,
  begin: u32,
  end: u32,
  tiles: usize,
  tileRows: u32,
  pivot: u32,
  columns: usize,
  scaled: usize,
): void {
  for (let index = begin; index < end; index++) {
    const row = tileRows - 1 - index;
    if (row == pivot) continue;
    for (let column: u32 = 0; column <= row; column++) {
      if (column == pivot) continue;
      addProduct(tileAt(tiles, row, column), scaled + row * TILE_BYTES, columns + column * TILE_BYTES, -1);
    }
  }
}
