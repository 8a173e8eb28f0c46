/**
 * The towers' settings, chosen on validation within a number of bytes an item: what `build` and `evaluate` ship.
 *
 * Part by part, each fit measured with all the weights that it may be given: the vectors and the recency of the fold-in,
 * the exponents of the transitions, the regression of the residual table; then for each number of dimensions what is left
 * of the bytes is shared out between the tables.
 */
import { EngineError } from "../../src/model/errors.ts";
import type { Reporter } from "../output.ts";
import type { IalsParams } from "../train/ials.ts";
import { COMPLETION } from "../train/item-tower.ts";
import { residualEntries } from "../train/residual-table.ts";
import type { ResidualFit } from "../train/residual-table.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import {
  bytesPerItem,
  countTowerTransitions,
  encodedItems,
  entriesWithin,
  fitTowerResidual,
  NO_ENTRIES,
  TOWERS_DEFAULTS,
  trainItemVectors,
  transitionEntries,
} from "../train/towers.ts";
import type { ItemTower, TowersParams } from "../train/towers.ts";
import type { Transitions } from "../train/transition-knn.ts";
import type { Fold } from "./protocol.ts";
import { samplePeople } from "./sample-people.ts";
import { climb, WeightSweep } from "./weight-sweep.ts";
import type { FittedTowers } from "./weight-sweep.ts";

/** People of a fold that are measured; their standard error is about .007. */
const MOST_PEOPLE = 1000;
const DIMENSIONS = [32, 64, 128] as const;
/** As {@link TowersParams}: with content for the rare, or for the new alone. */
const ESTABLISHED = [COMPLETION.established, 1] as const;
const RESIDUAL_LAMBDAS = [3, 10, 30, 100, 300, 1000] as const;
const FIRST_LAMBDA = 100;
const SOURCE_EXPONENTS = [0.5, 0.7, 0.9] as const;
const TARGET_EXPONENTS = [0.1, 0.3, 0.5] as const;
/** Of the bytes that the vectors leave, those of the transitions. */
const TRANSITION_SHARES = [0, 0.5, 0.75, 1] as const;
/** Divisions whose weights are all searched, the best first. */
const REFINED = 2;
const ALL_WEIGHTS = ["recencyDecay", "transitionWeight", "residualWeight", "popularityExponent"] as const;
const NO_TABLES = { residualEntries: 0, transitionEntries: 0 };

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

/**
 * @param folds of the same items; their people count alike
 * @param ials the settings of the factorisation
 * @throws CANCELLED, USAGE where the bytes are too few
 */
export async function chooseTowers(
  folds: readonly Fold[],
  ials: IalsParams,
  bytes: number,
  pool: ThreadPool,
  reporter: Reporter,
): Promise<ChosenTowers> {
  const choice = new TowersChoice(folds, ials, bytes, pool, reporter);
  const vectors = await choice.vectors();
  const ordered = await choice.exponents(vectors);
  const params = await choice.regression({ ...vectors, params: ordered });
  const divisions = await choice.divisions({ ...vectors, params });
  const trials = await choice.refined(divisions);
  if (trials[0] === undefined) {
    const least = DIMENSIONS[0] / 2 + 2;
    throw new EngineError("USAGE", {
      reason: `${bytes} bytes an item are too few: give --bytes-per-item at least ${least}.`,
    });
  }
  return { params: trials[0].params, trials };
}

/** Settings, and the item towers of every fold that were fitted with them. */
interface Vectors {
  readonly params: TowersParams;
  readonly towers: readonly ItemTower[];
}

/** A division of the bytes, with what it takes to refine it. */
interface Division extends TowersTrial {
  readonly fits: readonly FittedTowers[];
}

const byNdcg = (a: TowersTrial, b: TowersTrial): number => b.ndcgAt100 - a.ndcgAt100;

