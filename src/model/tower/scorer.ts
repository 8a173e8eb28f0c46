/**
 * The score of an item for one person: the dot product of the towers, and what the neighbour tables add.
 *
 *   score_j = (z_j.x + sum over the interests i of min(1, w_i) R_ij
 *                    + sum over the last interests l_0, l_1, ... of orderDecay^k T_(l_k)j) c_j^-delta
 *
 * x the user tower's output, w the weights of the history with its recency, R the residual table, T the transitions,
 * c the popularity, at least 1. One definition, for the evaluation and for the page: z_j.x is an exact integer times a
 * scale, so that for one x every machine and every kernel has the same score.
 */
import type { TowerParams } from "../bundle/bundle.ts";
import { dotProduct, dotProducts, quantiseQueryInt16 } from "../retrieval/quantise.ts";
import type { QuantisedItems } from "../retrieval/quantise.ts";
import type { TowerInput } from "./history.ts";
import { addNeighbours } from "./neighbours.ts";
import type { NeighbourTable } from "./neighbours.ts";

/** Interests from the end that transitions are followed from; at the usual decay the tenth counts a 25th of the last. */
export const LAST_INTERESTS = 10;

/** What scores are made of, for everybody. */
export interface ScoringModel {
  readonly items: QuantisedItems;
  /** What the dot product leaves unexplained of what people take together. */
  readonly residual: NeighbourTable;
  /** What people take soon after what; null: the order of the histories counts by recency only. */
  readonly transitions: NeighbourTable | null;
  readonly params: Pick<TowerParams, "orderDecay">;
  /** shape [N]: c^-delta */
  readonly popularityFactor: Float32Array;
}

/** shape [N]. @param popularity shape [N] */
export const popularityFactorOf = (popularity: Float32Array, exponent: number): Float32Array =>
  popularity.map((value) => Math.max(1, value) ** -exponent);

/**
 * The interests of a history with what their entries weigh in the two tables, shape [L'], oldest first; 0 in the
 * transitions before the last ones.
 */
export interface Interests {
  readonly rows: Uint32Array;
  readonly residual: Float32Array;
  readonly transitions: Float32Array;
}

export function interestsOf({ rows, weights, targets }: TowerInput, { orderDecay }: ScoringModel["params"]): Interests {
  const places = Array.from(rows.keys()).filter((at) => targets[at] === 1);
  return {
    rows: Uint32Array.from(places, (at) => rows[at]!),
    residual: Float32Array.from(places, (at) => Math.min(1, weights[at]!)),
    transitions: Float32Array.from(places, (_, at) => {
      const age = places.length - 1 - at;
      return age < LAST_INTERESTS ? orderDecay ** age : 0;
    }),
  };
}

export interface Scorer {
  /** The score of one row, a float32. */
  at(row: number): number;
  /** The scores of all rows, shape [N]: to the bit those of `at`. */
  all(): Float32Array;
  /** Rows that a neighbour table adds to, ascending: beside what a scan finds, candidates of large catalogues. */
  neighbours(): number[];
  /** Whether this history says nothing of any item: every score is 0. */
  readonly silent: boolean;
}

/** The exact integer dot products of all rows with a query of shape [D], shape [N]. */
export type DotProducts = (query: Int16Array) => Int32Array;

/**
 * @param user shape [D], the user tower's output for `input`
 * @param input of no interest: every neighbour table is silent
 * @param products a kernel that agrees with {@link dotProducts} of the model's items
 * @throws QUERY_INVALID
 */
export function scorerOf(
  model: ScoringModel,
  user: Float32Array,
  input: TowerInput,
  products: DotProducts = (query) => dotProducts(model.items, query),
): Scorer {
  const { items, residual, transitions, params, popularityFactor } = model;
  const { count } = items;
  const query = quantiseQueryInt16(user, items);
  const interests = interestsOf(input, params);
  const sums = new Float64Array(count);
  addNeighbours(residual, interests.rows, interests.residual, sums);
  if (transitions) {
    const last = interests.rows.subarray(-LAST_INTERESTS);
    addNeighbours(transitions, last, interests.transitions.subarray(-LAST_INTERESTS), sums);
  }
  const scored = (row: number, product: number): number =>
    Math.fround((product * query.scale + sums[row]!) * popularityFactor[row]!);
  return {
    at: (row) => scored(row, dotProduct(items, row, query.values)),
    all() {
      const dots = products(query.values);
      const scores = new Float32Array(count);
      for (let row = 0; row < count; row++) scores[row] = scored(row, dots[row]!);
      return scores;
    },
    neighbours() {
      const rows: number[] = [];
      for (let row = 0; row < count; row++) if (sums[row] !== 0) rows.push(row);
      return rows;
    },
    silent: user.every((value) => value === 0) && sums.every((value) => value === 0),
  };
}
