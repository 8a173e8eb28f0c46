/**
 * Points in two dimensions whose neighbours are those of D dimensions: UMAP (McInnes, Healy & Melville 2018) with a = b =
 * 1 in its definition 11, the curve of LargeVis (Tang et al. 2016). It starts from the first two
 * principal components, so that what is far apart at large stays so. Those alone are a cloud without parts: of the 64
 * dimensions of iALS on MovieLens 1M they hold 10 % of the variance, and of each item's 15 nearest they keep 5 %; the
 * layout keeps 35 % (22 November 2026).
 *
 * N points, D dimensions, K neighbours. Time N^2 D.
 */
import { gaussian, seededRandom } from "../train/random.ts";
import type { Random } from "../train/random.ts";
import { symmetricEigen } from "../train/symmetric-eigen.ts";

/** The defaults of the implementation of McInnes et al., with 200 epochs as for large data. */
const NEIGHBOURS = 15;
const EPOCHS = 200;
const NEGATIVES = 5;
/** Of a coordinate, in one step. */
const LONGEST_STEP = 4;
/** Of the first layout: small steps from there on still lead anywhere. */
const FIRST_DEVIATION = 4;

/**
 * @param vectors shape [N, D], row-major, unit vectors
 * @returns shape [N, 2], row-major, each coordinate from 0 to 1; the same for the same vectors and seed
 */
export function neighbourLayout(vectors: Float32Array, dimensions: number, seed: number): Float64Array {
  const points = vectors.length / dimensions;
  const random = seededRandom(seed);
  const places = principalComponents(vectors, dimensions, random);
  const edges = fuzzyEdges(nearestNeighbours(vectors, dimensions), points);
  const strongest = edges.reduce((most, { weight }) => Math.max(most, weight), 0);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rate = 1 - epoch / EPOCHS;
    for (const { from, to, weight } of edges) {
      // An edge is drawn as often as it is strong.
      if (random() * strongest >= weight) continue;
      attract(places, from, to, rate);
      attract(places, to, from, rate);
      for (let k = 0; k < NEGATIVES; k++) repel(places, from, Math.floor(random() * points), rate);
    }
  }
  return scaledToUnit(places);
}

function attract(places: Float64Array, from: number, to: number, rate: number): void {
  const [x, y] = [places[2 * from]! - places[2 * to]!, places[2 * from + 1]! - places[2 * to + 1]!];
  move(places, from, (-2 / (1 + x * x + y * y)) * x, (-2 / (1 + x * x + y * y)) * y, rate);
}

function repel(places: Float64Array, from: number, other: number, rate: number): void {
  if (other === from) return;
  const [x, y] = [places[2 * from]! - places[2 * other]!, places[2 * from + 1]! - places[2 * other + 1]!];
  const square = x * x + y * y;
  const force = 2 / ((0.001 + square) * (1 + square));
  move(places, from, force * x, force * y, rate);
}

function move(places: Float64Array, point: number, x: number, y: number, rate: number): void {
  places[2 * point]! += rate * Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, x));
  places[2 * point + 1]! += rate * Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, y));
}

/** Shape [N, 2]: the two directions of most variance, with a little noise, so that equal vectors part. */
function principalComponents(vectors: Float32Array, dimensions: number, random: Random): Float64Array {
  const points = vectors.length / dimensions;
  const mean = new Float64Array(dimensions);
  vectors.forEach((value, at) => (mean[at % dimensions]! += value / points));
  const covariance = new Float64Array(dimensions * dimensions);
  for (let start = 0; start < vectors.length; start += dimensions) {
    for (let i = 0; i < dimensions; i++) {
      const value = vectors[start + i]! - mean[i]!;
      for (let j = 0; j <= i; j++) covariance[i * dimensions + j]! += value * (vectors[start + j]! - mean[j]!);
    }
  }
  for (let i = 0; i < dimensions; i++) {
    for (let j = 0; j < i; j++) covariance[j * dimensions + i] = covariance[i * dimensions + j]!;
  }
  const { values, vectors: axes } = symmetricEigen(covariance, dimensions);
  const scale = FIRST_DEVIATION / Math.sqrt(values[0]! / points || 1);
  const places = new Float64Array(2 * points);
  for (let point = 0; point < points; point++) {
    for (let axis = 0; axis < Math.min(2, dimensions); axis++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) {
        sum += axes[axis * dimensions + d]! * (vectors[point * dimensions + d]! - mean[d]!);
      }
      places[2 * point + axis] = scale * sum;
    }
  }
  return places.map((place) => place + 0.01 * gaussian(random));
}