class TowersChoice {
  readonly #folds: readonly Fold[];
  readonly #items: number;
  readonly #ials: IalsParams;
  readonly #bytes: number;
  readonly #pool: ThreadPool;
  readonly #sweep: WeightSweep;
  /** Of each fold; null where the data has no order. */
  readonly #counted: readonly Transitions[] | null;
  readonly #tell: () => void;

  constructor(folds: readonly Fold[], ials: IalsParams, bytes: number, pool: ThreadPool, reporter: Reporter) {
    this.#folds = folds;
    this.#items = folds[0]!.data.matrix.items;
    this.#ials = ials;
    this.#bytes = bytes;
    this.#pool = pool;
    const measured = folds.map((fold) => samplePeople(fold, MOST_PEOPLE, ials.seed));
    this.#sweep = new WeightSweep(measured, pool);
    const ordered = folds.every(({ data }) => data.sequences !== null);
    this.#counted = ordered ? folds.map(({ data }) => countTowerTransitions(data)) : null;
    const steps = 2 + ESTABLISHED.length + 2 + DIMENSIONS.length;
    let step = 0;
    this.#tell = () => reporter.progress("shipped: parts tried on validation", ++step, steps);
  }

  /** Content in the vectors of rare items, and the recency of the fold-in. */
  async vectors(): Promise<Vectors> {
    const start = { ...TOWERS_DEFAULTS, ...this.#ials };
    let best = { params: start as TowersParams, towers: [] as readonly ItemTower[], ndcgAt100: -Infinity };
    const byFold = await this.#towersOf(start.dimensions, ESTABLISHED);
    for (const [at, established] of ESTABLISHED.entries()) {
      const towers = byFold.map((ofFold) => ofFold[at]!);
      const trial = await this.#sweep.best(towers.map(alone), { ...start, established }, ["recencyDecay"]);
      if (trial.ndcgAt100 > best.ndcgAt100) best = { ...trial, towers };
      this.#tell();
    }
    if (best.towers.length === 0) throw new EngineError("INTERNAL", { reason: "validation has nobody to measure" });
    return best;
  }

  /** Those of the transitions, beside the dot product. */
  async exponents({ params, towers }: Vectors): Promise<TowersParams> {
    const counted = this.#counted;
    let best = { params, ndcgAt100: -Infinity };
    for (const sourceExponent of counted === null ? [] : SOURCE_EXPONENTS) {
      for (const targetExponent of TARGET_EXPONENTS) {
        const exponents = { sourceExponent, targetExponent };
        const tried = { ...params, ...exponents, transitionEntries: entriesWithin(this.#items, this.#room(params)) };
        const fits = towers.map((tower, fold) => ({ ...alone(tower), transitions: this.#transitions(fold, tried) }));
        const { ndcgAt100 } = await this.#sweep.best(fits, tried, ["transitionWeight"]);
        if (ndcgAt100 > best.ndcgAt100) best = { params: { ...params, ...exponents }, ndcgAt100 };
      }
    }
    this.#tell();
    return best.params;
  }

  /** The residual table's, one setting after the other, beside the dot product. */
  async regression({ params, towers }: Vectors): Promise<TowersParams> {
    const measure = async (tried: TowersParams): Promise<number> => {
      const fits = await this.#residualFits(towers, tried);
      const entries = entriesWithin(this.#items, this.#room(tried));
      const fitted = await this.#fitted(towers, fits, { ...tried, residualEntries: entries });
      const { ndcgAt100 } = await this.#sweep.best(fitted, tried, ["residualWeight", "popularityExponent"]);
      return ndcgAt100;
    };
    const measureAll = async (all: readonly TowersParams[]): Promise<number[]> => {
      const measured: number[] = [];
      for (const tried of all) measured.push(await measure(tried));
      return measured;
    };
    const steps = RESIDUAL_LAMBDAS.map((residualLambda) => ({ ...params, residualLambda }));
    const from = RESIDUAL_LAMBDAS.indexOf(FIRST_LAMBDA);
    const start = { params: steps[from]!, ndcgAt100: await measure(steps[from]!) };
    const best = await climb(steps, from, start, measureAll);
    this.#tell();
    const alike = { ...best.params, userExponent: 0 };
    const chosen = (await measure(alike)) > best.ndcgAt100 ? alike : best.params;
    this.#tell();
    return chosen;
  }

  /** Each with the weights of its tables. */
  async divisions({ params, towers }: Vectors): Promise<Division[]> {
    const divisions: Division[] = [];
    for (const dimensions of DIMENSIONS) {
      const room = this.#room({ dimensions });
      if (room < 0) continue;
      const known = dimensions === params.dimensions;
      const turned = known ? towers : (await this.#towersOf(dimensions, [params.established])).map(([only]) => only!);
      const fits = await this.#residualFits(turned, { ...params, dimensions });
      for (const share of this.#counted === null ? [0] : TRANSITION_SHARES) {
        const tried = {
          ...params,
          dimensions,
          residualEntries: entriesWithin(this.#items, room * (1 - share)),
          transitionEntries: entriesWithin(this.#items, room * share),
        };
        const fitted = await this.#fitted(turned, fits, tried);
        const best = await this.#sweep.best(fitted, tried, ["transitionWeight", "residualWeight"]);
        divisions.push({ ...best, bytesPerItem: bytesPerItem(this.#items, tried), fits: fitted });
      }
      this.#tell();
    }
    return divisions.toSorted(byNdcg);
  }

  /** The first with all their weights. @param divisions the best first */
  async refined(divisions: readonly Division[]): Promise<TowersTrial[]> {
    const trials: TowersTrial[] = [];
    for (const [rank, { fits, ...trial }] of divisions.entries()) {
      const refined = rank < REFINED ? await this.#sweep.best(fits, trial.params, ALL_WEIGHTS) : {};
      trials.push({ ...trial, ...refined });
    }
    this.#tell();
    return trials.toSorted(byNdcg);
  }

  /** Bytes that vectors leave; below 0: they are too long. */
  #room({ dimensions }: Pick<TowersParams, "dimensions">): number {
    return this.#bytes - bytesPerItem(this.#items, { ...NO_TABLES, dimensions });
  }

  /** Of each fold, one for each of `established`. */
  #towersOf(dimensions: number, established: readonly number[]): Promise<ItemTower[][]> {
    return this.#eachFold(async ({ data }) => {
      const vectors = await trainItemVectors(data, { ...this.#ials, dimensions }, established, this.#pool);
      return vectors.map((completed) => encodedItems(completed, dimensions));
    });
  }

  #residualFits(towers: readonly ItemTower[], params: TowersParams): Promise<ResidualFit[]> {
    return this.#eachFold(({ data }, fold) => fitTowerResidual(towers[fold]!, data, params, this.#pool));
  }

  #fitted(towers: readonly ItemTower[], fits: readonly ResidualFit[], params: TowersParams): Promise<FittedTowers[]> {
    return this.#eachFold(async (_, fold) => ({
      tower: towers[fold]!,
      residual: await residualEntries(fits[fold]!, Math.floor(params.residualEntries * this.#items), this.#pool),
      transitions: this.#transitions(fold, params),
    }));
  }

  #transitions(fold: number, params: TowersParams): FittedTowers["transitions"] {
    if (this.#counted === null || params.transitionEntries === 0) return NO_ENTRIES;
    return transitionEntries(this.#counted[fold]!, this.#folds[fold]!.data.matrix, params);
  }

  /** One after the other: each fit takes all threads. */
  async #eachFold<T>(work: (fold: Fold, at: number) => Promise<T>): Promise<T[]> {
    const results: T[] = [];
    for (const [at, fold] of this.#folds.entries()) results.push(await work(fold, at));
    return results;
  }
}

/** Without tables. */
const alone = (tower: ItemTower): FittedTowers => ({ tower, residual: NO_ENTRIES, transitions: NO_ENTRIES });
