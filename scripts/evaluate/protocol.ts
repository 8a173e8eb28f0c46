/**
 * From a data directory and a split to what a model is fitted on and measured with.
 *
 * - Settings are chosen on validation only. A split without a validation part lends a seeded tenth of
 *   each user's training items to it.
 * - A person with a folded-in part (val_in, test_in) is new to the model: that part is the history.
 *   Otherwise the history is the person's training part; the test is then fitted on train + validation,
 *   histories included.
 * - Everything listed in the split is positive; the weight of a pair is its strongest event's.
 */
import { EngineError } from "../../src/model/errors.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import { SPLIT_PARTS } from "../import/dataset.ts";
import type { Dataset, Split, SplitPart } from "../import/dataset.ts";
import { buildInteractionMatrix } from "../train/interaction-matrix.ts";
import type { InteractionMatrix } from "../train/interaction-matrix.ts";
import type { ScoredHistory } from "../train/model.ts";
import { seededRandom } from "../train/random.ts";

export interface EvaluatedUser {
  readonly history: ScoredHistory;
  readonly targets: ReadonlySet<number>;
}

/** One fit and the people it is measured on. */
export interface Fold {
  readonly matrix: InteractionMatrix;
  readonly users: readonly EvaluatedUser[];
}

export interface Protocol {
  readonly name: string;
  readonly validation: Fold;
  readonly test: Fold;
}

type Pair = readonly [user: number, item: number];
type Parts = Record<SplitPart, Pair[]>;

const HELD_OUT_SHARE = 0.1;
/** A person with fewer items is not evaluated. */
const MIN_ITEMS = 5;

export function makeProtocol(name: string, dataset: Dataset, split: Split, seed: number): Protocol {
  const parts: Parts = { train: [], val_in: [], val_out: [], test_in: [], test_out: [] };
  for (let at = 0; at < split.part.length; at++)
    parts[SPLIT_PARTS[split.part[at]!]!].push([split.user[at]!, split.item[at]!]);
  if (parts.test_out.length === 0) {
    throw new EngineError("DATA_INVALID", { path: `splits/${name}.csv`, reason: "it has no test_out part" });
  }
  const weightOf = pairWeights(dataset);
  let fitted = parts.train;
  let validation = parts.val_out;
  if (validation.length === 0) [fitted, validation] = lendTenth(parts.train, seed);
  const known = parts.val_in.length > 0 ? fitted : parts.train;
  const fold = (train: readonly Pair[], folded: readonly Pair[], targets: readonly Pair[]): Fold => ({
    matrix: matrixOf(dataset, train, weightOf),
    users: usersOf(folded.length > 0 ? folded : train, targets, weightOf),
  });
  const testFit = parts.test_in.length > 0 ? known : [...fitted, ...validation];
  return {
    name,
    validation: fold(fitted, parts.val_in, validation),
    test: fold(testFit, parts.test_in, parts.test_out),
  };
}

/** The weight of a (user, item) pair by its strongest event; 1 for a pair without an event. */
function pairWeights(dataset: Dataset): (pair: Pair) => number {
  const { events, meta, items } = dataset;
  const weights = new Map<number, number>();
  for (let at = 0; at < events.user.length; at++) {
    const weight = meta.weights[EVENT_KINDS[events.event[at]!]!] ?? 1;
    const key = events.user[at]! * items.ids.length + events.item[at]!;
    weights.set(key, Math.max(weights.get(key) ?? 0, weight));
  }
  return ([user, item]) => weights.get(user * items.ids.length + item) || 1;
}

function lendTenth(train: readonly Pair[], seed: number): [fitted: Pair[], lent: Pair[]] {
  const random = seededRandom(seed);
  const byUser = new Map<number, Pair[]>();
  for (const pair of train) {
    const pairs = byUser.get(pair[0]);
    if (pairs) pairs.push(pair);
    else byUser.set(pair[0], [pair]);
  }
  const fitted: Pair[] = [];
  const lent: Pair[] = [];
  for (const pairs of byUser.values()) {
    const count = Math.floor(pairs.length * HELD_OUT_SHARE);
    const order = pairs.map((pair) => ({ pair, key: random() })).toSorted((a, b) => a.key - b.key);
    order.forEach(({ pair }, at) => (at < count ? lent : fitted).push(pair));
  }
  return [fitted, lent];
}

