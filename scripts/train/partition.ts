/** How work is cut into blocks: by the data alone, never by the number of threads. */

/** Bounds of blocks of `blockSize`, the last one shorter; count 0 gives no block. */
export function evenBounds(count: number, blockSize: number): Uint32Array {
  const blocks = Math.ceil(count / blockSize);
  return Uint32Array.from({ length: blocks + 1 }, (_, block) => Math.min(block * blockSize, count));
}

/** About 256 blocks: enough that the last ones to end leave no thread idle for long. */
const BALANCED_BLOCKS = 256;
/** What an entity costs beside its interactions, in interactions: at 64 dimensions one solve is about 20 updates. */
const ENTITY_COST = 20;

/** Bounds of blocks of about the same cost for the rows of a sparse matrix. */
export function balancedBounds(indptr: Uint32Array): Uint32Array {
  const rows = indptr.length - 1;
  const target = (indptr[rows]! + rows * ENTITY_COST) / BALANCED_BLOCKS;
  const bounds = [0];
  let cost = 0;
  for (let row = 0; row < rows; row++) {
    cost += indptr[row + 1]! - indptr[row]! + ENTITY_COST;
    if (cost >= target || row === rows - 1) {
      bounds.push(row + 1);
      cost = 0;
    }
  }
  return Uint32Array.from(bounds);
}
