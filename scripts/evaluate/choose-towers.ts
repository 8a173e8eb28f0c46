/**
 * The towers' settings, chosen on validation within a number of bytes an item: what `build` and `evaluate` ship.
 *
 * Fits are dear and weights are cheap, so every fit is measured with all the weights that it may be given at once, on at
 * most 1,000 people: iALS's own settings first, the recency of the fold-in, the regression of the residual table, the
 * exponents of the transitions; then for each number of dimensions what is left of the bytes is shared out between the
 * tables.
 */
import type { NeighbourEntries } from "../../src/model/tower/neighbours.ts";
import { addNeighbours } from "../../src/model/tower/neighbours.ts";
import { LAST_INTERESTS, popularityFactorOf } from "../../src/model/tower/scorer.ts";
import { TOWER } from "../../src/model/config.ts";
import { EngineError } from "../../src/model/errors.ts";
import { ndcgAt } from "../../src/model/metrics/ranking-metrics.ts";
import { topK } from "../../src/model/retrieval/exact-scan.ts";
import type { Reporter } from "../output.ts";
import type { IalsParams } from "../train/ials.ts";
import { foldInPeople } from "../train/fold-in-people.ts";
import { buildInteractionMatrix } from "../train/interaction-matrix.ts";
import type { ScoredHistory } from "../train/model.ts";
import { COMPLETION } from "../train/item-tower.ts";
import { itemPopularity } from "../train/popularity.ts";
import { residualEntries } from "../train/residual-table.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import {
  bytesPerItem,
  countTowerTransitions,
  encodedItems,
  entriesWithin,
  fitTowerResidual,
  NO_ENTRIES,
  recentInput,
  towersOf,
  TOWERS_DEFAULTS,
  trainItemVectors,
  transitionEntries,
  vectorsOf,
} from "../train/towers.ts";
import type { ItemTower, Towers, TowersParams } from "../train/towers.ts";
import type { EvaluatedUser, Fold } from "./protocol.ts";
import { samplePeople } from "./sample-people.ts";
import { scorePeople } from "./score-people.ts";

/** People of the validation that are measured; their standard error is about .007. */
const MOST_PEOPLE = 1000;
const DIMENSIONS = [32, 64, 128] as const;
/** As {@link TowersParams}: with content for the rare, or for the new alone. */
const ESTABLISHED = [COMPLETION.established, 1] as const;
const RESIDUAL_LAMBDAS = [10, 30, 100, 300] as const;
const SOURCE_EXPONENTS = [0.5, 0.7, 0.9] as const;
const TARGET_EXPONENTS = [0.1, 0.3, 0.5] as const;
/** Of the bytes that the vectors leave, those of the transitions. */
const TRANSITION_SHARES = [0, 0.5, 0.75, 1] as const;
/** What costs no fit. Transition weights are multiples of what makes both scores spread alike. */
const WEIGHTS = {
  residualWeight: [0.5, 0.75, 1, 1.5],
  transitionWeight: [0.25, 0.5, 0.75, 1, 1.5, 2.5],
  popularityExponent: [0, 0.05, 0.1, 0.2],
  recencyDecay: [1, 0.98, 0.95, 0.9, 0.8, 0.7],
} as const satisfies Partial<Record<keyof TowersParams, readonly number[]>>;

export interface TowersTrial {
  readonly params: TowersParams;
  readonly ndcgAt100: number;
  readonly bytesPerItem: number;
}

export interface ChosenTowers {
  readonly params: TowersParams;
  /** One for each division of the bytes; the best first. */
  readonly trials: readonly TowersTrial[];
}