function matrixOf(dataset: Dataset, pairs: readonly Pair[], weightOf: (pair: Pair) => number): InteractionMatrix {
  // Only people who are fitted get a row: the others would be empty rows of every solve.
  const userRow = new Map<number, number>();
  for (const [user] of pairs) if (!userRow.has(user)) userRow.set(user, userRow.size);
  return buildInteractionMatrix({
    users: userRow.size,
    items: dataset.items.ids.length,
    userRows: Uint32Array.from(pairs, ([user]) => userRow.get(user)!),
    itemRows: Uint32Array.from(pairs, ([, item]) => item),
    weights: Float32Array.from(pairs, weightOf),
  });
}

function usersOf(folded: readonly Pair[], targets: readonly Pair[], weightOf: (pair: Pair) => number): EvaluatedUser[] {
  const targetsOf = new Map<number, Set<number>>();
  for (const [user, item] of targets) {
    if (!targetsOf.has(user)) targetsOf.set(user, new Set());
    targetsOf.get(user)!.add(item);
  }
  const historyOf = new Map<number, Map<number, number>>();
  for (const pair of folded) {
    const [user, item] = pair;
    if (!targetsOf.has(user)) continue;
    if (!historyOf.has(user)) historyOf.set(user, new Map());
    historyOf.get(user)!.set(item, weightOf(pair));
  }
  return [...targetsOf].map(([user, rows]) => {
    const history = historyOf.get(user) ?? new Map<number, number>();
    return {
      history: { rows: Uint32Array.from(history.keys()), weights: Float32Array.from(history.values()) },
      targets: rows,
    };
  });
}

/**
 * A strong generalisation split (Liang et al. 2018) made from the positive events: a tenth of the users
 * with at least five items (at least one of them) for validation and a tenth for test, of each a fifth of the items as targets.
 * @throws DATA_INVALID with fewer than three such users
 */
export function makeStrongSplit(dataset: Dataset, seed: number): Split {
  const { events, meta } = dataset;
  const positive = new Set(meta.positiveEvents);
  const itemsOf = new Map<number, Set<number>>();
  for (let at = 0; at < events.user.length; at++) {
    if (!positive.has(EVENT_KINDS[events.event[at]!]!)) continue;
    const user = events.user[at]!;
    if (!itemsOf.has(user)) itemsOf.set(user, new Set());
    itemsOf.get(user)!.add(events.item[at]!);
  }
  const random = seededRandom(seed);
  const shuffle = <T>(values: readonly T[]): T[] =>
    values
      .map((value) => ({ value, key: random() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ value }) => value);
  const users = shuffle([...itemsOf.keys()].filter((user) => itemsOf.get(user)!.size >= MIN_ITEMS));
  if (users.length < 3) {
    const reason = `${users.length} people have ${MIN_ITEMS} items or more, and it takes three to measure anything`;
    throw new EngineError("DATA_INVALID", { path: "events.csv", reason });
  }
  const heldOut = Math.max(1, Math.floor(users.length / 10));
  const rows: { user: number; item: number; part: SplitPart }[] = [];
  users.forEach((user, rank) => {
    const items = shuffle([...itemsOf.get(user)!]);
    const side = rank < heldOut ? "val" : rank < 2 * heldOut ? "test" : null;
    const targets = Math.floor(items.length / 5);
    items.forEach((item, at) => {
      const part = side === null ? "train" : (`${side}_${at < targets ? "out" : "in"}` as const);
      rows.push({ user, item, part });
    });
  });
  const trained = new Set(rows.filter(({ part }) => part === "train").map(({ item }) => item));
  const kept = rows.filter(({ item }) => trained.has(item));
  return {
    user: Uint32Array.from(kept, ({ user }) => user),
    item: Uint32Array.from(kept, ({ item }) => item),
    part: Uint8Array.from(kept, ({ part }) => SPLIT_PARTS.indexOf(part)),
  };
}
