/**
 * The page of one history before and after each part of the score: the dot product of the towers, the residual table, the
 * transitions. Runs in Node and, inlined, in a browser.
 *
 * N items, D embedding size, L history length, K places.
 */
import type { TowerParams } from "../../../src/model/bundle/bundle.ts";
import { topK } from "../../../src/model/retrieval/exact-scan.ts";
import { dequantiseRows } from "../../../src/model/retrieval/quantise.ts";
import { choleskyFactor, foldInExact, forwardSolve, normalEquations } from "../../../src/model/tower/fold-in.ts";
import { towerInput } from "../../../src/model/tower/history.ts";
import type { TowerInput } from "../../../src/model/tower/history.ts";
import { neighbourValue } from "../../../src/model/tower/neighbours.ts";
import type { NeighbourTable } from "../../../src/model/tower/neighbours.ts";
import { interestsOf, popularityFactorOf, scorerOf } from "../../../src/model/tower/scorer.ts";
import type { ScoringModel } from "../../../src/model/tower/scorer.ts";

/** What a page is made of; the order is there where training has seen one. */
export interface PartedTowers extends Omit<ScoringModel, "params" | "popularityFactor"> {
  readonly params: TowerParams;
  /** shape [N]; an item of 0 was in no training and is not shown. */
  readonly popularity: Float32Array;
}

const PARTS = ["dot", "residual", "order"] as const;
export type PartName = (typeof PARTS)[number];

export interface PartedPage {
  /** The history as it counts: each item once, where it stands last; oldest first. */
  readonly history: readonly number[];
  /** One for each part of the towers. */
  readonly lists: readonly PartedList[];
  /** The items of the last list, in its order. */
  readonly made: readonly Made[];
}

/** The first K by a part and those before it. */
export interface PartedList {
  readonly part: PartName;
  readonly shown: readonly Shown[];
}

export interface Shown {
  readonly item: number;
  readonly score: number;
  /** Its place before this part, from 1, may be beyond K; null in the first list. */
  readonly before: number | null;
}

/** How one score comes about. */
export interface Made {
  readonly item: number;
  /** Before the popularity factor. */
  readonly sum: number;
  /** What each part gave, in the order of the lists: they sum to `sum`. */
  readonly parts: readonly number[];
  /** The item of the history that gave most, over all parts; null where none gave anything above 0. */
  readonly most: { readonly item: number; readonly amount: number } | null;
}

/**
 * @param rows items, oldest first, each as one click; none: no page, since nothing has a score
 * @param k K
 */
export function pageByParts(towers: PartedTowers, rows: readonly number[], k: number): PartedPage {
  const { items, params, popularity } = towers;
  const parts = PARTS.filter((part) => part !== "order" || towers.transitions !== null);
  const input = towerInput(
    rows.map((row) => ({ row, event: "click" })),
    params,
  );
  const history = Array.from(input.rows);
  if (history.length === 0) return { history, lists: parts.map((part) => ({ part, shown: [] })), made: [] };
  const vectors = dequantiseRows(items, input.rows);
  const user = foldInExact(vectors, input.weights, input.targets, items.dimensions);
  const popularityFactor = popularityFactorOf(popularity, params.popularityExponent);
  const none = emptyTable(items.count);
  let scoresBefore: Float32Array | null = null;
  const lists = parts.map((part): PartedList => {
    const model: ScoringModel = {
      items,
      params,
      popularityFactor,
      residual: part === "dot" ? none : towers.residual,
      transitions: part === "order" ? towers.transitions : null,
    };
    const scores = scorerOf(model, user, input).all();
    popularity.forEach((people, row) => {
      if (people === 0) scores[row] = -Infinity;
    });
    for (const row of history) scores[row] = -Infinity;
    const last = scoresBefore;
    scoresBefore = scores;
    const shown = Array.from(topK(scores, k).rows, (item) => ({
      item,
      score: scores[item]!,
      before: last && placeOf(item, last),
    }));
    return { part, shown };
  });
  return { history, lists, made: madeOf(towers, input, vectors, lists.at(-1)!.shown) };
}

const emptyTable = (items: number): NeighbourTable => ({
  indptr: new Uint32Array(items + 1),
  targets: new Uint32Array(0),
  weights: new Int8Array(0),
  scales: new Float32Array(items).fill(1),
});

/** From 1, by `topK`'s order. */
function placeOf(item: number, scores: Float32Array): number {
  const own = scores[item]!;
  return scores.reduce((place, score, row) => place + Number(score > own || (score === own && row < item)), 1);
}

/**
 * With A = F F' of the fold-in the interest i gives item j the share w_i z_j'A^-1 z_i = w_i (F^-1 z_j).(F^-1 z_i) of the
 * dot product (Hu, Koren & Volinsky 2008, section 5), and its entries in the tables.
 * @param vectors shape [L, D], of the history
 */
function madeOf(
  { items, residual, transitions, params }: PartedTowers,
  input: TowerInput,
  vectors: Float32Array,
  shown: readonly Shown[],
): Made[] {
  const { dimensions } = items;
  const { matrix } = normalEquations(vectors, input.weights, input.targets, dimensions);
  choleskyFactor(matrix, dimensions);
  const interests = interestsOf(input, params);
  const solved = Array.from(interests.rows, (_, at) =>
    forwardSolve(matrix, vectors.subarray(at * dimensions, (at + 1) * dimensions), dimensions),
  );
  return shown.map(({ item }) => {
    const own = forwardSolve(matrix, dequantiseRows(items, [item]), dimensions);
    const given = Array.from(interests.rows, (row, at) => [
      input.weights[at]! * own.reduce((sum, value, d) => sum + value * solved[at]![d]!, 0),
      interests.residual[at]! * neighbourValue(residual, row, item),
      ...(transitions ? [interests.transitions[at]! * neighbourValue(transitions, row, item)] : []),
    ]);
    const parts = given[0]!.map((_, part) => total(given.map((each) => each[part]!)));
    const amounts = given.map(total);
    const amount = Math.max(...amounts);
    const most = amount > 0 ? { item: interests.rows[amounts.indexOf(amount)]!, amount } : null;
    return { item, sum: total(parts), parts, most };
  });
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
