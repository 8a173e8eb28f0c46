/**
 * The towers that ship: iALS items, whitened, in four bits; the residual table; the transitions where histories have an
 * order. docs/towers.md tells the idea and what each part brings.
 *
 * N items, D dimensions.
 */
import { TOWER } from "../../src/model/config.ts";
import { encodeItems, itemsOfCodes } from "../../src/model/retrieval/item-codes.ts";
import type { ItemCodes } from "../../src/model/retrieval/item-codes.ts";
import type { QuantisedItems } from "../../src/model/retrieval/quantise.ts";
import type { TowerInput } from "../../src/model/tower/history.ts";
import { neighbourTable } from "../../src/model/tower/neighbours.ts";
import type { NeighbourEntries, NeighbourTable } from "../../src/model/tower/neighbours.ts";
import { trainIals } from "./ials.ts";
import type { IalsParams } from "./ials.ts";
import { COMPLETION, completionsOfItemVectors } from "./item-tower.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import type { TrainingData } from "./model.ts";
import { fitResidual, residualEntries, SOURCE_EXPONENT, strongest } from "./residual-table.ts";
import type { ResidualFit } from "./residual-table.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { countTransitions, scaleTransitions, transitionKnnEntry } from "./transition-knn.ts";
import type { Transitions } from "./transition-knn.ts";
import { whiten } from "./whiten.ts";

export type TowersParams = IalsParams & {
  /** Interactions from which on content has no part in an item's vector: item-tower.ts. */
  readonly established: number;
  /** Entries of the residual table, a mean over the items; 0: none. */
  readonly residualEntries: number;
  /** As {@link ResidualParams}. */
  readonly residualLambda: number;
  readonly userExponent: number;
  /** What an entry counts: 1 is what least squares says beside a well scaled dot product. */
  readonly residualWeight: number;
  /** Entries of the transitions, a mean over the items; 0: none. */
  readonly transitionEntries: number;
  /** As {@link TransitionKnnParams}. */
  readonly sourceExponent: number;
  readonly targetExponent: number;
  /** In units of the dot product. */
  readonly transitionWeight: number;
  /** As {@link TowerParams}. */
  readonly recencyDecay: number;
  readonly popularityExponent: number;
};

export const TOWERS_DEFAULTS: Omit<TowersParams, keyof IalsParams> = {
  established: COMPLETION.established,
  residualEntries: 0,
  residualLambda: 100,
  userExponent: 0.5,
  residualWeight: 1,
  transitionEntries: 0,
  sourceExponent: 0.7,
  targetExponent: 0.1,
  transitionWeight: 0,
  recencyDecay: 1,
  popularityExponent: 0,
};

export interface ItemTower {
  readonly codes: ItemCodes;
  /** As they are read back. */
  readonly items: QuantisedItems;
  /** Those that the browser computes with, shape [N, D]. */
  readonly vectors: Float32Array;
}

export interface Towers extends ItemTower {
  readonly params: TowersParams;
  readonly residual: NeighbourTable;
  readonly transitions: NeighbourTable | null;
}

/**
 * shape [N, D], whitened, those of new items from their content; once for each of `established`.
 * @throws as {@link trainIals}
 */
export async function trainItemVectors(
  { items, matrix }: TrainingData,
  params: IalsParams,
  established: readonly number[],
  pool: ThreadPool,
): Promise<Float32Array[]> {
  const vectors = whiten(await trainIals(matrix, params, pool), params);
  return completionsOfItemVectors(items, matrix, vectors, { ...COMPLETION, ...params }, established, pool);
}

/** @param vectors shape [N, D] */
export function encodedItems(vectors: Float32Array, dimensions: number): ItemTower {
  const codes = encodeItems(vectors, dimensions);
  const items = itemsOfCodes(codes);
  const { values, scales, count } = items;
  const decoded = new Float32Array(values.length);
  for (let row = 0, at = 0; row < count; row++) {
    for (let d = 0; d < dimensions; d++, at++) decoded[at] = values[at]! * scales[d]!;
  }
  return { codes, items, vectors: decoded };
}

/** Everything before it is quantised. */
export interface TowerParts {
  readonly params: TowersParams;
  /** shape [N, D], whitened */
  readonly vectors: Float32Array;
  readonly tower: ItemTower;
  readonly residual: NeighbourEntries;
  readonly transitions: NeighbourEntries;
}

