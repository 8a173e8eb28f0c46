/**
 * Items that lie in clusters, as those of people's tastes do, and people who like a few of them. Seeded.
 *
 * N items, D embedding size, C clusters.
 */
import { gaussian, seededRandom } from "../../scripts/train/random.ts";

const CLUSTERS = 500;
/** Standard deviation of an item about its cluster's centre, whose components have 1. */
const SPREAD = 0.5;
/** Clusters that a person likes. */
const INTERESTS = 3;

export interface Clustered {
  readonly count: number;
  readonly dimensions: number;
  /** shape [N, D], row-major; cluster after cluster, in each the farthest from the centre first, as `build` orders. */
  readonly vectors: Float32Array;
  /** shape [C + 1] */
  readonly starts: Uint32Array;
  /** shape [C, D] */
  readonly centroids: Float32Array;
  /** People, each of shape [D]. */
  readonly queries: readonly Float32Array[];
}

export function clustered(count: number, dimensions: number, queries: number, seed: number): Clustered {
  const random = seededRandom(seed);
  const centres = Float32Array.from({ length: CLUSTERS * dimensions }, () => gaussian(random));
  const starts = Uint32Array.from({ length: CLUSTERS + 1 }, (_, c) => Math.round((count * c) / CLUSTERS));
  const vectors = new Float32Array(count * dimensions);
  for (let c = 0; c < CLUSTERS; c++) {
    const rows = starts[c + 1]! - starts[c]!;
    const offsets = Float32Array.from({ length: rows * dimensions }, () => SPREAD * irwinHall(random));
    const squares = Float32Array.from({ length: rows }, (_, row) =>
      offsets.subarray(row * dimensions, (row + 1) * dimensions).reduce((sum, value) => sum + value * value, 0),
    );
    const order = Uint32Array.from(squares.keys()).sort((a, b) => squares[b]! - squares[a]! || a - b);
    for (let place = 0, at = starts[c]! * dimensions; place < rows; place++) {
      for (let d = 0; d < dimensions; d++, at++) {
        vectors[at] = centres[c * dimensions + d]! + offsets[order[place]! * dimensions + d]!;
      }
    }
  }
  return {
    count,
    dimensions,
    vectors,
    starts,
    centroids: centres,
    queries: Array.from({ length: queries }, () => {
      const liked = Array.from({ length: INTERESTS }, () => Math.floor(CLUSTERS * random()));
      return Float32Array.from(
        { length: dimensions },
        (_, d) => liked.reduce((sum, c) => sum + centres[c * dimensions + d]!, 0) / INTERESTS + gaussian(random) / 2,
      );
    }),
  };
}

/** Nearly normal and many times as fast: the sum of four uniform numbers, of standard deviation 1. */
const irwinHall = (random: () => number): number => (random() + random() + random() + random() - 2) * Math.sqrt(3);
