/** The nearest centroid of each row: the largest x.c - |c|^2 / 2, which is |x|^2 / 2 - |x - c|^2 / 2. */
import { addTile } from "./tile";

const ROWS: u32 = 64;
const ROWS_BYTES: usize = 256;
const COLUMNS: u32 = 256;
const COLUMNS_BYTES: usize = 1024;

/**
 * Rows [begin, end) of `rows` [N, S] against `centroids` [S, C], transposed; S and C are multiples of 8. Centroids that
 * only fill C up have an infinite half norm. Of equals the first wins.
 * @param scratch (64 S + 64 * 256) float32
 * @param assignment [N], the centroid; scores [N], x.c - |c|^2 / 2
 */
export function nearestCentroids(
  scratch: usize,
  begin: u32,
  end: u32,
  rows: usize,
  centroids: usize,
  halfNorms: usize,
  size: u32,
  clusters: u32,
  assignment: usize,
  scores: usize,
): void {
  const stride = (<usize>size) << 2;
  const transposed = scratch;
  const products = scratch + size * ROWS_BYTES;
  for (let first = begin; first < end; first += ROWS) {
    const count = min(ROWS, end - first);
    memory.fill(transposed, 0, size * ROWS_BYTES);
    for (let i: u32 = 0; i < count; i++) {
      const row = rows + <usize>(first + i) * stride;
      for (let d: u32 = 0; d < size; d++) {
        store<f32>(transposed + d * ROWS_BYTES + (i << 2), load<f32>(row + (d << 2)));
      }
      store<f32>(scores + ((first + i) << 2), -Infinity);
    }
    for (let chunk: u32 = 0; chunk < clusters; chunk += COLUMNS) {
      const width = min(COLUMNS, clusters - chunk);
      memory.fill(products, 0, ROWS * COLUMNS_BYTES);
      for (let i: u32 = 0; i < count; i += 4) {
        for (let j: u32 = 0; j < width; j += 8) {
          addTile(
            products + i * COLUMNS_BYTES + (j << 2),
            COLUMNS_BYTES,
            transposed + (i << 2),
            ROWS_BYTES,
            centroids + ((chunk + j) << 2),
            (<usize>clusters) << 2,
            size,
            1,
          );
        }
      }
      for (let i: u32 = 0; i < count; i++) {
        const row = first + i;
        let best = load<f32>(scores + (row << 2));
        let nearest = load<u32>(assignment + (row << 2));
        for (let j: u32 = 0; j < width; j++) {
          const score = load<f32>(products + i * COLUMNS_BYTES + (j << 2)) - load<f32>(halfNorms + ((chunk + j) << 2));
          if (score > best) {
            best = score;
            nearest = chunk + j;
          }
        }
        store<f32>(scores + (row << 2), best);
        store<u32>(assignment + (row << 2), nearest);
      }
    }
  }
}
