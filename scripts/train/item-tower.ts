/**
 * The item tower: a vector for every item that anything is known of, its content or its interactions.
 *
 * N items, M people, T features, D dimensions. z [N, D] the whitened iALS vectors (whiten.ts), X [M, D] the vectors of
 * the people of the training by the same fold-in as on the device, G = X'X, F [N, T] the features (text-features.ts) and
 * a constant, n an item's interactions.
 *
 * 1. Content: c = F B, B the ridge regression of z on F over the items with interactions,
 *    B = F'(F F' + ridge I)^-1 z (Hoerl and Kennard 1970; its dual form, Saunders, Gammerman and Vovk 1998). The map from
 *    attributes to factors of Gantner, Drumond, Freudenthaler, Rendle and Schmidt-Thieme, "Learning attribute-to-feature
 *    mappings for cold-start recommendations", 2010, in closed form.
 * 2. A few interactions, those of X_i [n, D], correct it: p is the minimum of
 *      sum over X_i w (x.p - 1)^2 + trust alpha0 sum over X (x.p - x.c)^2,
 *    the item's own step of iALS (Hu, Koren and Volinsky 2008, eq. 5) with the content's score, not 0, as what is expected
 *    of everybody: that nobody has a new item yet is no sign against it. With G = L L', y = L^-1 x and n x n equations,
 *    p = c + L^-T Y_i'(Y_i Y_i' + trust alpha0 W^-1)^-1 (1 - X_i c), the posterior mean of a Gaussian process.
 * 3. Where many interactions could have been, their absence tells too, and z knows it: z' = s z + (1 - s) p,
 *    s = min(1, n / established)^3.
 */
import { choleskyFactor, choleskySolve } from "../../src/model/tower/fold-in.ts";
import type { DatasetItems } from "../import/dataset.ts";
import { contentVectors } from "./content.ts";
import { foldInModel } from "./factor-model.ts";
import { foldInPeople } from "./fold-in-people.ts";
import { ialsEntry, trainIalsModel } from "./ials.ts";
import type { IalsParams } from "./ials.ts";
import { buildInteractionMatrix, transpose, userRows } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { conjugateGradients } from "./low-rank-ease.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, TrainedModel, TrainingData } from "./model.ts";
import { crossedFeatures } from "./text-features.ts";
import type { ThreadPool } from "./thread-pool.ts";
import {
  denseRows,
  gramian,
  invertedCholesky,
  multiply,
  shareBothWays,
  transform,
  transposed,
} from "./truncated-svd.ts";

/** How vectors are completed. */
export type CompletionParams = {
  readonly dimensions: number;
  /** Of iALS. */
  readonly alpha0: number;
  readonly seed: number;
  /** Of the regression, > 0, where an item's features have length 1. */
  readonly ridge: number;
  /** Confidence of the content's score for a person, in alpha0; > 0. */
  readonly trust: number;
  /** Interactions from which on an item's own vector stands as it is; >= 1. */
  readonly established: number;
};

export type ItemTowerParams = IalsParams & CompletionParams;

/** Directions of the people's Gramian that hold no more than this share of their diagonal entry are rounding. */
const DEPENDENT = 1e-6;
/**
 * Of content vectors where there is nothing else: about the mean of whitened ones, .2 on MovieLens 1M. NDCG@100 on the
 * validation of `cold-items` there .349 at .1, .347 at .2, .337 at .5, .315 at 1, and .337 for the mean of `content`; on
 * Steam .285, .285, .280, .271 and .290.
 */
const CONTENT_LENGTH = 0.2;
/**
 * Of the share that an item's own vector has. NDCG@100 on the validation of `strong` at exponent 1, 2, 3 and 6, Steam .519,
 * .519, .519, .518, Last.fm .384, .384, .383, .382; of 370 new items of MovieLens 1M with 16 interactions each (another
 * draw of them than docs/towers.md has) .437, .463 at 2, .476 at 6, content alone .447. 3 was not measured on that draw.
 */
const OWN_EXPONENT = 3;
/** Of the regression's equations. A thirtieth of it changes no third digit of NDCG@100 and takes 1.4 times the time. */
const RESIDUAL = 0.03;

/**
 * The vectors of all items, shape [N, D], row-major. Established items, and items without content: as they came, without
 * interactions zero. No interaction at all: the content vectors (content.ts), of a length that suits the fold-in.
 * The same for any number of threads.
 * @param matrix people x items, what the vectors were fitted on
 * @param vectors shape [N, D], whitened, row-major; kept
 * @throws CANCELLED
 */
