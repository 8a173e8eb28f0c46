/** Measures fitted towers with all the weights that they may be given: fits are dear, weights are cheap. */
import { TOWER } from "../../src/model/config.ts";
import { ndcgAt } from "../../src/model/metrics/ranking-metrics.ts";
import { topK } from "../../src/model/retrieval/exact-scan.ts";
import { addNeighbours } from "../../src/model/tower/neighbours.ts";
import type { TowerInput } from "../../src/model/tower/history.ts";
import { interestsOf, popularityFactorOf } from "../../src/model/tower/scorer.ts";
import type { Interests } from "../../src/model/tower/scorer.ts";
import { foldInProducts } from "../train/factor-model.ts";
import type { Products, ScoredHistory } from "../train/model.ts";
import { itemPopularity } from "../train/popularity.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { recentInput, towersOf } from "../train/towers.ts";
import type { ItemTower, TowerParts, Towers, TowersParams } from "../train/towers.ts";
import type { EvaluatedUser, Fold } from "./protocol.ts";
import { multiplyPeople } from "./score-people.ts";

/** Steps of each weight. Transition weights are multiples of what makes both scores spread alike. */
const STEPS = {
  residualWeight: [0.25, 0.35, 0.5, 0.75, 1, 1.5, 2, 3],
  transitionWeight: [0.25, 0.5, 0.75, 1, 1.5, 2.5, 4],
  popularityExponent: [0, 0.05, 0.1, 0.2, 0.3],
  recencyDecay: [1, 0.98, 0.95, 0.9, 0.8, 0.7, 0.5],
} as const satisfies Partial<Record<keyof TowersParams, readonly number[]>>;

export type WeightName = keyof typeof STEPS;
/** What a fold's training data was fitted with. */
export type FittedTowers = Pick<TowerParts, "tower" | "residual" | "transitions">;

export interface Weighted {
  readonly params: TowersParams;
  readonly ndcgAt100: number;
}

export class WeightSweep {
  readonly #grounds: readonly Ground[];
  readonly #people: number;

  /** @param folds each with a fit of its own; their people count alike */
  constructor(folds: readonly Fold[], pool: ThreadPool) {
    this.#grounds = folds.map((fold) => new Ground(fold, pool));
    this.#people = folds.reduce((sum, { users }) => sum + users.length, 0);
  }

