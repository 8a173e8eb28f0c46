/**
 * The residual table: what the dot product leaves unexplained of what people take together, as a few sources a target.
 *
 * M people, N items, X [M, N] with ones, z_j the item vectors that ship, x_u the fold-in of a training person, s_uj = z_j.x_u
 * and, where u has j, what it would be without j. People weigh p_u ~ |u|^-beta. With kappa the best scale of s as an
 * estimate of X, kappa = sum over X of p s / sum over all pairs of p s^2, the residual regression is
 *
 *   b_j = (G_SS + Lambda_S)^-1 C_Sj,   G = X'PX,  C = X'P(X - kappa S),  Lambda_i = lambda (c_i / mean c)^1/2
 *
 * for the sources S of target j, c_i the people of i. It is a ridge regression on a support (SLIM's and EASE^R's columns:
 * Ning and Karypis 2011; Steck 2019), fitted to the residual instead of to X. S is found without any N x N matrix: the 64
 * sources that alone would explain most, then of those of all targets together the entries of the largest |b_ij| c_i^.3;
 * then the coefficients are fitted again. C is sparse but for a matrix of rank D, X'PS = (X'P x) Z' + sparse.
 * Against sources chosen by the dense inverse, and 8 for each target: docs/towers.md.
 */
import type { NeighbourEntries } from "../../src/model/tower/neighbours.ts";
import { foldInPeople } from "./fold-in-people.ts";
import { countingSort, transpose } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { balancedBounds, evenBounds } from "./partition.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { denseRows, gramian } from "./truncated-svd.ts";

export interface ResidualParams {
  /** Of the ridge, > 0. */
  readonly lambda: number;
  /** beta, 0 or above. */
  readonly userExponent: number;
}

/** Sources looked at for each target: 200 are no better (docs/towers.md). */
const CANDIDATES = 64;
/** Popular sources stand in more histories: entries are kept by |value| c_i^.3 (docs/towers.md). */
export const SOURCE_EXPONENT = 0.3;

/** Co-occurrences of all pairs take 1.3 GB then; beyond, catalogues are sparse, and those of a target's sources are counted. */
const MOST_ITEMS_IN_PAIRS = 25_000;
/** Targets of a block. */
const SOLVED_AT_ONCE = 64;
const LABEL = "residual table";

/** Candidate entries of all targets, not pruned yet: {@link residualEntries} is asked for as many as there is room for. */
export interface ResidualFit {
  readonly people: People;
  readonly params: ResidualParams;
  readonly kappa: number;
  /** By target; sources by their number of people, most first. */
  readonly indptr: Uint32Array;
  readonly sources: Uint32Array;
  /** C */
  readonly crosses: Float32Array;
  /** Fitted with all candidates. */
  readonly values: Float32Array;
}

/** The training's people as the regression sees them. */
interface People {
  readonly byUser: InteractionMatrix;
  readonly byItem: InteractionMatrix;
  /** shape [M], mean 1 over the interactions. */
  readonly weights: Float32Array;
  /** Whether the co-occurrences of all pairs are kept while targets are solved, or counted for each. */
  readonly inPairs: boolean;
}

/**
 * @param matrix its weights count in the fold-in; to the regression every interaction is one
 * @param vectors shape [N, D], whitened, as they ship
 * @param mostItemsInPairs up to so many items the co-occurrences of all pairs are kept while targets are solved
 * @throws CANCELLED
 */
export async function fitResidual(
  matrix: InteractionMatrix,
  vectors: Float32Array,
  dimensions: number,
  params: ResidualParams,
  pool: ThreadPool,
  mostItemsInPairs = MOST_ITEMS_IN_PAIRS,
): Promise<ResidualFit> {
  const byItem = transpose(matrix);
  const weights = peopleWeights(matrix, params.userExponent);
  const people = { byUser: matrix, byItem, weights, inPairs: matrix.items <= mostItemsInPairs };
  pool.progress(0, 3, LABEL);
  const { kappa, ...candidates } = await pool.scope(() => findCandidates(people, vectors, dimensions, params, pool));
  pool.progress(2, 3, LABEL);
  const values = await solve(people, params, candidates, pool);
  pool.progress(3, 3, LABEL);
  return { people, params, kappa, ...candidates, values };
}

/** Sources and C by target. */
type Candidates = Pick<ResidualFit, "indptr" | "sources" | "crosses">;

