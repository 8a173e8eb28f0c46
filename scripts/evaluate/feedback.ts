/**
 * What an interaction says: how strongly a pair counts in the training and in the histories.
 *
 * w weight of a pair's events, r its value (a rating, play count, hours ...), n interactions of a person or an item.
 */
import { EngineError } from "../../src/model/errors.ts";
import { EVENT_KINDS, isEventKind } from "../../src/model/interactions/interaction.ts";
import type { EventKind } from "../../src/model/interactions/interaction.ts";
import type { Dataset } from "../import/dataset.ts";
import type { InteractionMatrix } from "../train/interaction-matrix.ts";

const CHOICES = {
  feedback: ["implicit", "explicit"],
  combine: ["strongest", "sum"],
  values: ["none", "log", "linear"],
  normalise: ["none", "user", "item", "both"],
} as const;

export interface Feedback {
  /** explicit: a pair's entry is its rating. */
  readonly feedback: (typeof CHOICES)["feedback"][number];
  /** The composite utility: weights of events, > 0, over those of dataset.json. */
  readonly weights: Readonly<Partial<Record<EventKind, number>>>;
  /** How the events of one pair add up: its strongest event, or the sum over all of them. */
  readonly combine: (typeof CHOICES)["combine"][number];
  /** How a value strengthens its pair. */
  readonly values: (typeof CHOICES)["values"][number];
  /** Who is scaled by 1 / sqrt(n). */
  readonly normalise: (typeof CHOICES)["normalise"][number];
  /** Pairs with a lower value are no interest; null: every value is. */
  readonly positiveFrom: number | null;
}

export const IMPLICIT: Feedback = {
  feedback: "implicit",
  weights: {},
  combine: "strongest",
  values: "none",
  normalise: "none",
  positiveFrom: null,
};

/** Of the commands that fit models. */
export const FEEDBACK_ARGS = {
  feedback: {
    type: "string",
    default: IMPLICIT.feedback,
    description: "implicit: an interaction is interest; explicit: the rating itself is fitted",
  },
  weights: { type: "string", valueHint: "click=1,booking=4", description: "Weights of events" },
  combine: { type: "string", default: IMPLICIT.combine, description: "Events of one pair: strongest or sum" },
  values: { type: "string", default: IMPLICIT.values, description: "Confidence from play counts: none, log, linear" },
  normalise: { type: "string", default: IMPLICIT.normalise, description: "Scale by 1/sqrt(n): none, user, item, both" },
  "positive-from": { type: "string", valueHint: "4", description: "Ratings below are no interest" },
} as const;

type FeedbackArgs = { readonly [K in keyof typeof CHOICES]: string } & {
  readonly weights?: string | undefined;
  readonly "positive-from"?: string | undefined;
};

/** @throws USAGE */
export function feedbackOf(args: FeedbackArgs): Feedback {
  const choice = <K extends keyof typeof CHOICES>(name: K): (typeof CHOICES)[K][number] => {
    const choices: readonly (typeof CHOICES)[K][number][] = CHOICES[name];
    const chosen = choices.find((other) => other === args[name]);
    if (chosen !== undefined) return chosen;
    throw usage(`--${name} ${args[name]} is not one of ${choices.join(", ")}.`);
  };
  const from = args["positive-from"];
  if (from !== undefined && (from.trim() === "" || !Number.isFinite(Number(from)))) {
    throw usage(`--positive-from ${from} is not a number.`);
  }
  return {
    feedback: choice("feedback"),
    weights: Object.fromEntries((args.weights?.split(",") ?? []).map(weightOf)),
    combine: choice("combine"),
    values: choice("values"),
    normalise: choice("normalise"),
    positiveFrom: from === undefined ? null : Number(from),
  };
}

function weightOf(text: string): [EventKind, number] {
  const [event = "", value = ""] = text.split("=").map((part) => part.trim());
  const weight = Number(value);
  if (isEventKind(event) && value !== "" && weight > 0 && weight < Infinity) return [event, weight];
  throw usage(`--weights ${text}: write EVENT=NUMBER, the number above 0, the event one of ${EVENT_KINDS.join(", ")}.`);
}