interface Neighbours {
  /** K, less where there are fewer points. */
  readonly count: number;
  /** shape [N, K], nearest first. */
  readonly rows: Uint32Array;
  /** shape [N, K], 1 - cosine. */
  readonly distances: Float64Array;
}

function nearestNeighbours(vectors: Float32Array, dimensions: number): Neighbours {
  const points = vectors.length / dimensions;
  const count = Math.min(NEIGHBOURS, points - 1);
  const rows = new Uint32Array(points * count);
  const distances = new Float64Array(points * count).fill(Infinity);
  const insert = (point: number, other: number, distance: number): void => {
    const start = point * count;
    let at = start + count - 1;
    if (distance >= distances[at]!) return;
    for (; at > start && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!;
      rows[at] = rows[at - 1]!;
    }
    distances[at] = distance;
    rows[at] = other;
  };
  for (let a = 0; a < points; a++) {
    for (let b = 0; b < a; b++) {
      let dot = 0;
      for (let p = a * dimensions, q = b * dimensions; p < (a + 1) * dimensions; p++, q++) {
        dot += vectors[p]! * vectors[q]!;
      }
      insert(a, b, 1 - dot);
      insert(b, a, 1 - dot);
    }
  }
  return { count, rows, distances };
}

interface Edge {
  readonly from: number;
  readonly to: number;
  /** > 0, at most 1. */
  readonly weight: number;
}

/** McInnes et al., section 3.1: every point's neighbours have log2 K in all, and an edge is there if either end has it. */
function fuzzyEdges({ count, rows, distances }: Neighbours, points: number): Edge[] {
  const weights = new Map<number, number>();
  for (let point = 0; point < points; point++) {
    const own = distances.subarray(point * count, (point + 1) * count);
    const beyond = own.map((distance) => distance - own[0]!);
    const width = bandwidth(beyond, Math.log2(count));
    beyond.forEach((distance, at) => {
      const other = rows[point * count + at]!;
      const key = Math.min(point, other) * points + Math.max(point, other);
      const weight = Math.exp(-distance / width);
      const before = weights.get(key) ?? 0;
      weights.set(key, before + weight - before * weight);
    });
  }
  return Array.from(weights, ([key, weight]) => ({ from: Math.floor(key / points), to: key % points, weight }));
}

/** The width for which exp(-distance / width) sums to `target`, by bisection. */
function bandwidth(distances: Float64Array, target: number): number {
  const farthest = distances.at(-1) ?? 0;
  if (farthest === 0) return 1;
  let [low, high] = [1e-3 * farthest, 1e3 * farthest];
  for (let step = 0; step < 40; step++) {
    const middle = Math.sqrt(low * high);
    const sum = distances.reduce((total, distance) => total + Math.exp(-distance / middle), 0);
    if (sum < target) low = middle;
    else high = middle;
  }
  return high;
}

function scaledToUnit(places: Float64Array): Float64Array {
  const range = [0, 1].map((axis) => {
    const own = places.filter((_, at) => at % 2 === axis);
    const low = own.reduce((least, place) => Math.min(least, place), Infinity);
    return { low, width: own.reduce((most, place) => Math.max(most, place), -Infinity) - low || 1 };
  });
  return places.map((place, at) => (place - range[at % 2]!.low) / range[at % 2]!.width);
}
