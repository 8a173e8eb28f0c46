/**
 * K-means (Lloyd 1982) with k-means++ seeding (Arthur and Vassilvitskii 2007) over a sample.
 * N items, D embedding size, C clusters.
 */
import { ITEMS } from "../../src/model/config.ts";
import { evenBounds } from "./partition.ts";
import { seededRandom } from "./random.ts";
import type { Random } from "./random.ts";
import type { ThreadPool } from "./thread-pool.ts";

export interface KMeansParams {
  readonly dimensions: number;
  /** The most clusters; fewer where they would hold less than ITEMS.minItemsPerCluster items on average. */
  readonly clusters: number;
  readonly seed: number;
}

export interface Clustering {
  /** shape [C, D], the mean of each cluster's items. */
  readonly centroids: Float32Array;
  /** shape [N], 0 to C - 1; every cluster has an item. */
  readonly assignment: Uint32Array;
}

/** Lloyd's steps; they end earlier where no item moves. */
const MAX_STEPS = 25;
/** Items of the sample that seeds, for each cluster. */
const SEED_ITEMS_PER_CLUSTER = 16;
const BLOCK_ITEMS = 512;
/** As in assembly/nearest-centroids.ts: 64 transposed rows, and 64 x 256 products. */
const scratchBytes = (size: number): number => 4 * 64 * (size + 256);

/**
 * @param vectors shape [N, D], row-major, finite
 * @returns no item: no cluster
 * @throws CANCELLED
 */
export async function kMeans(vectors: Float32Array, params: KMeansParams, pool: ThreadPool): Promise<Clustering> {
  const { dimensions } = params;
  const items = vectors.length / dimensions;
  if (items === 0) return { centroids: new Float32Array(0), assignment: new Uint32Array(0) };
  const clusters = Math.max(1, Math.min(params.clusters, Math.floor(items / ITEMS.minItemsPerCluster)));
  let centroids = seedCentroids(vectors, dimensions, clusters, seededRandom(params.seed));
  return pool.scope(async () => {
    const size = Math.ceil(dimensions / 8) * 8;
    const width = Math.ceil(clusters / 8) * 8;
    const rows = pool.float32(items * size);
    for (let item = 0; item < items; item++) {
      rows.array.set(vectors.subarray(item * dimensions, (item + 1) * dimensions), item * size);
    }
    const transposed = pool.float32(size * width);
    const halfNorms = pool.float32(new Float32Array(width).fill(Infinity));
    const nearest = pool.uint32(items);
    const scores = pool.float32(items);
    const args = [rows, transposed, halfNorms].map((shared) => shared.pointer);
    args.push(size, width, nearest.pointer, scores.pointer);
    let assignment = new Uint32Array(0);
    for (let step = 0; step < MAX_STEPS; step++) {
      pool.progress(step, MAX_STEPS, "k-means steps");
      for (let cluster = 0; cluster < clusters; cluster++) {
        const centroid = centroids.subarray(cluster * dimensions, (cluster + 1) * dimensions);
        centroid.forEach((value, d) => (transposed.array[d * width + cluster] = value));
        halfNorms.array[cluster] = squaredNorm(centroid) / 2;
      }
      await pool.run("nearestCentroids", evenBounds(items, BLOCK_ITEMS), args, scratchBytes(size));
      const moved = nearest.array.slice();
      fillEmptyClusters(moved, clusters, (item) => {
        return squaredNorm(rows.array.subarray(item * size, (item + 1) * size)) - 2 * scores.array[item]!;
      });
      const settled = moved.every((cluster, item) => cluster === assignment[item]);
      assignment = moved;
      centroids = means(vectors, dimensions, clusters, assignment);
      if (settled) break;
    }
    pool.progress(MAX_STEPS, MAX_STEPS, "k-means steps");
    return { centroids, assignment };
  });
}

const squaredNorm = (vector: Float32Array): number => vector.reduce((sum, value) => sum + value * value, 0);

/** Each seed is drawn with a probability that grows with its squared distance to the seeds before it. */
function seedCentroids(vectors: Float32Array, dimensions: number, clusters: number, random: Random): Float32Array {
  const sample = sampleRows(vectors.length / dimensions, clusters * SEED_ITEMS_PER_CLUSTER, random);
  const centroids = new Float32Array(clusters * dimensions);
  const distances = new Float64Array(sample.length).fill(Infinity);
  let chosen = Math.floor(random() * sample.length);
  for (let cluster = 0; cluster < clusters; cluster++) {
    const start = sample[chosen]! * dimensions;
    centroids.set(vectors.subarray(start, start + dimensions), cluster * dimensions);
    let total = 0;
    for (let at = 0; at < sample.length; at++) {
      const row = sample[at]! * dimensions;
      let distance = 0;
      for (let d = 0; d < dimensions; d++) distance += (vectors[row + d]! - vectors[start + d]!) ** 2;
      distances[at] = Math.min(distances[at]!, distance);
      total += distances[at]!;
    }
    let left = random() * total;
    chosen = distances.findIndex((distance) => (left -= distance) < 0);
    // Nothing is at a distance: the other items equal a seed, any one will do.
    if (chosen < 0) chosen = Math.floor(random() * sample.length);
  }
  return centroids;
}

/** `count` of the rows 0 to N - 1, without repetition (Fisher and Yates); all of them where there are no more. */
function sampleRows(items: number, count: number, random: Random): Uint32Array {
  const rows = Uint32Array.from({ length: items }, (_, row) => row);
  const size = Math.min(items, count);
  for (let at = 0; at < size; at++) {
    const other = at + Math.floor(random() * (items - at));
    [rows[at], rows[other]] = [rows[other]!, rows[at]!];
  }
  return rows.subarray(0, size);
}

/** Gives each empty cluster the item that lies farthest from its own centroid and leaves no other cluster empty. */
function fillEmptyClusters(assignment: Uint32Array, clusters: number, distance: (item: number) => number): void {
  const sizes = new Uint32Array(clusters);
  for (const cluster of assignment) sizes[cluster]!++;
  if (!sizes.includes(0)) return;
  const distances = Float64Array.from(assignment, (_, item) => distance(item));
  const farthest = Uint32Array.from(assignment, (_, item) => item).sort(
    (a, b) => distances[b]! - distances[a]! || a - b,
  );
  let next = 0;
  sizes.forEach((size, empty) => {
    if (size > 0) return;
    while (sizes[assignment[farthest[next]!]!]! < 2) next++;
    const item = farthest[next++]!;
    sizes[assignment[item]!]!--;
    sizes[empty] = 1;
    assignment[item] = empty;
  });
}

function means(vectors: Float32Array, dimensions: number, clusters: number, assignment: Uint32Array): Float32Array {
  const sums = new Float64Array(clusters * dimensions);
  const sizes = new Uint32Array(clusters);
  assignment.forEach((cluster, item) => {
    sizes[cluster]!++;
    for (let d = 0; d < dimensions; d++) sums[cluster * dimensions + d]! += vectors[item * dimensions + d]!;
  });
  return Float32Array.from(sums, (sum, at) => sum / sizes[Math.floor(at / dimensions)]!);
}
