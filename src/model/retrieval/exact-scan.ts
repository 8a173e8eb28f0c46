/**
 * The exact scans: the oracle of every kernel, and the item side of every metric.
 *
 * N items, D embedding size, K results.
 */
import { EngineError } from "../errors.ts";

/** Rows in order of score, highest first; ties by row, lowest first. */
export interface Scored {
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

/**
 * Scores of all items, `out[i] = vectors[i] . query`, float32 products summed in float64.
 * @param query shape [D]
 * @param vectors shape [N, D], row-major
 * @param out shape [N]
 */
export function scoreAll(query: Float32Array, vectors: Float32Array, dimensions: number, out: Float32Array): void {
  for (let row = 0, at = 0; row < out.length; row++, at += dimensions) {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += vectors[at + d]! * query[d]!;
    out[row] = sum;
  }
}

/**
 * The K best of `scores`, by a bounded heap. K > N gives N; rows scored -Infinity are masked and
 * left out.
 */
export function topK(scores: Float32Array | Int32Array, k: number): Scored {
  const size = Math.min(k, scores.length);
  const heap = new Uint32Array(size);
  let count = 0;
  // "worse" orders the heap: its root is the worst kept row.
  const worse = (a: number, b: number): boolean => scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  const siftDown = (row: number, from: number): void => {
    let parent = from;
    for (let child = 2 * parent + 1; child < count; child = 2 * parent + 1) {
      if (child + 1 < count && worse(heap[child + 1]!, heap[child]!)) child++;
      if (!worse(heap[child]!, row)) break;
      heap[parent] = heap[child]!;
      parent = child;
    }
    heap[parent] = row;
  };
  // What a later row has to exceed: one that equals the worst kept row loses the tie.
  let threshold = size === 0 ? Infinity : -Infinity;
  for (let row = 0; row < scores.length; row++) {
    if (!(scores[row]! > threshold)) continue;
    if (count === size) siftDown(row, 0);
    else {
      heap[count++] = row;
      if (count < size) continue;
      for (let at = size >> 1; at >= 0; at--) siftDown(heap[at]!, at);
    }
    threshold = scores[heap[0]!]!;
  }
  const rows = heap.slice(0, count).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { rows, scores: Float32Array.from(rows, (row) => scores[row]!) };
}

/** @throws QUERY_INVALID when a component is NaN or infinite, or the length is not D */
export function assertQuery(query: Float32Array, dimensions: number): void {
  if (query.length !== dimensions) {
    throw new EngineError("QUERY_INVALID", { reason: `${query.length} dimensions, expected ${dimensions}` });
  }
  if (!query.every(Number.isFinite)) {
    throw new EngineError("QUERY_INVALID", { reason: "a component is not a finite number" });
  }
}
