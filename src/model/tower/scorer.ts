/**
 * The score of an item for one person: the dot product of the towers, and what the neighbour tables add.
 *
 *   score_j = (z_j.x + sum over the interests i of min(1, w_i) R_ij
 *                    + sum over the last interests l_0, l_1, ... of orderDecay^k T_(l_k)j) c_j^-delta
 *
 * x the user tower's output, w the weights of the history with its recency, R the residual table, T the transitions,
 * c the popularity, at least 1. One definition, for the evaluation and for the page.
 */
import type { TowerParams } from "../bundle/bundle.ts";
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

export interface Scorer {
  /** The score of one row. */
  at(row: number): number;
  /** Rows that a neighbour table leads to, ascending: beside what a scan finds, candidates of large catalogues. */
  readonly neighbours: readonly number[];
}

/**
 * @param user shape [D], the user tower's output for `input`
 * @param input of no interest: every neighbour table is silent
 */
export function scorerOf(model: ScoringModel, user: Float32Array, input: TowerInput): Scorer {
  const { items, residual, transitions, params, popularityFactor } = model;
  const { dimensions, values, scales } = items;
  const folded = user.map((value, d) => value * scales[d]!);
  const interests = Array.from(input.rows.keys()).filter((at) => input.targets[at] === 1);
  const rowsOf = (places: readonly number[]): Uint32Array => Uint32Array.from(places, (at) => input.rows[at]!);
  const sums = new Map<number, number>();
  const weights = Float32Array.from(interests, (at) => Math.min(1, input.weights[at]!));
  addNeighbours(residual, rowsOf(interests), weights, sums);
  if (transitions) {
    const newest = interests.slice(-LAST_INTERESTS).toReversed();
    const decayed = Float32Array.from(newest, (_, age) => params.orderDecay ** age);
    addNeighbours(transitions, rowsOf(newest), decayed, sums);
  }
  return {
    at(row) {
      let sum = 0;
      for (let d = 0, at = row * dimensions; d < dimensions; d++) sum += values[at + d]! * folded[d]!;
      return (sum + (sums.get(row) ?? 0)) * popularityFactor[row]!;
    },
    neighbours: Array.from(sums.keys()).toSorted((a, b) => a - b),
  };
}
