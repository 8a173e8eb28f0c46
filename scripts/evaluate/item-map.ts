/**
 * A map of the items: their vectors in two dimensions, in clusters that say of themselves what they hold.
 * N items, D dimensions.
 *
 * Only directions count, vectors are made unit vectors: the length tells how popular an item is, not what it is like.
 * Clusters are those of the layout, not of D dimensions, where items of few people lie in no direction in particular:
 * k-means there gave MovieLens 1M one cluster with 61 % of what is consumed, and Last.fm clusters all over the map.
 */
import { ITEMS } from "../../src/model/config.ts";
import type { DatasetItems } from "../import/dataset.ts";
import { kMeans } from "../train/k-means.ts";
import type { Factors } from "../train/model.ts";
import { seededRandom } from "../train/random.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { neighbourLayout } from "./neighbour-layout.ts";
import { decadeOf } from "./shown-items.ts";

export interface ItemMap {
  readonly points: readonly MapPoint[];
  readonly clusters: readonly MapCluster[];
  /** With a vector and somebody who has them; the points may be a sample of them. */
  readonly items: number;
}

export interface MapPoint {
  readonly item: number;
  readonly cluster: number;
  /** 0 to 1, both. */
  readonly x: number;
  readonly y: number;
}

export interface MapCluster {
  /** The words that set it apart; without any, titles. */
  readonly label: string;
  readonly items: number;
  /** Of the interactions with items on the map. */
  readonly consumed: number;
  /** Item rows, the most consumed first, at most 3. */
  readonly most: readonly number[];
}

/** One hue each, and as many as a reader tells apart. */
const CLUSTERS = 12;
const MAX_POINTS = 4000;
const WORDS = 2;
/** Of a cluster's items, and in number: fewer bearers are an accident. */
const LEAST_SHARE = 0.1;
const LEAST_BEARERS = 3;
/** A word is no mark of a cluster below this lift. */
const LEAST_LIFT = 1.2;
const TITLES = 3;
const TITLES_IN_LABEL = 2;

/**
 * @param owners shape [N], how many people of the training have each item; those that nobody has are not drawn
 * @returns null where fewer items than two clusters need have a vector
 * @throws CANCELLED
 */
export async function itemMap(
  { dimensions, itemVectors }: Factors,
  items: DatasetItems,
  owners: Uint32Array,
  seed: number,
  pool: ThreadPool,
): Promise<ItemMap | null> {
  const norm = (item: number): number =>
    Math.sqrt(itemVectors.subarray(item * dimensions, (item + 1) * dimensions).reduce((sum, v) => sum + v * v, 0));
  const known = Array.from(owners.keys()).filter((item) => owners[item]! > 0 && norm(item) > 0);
  const drawn = sample(known, owners, seed);
  if (drawn.length < 2 * ITEMS.minItemsPerCluster) return null;
  const vectors = new Float32Array(drawn.length * dimensions);
  drawn.forEach((item, at) => {
    const length = norm(item);
    for (let d = 0; d < dimensions; d++) vectors[at * dimensions + d] = itemVectors[item * dimensions + d]! / length;
  });
  const places = neighbourLayout(vectors, dimensions, seed);
  const plane = { dimensions: 2, clusters: CLUSTERS, seed };
  const { assignment } = await kMeans(Float32Array.from(places), plane, pool);
  const members: number[][] = [];
  drawn.forEach((item, at) => (members[assignment[at]!] ??= []).push(item));
  const total = drawn.reduce((sum, item) => sum + owners[item]!, 0);
  const labels = clusterLabels(members, drawn, items);
  return {
    items: known.length,
    points: drawn.map((item, at) => ({
      item,
      cluster: assignment[at]!,
      x: places[2 * at]!,
      y: places[2 * at + 1]!,
    })),
    clusters: members.map((own, cluster) => {
      const most = own.toSorted((a, b) => owners[b]! - owners[a]! || a - b).slice(0, TITLES);
      return {
        label:
          labels[cluster] ??
          most
            .slice(0, TITLES_IN_LABEL)
            .map((item) => items.titles[item]!)
            .join(" · "),
        items: own.length,
        consumed: own.reduce((sum, item) => sum + owners[item]!, 0) / total,
        most,
      };
    }),
  };
}

/**
 * Item rows, ascending; beyond 4,000 a seeded draw without replacement, weighted by owners: the largest
 * random^(1 / weight) (Efraimidis & Spirakis 2006, algorithm A).
 */
function sample(rows: readonly number[], owners: Uint32Array, seed: number): number[] {
  const random = seededRandom(seed);
  return rows
    .map((item) => ({ item, key: Math.log(1 - random()) / owners[item]! }))
    .toSorted((a, b) => b.key - a.key)
    .slice(0, MAX_POINTS)
    .map(({ item }) => item)
    .toSorted((a, b) => a - b);
}

/**
 * Of each cluster the two words (kinds, categories, genres, themes, and one decade at most) with the largest lift, the
 * share of the cluster's items that have the word over the share of all items: among words that at least a tenth of the
 * cluster's items have, and three of them, with a lift of at least 1.2; equals by name. No such word: null.
 * @param members item rows by cluster
 * @param rows all of them
 */
export function clusterLabels(
  members: readonly (readonly number[])[],
  rows: readonly number[],
  items: DatasetItems,
): (string | null)[] {
  const decades = new Set(rows.map((item) => decadeOf(items, item)));
  const wordsOf = (item: number): string[] => {
    const { kind, category, subcategory, genreCode, themes } = items;
    const words = [kind, category, subcategory, genreCode].map((column) => column[item]!);
    return [...new Set([...words, ...themes[item]!, decadeOf(items, item)])].filter((word) => word !== "");
  };
  const bearers = (own: readonly number[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const item of own) for (const word of wordsOf(item)) counts.set(word, (counts.get(word) ?? 0) + 1);
    return counts;
  };
  const all = bearers(rows);
  return members.map((own) => {
    const words = [...bearers(own)]
      .filter(([, count]) => count >= Math.max(LEAST_BEARERS, LEAST_SHARE * own.length))
      .map(([word, count]) => ({ word, lift: count / own.length / (all.get(word)! / rows.length) }))
      .filter(({ lift }) => lift >= LEAST_LIFT)
      .toSorted((a, b) => b.lift - a.lift || (a.word < b.word ? -1 : 1))
      .map(({ word }) => word);
    const decade = words.find((word) => decades.has(word));
    const kept = words.filter((word) => word === decade || !decades.has(word)).slice(0, WORDS);
    return kept.length > 0 ? kept.join(", ") : null;
  });
}
