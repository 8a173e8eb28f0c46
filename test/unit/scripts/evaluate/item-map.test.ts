import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterLabels, itemMap } from "../../../../scripts/evaluate/item-map.ts";
import { neighbourLayout } from "../../../../scripts/evaluate/neighbour-layout.ts";
import { gaussian, seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { openPool } from "../train/helpers.ts";
import { catalogueOf, plainItems } from "./catalogue.ts";

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

/** Unit vectors around as many directions as there are groups, in turn. */
function grouped(points: number, dimensions: number, groups: number, noise = 0.1): Float32Array {
  const random = seededRandom(7);
  const vectors = new Float32Array(points * dimensions);
  for (let point = 0; point < points; point++) {
    const own = Array.from({ length: dimensions }, (_, d) => (d === point % groups ? 1 : 0) + noise * gaussian(random));
    vectors.set(
      own.map((value) => value / Math.hypot(...own)),
      point * dimensions,
    );
  }
  return vectors;
}

const factorsOf = (itemVectors: Float32Array, dimensions: number) => ({
  dimensions,
  itemVectors,
  userVector: () => new Float32Array(dimensions),
});

describe("the layout", () => {
  test("keeps neighbours: the nearest points in the plane are of the same group", () => {
    const [points, groups] = [300, 6];
    const places = neighbourLayout(grouped(points, 12, groups), 12, 1);
    let same = 0;
    for (let a = 0; a < points; a++) {
      const distance = (b: number): number =>
        Math.hypot(places[2 * a]! - places[2 * b]!, places[2 * a + 1]! - places[2 * b + 1]!);
      const nearest = [...Array(points).keys()].filter((b) => b !== a).toSorted((b, c) => distance(b) - distance(c));
      same += nearest.slice(0, 5).filter((b) => b % groups === a % groups).length;
    }
    expect(same / (5 * points)).toBeGreaterThan(0.95);
    expect(Math.min(...places)).toBe(0);
    expect(Math.max(...places)).toBe(1);
  });

  test("is the same for the same seed, and another for another", () => {
    const vectors = grouped(60, 4, 3);
    expect(neighbourLayout(vectors, 4, 1)).toEqual(neighbourLayout(vectors, 4, 1));
    expect(neighbourLayout(vectors, 4, 2)).not.toEqual(neighbourLayout(vectors, 4, 1));
  });

  test.each([
    ["equal points", new Float32Array(40).fill(Math.SQRT1_2), 2],
    ["two points", Float32Array.of(1, 0, 0, 1), 2],
    ["one dimension", Float32Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? 1 : -1)), 1],
  ])("%s: every place is a number", (_, vectors, dimensions) => {
    const places = neighbourLayout(vectors, dimensions, 1);
    expect(places).toHaveLength((2 * vectors.length) / dimensions);
    expect(places.every((place) => place >= 0 && place <= 1)).toBe(true);
  });
});

describe("the map", () => {
  test("clusters, labels and shares: long and short vectors of one direction belong together", async () => {
    const items = 60;
    const vectors = grouped(items, 3, 3, 0.02).map((value, at) => value * (1 + (Math.floor(at / 3) % 5)));
    const owners = Uint32Array.from({ length: items }, (_, item) => (item === 4 ? 41 : 1));
    const catalogue = catalogueOf(
      Array.from({ length: items }, (_, item) => ({ category: ["A", "B", "C"][item % 3]! })),
    );
    const map = (await itemMap(factorsOf(vectors, 3), catalogue, owners, 1, pool))!;
    expect(map.items).toBe(60);
    expect(map.points).toHaveLength(60);
    const clusterOf = (item: number): number => map.points.find((point) => point.item === item)!.cluster;
    for (const { item, cluster } of map.points) expect(map.clusters[cluster]!.label).toBe(["A", "B", "C"][item % 3]);
    const popular = map.clusters[clusterOf(4)]!;
    expect(popular.most[0]).toBe(4);
    expect(map.clusters.reduce((sum, { consumed }) => sum + consumed, 0)).toBeCloseTo(1, 12);
    expect(map.clusters.reduce((sum, cluster) => sum + cluster.items, 0)).toBe(60);
  });

  test("leaves out items that nobody has or that have no vector; too few of them are no map", async () => {
    const vectors = grouped(40, 4, 2);
    vectors.fill(0, 0, 4);
    const owners = new Uint32Array(40).fill(1);
    owners[1] = 0;
    const map = await itemMap(factorsOf(vectors, 4), catalogueOf(plainItems(40)), owners, 1, pool);
    expect(map!.points.map(({ item }) => item)).toEqual(Array.from({ length: 38 }, (_, at) => at + 2));
    expect(await itemMap(factorsOf(vectors, 4), catalogueOf(plainItems(40)), new Uint32Array(40), 1, pool)).toBeNull();
  });

  test("beyond 4,000 items a sample is drawn that popular items are the likelier to be in", async () => {
    const items = 4400;
    const owners = Uint32Array.from({ length: items }, (_, item) => (item < 2200 ? 1 : 50));
    const map = (await itemMap(factorsOf(grouped(items, 2, 2), 2), catalogueOf(plainItems(items)), owners, 1, pool))!;
    expect(map.items).toBe(4400);
    expect(map.points).toHaveLength(4000);
    expect(map.clusters.reduce((sum, cluster) => sum + cluster.items, 0)).toBe(4000);
    expect(map.points.filter(({ item }) => item >= 2200).length).toBeGreaterThan(2150);
  }, 30_000);
});

describe("a cluster's label", () => {
  const rows = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

  test("is the two words with the largest lift", () => {
    // Of 20 items: Film has lift 1, Horror (10 / 10) / (10 / 20) = 2, 1960s (5 / 10) / (6 / 20) = 1.67, Drama .5.
    const items = catalogueOf([
      ...rows(0, 10).map((at) => ({ kind: "Film", category: "Horror", ...(at < 5 ? { year: 1963 } : {}) })),
      ...rows(10, 10).map((at) => ({ kind: "Film", category: "Drama", ...(at < 11 ? { year: 1968 } : {}) })),
    ]);
    expect(clusterLabels([rows(0, 10), rows(10, 10)], rows(0, 20), items)).toEqual(["Horror, 1960s", "Drama"]);
  });

  test("has one decade at most", () => {
    // Lifts: 1930s 4, 1940s 4, Noir 40 / 23 = 1.74.
    const items = catalogueOf([
      ...rows(0, 10).map((at) => ({ year: at < 5 ? 1931 : 1947, themes: ["Noir"] })),
      ...rows(10, 30).map((at) => ({ year: 1990, themes: at < 23 ? ["Noir"] : [] })),
    ]);
    const [label] = clusterLabels([rows(0, 10), rows(10, 30)], rows(0, 40), items);
    expect(label).toBe("1930s, Noir");
  });

  test("takes no word of fewer than three items or of less than a tenth, and none without a lift", () => {
    const items = catalogueOf([
      { themes: ["Rare"] },
      { themes: ["Rare"] },
      ...rows(2, 18).map(() => ({})),
      ...rows(20, 20).map(() => ({ themes: ["Common"] })),
    ]);
    expect(clusterLabels([rows(0, 20), rows(20, 20)], rows(0, 40), items)).toEqual([null, "Common"]);
    const many = catalogueOf(rows(0, 100).map((at) => (at < 4 ? { themes: ["Thin"] } : {})));
    expect(clusterLabels([rows(0, 50), rows(50, 50)], rows(0, 100), many)).toEqual([null, null]);
  });
});
