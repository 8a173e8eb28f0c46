/**
 * From a data directory and a split to what a model is fitted on and measured with.
 *
 * - Settings are chosen on validation only. A split without a validation part lends a seeded tenth of
 *   each user's training items to it; where few people are in it, people of the training take their place in turn.
 * - A person with a folded-in part (val_in, test_in) is new to the model: that part is the history.
 *   Otherwise the history is the person's training part; the test is then fitted on train + validation,
 *   histories included.
 * - Everything listed in the split is positive, but what {@link Feedback} says otherwise. Nothing else is known: a
 *   target pair that stands in another part too, or has other events, is hidden from the training and the histories.
 * - People without a history are not measured. Items of the history are masked, and a target that cannot be
 *   recommended is a miss.
 */
import { EngineError } from "../../src/model/errors.ts";
import { SPLIT_PARTS } from "../import/dataset.ts";
import type { Dataset, Split, SplitPart } from "../import/dataset.ts";
import { buildInteractionMatrix } from "../train/interaction-matrix.ts";
import type { InteractionMatrix } from "../train/interaction-matrix.ts";
import type { ScoredHistory, TrainingData } from "../train/model.ts";
import { seededRandom, shuffled } from "../train/random.ts";
import { checkFeedback, confidenceOf, IMPLICIT, pairKey, pairStrength, scalingOf } from "./feedback.ts";
import type { Feedback } from "./feedback.ts";

export interface EvaluatedUser {
  /** Row of the dataset's users. */
  readonly user: number;
  readonly history: ScoredHistory;
  readonly targets: ReadonlySet<number>;
}

/** One fit and the people it is measured on. */
export interface Fold {
  readonly data: TrainingData;
  readonly users: readonly EvaluatedUser[];
  /** shape [N], 1 for the items that can be recommended: the trained ones, or the cold ones. */
  readonly candidates: Uint8Array;
  /**
   * shape [N], item rows: of equal scores the first here is ranked first; null: the lowest row, as everywhere. Rows often
   * stand in an order that tells of popularity, and models that know nothing of cold items score them all alike.
   */
  readonly tieOrder: Uint32Array | null;
}

export interface Protocol {
  readonly name: string;
  readonly validation: Fold;
  /** What settings are chosen on: the validation, and where it has few people others in their place, in turn. */
  readonly validations: readonly Fold[];
  readonly test: Fold;
  /** People of the test who have targets and no history. */
  readonly withoutHistory: number;
}

export interface ProtocolOptions {
  readonly seed: number;
  readonly feedback?: Feedback;
  /** Rank the items that nobody in training has, those of the targets, instead of the trained ones. */
  readonly cold?: boolean;
  /** In the dataset's time unit: events from then on weigh nothing in the fit for validation, for test. */
  readonly before?: readonly [validation: number, test: number];
}

const HELD_OUT_SHARE = 0.1;
/** New people in the validation up to which settings are chosen on others, too: NDCG@100 has a standard error of .013 then. */
const FEW_PEOPLE = 300;
/** A person with fewer items does not take their place. */
const MIN_ITEMS = 5;

/** @throws DATA_INVALID for a split without test targets; USAGE for feedback that the data does not have */
export function makeProtocol(name: string, dataset: Dataset, split: Split, options: ProtocolOptions): Protocol {
  const { seed, feedback = IMPLICIT, cold = false, before = [Infinity, Infinity] } = options;
  checkFeedback(feedback, dataset);
  const source = new SplitRows(dataset, split, feedback);
  const parts = source.parts();
  if (parts.test_out.length === 0) {
    throw new EngineError("DATA_INVALID", { path: `splits/${name}.csv`, reason: "it has no test_out part" });
  }
  let fitted = parts.train;
  let validation = parts.val_out;
  if (validation.length === 0) [fitted, validation] = lendTenth(parts.train, split.user, seed);
  const known = parts.val_in.length > 0 ? fitted : parts.train;
  const testFit = parts.test_in.length > 0 ? known : [...fitted, ...validation];
  const tieOrder = cold ? Uint32Array.from(shuffled(dataset.items.ids.keys(), seededRandom(seed))) : null;
  const fold = (train: readonly number[], folded: readonly number[], targets: readonly number[], at: 0 | 1) =>
    source.fold(train, folded.length > 0 ? folded : train, targets, before[at], tieOrder);
  const validating = fold(fitted, parts.val_in, validation, 0).fold;
  const rotations = cold ? [] : rotationsOf(parts, split.user, validating.users.length, seed);
  const test = fold(testFit, parts.test_in, parts.test_out, 1);
  return {
    name,
    validation: validating,
    validations: [validating, ...rotations.map(({ train, folded, targets }) => fold(train, folded, targets, 0).fold)],
    test: test.fold,
    withoutHistory: test.withoutHistory,
  };
}

