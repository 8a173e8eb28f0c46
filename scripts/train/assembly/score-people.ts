/** The dot products of people's vectors with items' vectors, for the evaluation. */
import { addTile } from "./tile";

const ITEMS: u32 = 64;
const ITEMS_BYTES: usize = 256;

/**
 * Scores of the items [begin, end) for all people.
 * @param scratch 64 D float32
 * @param people [D, P], transposed; P is a multiple of 4
 * @param items [N, D], row-major
 * @param scores [P, W], written; W >= N is a multiple of 8, and so is `begin`
 */
export function scorePeople(
  scratch: usize,
  begin: u32,
  end: u32,
  people: usize,
  count: u32,
  items: usize,
  dimensions: u32,
  scores: usize,
  width: u32,
): void {
  const stride = (<usize>width) << 2;
  for (let first = begin; first < end; first += ITEMS) {
    const panel = min(ITEMS, end - first);
    memory.fill(scratch, 0, dimensions * ITEMS_BYTES);
    for (let j: u32 = 0; j < panel; j++) {
      const item = items + ((<usize>(first + j) * dimensions) << 2);
      for (let d: u32 = 0; d < dimensions; d++) {
        store<f32>(scratch + d * ITEMS_BYTES + (j << 2), load<f32>(item + (d << 2)));
      }
    }
    for (let i: u32 = 0; i < count; i += 4) {
      for (let row: u32 = 0; row < 4; row++) {
        memory.fill(scores + (i + row) * stride + (first << 2), 0, ((panel + 7) & ~7) << 2);
      }
      for (let j: u32 = 0; j < panel; j += 8) {
        addTile(
          scores + i * stride + ((first + j) << 2),
          stride,
          people + (i << 2),
          (<usize>count) << 2,
          scratch + (j << 2),
          ITEMS_BYTES,
          dimensions,
          1,
        );
      }
    }
  }
}
