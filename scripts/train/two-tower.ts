/**
 * Two towers, neural, in tfjs-core ops on the wasm backend: what a person did on one side, an item on the other, and
 * their dot product between them.
 *
 * N items, F features, D embedding size, H hidden units. Vectors have D + 1 columns: an item's last is its bias, a
 * person's is 1.
 *
 * - Item tower: v = id + the sum of the embeddings of the item's features, weighted as in text-features.ts. In a part of
 *   the steps an item has no id (as in DropoutNet, Volkovs, Yu and Poutanen 2017, section 3), so that content alone gives
 *   an item without interactions a vector that fits among the others.
 * - History tower: h = sum w v / sqrt(sum w^2) over the history, x = h + relu(h W1 + b) W2; it begins as a weighted sum
 *   (W2 = 0).
 * - Loss: in every epoch some of a person's items, drawn anew, are the targets T and the others the history:
 *   -1/T sum over the targets ln softmax(x.v), over all items that anybody has but the history: the multinomial
 *   likelihood of Liang et al. 2018, section 2.1, with several positives. Adam (Kingma and Ba 2015), its learning rate
 *   falling linearly to 0.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Rank, Variable } from "@tensorflow/tfjs-core";
import { ITEMS } from "../../src/model/config.ts";
import { EngineError } from "../../src/model/errors.ts";
import { factorModel, weightedSum } from "./factor-model.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { measureCpu } from "./model.ts";
import type { Factors, ModelEntry, ScoredHistory, TrainedModel, Training, TrainingData } from "./model.ts";
import { partialEpochs } from "./partial-fit.ts";
import { gaussian, seededRandom, shuffle } from "./random.ts";
import type { Random } from "./random.ts";
import { openBackend } from "./tensor-ops.ts";
import { textFeatures } from "./text-features.ts";
import { idMask, makeBatch, pooledWeights, sparseMatrix } from "./two-tower-batch.ts";
import { historyTower, itemTower, towerGradients, WEIGHT_NAMES } from "./two-tower-step.ts";
import type { TowerWeights } from "./two-tower-step.ts";

export type TwoTowerParams = {
  readonly dimensions: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** People of a step. */
  readonly batch: number;
  /** The chance of an item of a person to be a target, not history. */
  readonly targetShare: number;
  /** The chance of an item to have no id in a step. */
  readonly idDropout: number;
  readonly seed: number;
};

/** The weights of both towers, row-major, and what the rows of `content` are. */
export interface TowerState extends TowerWeights<Float32Array, Float32Array> {
  readonly terms: readonly string[];
}

export interface TwoTowerModel extends TrainedModel {
  /** Vectors of D + 1: the bias is the last, and 1 the last of a user vector. */
  readonly factors: Factors;
  readonly state: TowerState;
  readonly params: TwoTowerParams;
}

/** A step holds several tables of scores, of batch x N float32 each: 50 MB for 256 people. */
const MAX_ITEMS = 50_000;
/** First values are normal, of this standard deviation over sqrt(D), as those of iALS. */
const INITIAL_DEVIATION = 0.1;

/**
 * @param goOn from where, in place of random numbers, and for how many epochs
 * @throws CANCELLED; INTERNAL where the learning rate is so high that a vector is not finite
 */