/** @param ials the settings of the factorisation @throws CANCELLED */
export async function chooseTowers(
  fold: Fold,
  ials: IalsParams,
  bytes: number,
  pool: ThreadPool,
  reporter: Reporter,
): Promise<ChosenTowers> {
  const { data } = fold;
  const items = data.matrix.items;
  const measure = new Sweep(samplePeople(fold, MOST_PEOPLE, ials.seed), pool);
  const towerOf = async (dimensions: number, established: number): Promise<ItemTower> =>
    encodedItems(await trainItemVectors(data, { ...ials, dimensions, established }, pool), dimensions);
  const roomBeside = (dimensions: number): number => bytes - bytesPerItem(items, { ...NO_TABLES, dimensions });
  const counted = data.sequences === null ? null : countTowerTransitions(data);
  const steps = 2 + ESTABLISHED.length + RESIDUAL_LAMBDAS.length + 1 + DIMENSIONS.length;
  let step = 0;
  const tell = (): void => reporter.progress("shipped: parts tried on validation", ++step, steps);

  // Content in the vectors of rare items, and the recency of the fold-in.
  const alone = { residual: NO_ENTRIES, transitions: NO_ENTRIES };
  let params: TowersParams = { ...TOWERS_DEFAULTS, ...ials };
  let base: ItemTower | null = null;
  let best = -Infinity;
  for (const established of ESTABLISHED) {
    const tower = await towerOf(ials.dimensions, established);
    const trial = await measure.best(tower, alone, { ...params, established }, ["recencyDecay"]);
    tell();
    if (trial.ndcgAt100 <= best) continue;
    base = tower;
    best = trial.ndcgAt100;
    params = trial.params;
  }
  if (base === null) throw new EngineError("INTERNAL", { reason: "validation has nobody to measure" });

  // The transitions' exponents, beside the dot product.
  if (counted !== null) {
    const entries = entriesWithin(items, roomBeside(ials.dimensions));
    let most = -Infinity;
    for (const sourceExponent of SOURCE_EXPONENTS) {
      for (const targetExponent of TARGET_EXPONENTS) {
        const tried = { ...params, sourceExponent, targetExponent, transitionEntries: entries };
        const transitions = transitionEntries(counted, data.matrix, tried);
        const { ndcgAt100 } = await measure.best(base, { ...alone, transitions }, tried, ["transitionWeight"]);
        if (ndcgAt100 > most) params = { ...params, sourceExponent, targetExponent };
        most = Math.max(most, ndcgAt100);
      }
    }
  }
  tell();

  // The residual regression, one setting after the other.
  const residualTrial = async (tried: TowersParams): Promise<number> => {
    const fit = await fitTowerResidual(base, data, tried, pool);
    const count = entriesWithin(items, roomBeside(ials.dimensions)) * items;
    const residual = await residualEntries(fit, Math.floor(count), pool);
    tell();
    const { ndcgAt100 } = await measure.best(base, { ...alone, residual }, tried, [
      "residualWeight",
      "popularityExponent",
    ]);
    return ndcgAt100;
  };
  const lambda = await bestOf(RESIDUAL_LAMBDAS, (residualLambda) => residualTrial({ ...params, residualLambda }));
  params = { ...params, residualLambda: lambda.value };
  const alike = { ...params, userExponent: 0 };
  if ((await residualTrial(alike)) > lambda.measured) params = alike;

  const divisions: Division[] = [];
  for (const dimensions of DIMENSIONS) {
    const room = roomBeside(dimensions);
    if (room < 0) continue;
    const tower = dimensions === ials.dimensions ? base : await towerOf(dimensions, params.established);
    const fit = await fitTowerResidual(tower, data, { ...params, dimensions }, pool);
    for (const share of counted === null ? [0] : TRANSITION_SHARES) {
      const tried = {
        ...params,
        dimensions,
        residualEntries: entriesWithin(items, room * (1 - share)),
        transitionEntries: entriesWithin(items, room * share),
      };
      const residual = await residualEntries(fit, Math.floor(tried.residualEntries * items), pool);
      const transitions = share === 0 || counted === null ? NO_ENTRIES : transitionEntries(counted, data.matrix, tried);
      const entries = { residual, transitions };
      const best = await measure.best(tower, entries, tried, ["transitionWeight", "residualWeight"]);
      divisions.push({ ...best, bytesPerItem: bytesPerItem(items, tried), tower, entries });
    }
    tell();
  }
  const byNdcg = (a: TowersTrial, b: TowersTrial): number => b.ndcgAt100 - a.ndcgAt100;
  divisions.sort(byNdcg);
  const trials: TowersTrial[] = [];
  for (const [rank, { tower, entries, ...trial }] of divisions.entries()) {
    const refined = rank < REFINED ? await measure.best(tower, entries, trial.params, ALL_WEIGHTS) : {};
    trials.push({ ...trial, ...refined });
  }
  tell();
  trials.sort(byNdcg);
  if (trials[0] === undefined) {
    const least = DIMENSIONS[0] / 2 + 2;
    throw new EngineError("USAGE", {
      reason: `${bytes} bytes an item are too few: give --bytes-per-item at least ${least}.`,
    });
  }
  return { params: trials[0].params, trials };
}

