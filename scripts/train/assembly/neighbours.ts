/**
 * The residual table (../residual-table.ts): the fold-in of the training's people with their scores held out, and local
 * ridge regressions. M people, N items, S: the embedding size rounded up to a multiple of 16.
 */
import { addInteractions, backSubstitute, cholesky, forwardSubstitute } from "./ials";
import { isWorse, rise, sink } from "./nearest-items";

function dot(x: usize, y: usize, size: u32): f32 {
  let sums = f32x4.splat(0);
  for (let d: usize = 0; d < (<usize>size) << 2; d += 16) {
    sums = f32x4.add(sums, f32x4.mul(v128.load(x + d), v128.load(y + d)));
  }
  return (
    f32x4.extract_lane(sums, 0) +
    f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
  );
}

/**
 * x = (I + Z'WZ)^-1 Z'w of the people [begin, end), to people [M, S]; of each of their interactions z.x to `scores` and
 * what it would be without that interaction, (z.x - w h) / (1 - w h) with h = z'(I + Z'WZ)^-1 z, to `heldOut`.
 * @param scratch (S S + 3 S + 64 S) float32
 */
export function foldInPeople(
  scratch: usize,
  begin: u32,
  end: u32,
  indptr: usize,
  indices: usize,
  weights: usize,
  vectors: usize,
  people: usize,
  scores: usize,
  heldOut: usize,
  size: u32,
): void {
  const stride = (<usize>size) << 2;
  const a = scratch;
  const inverses = a + size * stride;
  const x = inverses + stride;
  const y = x + stride;
  const panel = y + stride;
  for (let person = begin; person < end; person++) {
    const first = load<u32>(indptr + (person << 2));
    const last = load<u32>(indptr + (person << 2), 4);
    memory.fill(a, 0, size * stride);
    memory.fill(x, 0, stride);
    for (let k: u32 = 0; k < size; k++) store<f32>(a + k * stride + (k << 2), 1);
    addInteractions(a, x, panel, indices, weights, vectors, first, last, size);
    cholesky(a, inverses, size);
    forwardSubstitute(a, inverses, x, size);
    backSubstitute(a, inverses, x, size);
    memory.copy(people + <usize>person * stride, x, stride);
    for (let at = first; at < last; at++) {
      const z = vectors + <usize>load<u32>(indices + (at << 2)) * stride;
      const score = dot(z, x, size);
      memory.copy(y, z, stride);
      forwardSubstitute(a, inverses, y, size);
      const own = load<f32>(weights + (at << 2)) * dot(y, y, size);
      store<f32>(scores + (at << 2), score);
      store<f32>(heldOut + (at << 2), (score - own) / max<f32>(1 - own, 1e-3));
    }
  }
}

/**
 * The sources that would explain most of each target in [begin, end) on their own: those of the largest
 * |C_ij| root_i / (g_i + ridge_i), C_ij = sum over the people of both of w_u y_uj - pull_i . z_j. Row j of outputSources
 * and outputCrosses (C) [N, limit] and counts [N].
 * @param scratch (3 N + limit) words
 * @param itemPeople the people of each item, with y by interaction
 * @param gains [N], root_i / (g_i + ridge_i)
 */
export function neighbourCandidates(
  scratch: usize,
  begin: u32,
  end: u32,
  items: u32,
  itemIndptr: usize,
  itemPeople: usize,
  itemValues: usize,
  userIndptr: usize,
  userItems: usize,
  peopleWeights: usize,
  vectors: usize,
  pulls: usize,
  size: u32,
  gains: usize,
  limit: u32,
  outputSources: usize,
  outputCrosses: usize,
  counts: usize,
): void {
  const stride = (<usize>size) << 2;
  const crosses = scratch;
  const touched = crosses + ((<usize>items) << 2);
  const isTouched = touched + ((<usize>items) << 2);
  const importances = isTouched + ((<usize>items) << 2);
  memory.fill(crosses, 0, (<usize>items) << 2);
  memory.fill(isTouched, 0, (<usize>items) << 2);
  for (let item = begin; item < end; item++) {
    let touchedCount: u32 = 0;
    const last = load<u32>(itemIndptr + (item << 2), 4);
    for (let at = load<u32>(itemIndptr + (item << 2)); at < last; at++) {
      const person = load<u32>(itemPeople + (at << 2));
      const value = load<f32>(itemValues + (at << 2)) * load<f32>(peopleWeights + (person << 2));
      const userLast = load<u32>(userIndptr + (person << 2), 4);
      for (let k = load<u32>(userIndptr + (person << 2)); k < userLast; k++) {
        const other = load<u32>(userItems + (k << 2));
        const cell = crosses + (other << 2);
        if (load<u32>(isTouched + (other << 2)) == 0) {
          store<u32>(isTouched + (other << 2), 1);
          store<u32>(touched + (touchedCount++ << 2), other);
        }
        store<f32>(cell, load<f32>(cell) + value);
      }
    }
    const sources = outputSources + ((<usize>item * limit) << 2);
    const z = vectors + item * stride;
    let count: u32 = 0;
    for (let at: u32 = 0; at < touchedCount; at++) {
      const other = load<u32>(touched + (at << 2));
      const cell = crosses + (other << 2);
      if (other == item) continue;
      const cross = load<f32>(cell) - dot(pulls + other * stride, z, size);
      store<f32>(cell, cross);
      const importance = abs<f32>(cross) * load<f32>(gains + (other << 2));
      if (count < limit) rise(importances, sources, count++, importance, other);
      else if (isWorse(load<f32>(importances), load<u32>(sources), importance, other)) {
        sink(importances, sources, count, 0, importance, other);
      }
    }
    for (let at: u32 = 0; at < count; at++) {
      const source = load<u32>(sources + (at << 2));
      store<f32>(outputCrosses + ((<usize>item * limit + at) << 2), load<f32>(crosses + (source << 2)));
    }
    for (let at: u32 = 0; at < touchedCount; at++) {
      const other = load<u32>(touched + (at << 2));
      store<f32>(crosses + (other << 2), 0);
      store<u32>(isTouched + (other << 2), 0);
    }
    store<u32>(counts + (item << 2), count);
  }
}