/** @throws USAGE for options that the data has nothing for */
export function checkFeedback({ feedback, values, positiveFrom }: Feedback, { events }: Dataset): void {
  const valued = events.value.some((value) => !Number.isNaN(value));
  if (!valued && (values !== "none" || positiveFrom !== null)) {
    throw usage("--values and --positive-from need values in events.csv, and there are none.");
  }
  const rated = events.event.some((kind, at) => EVENT_KINDS[kind] === "rating" && !Number.isNaN(events.value[at]!));
  if (feedback === "explicit" && !rated) {
    throw usage("--feedback explicit needs ratings in events.csv, and there are none: leave it out.");
  }
}

const usage = (reason: string): EngineError => new EngineError("USAGE", { reason });

/** P pairs. */
export interface PairStrength {
  /** shape [P], > 0; 1 for a pair without an event. */
  readonly weight: Float32Array;
  /** shape [P]: the last rating, or the sum of the counts; NaN without a value. */
  readonly value: Float32Array;
}

/**
 * What the events before a time say about pairs.
 * @param pairOf the pair's place from 0 to `count` - 1 by {@link pairKey}; events of other pairs are left out
 */
export function pairStrength(
  dataset: Dataset,
  { weights, combine }: Feedback,
  pairOf: ReadonlyMap<number, number>,
  count: number,
  before: number,
): PairStrength {
  const { events, meta } = dataset;
  const weight = new Float32Array(count);
  const value = new Float32Array(count).fill(NaN);
  for (let at = 0; at < events.user.length; at++) {
    const pair = pairOf.get(pairKey(dataset, events.user[at]!, events.item[at]!));
    if (pair === undefined || events.timestamp[at]! >= before) continue;
    const kind = EVENT_KINDS[events.event[at]!]!;
    const one = weights[kind] ?? meta.weights[kind] ?? 1;
    weight[pair] = combine === "sum" ? weight[pair]! + one : Math.max(weight[pair]!, one);
    const strength = events.value[at]!;
    if (Number.isNaN(strength)) continue;
    value[pair] = kind === "rating" || Number.isNaN(value[pair]!) ? strength : value[pair]! + strength;
  }
  return { weight: weight.map((sum) => sum || 1), value };
}

export const pairKey = ({ items }: Dataset, user: number, item: number): number => user * items.ids.length + item;

/** The entry of a pair, before normalisation. */
export type Confidence = (weight: number, value: number) => number;

/**
 * With values the confidence of Hu, Koren & Volinsky 2008, section 4: `linear` w (1 + r / m), `log` w (1 + ln(1 + r / m))
 * (their eq. 6). Their alpha and epsilon belong to one data set's scale; the mean value m of the training stands for
 * both, and how far a confidence outweighs a pair without an interaction is each model's own setting. No value: w.
 * @param values of the training's pairs
 */
export function confidenceOf({ feedback, values }: Feedback, trained: Float32Array): Confidence {
  if (feedback === "explicit") return (weight, value) => (Number.isNaN(value) ? weight : value);
  if (values === "none") return (weight) => weight;
  const known = trained.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value / known.length, 0);
  const gain = values === "log" ? Math.log1p : (ratio: number): number => ratio;
  return (weight, value) => (value > 0 ? weight * (1 + gain(value / mean)) : weight);
}

/** The factor of one item in the history of a person with `length` items. */
export type Scaling = (item: number, length: number) => number;

/**
 * 1 / sqrt(n) of the person, the item or both (both: the symmetric normalisation of He et al. 2020, "LightGCN", eq. 3),
 * times what keeps the training's mean entry, so that settings keep their meaning.
 */
export function scalingOf({ normalise }: Feedback, matrix: InteractionMatrix): Scaling {
  if (normalise === "none") return () => 1;
  const owners = new Uint32Array(matrix.items);
  for (const item of matrix.indices) owners[item]!++;
  const scale = (item: number, length: number): number =>
    (normalise === "item" ? 1 : 1 / Math.sqrt(length)) *
    (normalise === "user" ? 1 : 1 / Math.sqrt(Math.max(1, owners[item]!)));
  let before = 0;
  let after = 0;
  for (let user = 0; user < matrix.users; user++) {
    const [start, end] = [matrix.indptr[user]!, matrix.indptr[user + 1]!];
    for (let at = start; at < end; at++) {
      before += matrix.weights[at]!;
      after += matrix.weights[at]! * scale(matrix.indices[at]!, end - start);
    }
  }
  return (item, length) => (scale(item, length) * before) / after;
}