/** A division of the bytes, with what it takes to refine it. */
interface Division extends TowersTrial {
  readonly tower: ItemTower;
  readonly entries: Entries;
}

/** Divisions whose weights are all searched, the best first. */
const REFINED = 2;
const ALL_WEIGHTS = ["recencyDecay", "transitionWeight", "residualWeight", "popularityExponent"] as const;

const NO_TABLES = { residualEntries: 0, transitionEntries: 0 };

/** The value of the largest measure, the first of equals. */
async function bestOf(
  values: readonly number[],
  measure: (value: number) => Promise<number>,
): Promise<{ readonly value: number; readonly measured: number }> {
  let best = { value: values[0]!, measured: -Infinity };
  for (const value of values) {
    const measured = await measure(value);
    if (measured > best.measured) best = { value, measured };
  }
  return best;
}

type WeightName = keyof typeof WEIGHTS;
interface Entries {
  readonly residual: NeighbourEntries;
  readonly transitions: NeighbourEntries;
}

/** Measures one fit with many weights. P people. */
class Sweep {
  readonly #people: readonly EvaluatedUser[];
  readonly #pool: ThreadPool;
  readonly #masked: Uint32Array;
  readonly #popularity: Float32Array;
  readonly #ordered: boolean;

  constructor(fold: Fold, pool: ThreadPool) {
    this.#people = fold.users;
    this.#pool = pool;
    this.#masked = Uint32Array.from(fold.candidates.keys()).filter((item) => fold.candidates[item] === 0);
    this.#popularity = itemPopularity(fold.data.matrix);
    this.#ordered = fold.data.sequences !== null;
  }

