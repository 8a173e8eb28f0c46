/**
 * Matrix factorisation by stochastic gradients, the family of LightFM (Kula, "Metadata Embeddings for User and Item
 * Cold-start Recommendations", 2015): the score of item i for user u is s_i = p_u.q_i + b_i, and with `features` q_i and
 * b_i are the sums of the embeddings and biases of the item's id and of its features. What of a pair i of the user and
 * an item j that is none is minimised, times the weight w of the interaction:
 *
 * - `logistic` (Johnson 2014, with drawn negatives): -ln sigma(s_i + b_u) - sum over j ln sigma(-s_j - b_u)
 * - `bpr` (Rendle et al., "Bayesian Personalized Ranking", 2009, section 4.1): -ln sigma(s_i - s_j)
 * - `warp` (Weston, Bengio, Usunier, "WSABIE", 2011, section 3): H(N / n) (1 - s_i + s_j), where j is the first of the
 *   drawn items that scores above s_i - 1, n the number of draws up to it and H(k) = 1 + 1/2 + ... + 1/k
 *
 * Adagrad (Duchi, Hazan, Singer 2011); embeddings have a term regularisation / 2 |x|^2, biases none: a term for
 * each interaction holds an item that is mostly positive to the same bias however popular it is.
 *
 * M users, N items, F features, D embedding size, I interactions, S: D rounded up to a multiple of 4. Everything is
 * done in one order on one thread, so results do not depend on the number of threads; an epoch over the 10^6
 * interactions of ml-1m takes about a CPU second at D = 64.
 */
import { EngineError } from "../../src/model/errors.ts";
import { factorModel } from "./factor-model.ts";
import { foldInByGradients, LOSSES } from "./gradient-fold-in.ts";
import type { FactorisationParams, Loss } from "./gradient-fold-in.ts";
import { shareMatrix, userRows } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { Factors, TrainedModel, Training, TrainingData } from "./model.ts";
import { harmonicNumbers, negativeTable } from "./negatives.ts";
import { gaussian, seededRandom, shuffle } from "./random.ts";
import type { Random } from "./random.ts";
import { textFeatures } from "./text-features.ts";
import type { TextFeatures } from "./text-features.ts";

/** All that training goes on from; rows of S + 4: the embedding, padded, its bias, three unused. */
export interface FactorisationState {
  /** Rows of users, and of the items followed by those of the features. */
  readonly users: Float32Array;
  readonly entries: Float32Array;
  /** The sums of squared gradients, of the same shapes. */
  readonly userSquares: Float32Array;
  readonly entrySquares: Float32Array;
  readonly items: number;
  readonly featureNames: readonly string[];
}

export interface FactorisationModel extends TrainedModel {
  /** Vectors of D + 1: the bias is the last, and 1 the last of a user vector. */
  readonly factors: Factors;
  readonly state: FactorisationState;
  readonly params: FactorisationParams;
}

/** First values are normal, of this standard deviation over sqrt(D), as those of iALS. */
const INITIAL_DEVIATION = 0.1;
/** The sums of squares begin at 1, as in LightFM: first steps are as long as those without Adagrad. */
const INITIAL_SQUARES = 1;
/** Interactions that are shuffled together: those of a hundred users of ml-1m. */
const WINDOW = 2 ** 14;
/** Interactions between two looks at whether to go on. */
const SLICE = 2 ** 18;

/**
 * @param goOn from where, in place of random numbers, and for how many epochs; those of `params` a fold-in repeats
 * @throws CANCELLED, INTERNAL where the learning rate is so high that a vector is not finite
 */