export async function completeItemVectors(
  items: DatasetItems,
  matrix: InteractionMatrix,
  vectors: Float32Array,
  params: CompletionParams,
  pool: ThreadPool,
): Promise<Float32Array> {
  const [completed] = await completionsOfItemVectors(items, matrix, vectors, params, [params.established], pool);
  return completed!;
}

/** As {@link completeItemVectors}, once for each of several `established`, which cost little beside the first. */
export async function completionsOfItemVectors(
  items: DatasetItems,
  matrix: InteractionMatrix,
  vectors: Float32Array,
  params: Omit<CompletionParams, "established">,
  established: readonly number[],
  pool: ThreadPool,
): Promise<Float32Array[]> {
  if (matrix.indices.length === 0) {
    const content = (await contentVectors(items, params, pool)).map((value) => CONTENT_LENGTH * value);
    return established.map(() => content);
  }
  const byItem = transpose(matrix);
  const content = await regressOnContent(items, byItem, vectors, params, pool);
  return pool.scope(async () => {
    const { dimensions, alpha0, trust } = params;
    const { people, size } = await foldInPeople(matrix, vectors, dimensions, pool);
    const inverse = invertedCholesky(await gramian(people, matrix.users, size, pool), size, DEPENDENT);
    const whitened = pool.float32(people.array);
    await transform(whitened, matrix.users, transposed(inverse, size), size, pool);
    const completed = established.map(() => vectors.slice());
    const most = Math.max(...established);
    for (let item = 0; item < matrix.items; item++) {
      const [first, last] = [byItem.indptr[item]!, byItem.indptr[item + 1]!];
      const c = content.subarray(item * dimensions, (item + 1) * dimensions);
      if (last - first >= most || c.every((value) => value === 0)) continue;
      const owners = byItem.indices.subarray(first, last);
      const ofOwners = (table: Float32Array): Float32Array[] =>
        Array.from(owners, (user) => table.subarray(user * size, user * size + dimensions));
      const variances = byItem.weights.subarray(first, last).map((weight) => (trust * alpha0) / weight);
      const residuals = Float64Array.from(ofOwners(people.array), (person) => 1 - dot(person, c));
      const correction = posteriorMean(ofOwners(whitened.array), variances, residuals, dimensions);
      const shares = established.map((enough) => Math.min(1, (last - first) / enough) ** OWN_EXPONENT);
      for (let d = 0; d < dimensions; d++) {
        let value = c[d]!;
        for (let k = d; k < dimensions; k++) value += inverse[k * size + d]! * correction[k]!;
        const at = item * dimensions + d;
        completed.forEach((out, k) => (out[at] = shares[k]! * vectors[at]! + (1 - shares[k]!) * value));
      }
    }
    return completed;
  });
}

/** Y'(Y Y' + diag(variances))^-1 residuals, shape [D]; Y the rows, n of them. None: zeros. */
function posteriorMean(
  rows: readonly Float32Array[],
  variances: Float32Array,
  residuals: Float64Array,
  dimensions: number,
): Float64Array {
  const count = rows.length;
  const covariance = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) covariance[i * count + j] = dot(rows[i]!, rows[j]!) + (i === j ? variances[i]! : 0);
  }
  choleskyFactor(covariance, count);
  const solution = choleskySolve(covariance, residuals, count);
  const mean = new Float64Array(dimensions);
  rows.forEach((row, i) => {
    for (let d = 0; d < dimensions; d++) mean[d]! += solution[i]! * row[d]!;
  });
  return mean;
}

/** The kernels' rows. */
const paddedSize = (dimensions: number): number => Math.ceil(dimensions / 16) * 16;

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < b.length; d++) sum += a[d]! * b[d]!;
  return sum;
}

/** c, shape [N, D]; items without a feature that another has: zeros. */
async function regressOnContent(
  items: DatasetItems,
  byItem: InteractionMatrix,
  vectors: Float32Array,
  { dimensions, ridge }: Pick<CompletionParams, "dimensions" | "ridge">,
  pool: ThreadPool,
): Promise<Float32Array> {
  const features = featuresOf(items);
  const known = Uint32Array.from(byItem.indptr.keys()).filter(
    (item) => byItem.indptr[item + 1]! > byItem.indptr[item]!,
  );
  const fitted = rowsOf(features, known);
  return pool.scope(async () => {
    const size = paddedSize(dimensions);
    const target = denseRows(known.length, size, pool);
    known.forEach((item, row) => {
      target.array.set(vectors.subarray(item * dimensions, (item + 1) * dimensions), row * size);
    });
    const solution = denseRows(known.length, size, pool);
    await pool.scope(() => conjugateGradients(transpose(fitted), ridge, target, solution, size, pool, RESIDUAL));
    const weights = denseRows(features.items, size, pool);
    const content = denseRows(features.users, size, pool);
    await multiply(shareBothWays(fitted, pool).columns, solution, weights, size, pool);
    await multiply(shareBothWays(features, pool).rows, weights, content, size, pool);
    const result = new Float32Array(vectors.length);
    for (let item = 0; item < features.users; item++) {
      result.set(content.array.subarray(item * size, item * size + dimensions), item * dimensions);
    }
    return result;
  });
}