/** A seeded tenth of each user's rows, rounded down. */
function lendTenth(
  train: readonly number[],
  userOf: Uint32Array,
  seed: number,
): [fitted: readonly number[], lent: readonly number[]] {
  const random = seededRandom(seed);
  const fitted: number[] = [];
  const lent: number[] = [];
  for (const rows of grouped(train, userOf).values()) {
    const count = Math.floor(rows.length * HELD_OUT_SHARE);
    shuffled(rows, random).forEach((row, at) => (at < count ? lent : fitted).push(row));
  }
  return [fitted, lent];
}

interface Rotation {
  readonly train: readonly number[];
  readonly folded: readonly number[];
  readonly targets: readonly number[];
}

/**
 * Where people are new and the validation has few of them: each time as many people of the training take their place, and
 * everybody else is fitted, until there are enough or half of the training's people were asked.
 * @param people in the validation
 */
function rotationsOf(
  { train, val_in: folded, val_out: targets }: Record<SplitPart, readonly number[]>,
  userOf: Uint32Array,
  people: number,
  seed: number,
): Rotation[] {
  if (folded.length === 0 || people === 0) return [];
  const random = seededRandom(seed);
  const share = targets.length / (folded.length + targets.length);
  const byUser = [...grouped(train, userOf).values()].filter((rows) => rows.length >= MIN_ITEMS);
  const asked = Math.min(FEW_PEOPLE - people, byUser.length / 2);
  const held = shuffled(byUser, random).map((rows) => shuffled(rows, random));
  return Array.from({ length: Math.max(0, Math.ceil(asked / people)) }, (_, turn) => {
    const chosen = held.slice(turn * people, (turn + 1) * people);
    const out = new Set(chosen.flat());
    const cut = (rows: readonly number[]): number => Math.max(1, Math.floor(rows.length * share));
    return {
      train: [...train.filter((row) => !out.has(row)), ...folded, ...targets],
      folded: chosen.flatMap((rows) => rows.slice(cut(rows))),
      targets: chosen.flatMap((rows) => rows.slice(0, cut(rows))),
    };
  });
}

/** Rows by their user, users in order of appearance. */
function grouped(rows: readonly number[], userOf: Uint32Array): Map<number, number[]> {
  const byUser = new Map<number, number[]>();
  for (const row of rows) {
    const group = byUser.get(userOf[row]!);
    if (group) group.push(row);
    else byUser.set(userOf[row]!, [row]);
  }
  return byUser;
}

/** The pairs of a split, each once, by the row of the split that counts. */
class SplitRows {
  readonly #dataset: Dataset;
  readonly #split: Split;
  readonly #feedback: Feedback;
  readonly #rowOf = new Map<number, number>();
  /** shape [rows]; null where the data has no order. */
  readonly #order: Float64Array | null;

  constructor(dataset: Dataset, split: Split, feedback: Feedback) {
    this.#dataset = dataset;
    this.#split = split;
    this.#feedback = feedback;
    // As a target wherever it is one.
    const rank = (row: number): number => ["val_out", "test_out"].indexOf(SPLIT_PARTS[split.part[row]!]!);
    for (let row = 0; row < split.part.length; row++) {
      const key = pairKey(dataset, split.user[row]!, split.item[row]!);
      const other = this.#rowOf.get(key);
      if (other === undefined || rank(row) > rank(other)) this.#rowOf.set(key, row);
    }
    this.#order = split.order ?? this.#firstTimes();
  }

  /** Of each pair's first event: coming back to an item is no discovery. */
  #firstTimes(): Float64Array | null {
    const { events, meta } = this.#dataset;
    if (meta.timeUnit === "none") return null;
    const first = new Float64Array(this.#split.part.length).fill(Infinity);
    for (let at = 0; at < events.user.length; at++) {
      const row = this.#rowOf.get(pairKey(this.#dataset, events.user[at]!, events.item[at]!));
      if (row !== undefined && events.timestamp[at]! < first[row]!) first[row] = events.timestamp[at]!;
    }
    return first;
  }

