import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ITEMS } from "../../../../src/model/config.ts";
import { kMeans } from "../../../../scripts/train/k-means.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { maxDifference, openPool } from "./helpers.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

/** Items around `groups` far-off centres, in turn. */
function groupedVectors(items: number, dimensions: number, groups: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const centres = Array.from({ length: groups * dimensions }, () => 10 * gaussian(random));
  return Float32Array.from({ length: items * dimensions }, (_, at) => {
    const group = Math.floor(at / dimensions) % groups;
    return centres[group * dimensions + (at % dimensions)]! + 0.1 * gaussian(random);
  });
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, d) => sum + (value - b[d]!) ** 2, 0);
}

const sizesOf = (assignment: Uint32Array, clusters: number): number[] => {
  const sizes = Array.from({ length: clusters }, () => 0);
  for (const cluster of assignment) sizes[cluster]!++;
  return sizes;
};

describe("kMeans", () => {
  it.each([
    [200, 3, 5],
    [1300, 13, 30],
    [6000, 8, 300],
  ])(
    "%i items, %i dimensions, %i clusters: none empty, centroids are means, items are with the nearest",
    async (items, dimensions, clusters) => {
      const vectors = groupedVectors(items, dimensions, clusters, 4);
      const { centroids, assignment } = await kMeans(vectors, { dimensions, clusters, seed: 1 }, pool);
      expect(centroids.length).toBe(clusters * dimensions);
      const sizes = sizesOf(assignment, clusters);
      expect(Math.min(...sizes)).toBeGreaterThan(0);
      const means = new Float64Array(centroids.length);
      assignment.forEach((cluster, item) => {
        for (let d = 0; d < dimensions; d++) {
          means[cluster * dimensions + d]! += vectors[item * dimensions + d]! / sizes[cluster]!;
        }
      });
      expect(maxDifference(centroids, means)).toBeLessThan(1e-4);
      const centroid = (cluster: number) => centroids.subarray(cluster * dimensions, (cluster + 1) * dimensions);
      let misplaced = 0;
      assignment.forEach((cluster, item) => {
        const vector = vectors.subarray(item * dimensions, (item + 1) * dimensions);
        const distances = sizes.map((_, other) => squaredDistance(vector, centroid(other)));
        if (distances[cluster]! > Math.min(...distances) + 1e-3) misplaced++;
      });
      // Lloyd may stop before its last item has settled.
      expect(misplaced).toBeLessThan(items / 100);
    },
  );

  it("finds groups that lie apart", async () => {
    const vectors = groupedVectors(400, 6, 4, 9);
    const { assignment } = await kMeans(vectors, { dimensions: 6, clusters: 4, seed: 2 }, pool);
    assignment.forEach((cluster, item) => expect(cluster).toBe(assignment[item % 4]));
    expect(new Set(assignment).size).toBe(4);
  });

  it("depends on its seed alone", async () => {
    const vectors = groupedVectors(500, 5, 50, 1);
    const run = (seed: number) => kMeans(vectors, { dimensions: 5, clusters: 20, seed }, pool);
    expect(await run(1)).toEqual(await run(1));
    expect((await run(1)).assignment).not.toEqual((await run(2)).assignment);
  });

  it("fills every cluster where all items are equal", async () => {
    const { assignment, centroids } = await kMeans(
      new Float32Array(300).fill(2),
      { dimensions: 3, clusters: 7, seed: 1 },
      pool,
    );
    expect(Math.min(...sizesOf(assignment, 7))).toBeGreaterThan(0);
    expect(centroids).toEqual(new Float32Array(21).fill(2));
  });

  it("makes fewer clusters for a small catalogue, and none without items", async () => {
    const items = 3 * ITEMS.minItemsPerCluster + 1;
    const few = await kMeans(groupedVectors(items, 2, 3, 1), { dimensions: 2, clusters: 500, seed: 1 }, pool);
    expect(few.centroids.length).toBe(3 * 2);
    const one = await kMeans(Float32Array.of(1, 2), { dimensions: 2, clusters: 500, seed: 1 }, pool);
    expect(one).toEqual({ centroids: Float32Array.of(1, 2), assignment: Uint32Array.of(0) });
    const none = await kMeans(new Float32Array(0), { dimensions: 2, clusters: 500, seed: 1 }, pool);
    expect(none).toEqual({ centroids: new Float32Array(0), assignment: new Uint32Array(0) });
  });
});