export async function factorise(
  loss: Loss,
  data: TrainingData,
  params: FactorisationParams,
  { pool, onEpoch }: Training,
  goOn?: { readonly epochs: number; readonly from: FactorisationState },
): Promise<FactorisationModel> {
  const { matrix } = data;
  const { dimensions, seed } = params;
  const epochs = goOn?.epochs ?? params.epochs;
  const stride = strideOf(dimensions);
  const random = seededRandom(seed);
  const { result, cpuSeconds } = await measureCpu((clock) =>
    pool.scope(async () => {
      const features = params.features > 0 ? textFeatures(data.items) : null;
      const itemEntries = entriesOf(features, matrix.items);
      const negatives = negativeTable(matrix, params.negativePower);
      const start = initialState(matrix, features?.terms ?? [], stride, dimensions, random, goOn?.from);
      const users = pool.float32(start.users);
      const userSquares = pool.float32(start.userSquares);
      const entries = pool.float32(start.entries);
      const entrySquares = pool.float32(start.entrySquares);
      const order = pool.uint32(matrix.indices.length);
      const args = [
        order.pointer,
        pool.uint32(userRows(matrix)).pointer,
        ...shareMatrix(pool, matrix),
        users.pointer,
        userSquares.pointer,
        entries.pointer,
        entrySquares.pointer,
        pool.uint32(itemEntries.pointers).pointer,
        pool.uint32(itemEntries.list).pointer,
        pool.uint32(negatives).pointer,
        negatives.length,
        pool.float32(harmonicNumbers(negatives.length)).pointer,
        pool.uint32([seed]).pointer,
        stride - 4,
        LOSSES.indexOf(loss),
        params.draws,
      ];
      const modelNow = (): FactorisationModel => {
        const state: FactorisationState = {
          users: users.array.slice(),
          userSquares: userSquares.array.slice(),
          entries: entries.array.slice(),
          entrySquares: entrySquares.array.slice(),
          items: matrix.items,
          featureNames: features?.terms ?? [],
        };
        const itemVectors = itemVectorsOf(state.entries, itemEntries, dimensions, matrix.items, negatives);
        if (itemVectors.every(Number.isFinite)) {
          return factorisationModel(loss, params, clock.seconds(), itemVectors, negatives, state);
        }
        throw new EngineError("INTERNAL", { reason: `${loss} does not converge with ${JSON.stringify(params)}` });
      };
      const total = epochs * order.array.length;
      for (let epoch = 0; epoch < epochs; epoch++) {
        shuffleByUser(order.array, matrix, random);
        const rate = params.learningRate * (1 - (params.decay * epoch) / epochs);
        for (let first = 0; first < order.array.length; first += SLICE) {
          pool.progress(epoch * order.array.length + first, total, `${loss} interactions`);
          const slice = Uint32Array.of(first, Math.min(first + SLICE, order.array.length));
          await pool.run("factorise", slice, [...args, rate, params.regularisation], 12 * stride);
        }
        if (onEpoch) await clock.aside(() => onEpoch(epoch + 1, epochs, modelNow()));
      }
      pool.progress(total, total, `${loss} interactions`);
      return modelNow();
    }),
  );
  return { ...result, trainCpuSeconds: cpuSeconds };
}

const strideOf = (dimensions: number): number => Math.ceil(dimensions / 4) * 4 + 4;

/** Sparse: item i is the sum of the entries list[pointers[i]] to list[pointers[i + 1] - 1]: its id, then its features. */
interface ItemEntries {
  readonly pointers: Uint32Array;
  readonly list: Uint32Array;
}

function entriesOf(features: TextFeatures | null, items: number): ItemEntries {
  const ids = Uint32Array.from({ length: items + 1 }, (_, item) => item);
  if (features === null) return { pointers: ids, list: ids.subarray(0, items) };
  const { indptr, indices } = features.matrix;
  const list = new Uint32Array(items + indices.length);
  for (let item = 0; item < items; item++) {
    const own = indices.subarray(indptr[item], indptr[item + 1]);
    list[indptr[item]! + item] = item;
    list.set(
      own.map((feature) => items + feature),
      indptr[item]! + item + 1,
    );
  }
  return { pointers: ids.map((item) => indptr[item]! + item), list };
}

/**
 * Users in random order, then the interactions of about a hundred of them at a time: what a window touches stays in the
 * cache. On ml-1m an epoch of BPR then takes .85 to 1 CPU second in place of 1.5.
 */