/** G = X'PX for the items [begin, end): G_ij, j <= i, is number i (i + 1) / 2 + j of `output`. */
export function coOccurrences(
  scratch: usize,
  begin: u32,
  end: u32,
  itemIndptr: usize,
  itemPeople: usize,
  userIndptr: usize,
  userItems: usize,
  peopleWeights: usize,
  output: usize,
): void {
  for (let item = begin; item < end; item++) {
    const row = output + triangle(item);
    memory.fill(row, 0, (<usize>item + 1) << 2);
    const last = load<u32>(itemIndptr + (item << 2), 4);
    for (let at = load<u32>(itemIndptr + (item << 2)); at < last; at++) {
      const person = load<u32>(itemPeople + (at << 2)) << 2;
      const weight = load<f32>(peopleWeights + person);
      const userLast = load<u32>(userIndptr + person, 4);
      for (let k = load<u32>(userIndptr + person); k < userLast; k++) {
        const other = load<u32>(userItems + (k << 2));
        if (other > item) break;
        const cell = row + (other << 2);
        store<f32>(cell, load<f32>(cell) + weight);
      }
    }
  }
}

/** Where row i of a lower triangle begins, in bytes. */
function triangle(row: u32): usize {
  return (<usize>row * (<usize>row + 1)) << 1;
}

/** Row `row` of G_SS from its diagonal on; `marks` [M] are zero before and after. */
function countPairs(
  target: usize,
  marks: usize,
  source: u32,
  sources: usize,
  row: u32,
  count: u32,
  itemIndptr: usize,
  itemPeople: usize,
  peopleWeights: usize,
): void {
  const sourceFirst = load<u32>(itemIndptr + (source << 2));
  const sourceLast = load<u32>(itemIndptr + (source << 2), 4);
  for (let at = sourceFirst; at < sourceLast; at++) {
    const person = load<u32>(itemPeople + (at << 2)) << 2;
    store<f32>(marks + person, load<f32>(peopleWeights + person));
  }
  for (let column = row; column < count; column++) {
    const other = load<u32>(sources + (column << 2));
    const otherLast = load<u32>(itemIndptr + (other << 2), 4);
    let sum: f32 = 0;
    for (let at = load<u32>(itemIndptr + (other << 2)); at < otherLast; at++) {
      sum += load<f32>(marks + (load<u32>(itemPeople + (at << 2)) << 2));
    }
    store<f32>(target + (column << 2), sum);
  }
  for (let at = sourceFirst; at < sourceLast; at++) store<f32>(marks + (load<u32>(itemPeople + (at << 2)) << 2), 0);
}

/**
 * b = (G_SS + Lambda_S)^-1 C_Sj of each target in [begin, end): its sources S and C_Sj are those from indptr[j] on; b
 * takes the place of C. G is read, or, where there is none, counted: the sources of a target stand by their number of
 * people, most first, so that of a pair the people of the rarer one are visited.
 * @param scratch (M + T T + T + T) float32, T the most sources of a target, rounded up to a multiple of 8
 * @param ridges [N], Lambda
 * @param pairs what coOccurrences wrote; 0: there is none
 */
export function solveNeighbours(
  scratch: usize,
  begin: u32,
  end: u32,
  indptr: usize,
  sources: usize,
  values: usize,
  itemIndptr: usize,
  itemPeople: usize,
  peopleWeights: usize,
  people: u32,
  ridges: usize,
  pairs: usize,
): void {
  const marks = scratch;
  memory.fill(marks, 0, (<usize>people) << 2);
  const a = marks + ((<usize>(people + 3) & ~3) << 2);
  for (let item = begin; item < end; item++) {
    const first = load<u32>(indptr + (item << 2));
    const count = load<u32>(indptr + (item << 2), 4) - first;
    if (count == 0) continue;
    const size = (count + 7) & ~7;
    const stride = (<usize>size) << 2;
    const inverses = a + size * stride;
    const b = inverses + stride;
    memory.fill(a, 0, size * stride);
    memory.fill(b, 0, stride);
    memory.copy(b, values + (first << 2), count << 2);
    for (let row: u32 = 0; row < count; row++) {
      const source = load<u32>(sources + ((first + row) << 2));
      const target = a + row * stride;
      if (pairs != 0) {
        for (let column = row; column < count; column++) {
          const other = load<u32>(sources + ((first + column) << 2));
          const cell = pairs + triangle(max(source, other)) + (min(source, other) << 2);
          store<f32>(target + (column << 2), load<f32>(cell));
        }
      } else
        countPairs(target, marks, source, sources + (first << 2), row, count, itemIndptr, itemPeople, peopleWeights);
      const diagonal = target + (row << 2);
      store<f32>(diagonal, load<f32>(diagonal) + load<f32>(ridges + (source << 2)));
    }
    for (let row = count; row < size; row++) store<f32>(a + row * stride + (row << 2), 1);
    cholesky(a, inverses, size);
    forwardSubstitute(a, inverses, b, size);
    backSubstitute(a, inverses, b, size);
    memory.copy(values + (first << 2), b, count << 2);
  }
}