  /** Rows by part, without those that are no interest. */
  parts(): Record<SplitPart, readonly number[]> {
    const { feedback, positiveFrom } = this.#feedback;
    const parts: Record<SplitPart, number[]> = { train: [], val_in: [], val_out: [], test_in: [], test_out: [] };
    const { value } = this.#strength(Infinity);
    for (const row of this.#rowOf.values()) {
      const part = SPLIT_PARTS[this.#split.part[row]!]!;
      const low = positiveFrom !== null && value[row]! < positiveFrom;
      // A low rating is no target, but explicit feedback learns from it.
      if (!low || (feedback === "explicit" && !part.endsWith("_out"))) parts[part].push(row);
    }
    return parts;
  }

  #strength(before: number) {
    return pairStrength(this.#dataset, this.#feedback, this.#rowOf, this.#split.part.length, before);
  }

  /**
   * @param folded rows of the histories
   * @param tieOrder null: the trained items are ranked; otherwise the cold ones
   */
  fold(
    train: readonly number[],
    folded: readonly number[],
    targets: readonly number[],
    before: number,
    tieOrder: Uint32Array | null,
  ): { fold: Fold; withoutHistory: number } {
    const { items } = this.#dataset;
    const { user, item } = this.#split;
    const { weight, value } = this.#strength(before);
    const confidence = confidenceOf(
      this.#feedback,
      Float32Array.from(train, (row) => value[row]!),
    );
    // Only people who are fitted get a row: the others would be empty rows of every solve.
    const byUser = grouped(train, user);
    const userRow = new Map(Array.from(byUser.keys(), (name, row) => [name, row]));
    const matrix = buildInteractionMatrix({
      users: byUser.size,
      items: items.ids.length,
      userRows: Uint32Array.from(train, (row) => userRow.get(user[row]!)!),
      itemRows: Uint32Array.from(train, (row) => item[row]!),
      weights: Float32Array.from(train, (row) => confidence(weight[row]!, value[row]!)),
    });
    const scaling = scalingOf(this.#feedback, matrix);
    const data = this.#trainingData(matrix, [...byUser.values()], value);
    // After everything that counts entries: in place.
    for (let row = 0; row < matrix.users; row++) {
      const [start, end] = [matrix.indptr[row]!, matrix.indptr[row + 1]!];
      for (let at = start; at < end; at++) matrix.weights[at]! *= scaling(matrix.indices[at]!, end - start);
    }
    const historyOf = grouped(folded, user);
    const users: EvaluatedUser[] = [];
    const targetsOf = grouped(targets, user);
    for (const [name, rows] of targetsOf) {
      const history = historyOf.get(name);
      if (!history) continue;
      const inOrder = this.#inOrder(history);
      users.push({
        user: name,
        history: {
          rows: Uint32Array.from(inOrder, (row) => item[row]!),
          weights: Float32Array.from(
            inOrder,
            (row) => confidence(weight[row]!, value[row]!) * scaling(item[row]!, inOrder.length),
          ),
          values: Float32Array.from(inOrder, (row) => value[row]!),
        },
        targets: new Set(rows.map((row) => item[row]!)),
      });
    }
    const candidates = new Uint8Array(items.ids.length);
    if (tieOrder) for (const row of targets) candidates[item[row]!] = 1;
    for (const trained of matrix.indices) candidates[trained] = tieOrder ? 0 : 1;
    return { fold: { data, users, candidates, tieOrder }, withoutHistory: targetsOf.size - users.length };
  }

  /** Oldest first; as they are where the data has no order. */
  #inOrder(rows: readonly number[]): readonly number[] {
    const order = this.#order;
    return order ? rows.toSorted((a, b) => order[a]! - order[b]! || a - b) : rows;
  }

  /** @param rowsOf the split's rows of each of the matrix's users */
  #trainingData(matrix: InteractionMatrix, rowsOf: readonly (readonly number[])[], value: Float32Array): TrainingData {
    const { item } = this.#split;
    const size = matrix.indices.length;
    const values = new Float32Array(size);
    const sequences = new Uint32Array(size);
    rowsOf.forEach((rows, user) => {
      const start = matrix.indptr[user]!;
      rows.toSorted((a, b) => item[a]! - item[b]!).forEach((row, at) => (values[start + at] = value[row]!));
      this.#inOrder(rows).forEach((row, at) => (sequences[start + at] = item[row]!));
    });
    return {
      matrix,
      values: values.every(Number.isNaN) ? null : values,
      sequences: this.#order ? sequences : null,
      items: this.#dataset.items,
    };
  }
}