function shuffleByUser(order: Uint32Array, { users, indptr }: InteractionMatrix, random: Random): void {
  const people = Uint32Array.from({ length: users }, (_, user) => user);
  shuffle(people, random);
  let length = 0;
  for (const user of people) for (let at = indptr[user]!; at < indptr[user + 1]!; at++) order[length++] = at;
  for (let first = 0; first < length; first += WINDOW) shuffle(order.subarray(first, first + WINDOW), random);
}

/**
 * Rows that `from` has are taken over: users and items by their place, features by their name; the others are random.
 * An item without interactions begins at zero, so that it is what its features say.
 */
function initialState(
  matrix: InteractionMatrix,
  featureNames: readonly string[],
  stride: number,
  dimensions: number,
  random: Random,
  from: FactorisationState | undefined,
): Omit<FactorisationState, "items" | "featureNames"> {
  const table = (rows: number, kept: (row: number) => boolean): Float32Array => {
    const values = new Float32Array(rows * stride);
    for (let row = 0; row < rows; row++) {
      if (!kept(row)) continue;
      for (let d = 0; d < dimensions; d++) {
        values[row * stride + d] = (INITIAL_DEVIATION / Math.sqrt(dimensions)) * gaussian(random);
      }
    }
    return values;
  };
  const trained = new Set(matrix.indices);
  const users = table(matrix.users, () => true);
  const entries = table(matrix.items + featureNames.length, (row) => row >= matrix.items || trained.has(row));
  const userSquares = new Float32Array(users.length).fill(INITIAL_SQUARES);
  const entrySquares = new Float32Array(entries.length).fill(INITIAL_SQUARES);
  if (from) {
    users.set(from.users);
    userSquares.set(from.userSquares);
    const fromRows = new Map(from.featureNames.map((name, row) => [name, from.items + row]));
    const take = (row: number, fromRow: number): void => {
      const source = (values: Float32Array): Float32Array => values.subarray(fromRow * stride, (fromRow + 1) * stride);
      // What has never been drawn or met has nothing to hand on.
      if (source(from.entrySquares).every((square) => square === INITIAL_SQUARES)) return;
      entries.set(source(from.entries), row * stride);
      entrySquares.set(source(from.entrySquares), row * stride);
    };
    for (let item = 0; item < from.items; item++) take(item, item);
    featureNames.forEach((name, row) => {
      if (fromRows.has(name)) take(matrix.items + row, fromRows.get(name)!);
    });
  }
  return { users, userSquares, entries, entrySquares };
}

/**
 * shape [N, D + 1], the bias last. An item without interactions and without features has the zero vector and the lowest
 * bias of all, as popularity has it.
 */
function itemVectorsOf(
  entries: Float32Array,
  { pointers, list }: ItemEntries,
  dimensions: number,
  items: number,
  negatives: Uint32Array,
): Float32Array {
  const stride = strideOf(dimensions);
  const width = dimensions + 1;
  const vectors = new Float32Array(items * width);
  for (let item = 0; item < items; item++) {
    for (let at = pointers[item]!; at < pointers[item + 1]!; at++) {
      const row = list[at]! * stride;
      for (let d = 0; d < dimensions; d++) vectors[item * width + d]! += entries[row + d]!;
      vectors[item * width + dimensions]! += entries[row + stride - 4]!;
    }
  }
  const trained = new Set(negatives);
  let lowest = 0;
  for (const item of trained) lowest = Math.min(lowest, vectors[item * width + dimensions]!);
  for (let item = 0; item < items; item++) {
    const bare = pointers[item + 1] === pointers[item]! + 1;
    if (bare && !trained.has(item)) vectors[item * width + dimensions] = lowest;
  }
  return vectors;
}

function factorisationModel(
  loss: Loss,
  params: FactorisationParams,
  trainCpuSeconds: number,
  itemVectors: Float32Array,
  negatives: Uint32Array,
  state: FactorisationState,
): FactorisationModel {
  const harmonic = harmonicNumbers(negatives.length);
  const factors: Factors = {
    dimensions: params.dimensions + 1,
    itemVectors,
    userVector: (history) => foldInByGradients(loss, history, itemVectors, negatives, harmonic, params),
  };
  return { ...factorModel(loss, params, trainCpuSeconds, factors), factors, params, state };
}