async function findCandidates(
  { byUser, byItem, weights: ofPeople }: People,
  vectors: Float32Array,
  dimensions: number,
  params: ResidualParams,
  pool: ThreadPool,
): Promise<Candidates & { readonly kappa: number }> {
  const { items } = byUser;
  const { size, vectors: z, people: folded, scores, heldOut } = await foldInPeople(byUser, vectors, dimensions, pool);
  const kernel = await gramian(z, items, size, pool);
  const kappa = scaleOfScores(byUser, ofPeople, folded.array, scores, heldOut, kernel, size);
  pool.progress(1, 3, LABEL);

  const bounds = balancedBounds(byItem.indptr);
  const itemStarts = pool.uint32(byItem.indptr).pointer;
  const itemPeople = pool.uint32(byItem.indices).pointer;
  const pulls = denseRows(items, size, pool);
  const pullWeights = pool.float32(Float32Array.from(byItem.indices, (person) => kappa * ofPeople[person]!));
  const pullArgs = [itemStarts, itemPeople, pullWeights.pointer, folded.pointer, pulls.pointer, size];
  await pool.run("sparseProduct", bounds, pullArgs);
  const unexplained = heldOut.map((value, at) => 1 - kappa * (value - scores[at]!));
  const { order } = countingSort(byUser.indices, items);
  const ridges = ridgesOf(byItem, params.lambda);
  const gains = ridges.map((ridge, item) => {
    const [first, last] = [byItem.indptr[item]!, byItem.indptr[item + 1]!];
    let weight = 0;
    for (let at = first; at < last; at++) weight += ofPeople[byItem.indices[at]!]!;
    return Math.sqrt(last - first) / (weight + ridge);
  });
  const sources = pool.uint32(items * CANDIDATES);
  const crosses = pool.float32(items * CANDIDATES);
  const counts = pool.uint32(items);
  const y = pool.float32(Float32Array.from(order, (at) => unexplained[at]!));
  const columns = [itemStarts, itemPeople, y.pointer];
  const rows = [pool.uint32(byUser.indptr).pointer, pool.uint32(byUser.indices).pointer];
  const given = [pool.float32(ofPeople).pointer, z.pointer, pulls.pointer, size, pool.float32(gains).pointer];
  const output = [sources.pointer, crosses.pointer, counts.pointer];
  const args = [items, ...columns, ...rows, ...given, CANDIDATES, ...output];
  await pool.run("neighbourCandidates", bounds, args, 4 * (3 * items + CANDIDATES));
  return { kappa, ...inOrder(byItem, sources.array, crosses.array, counts.array) };
}

/** By target, sources by their number of people, most first: {@link solve} visits the people of the rarer of a pair. */
function inOrder(
  { indptr: starts, users: items }: InteractionMatrix,
  sources: Uint32Array,
  crosses: Float32Array,
  counts: Uint32Array,
): Candidates {
  const people = (place: number): number => starts[sources[place]! + 1]! - starts[sources[place]!]!;
  const indptr = new Uint32Array(items + 1);
  for (let item = 0; item < items; item++) indptr[item + 1] = indptr[item]! + counts[item]!;
  const places = new Uint32Array(indptr[items]!);
  for (let item = 0; item < items; item++) {
    const own = Uint32Array.from({ length: counts[item]! }, (_, at) => item * CANDIDATES + at);
    places.set(
      own.sort((a, b) => people(b) - people(a) || sources[a]! - sources[b]!),
      indptr[item],
    );
  }
  return {
    indptr,
    sources: places.map((place) => sources[place]!),
    crosses: Float32Array.from(places, (place) => crosses[place]!),
  };
}

/** b of every target. */
async function solve(
  { byUser, byItem, weights, inPairs }: People,
  { lambda }: ResidualParams,
  { indptr, sources, crosses }: Candidates,
  pool: ThreadPool,
): Promise<Float32Array> {
  return pool.scope(async () => {
    const { users, items } = byUser;
    const values = pool.float32(crosses);
    const most = Math.ceil(CANDIDATES / 8) * 8;
    const columns = [pool.uint32(byItem.indptr).pointer, pool.uint32(byItem.indices).pointer];
    const ofPeople = pool.float32(weights).pointer;
    let pairs = 0;
    if (inPairs) {
      pairs = pool.float32((items * (items + 1)) / 2).pointer;
      const rows = [pool.uint32(byUser.indptr).pointer, pool.uint32(byUser.indices).pointer];
      await pool.run("coOccurrences", balancedBounds(byItem.indptr), [...columns, ...rows, ofPeople, pairs]);
    }
    const wanted = [pool.uint32(indptr).pointer, pool.uint32(sources).pointer, values.pointer];
    const ridges = pool.float32(ridgesOf(byItem, lambda)).pointer;
    const args = [...wanted, ...columns, ofPeople, users, ridges, pairs];
    const scratch = 4 * (users + 4 + most * (most + 2));
    await pool.run("solveNeighbours", evenBounds(indptr.length - 1, SOLVED_AT_ONCE), args, scratch);
    return values.array.slice();
  });
}