/** @throws CANCELLED, INTERNAL as {@link trainIals}, DATA_INVALID for transitions where the data has no order */
export async function trainTowers(data: TrainingData, params: TowersParams, pool: ThreadPool): Promise<TowerParts> {
  const [vectors] = await trainItemVectors(data, params, [params.established], pool);
  const tower = encodedItems(vectors!, params.dimensions);
  const count = Math.floor(params.residualEntries * data.matrix.items);
  const residual =
    count === 0 ? NO_ENTRIES : await residualEntries(await fitTowerResidual(tower, data, params, pool), count, pool);
  const order =
    params.transitionEntries === 0 ? NO_ENTRIES : transitionEntries(countTowerTransitions(data), data.matrix, params);
  return { params, vectors: vectors!, tower, residual, transitions: order };
}

export const NO_ENTRIES: NeighbourEntries = {
  sources: new Uint32Array(0),
  targets: new Uint32Array(0),
  values: new Float32Array(0),
};

export function fitTowerResidual(
  tower: ItemTower,
  { matrix }: TrainingData,
  { residualLambda, userExponent, dimensions }: TowersParams,
  pool: ThreadPool,
): Promise<ResidualFit> {
  return fitResidual(matrix, tower.vectors, dimensions, { lambda: residualLambda, userExponent }, pool);
}

/** What exponents and weights are tried on. @throws DATA_INVALID where the data has no order */
export const countTowerTransitions = (data: TrainingData): Transitions =>
  countTransitions(data, transitionKnnEntry.defaults);

/** The transitions of the largest T_ij c_i^.3: popular sources are followed more often (docs/towers.md). */
export function transitionEntries(
  counted: Transitions,
  matrix: InteractionMatrix,
  params: Pick<TowersParams, "sourceExponent" | "targetExponent" | "transitionEntries">,
): NeighbourEntries {
  const all = scaleTransitions(counted, matrix, params);
  const people = new Uint32Array(matrix.items);
  for (const item of matrix.indices) people[item]!++;
  const sources = new Uint32Array(all.targets.length);
  const importance = new Float32Array(all.targets.length);
  for (let item = 0; item < matrix.items; item++) {
    const frequency = people[item]! ** SOURCE_EXPONENT;
    for (let p = all.indptr[item]!; p < all.indptr[item + 1]!; p++) {
      sources[p] = item;
      importance[p] = all.weights[p]! * frequency;
    }
  }
  const kept = strongest(importance, Math.floor(params.transitionEntries * matrix.items));
  return {
    sources: kept.map((at) => sources[at]!),
    targets: kept.map((at) => all.targets[at]!),
    values: Float32Array.from(kept, (at) => all.weights[at]!),
  };
}

/** As they ship: the tables of the entries, weighted. */
export function towersOf({ params, tower, residual, transitions: order }: Omit<TowerParts, "vectors">): Towers {
  const { count } = tower.items;
  const table = (entries: NeighbourEntries, weight: number): NeighbourTable =>
    neighbourTable({ ...entries, values: entries.values.map((value) => value * weight) }, count);
  return {
    ...tower,
    params,
    residual: table(residual, params.residualWeight),
    transitions: order.values.length === 0 ? null : table(order, params.transitionWeight),
  };
}

/**
 * Bytes an item in a bundle: half a byte a dimension and 2 of scale, and of each table a byte of scale, one of count, and
 * its entries: a byte of weight and a gap in a Rice code, whose mean length is log2 of the mean gap and 1.6 bits.
 */
export function bytesPerItem(
  items: number,
  params: Pick<TowersParams, "dimensions" | "residualEntries" | "transitionEntries">,
): number {
  const table = (entries: number): number => (entries === 0 ? 0 : 2 + entries * entryBytes(items, entries));
  return params.dimensions / 2 + 2 + table(params.residualEntries) + table(params.transitionEntries);
}

const entryBytes = (items: number, entries: number): number => 1 + (Math.log2(Math.max(1, items / entries)) + 1.6) / 8;

/** The most entries of a table, a mean over the items, that take no more than so many bytes an item. */
export function entriesWithin(items: number, bytes: number): number {
  let entries = 0;
  while (2 + (entries + 0.5) * entryBytes(items, entries + 0.5) <= bytes) entries += 0.5;
  return entries;
}

/** As `towerInput` makes it of a device's events: the newest in full, the k-th newest at decay^k. */
export function recentInput(rows: Uint32Array, weights: Float32Array, decay: number): TowerInput {
  const recent = rows.slice(-TOWER.maxHistory);
  return {
    rows: recent,
    weights: weights.slice(-TOWER.maxHistory).map((weight, at) => weight * decay ** (recent.length - 1 - at)),
    targets: new Float32Array(recent.length).fill(1),
  };
}