  /**
   * The best weights, found one after the other in the order of `names`; those that nothing is weighed by stay.
   * @param fits one for each fold
   * @throws CANCELLED
   */
  async best(fits: readonly FittedTowers[], start: TowersParams, names: readonly WeightName[]): Promise<Weighted> {
    const unit = { ...start, residualWeight: 1, transitionWeight: 1 };
    const towers = fits.map((fit) => towersOf({ ...fit, params: unit }));
    const spread = towers[0]!.transitions === null ? 0 : await this.#spread(towers, start.recencyDecay);
    const first = start.transitionWeight === 0 ? { ...start, transitionWeight: spread } : start;
    let best: Weighted = { params: first, ndcgAt100: (await this.#measure(towers, [first]))[0]! };
    for (const name of names) {
      if (name === "residualWeight" && fits[0]!.residual.values.length === 0) continue;
      if (name === "transitionWeight" && towers[0]!.transitions === null) continue;
      if (name === "recencyDecay" && !this.#grounds[0]!.ordered) continue;
      const scale = name === "transitionWeight" ? spread : 1;
      const { params } = best;
      const steps = STEPS[name].map((value) => ({ ...params, [name]: value * scale }));
      const at = nearest(STEPS[name], params[name] / scale);
      best = await climb(steps, at, best, (tried) => this.#measure(towers, tried));
    }
    return best;
  }

  /** The weight at which transitions spread as far as dot products do: the ratio of the standard deviations. */
  async #spread(towers: readonly Towers[], decay: number): Promise<number> {
    let dots = 0;
    let sums = 0;
    for (const [at, ground] of this.#grounds.entries()) {
      await ground.forEachPerson(towers[at]!, decay, (scores, interests) => {
        const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
        for (const value of scores) dots += (value - mean) ** 2;
        for (const value of transitionSums(towers[at]!, interests)) sums += value ** 2;
      });
    }
    return Math.sqrt(dots / Math.max(sums, Number.MIN_VALUE));
  }

  /** NDCG@100 of each. @param towers with weights of 1 */
  async #measure(towers: readonly Towers[], tried: readonly TowersParams[]): Promise<number[]> {
    const totals = tried.map(() => 0);
    for (const [at, ground] of this.#grounds.entries()) {
      const measured = await ground.measure(towers[at]!, tried);
      measured.forEach((total, place) => (totals[place]! += total));
    }
    return totals.map((total) => total / this.#people);
  }
}

/**
 * The best of steps that stand in order, as far as the way up leads: from one to its neighbours, and on in the direction of
 * the best.
 * @param start what is known of `steps[from]`, or nearly; what is no better than it is not taken
 */
export async function climb(
  steps: readonly TowersParams[],
  from: number,
  start: Weighted,
  measure: (tried: readonly TowersParams[]) => Promise<readonly number[]>,
): Promise<Weighted> {
  let best = { ...start, at: from };
  const known = new Set([from]);
  for (;;) {
    const next = [best.at - 1, best.at + 1].filter((at) => steps[at] !== undefined && !known.has(at));
    if (next.length === 0) return { params: best.params, ndcgAt100: best.ndcgAt100 };
    const measured = await measure(next.map((at) => steps[at]!));
    next.forEach((at, place) => {
      known.add(at);
      if (measured[place]! > best.ndcgAt100) best = { params: steps[at]!, ndcgAt100: measured[place]!, at };
    });
  }
}

const nearest = (values: readonly number[], value: number): number => {
  const distances = values.map((other) => Math.abs(other - value));
  return distances.indexOf(Math.min(...distances));
};

type Visit = (scores: Float32Array, interests: Interests, person: EvaluatedUser) => void;

/** Scores that are kept, 256 MB. */
const MOST_KEPT = 2 ** 26;

/** One fold. */
class Ground {
  /** Whether histories have an order. */
  readonly ordered: boolean;
  readonly #people: readonly EvaluatedUser[];
  readonly #pool: ThreadPool;
  readonly #masked: Uint32Array;
  readonly #popularity: Float32Array;
  /** Of the last vectors and decay: most of what is measured differs in its tables alone. */
  #kept: { vectors: Float32Array; decay: number; visits: readonly Parameters<Visit>[] } | null = null;

  constructor({ data, users, candidates }: Fold, pool: ThreadPool) {
    this.#people = users;
    this.#pool = pool;
    this.#masked = Uint32Array.from(candidates.keys()).filter((item) => candidates[item] === 0);
    this.#popularity = itemPopularity(data.matrix);
    this.ordered = data.sequences !== null;
  }

  /** The sums of NDCG@100 over the people. */
  async measure(towers: Towers, tried: readonly TowersParams[]): Promise<number[]> {
    const totals = tried.map(() => 0);
    for (const decay of new Set(tried.map(({ recencyDecay }) => recencyDecay))) {
      const places = Array.from(tried.keys()).filter((at) => tried[at]!.recencyDecay === decay);
      const factors = places.map((at) => popularityFactorOf(this.#popularity, tried[at]!.popularityExponent));
      const out = new Float32Array(this.#popularity.length);
      await this.forEachPerson(towers, decay, (scores, interests, person) => {
        const together = new Float64Array(scores.length);
        addNeighbours(towers.residual, interests.rows, interests.residual, together);
        const after = transitionSums(towers, interests);
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
    return totals;
  }

  /** @param visit gets the dot products of everybody in turn, shape [N], not to be changed */
  async forEachPerson(tower: ItemTower, decay: number, visit: Visit): Promise<void> {
    const { items, vectors } = tower;
    if (this.#kept?.vectors !== vectors || this.#kept.decay !== decay) {
      const inputOf = ({ rows, weights }: ScoredHistory): TowerInput => recentInput(rows, weights, decay);
      const { people, ...towers } = foldInProducts(vectors, items.dimensions);
      const products: Products = {
        ...towers,
        people: (histories, pool) => {
          const recent = histories.map((history) => ({ ...history, ...inputOf(history) }));
          return people(recent, pool);
        },
      };
      const keep = this.#people.length * items.count <= MOST_KEPT;
      const visits: Parameters<Visit>[] = [];
      await multiplyPeople(products, this.#people, items.count, this.#pool, (scores, at) => {
        const person = this.#people[at]!;
        const interests = interestsOf(inputOf(person.history), TOWER);
        if (keep) visits.push([scores.slice(), interests, person]);
        else visit(scores, interests, person);
      });
      if (!keep) return;
      this.#kept = { vectors, decay, visits };
    }
    for (const args of this.#kept.visits) visit(...args);
  }
}

/** What the last interests add, shape [N]. */
function transitionSums({ items, transitions }: Towers, { rows, transitions: weights }: Interests): Float64Array {
  const sums = new Float64Array(items.count);
  if (transitions) addNeighbours(transitions, rows, weights, sums);
  return sums;
}