/**
 * The entries of the largest |b_ij| c_i^.3 over all targets, fitted again, in units of the dot product: b / kappa.
 * @param count how many at most
 */
export async function residualEntries(fit: ResidualFit, count: number, pool: ThreadPool): Promise<NeighbourEntries> {
  const { people, params, kappa, indptr, sources, crosses, values } = fit;
  const { indptr: starts } = people.byItem;
  const importance = values.map((value, at) => {
    return Math.abs(value) * (starts[sources[at]! + 1]! - starts[sources[at]!]!) ** SOURCE_EXPONENT;
  });
  const kept = strongest(importance, count);
  const targets = new Uint32Array(sources.length);
  for (let item = 0; item + 1 < indptr.length; item++) targets.fill(item, indptr[item], indptr[item + 1]);
  const chosen = { sources: kept.map((at) => sources[at]!), targets: kept.map((at) => targets[at]!) };
  const keptStarts = new Uint32Array(indptr.length);
  for (const target of chosen.targets) keptStarts[target + 1]!++;
  for (let item = 0; item + 1 < keptStarts.length; item++) keptStarts[item + 1]! += keptStarts[item]!;
  const keptCrosses = Float32Array.from(kept, (at) => crosses[at]!);
  const again = { indptr: keptStarts, sources: chosen.sources, crosses: keptCrosses };
  const fitted = await solve(people, params, again, pool);
  return { ...chosen, values: fitted.map((value) => value / kappa) };
}

/** The positions of the `count` largest values, ascending; of equals the first. */
export function strongest(values: Float32Array, count: number): Uint32Array {
  if (count >= values.length) return Uint32Array.from(values.keys());
  if (count === 0) return new Uint32Array(0);
  const bound = values.toSorted()[values.length - count]!;
  let atBound = count - values.reduce((above, value) => above + (value > bound ? 1 : 0), 0);
  const kept = new Uint32Array(count);
  let length = 0;
  values.forEach((value, at) => {
    if (value > bound || (value === bound && atBound-- > 0)) kept[length++] = at;
  });
  return kept;
}

/** p_u, shape [M]. */
function peopleWeights({ users, indptr, indices }: InteractionMatrix, exponent: number): Float32Array {
  const raw = Float64Array.from(
    { length: users },
    (_, user) => Math.max(1, indptr[user + 1]! - indptr[user]!) ** -exponent,
  );
  const total = raw.reduce((sum, weight, user) => sum + weight * (indptr[user + 1]! - indptr[user]!), 0);
  return Float32Array.from(raw, (weight) => (weight * indices.length) / total);
}

/** Lambda, shape [N]. */
function ridgesOf({ indptr, indices, users: items }: InteractionMatrix, lambda: number): Float32Array {
  const counts = Float32Array.from({ length: items }, (_, item) => indptr[item + 1]! - indptr[item]!);
  const mean =
    indices.length /
    Math.max(
      1,
      counts.reduce((some, count) => some + (count > 0 ? 1 : 0), 0),
    );
  return counts.map((count) => lambda * Math.sqrt(Math.max(1, count) / Math.max(1, mean)));
}

/** kappa. @param kernel Z'Z, shape [S, S] */
function scaleOfScores(
  { users, indptr }: InteractionMatrix,
  ofPeople: Float32Array,
  folded: Float32Array,
  scores: Float32Array,
  heldOut: Float32Array,
  kernel: Float64Array,
  size: number,
): number {
  let observed = 0;
  let squares = 0;
  for (let user = 0; user < users; user++) {
    const x = folded.subarray(user * size, (user + 1) * size);
    let all = 0;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += kernel[i * size + j]! * x[j]!;
      all += sum * x[i]!;
    }
    let own = 0;
    for (let at = indptr[user]!; at < indptr[user + 1]!; at++) {
      own += heldOut[at]!;
      all += heldOut[at]! ** 2 - scores[at]! ** 2;
    }
    observed += ofPeople[user]! * own;
    squares += ofPeople[user]! * all;
  }
  return observed / squares;
}
