/** What models are fitted on, and what every fitted model offers to the evaluation. */
import type { DatasetItems } from "../import/dataset.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import type { ThreadPool } from "./thread-pool.ts";

/** The hyper-parameters of a model, by name. */
export type Params = Readonly<Record<string, number>>;

/** What is known of one person: three columns of length L. */
export interface ScoredHistory {
  /** Item rows, distinct; oldest first where the data has an order. */
  readonly rows: Uint32Array;
  /** Confidence of each, > 0. */
  readonly weights: Float32Array;
  /** The rating, play count ... of each; NaN without one. */
  readonly values: Float32Array;
}

/** What a model may learn from. I interactions, in the order of `matrix.indices`. */
export interface TrainingData {
  readonly matrix: InteractionMatrix;
  /** shape [I]: the rating, play count ... of each interaction, NaN without one; null where the data has none. */
  readonly values: Float32Array | null;
  /**
   * shape [I], with the matrix's `indptr`: each user's item rows, oldest first; null where the data has
   * no order.
   */
  readonly sequences: Uint32Array | null;
  /** Rows of the matrix's columns: text and attributes. */
  readonly items: DatasetItems;
}

/** What a training may use while it runs. */
export interface Training {
  readonly pool: ThreadPool;
  /**
   * Models that learn step by step tell of every epoch, with the model as it is then: for learning curves. The training
   * waits until it is done, so that the pool is free for it; its CPU seconds are none of the training's.
   */
  readonly onEpoch?: (epoch: number, epochs: number, model: TrainedModel) => void | Promise<void>;
}

export interface TrainedModel {
  readonly name: string;
  readonly params: Params;
  /** Of the training, over all threads. */
  readonly trainCpuSeconds: number;
  /**
   * The score of every item for a history; higher is better, comparable within one history only. An empty history
   * scores every item alike, but by popularity where the model knows it. Items of the history are scored too: mask
   * them.
   * @param out shape [N]
   */
  score(history: ScoredHistory, out: Float32Array): void;
  /** Where scores are dot products of a person's vector with the items'. */
  readonly factors?: Factors;
  /** Where scores are made of dot products: many people are then scored at once, by a kernel. */
  readonly products?: Products;
}

/** Scores as dot products; D dimensions. */
export interface Factors {
  readonly dimensions: number;
  /** shape [N, D], row-major */
  readonly itemVectors: Float32Array;
  /** shape [D] */
  readonly userVector: (history: ScoredHistory) => Float32Array;
}

/** Scores made of dot products; D dimensions. */
export interface Products {
  readonly dimensions: number;
  /** shape [N, D], row-major */
  readonly itemVectors: Float32Array;
  /** @param histories not empty ones @throws CANCELLED */
  readonly people: (
    histories: readonly ScoredHistory[],
    pool: ThreadPool,
  ) => PersonProducts[] | Promise<PersonProducts[]>;
}

export interface PersonProducts {
  /** What is multiplied with the items, each of shape [D]; as many for everybody. */
  readonly vectors: readonly Float32Array[];
  /** The scores, as `score` gives them, from the dot products of each vector; all of shape [N], and free to be changed. */
  readonly scores: (products: readonly Float32Array[]) => Float32Array;
}

/** The values among which a search may choose one parameter. */
export type Range =
  | { readonly values: readonly number[] }
  /** Drawn log-uniformly from [low, high]. */
  | { readonly low: number; readonly high: number };

/** A kind of model. */
export interface ModelEntry<P extends Params = Params> {
  readonly defaults: P;
  /**
   * Tried in full on validation by `evaluate` and `build`: a small grid, the product of the lists, each ascending. Where
   * the best lies at its edge, the search goes on beyond it, within `space`.
   */
  readonly tried: { readonly [K in keyof P]?: readonly P[K][] };
  /** What `tune` searches, lists ascending; parameters left out keep their default. */
  readonly space: { readonly [K in keyof P]?: Range };
  /** Why the model cannot be fitted on such data, in one sentence with the remedy; null: it can. */
  readonly refusal?: (data: TrainingData) => string | null;
  readonly train: (data: TrainingData, params: P, training: Training) => Promise<TrainedModel>;
  /**
   * Goes on from a fitted model with new interactions beside the old ones, without starting from zero.
   * @param data the old and the new interactions together
   */
  readonly partialFit?: (model: TrainedModel, data: TrainingData, training: Training) => Promise<TrainedModel>;
}

/** The CPU seconds of the process, over all its threads. */
export interface CpuClock {
  /** Since the work began, without what was done aside. */
  seconds(): number;
  /** Does what is no part of the work: telling of an epoch. */
  aside(task: () => void | Promise<void>): Promise<void>;
}

/** Runs `work` and measures the CPU seconds of the process meanwhile, over all its threads. */
export async function measureCpu<T>(work: (clock: CpuClock) => Promise<T>): Promise<{ result: T; cpuSeconds: number }> {
  const now = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  let start = now();
  const clock: CpuClock = {
    seconds: () => now() - start,
    async aside(task) {
      const before = now();
      await task();
      start += now() - before;
    },
  };
  const result = await work(clock);
  return { result, cpuSeconds: clock.seconds() };
}