export async function trainTwoTower(
  data: TrainingData,
  params: TwoTowerParams,
  { pool, onEpoch }: Training,
  goOn?: { readonly epochs: number; readonly from: TowerState },
): Promise<TwoTowerModel> {
  const { matrix } = data;
  const { dimensions, hidden, batch: batchUsers, idDropout, targetShare } = params;
  const epochs = goOn?.epochs ?? params.epochs;
  await openBackend();
  const { result, cpuSeconds } = await measureCpu(async (clock) => {
    const random = seededRandom(params.seed);
    const text = textFeatures(data.items);
    const features = sparseMatrix(text.matrix);
    const trained = new Uint8Array(matrix.items);
    for (const item of matrix.indices) trained[item] = 1;
    const start = initialState(trained, text.terms, params, random, goOn?.from);
    const weights = tf.tidy((): TowerWeights<Variable<Rank.R1>, Variable<Rank.R2>> => {
      return {
        ids: tf.variable(tf.tensor2d(start.ids, [matrix.items, dimensions + 1])),
        content: tf.variable(tf.tensor2d(start.content, [text.terms.length, dimensions + 1])),
        enter: tf.variable(tf.tensor2d(start.enter, [dimensions + 1, hidden])),
        threshold: tf.variable(tf.tensor1d(start.threshold)),
        leave: tf.variable(tf.tensor2d(start.leave, [hidden, dimensions])),
      };
    });
    const optimizer = new DecayingAdam(params.learningRate);
    const modelNow = (): TwoTowerModel => {
      const read = (name: (typeof WEIGHT_NAMES)[number]) => weights[name].dataSync<"float32">().slice();
      const [ids, content, enter, threshold, leave] = WEIGHT_NAMES.map(read) as TwoTowerTables;
      // Not returned from tidy, which would look at each number for a tensor: a second for 10^6 of them.
      let itemVectors = new Float32Array(0);
      tf.tidy(() => void (itemVectors = itemTower(weights, features, null).dataSync<"float32">().slice()));
      if (!itemVectors.every(Number.isFinite)) {
        throw new EngineError("INTERNAL", { reason: `two-tower does not converge with ${JSON.stringify(params)}` });
      }
      const state = { ids, content, enter, threshold, leave, terms: text.terms };
      return twoTowerModel(params, clock.seconds(), itemVectors, state);
    };
    try {
      const users = usersWithTwo(matrix);
      const total = epochs * users.length;
      for (let epoch = 0; epoch < epochs; epoch++) {
        shuffle(users, random);
        for (let first = 0; first < users.length; first += batchUsers) {
          const done = epoch * users.length + first;
          pool.progress(done, total, "two-tower people");
          optimizer.rate = params.learningRate * (1 - done / total);
          // Lets a Ctrl-C be heard.
          await new Promise(setImmediate);
          tf.tidy(() => {
            const batch = makeBatch(matrix, users.subarray(first, first + batchUsers), trained, targetShare, random);
            const keep = idDropout > 0 ? idMask(matrix.items, idDropout, random) : null;
            const { gradients } = towerGradients(weights, features, keep, batch);
            const named = WEIGHT_NAMES.map((name) => ({ name: weights[name].name, tensor: gradients[name] }));
            optimizer.applyGradients(named);
          });
        }
        if (onEpoch) await clock.aside(() => onEpoch(epoch + 1, epochs, modelNow()));
      }
      pool.progress(total, total, "two-tower people");
      return modelNow();
    } finally {
      tf.dispose(weights);
      optimizer.dispose();
    }
  });
  return { ...result, trainCpuSeconds: cpuSeconds };
}

/** tfjs has no schedule of its own. */
class DecayingAdam extends tf.AdamOptimizer {
  constructor(rate: number) {
    super(rate, 0.9, 0.999);
  }
  set rate(rate: number) {
    this.learningRate = rate;
  }
}

type TwoTowerTables = [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];

/** People with one item have nothing to be told by or nothing to be found. */
function usersWithTwo({ users, indptr }: InteractionMatrix): Uint32Array {
  return Uint32Array.from({ length: users }, (_, user) => user).filter(
    (user) => indptr[user + 1]! - indptr[user]! >= 2,
  );
}

/**
 * Rows that `from` has are taken over: items by their place, features by their name; the others are random. The id of an
 * item without interactions is zero and stays so.
 */
