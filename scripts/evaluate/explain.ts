/**
 * One person's list beside what the person took: hits, misses and reasons.
 *
 * D dimensions, L history length.
 */
import { hitsAt, ndcgAt } from "../../src/model/metrics/ranking-metrics.ts";
import { choleskyFactor, choleskySolve, normalEquations } from "../../src/model/tower/fold-in.ts";
import type { Factors, ScoredHistory, TrainedModel } from "../train/model.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { forEachList } from "./evaluate.ts";
import type { EvaluatedUser, Fold } from "./protocol.ts";

export interface Explanation {
  /** By weight, then by value, highest first; equals latest first. */
  readonly consumed: readonly { readonly item: number; readonly weight: number; readonly value: number }[];
  /** The first k of the list that is measured, best first. */
  readonly recommended: readonly Recommended[];
  /** What the amounts of reasons are: parts that sum to the score, or what the score loses without the item. */
  readonly reasonsAre: "parts" | "losses";
  /** The ground truth, by rank; those that cannot be recommended last. */
  readonly targets: readonly Target[];
  readonly hits: number;
  readonly ndcgAt100: number;
}

interface Recommended {
  readonly item: number;
  readonly score: number;
  readonly hit: boolean;
  /** The strongest first, at most 3; none where the history does not lift the score. */
  readonly reasons: readonly Reason[];
}

interface Reason {
  readonly item: number;
  /** Of the score, > 0: see {@link Explanation.reasonsAre}. */
  readonly amount: number;
}

interface Target {
  readonly item: number;
  /** From 1; null for an item that cannot be recommended, because nobody in training has it. */
  readonly rank: number | null;
}

const REASONS = 3;

/** @throws CANCELLED */
export async function explain(
  model: TrainedModel,
  fold: Fold,
  person: EvaluatedUser,
  k: number,
  pool: ThreadPool,
): Promise<Explanation> {
  const { history, targets } = person;
  let scores = new Float32Array(0);
  await forEachList(model, { ...fold, users: [person] }, pool, (_list, _targets, masked) => {
    scores = masked.slice();
  });
  const list = wholeList(scores, fold);
  const rankOf = new Map(Array.from(list, (item, at) => [item, at + 1]));
  const shown = list.subarray(0, k);
  const { reasonsAre, reasons } = await reasonsFor(model, history, shown, scores.length, pool);
  return {
    consumed: Array.from(history.rows, (item, at) => ({
      item,
      weight: history.weights[at]!,
      value: history.values[at]!,
    }))
      .toReversed()
      .toSorted((a, b) => b.weight - a.weight || (b.value || 0) - (a.value || 0)),
    recommended: Array.from(shown, (item, at) => ({
      item,
      score: scores[item]!,
      hit: targets.has(item),
      reasons: reasons[at]!,
    })),
    reasonsAre,
    targets: Array.from(targets, (item) => ({ item, rank: rankOf.get(item) ?? null })).toSorted(
      (a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || a.item - b.item,
    ),
    hits: hitsAt(list, targets, k),
    ndcgAt100: ndcgAt(list, targets, 100),
  };
}

/** Every item that is not masked, best first; of equals the first of the tie order, or the lowest row. */
function wholeList(scores: Float32Array, { tieOrder }: Fold): Uint32Array {
  return (tieOrder ?? Uint32Array.from(scores.keys()))
    .filter((item) => scores[item]! !== -Infinity)
    .sort((a, b) => scores[b]! - scores[a]!);
}

/** Of a float32 score: what lies below is rounding. */
const ROUNDING = 1e-6;

/**
 * Why items have their scores. Where the user vector is the fold-in of iALS, what each item i of the history adds to the
 * score of j, w_i z_j'A^-1 z_i: all of them sum to the score (Hu, Koren & Volinsky 2008, section 5). For any other model
 * what the score loses without the item; where scores are linear in the history (svd, ease, low-rank-ease, item-knn)
 * that sums to the score too.
 * @param rows the items j
 * @returns one list for each of `rows`
 */
async function reasonsFor(
  model: TrainedModel,
  history: ScoredHistory,
  rows: Uint32Array,
  items: number,
  pool: ThreadPool,
): Promise<Pick<Explanation, "reasonsAre"> & { readonly reasons: Reason[][] }> {
  const parts = model.factors && partsOf(model.factors, history, rows);
  const amounts = parts ?? (await lossesOf(model, history, rows, items, pool));
  const reasons = amounts.map((own) => {
    const least = ROUNDING * own.reduce((sum, amount) => sum + Math.abs(amount), 0);
    return Array.from(history.rows, (item, at) => ({ item, amount: own[at]! }))
      .filter(({ amount }) => amount > least)
      .toSorted((a, b) => b.amount - a.amount)
      .slice(0, REASONS);
  });
  return { reasonsAre: parts ? "parts" : "losses", reasons };
}

/** shape [rows, L]; null where the user vector is not the fold-in of the item vectors. */
function partsOf(
  { dimensions, itemVectors, userVector }: Factors,
  history: ScoredHistory,
  rows: Uint32Array,
): Float64Array[] | null {
  const vector = (row: number): Float32Array => itemVectors.subarray(row * dimensions, (row + 1) * dimensions);
  const vectors = new Float32Array(history.rows.length * dimensions);
  history.rows.forEach((row, at) => vectors.set(vector(row), at * dimensions));
  const interest = new Float32Array(history.rows.length).fill(1);
  const { matrix, rightHandSide } = normalEquations(vectors, history.weights, interest, dimensions);
  choleskyFactor(matrix, dimensions);
  const user = userVector(history);
  const foldedIn = choleskySolve(matrix, rightHandSide, dimensions);
  if (foldedIn.some((value, d) => Math.fround(value) !== user[d])) return null;
  return Array.from(rows, (row) => {
    const direction = choleskySolve(matrix, Float64Array.from(vector(row)), dimensions);
    return Float64Array.from(history.weights, (weight, at) => {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += vectors[at * dimensions + d]! * direction[d]!;
      return weight * sum;
    });
  });
}

/** shape [rows, L]: every score is taken again without each item of the history. */
async function lossesOf(
  model: TrainedModel,
  history: ScoredHistory,
  rows: Uint32Array,
  items: number,
  pool: ThreadPool,
): Promise<Float64Array[]> {
  const scores = new Float32Array(items);
  const length = history.rows.length;
  model.score(history, scores);
  const losses = Array.from(rows, (row) => new Float64Array(length).fill(scores[row]!));
  for (let left = 0; left < length; left++) {
    const others = (_value: number, at: number): boolean => at !== left;
    model.score(
      {
        rows: history.rows.filter(others),
        weights: history.weights.filter(others),
        values: history.values.filter(others),
      },
      scores,
    );
    rows.forEach((row, at) => (losses[at]![left]! -= scores[row]!));
    pool.progress(left, length, "reasons");
    // Lets a Ctrl-C be heard.
    await new Promise(setImmediate);
  }
  return losses;
}