  /** The best weights, found one after the other in the order of `names`; those that nothing is weighed by stay. */
  async best(
    tower: ItemTower,
    entries: Entries,
    start: TowersParams,
    names: readonly WeightName[],
  ): Promise<{ params: TowersParams; ndcgAt100: number }> {
    const unit = { residualWeight: 1, transitionWeight: 1 };
    const tables = towersOf({ tower, params: { ...start, ...unit }, ...entries });
    const spread = tables.transitions === null ? 0 : await this.#spread(tower, tables, start.recencyDecay);
    let params = start.transitionWeight === 0 ? { ...start, transitionWeight: spread } : start;
    let [ndcgAt100] = (await this.#measure(tower, tables, [params])) as [number];
    for (const name of names) {
      if (name === "residualWeight" && entries.residual.values.length === 0) continue;
      if (name === "transitionWeight" && tables.transitions === null) continue;
      if (name === "recencyDecay" && !this.#ordered) continue;
      const scale = name === "transitionWeight" ? spread : 1;
      const tried = WEIGHTS[name].map((value) => ({ ...params, [name]: value * scale }));
      const measured = await this.#measure(tower, tables, tried);
      const at = measured.indexOf(Math.max(...measured));
      if (measured[at]! <= ndcgAt100) continue;
      params = tried[at]!;
      ndcgAt100 = measured[at]!;
    }
    return { params, ndcgAt100 };
  }

  /** The weight at which transitions spread as far as dot products do: the ratio of the standard deviations. */
  async #spread(tower: ItemTower, tables: Towers, decay: number): Promise<number> {
    let dots = 0;
    let sums = 0;
    await this.#forEach(tower, decay, (scores, person) => {
      const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
      for (const value of scores) dots += (value - mean) ** 2;
      for (const value of transitionSums(tables, person)) sums += value ** 2;
    });
    return Math.sqrt(dots / Math.max(sums, Number.MIN_VALUE));
  }

  async #measure(tower: ItemTower, tables: Towers, tried: readonly TowersParams[]): Promise<number[]> {
    const totals = tried.map(() => 0);
    for (const decay of new Set(tried.map(({ recencyDecay }) => recencyDecay))) {
      const places = Array.from(tried.keys()).filter((at) => tried[at]!.recencyDecay === decay);
      const factors = places.map((at) => popularityFactorOf(this.#popularity, tried[at]!.popularityExponent));
      const out = new Float32Array(this.#popularity.length);
      await this.#forEach(tower, decay, (scores, person) => {
        const together = new Float64Array(scores.length);
        const { rows, weights } = recentInput(person.history.rows, person.history.weights, decay);
        addNeighbours(
          tables.residual,
          rows,
          weights.map((weight) => Math.min(1, weight)),
          together,
        );
        const after = transitionSums(tables, person);
        places.forEach((at, k) => {
          const { residualWeight, transitionWeight } = tried[at]!;
          const factor = factors[k]!;
          for (let row = 0; row < out.length; row++) {
            const sum = scores[row]! + residualWeight * together[row]! + transitionWeight * after[row]!;
            out[row] = sum * factor[row]!;
          }
          for (const row of this.#masked) out[row] = -Infinity;
          for (const row of person.history.rows) out[row] = -Infinity;
          totals[at]! += ndcgAt(topK(out, 100).rows, person.targets, 100);
        });
      });
    }
    return totals.map((total) => total / this.#people.length);
  }

  /** The dot products of everybody in turn, shape [N]. */
  async #forEach(
    tower: ItemTower,
    decay: number,
    visit: (scores: Float32Array, person: EvaluatedUser) => void,
  ): Promise<void> {
    const { dimensions, count } = tower.items;
    const histories = this.#people.map(({ history }) => recentInput(history.rows, history.weights, decay));
    const lengths = histories.map(({ rows }) => rows.length);
    const matrix = buildInteractionMatrix({
      users: histories.length,
      items: count,
      userRows: Uint32Array.from(lengths.flatMap((length, user) => Array.from({ length }, () => user))),
      itemRows: Uint32Array.from(histories.flatMap(({ rows }) => [...rows])),
      weights: Float32Array.from(
        histories.flatMap(({ weights }) => [...weights]),
        (weight) => Math.max(weight, 1e-30),
      ),
    });
    const itemVectors = vectorsOf(tower);
    const users = await this.#pool.scope(async () => {
      const { people, size } = await foldInPeople(matrix, itemVectors, dimensions, this.#pool);
      return histories.map((_, at) => people.array.slice(at * size, at * size + dimensions));
    });
    const rowOf = new Map(this.#people.map(({ history }, at) => [history, at]));
    const userVector = (history: ScoredHistory): Float32Array => users[rowOf.get(history)!]!;
    const model = {
      name: "",
      params: {},
      trainCpuSeconds: 0,
      score: () => {},
      factors: { dimensions, itemVectors, userVector },
    };
    await scorePeople(model, this.#people, count, this.#pool, (scores, at) => visit(scores, this.#people[at]!));
  }
}

/** What the last items add, by the device's rule; shape [N]. */
function transitionSums({ items, transitions }: Towers, { history }: EvaluatedUser): Float64Array {
  const sums = new Float64Array(items.count);
  if (transitions === null) return sums;
  const newest = history.rows.slice(-LAST_INTERESTS).toReversed();
  addNeighbours(
    transitions,
    newest,
    Float32Array.from(newest, (_, age) => TOWER.orderDecay ** age),
    sums,
  );
  return sums;
}