function initialState(
  trained: Uint8Array,
  terms: readonly string[],
  { dimensions, hidden }: TwoTowerParams,
  random: Random,
  from: TowerState | undefined,
): TowerState {
  const width = dimensions + 1;
  const table = (flags: ArrayLike<number>): Float32Array => {
    const values = new Float32Array(flags.length * width);
    for (let row = 0; row < flags.length; row++) {
      for (let d = 0; d < dimensions; d++) {
        values[row * width + d] = (flags[row]! * INITIAL_DEVIATION * gaussian(random)) / Math.sqrt(dimensions);
      }
    }
    return values;
  };
  const ids = table(trained);
  const content = table(terms.map(() => 1));
  if (from) {
    const rowOf = (values: Float32Array, row: number): Float32Array => values.subarray(row * width, (row + 1) * width);
    for (let item = 0; item < from.ids.length / width; item++) {
      const own = rowOf(from.ids, item);
      if (own.some((value) => value !== 0)) ids.set(own, item * width);
    }
    const rows = new Map(from.terms.map((term, row) => [term, row]));
    terms.forEach((term, row) => {
      if (rows.has(term)) content.set(rowOf(from.content, rows.get(term)!), row * width);
    });
  }
  return {
    ids,
    content,
    enter: from?.enter ?? Float32Array.from({ length: width * hidden }, () => gaussian(random) / Math.sqrt(width)),
    threshold: from?.threshold ?? new Float32Array(hidden),
    leave: from?.leave ?? new Float32Array(hidden * dimensions),
    terms,
  };
}

function twoTowerModel(
  params: TwoTowerParams,
  trainCpuSeconds: number,
  itemVectors: Float32Array,
  state: TowerState,
): TwoTowerModel {
  const { dimensions, hidden } = params;
  const width = dimensions + 1;
  const userVector = ({ rows, weights }: ScoredHistory): Float32Array =>
    tf.tidy(() => {
      const pooled = tf.tensor2d(weightedSum(itemVectors, width, rows, pooledWeights(weights)), [1, width]);
      const tower = {
        enter: tf.tensor2d(state.enter, [width, hidden]),
        threshold: tf.tensor1d(state.threshold),
        leave: tf.tensor2d(state.leave, [hidden, dimensions]),
      };
      return historyTower(pooled, tower).people.dataSync<"float32">().slice();
    });
  const factors: Factors = { dimensions: width, itemVectors, userVector };
  return { ...factorModel("two-tower", params, trainCpuSeconds, factors), factors, params, state };
}

/**
 * Defaults by NDCG@100 on validation, ml-1m and Last.fm `strong`. On ml-1m .4554; at a constant rate of .003 .4488; with
 * a rate of .01 .4540, a batch of 64 .4527, without idDropout .4561 (standard error .0065). On Last.fm .388, with a batch
 * of 64 .398 (.016) for half as much time again.
 */
export const twoTowerEntry: ModelEntry<TwoTowerParams> = {
  defaults: {
    dimensions: ITEMS.dimensions,
    hidden: 128,
    epochs: 20,
    learningRate: 0.006,
    batch: 128,
    targetShare: 0.3,
    idDropout: 0.1,
    seed: 1,
  },
  tried: {},
  space: {
    dimensions: { values: [32, 64, 128] },
    hidden: { values: [64, 128, 256] },
    epochs: { values: [10, 20, 40] },
    learningRate: { low: 0.001, high: 0.02 },
    batch: { values: [64, 128, 256] },
    targetShare: { values: [0.1, 0.2, 0.3, 0.5] },
    idDropout: { values: [0, 0.1, 0.3] },
  },
  refusal: ({ matrix }) =>
    matrix.items <= MAX_ITEMS
      ? null
      : `two-tower scores every item for a whole batch of people, so it takes at most ${MAX_ITEMS} items: leave it out of --models.`,
  train: (data, params, training) => trainTwoTower(data, params, training),
  partialFit(model, data, training) {
    const { params, state } = model as TwoTowerModel;
    return trainTwoTower(data, params, training, { epochs: partialEpochs(params.epochs), from: state });
  },
};