const madeFeatures = new WeakMap<DatasetItems, InteractionMatrix>();

/** F. Made once for a catalogue, which a search fits many times. */
function featuresOf(items: DatasetItems): InteractionMatrix {
  const features = madeFeatures.get(items) ?? withConstant(crossedFeatures(items).matrix);
  madeFeatures.set(items, features);
  return features;
}

/** One feature more, 1 for every item that has others. */
function withConstant(features: InteractionMatrix): InteractionMatrix {
  const { users, items, indptr, indices, weights } = features;
  const some = Uint32Array.from({ length: users }, (_, item) => item).filter(
    (item) => indptr[item + 1]! > indptr[item]!,
  );
  return buildInteractionMatrix({
    users,
    items: items + 1,
    userRows: Uint32Array.from([...userRows(features), ...some]),
    itemRows: Uint32Array.from([...indices, ...some.map(() => items)]),
    weights: Float32Array.from([...weights, ...some.map(() => 1)]),
  });
}

/** Some rows of a matrix. */
function rowsOf(matrix: InteractionMatrix, rows: Uint32Array): InteractionMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((row, at) => (indptr[at + 1] = indptr[at]! + matrix.indptr[row + 1]! - matrix.indptr[row]!));
  const indices = new Uint32Array(indptr[rows.length]!);
  const weights = new Float32Array(indices.length);
  rows.forEach((row, at) => {
    const [first, last] = [matrix.indptr[row]!, matrix.indptr[row + 1]!];
    indices.set(matrix.indices.subarray(first, last), indptr[at]);
    weights.set(matrix.weights.subarray(first, last), indptr[at]);
  });
  return { users: rows.length, items: matrix.items, indptr, indices, weights };
}

/** iALS, its vectors completed, the history folded in with them. */
export async function trainItemTowerModel(
  { items, matrix }: TrainingData,
  params: ItemTowerParams,
  pool: ThreadPool,
): Promise<TrainedModel> {
  const { result: itemVectors, cpuSeconds } = await measureCpu(async () => {
    const { factors } = await trainIalsModel(matrix, params, pool);
    return completeItemVectors(items, matrix, factors.itemVectors, params, pool);
  });
  return foldInModel("item-tower", params, cpuSeconds, itemVectors);
}

/**
 * Chosen on validation. NDCG@100 of `strong` on MovieLens 1M, Last.fm and Steam, where rare items are rare for good, is
 * .468, .403, .519, of iALS alone .468, .387, .513 (standard errors .007, .016, .017): with trust .3 Last.fm has .388,
 * with trust 3 .386, Steam .519 and .516; at ridge 1 with 64 interactions and trust .3 .376 and .512, with 16 and trust 1
 * .396 and .515. Of `cold-items`, MovieLens 1M and Steam: ridge .1 .494 and .383, .3 .506 and .370, 1 .506 and .363.
 * All rows weigh alike: with TF-IDF terms, weights n / (n + k) lost on MovieLens .419 -> .416 (k = 10), .395 (k = 1000),
 * on Last.fm .051 -> .038 (k = 3).
 */
export const COMPLETION = { ridge: 0.3, trust: 1, established: 32 } as const;

export const itemTowerEntry: ModelEntry<ItemTowerParams> = {
  defaults: { ...ialsEntry.defaults, ...COMPLETION },
  tried: { ridge: [0.1, 0.3, 1] },
  space: {
    ...ialsEntry.space,
    ridge: { low: 0.03, high: 10 },
    trust: { low: 0.03, high: 3 },
    established: { values: [8, 16, 32, 64, 128] },
  },
  refusal: ({ items }) =>
    crossedFeatures(items).terms.length > 0
      ? null
      : 'the items have neither words nor attributes in common; leave "item-tower" out of --models, or add columns to items.csv',
  train: (data, params, { pool }) => trainItemTowerModel(data, params, pool),
};
