/**
 * Splits made from the events of any data directory, seeded. A person's items are those with a positive event, each
 * once, at the time of the first; without a time before all others.
 */
import { EngineError } from "../../src/model/errors.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import { quantile } from "../../src/model/metrics/statistics.ts";
import { SPLIT_PARTS } from "../import/dataset.ts";
import type { Dataset, Split, SplitPart } from "../import/dataset.ts";
import { seededRandom, shuffled } from "../train/random.ts";
import type { Random } from "../train/random.ts";
import type { ProtocolOptions } from "./protocol.ts";

/** A split and what measuring on it takes beside. */
export interface MadeSplit extends Pick<ProtocolOptions, "cold" | "before"> {
  readonly split: Split;
}

interface Maker {
  /** What the data must have: nothing, an order of each person's events, timestamps in seconds. */
  readonly needs: "nothing" | "order" | "seconds";
  readonly make: (items: PersonItems, random: Random) => MadeSplit;
}

/** The items of each person with the time of each, in the order of the events. */
type PersonItems = ReadonlyMap<number, ReadonlyMap<number, number>>;
type Row = readonly [user: number, item: number, part: SplitPart];

/** A person with fewer items is not evaluated. */
const MIN_ITEMS = 5;
/** Validation and test, each: of the people, of a person's items, of all items. */
const HELD_OUT = 0.1;
/** Of a held-out person's items. */
const TARGETS = 0.2;

const MAKERS = {
  random: { needs: "nothing", make: makeRandom },
  "leave-last-out": { needs: "order", make: makeLeaveLastOut },
  temporal: { needs: "seconds", make: makeTemporal },
  "cold-items": { needs: "nothing", make: makeColdItems },
  "cold-users": { needs: "nothing", make: makeColdUsers },
} as const satisfies Record<string, Maker>;
export type MadeProtocol = keyof typeof MAKERS;

/** Those that can be made of the data. */
export function makeableProtocols({ meta }: Dataset): MadeProtocol[] {
  const has = { nothing: true, order: meta.timeUnit !== "none", seconds: meta.timeUnit === "s" };
  return (Object.keys(MAKERS) as MadeProtocol[]).filter((name) => has[MAKERS[name].needs]);
}

/**
 * @param positiveFrom items whose value is lower are left out; null: none
 * @throws DATA_INVALID where too little would be left to measure
 */
export function makeSplit(
  name: MadeProtocol,
  dataset: Dataset,
  seed: number,
  positiveFrom: number | null = null,
): MadeSplit {
  const made = MAKERS[name].make(personItems(dataset, positiveFrom), seededRandom(seed));
  const { part } = made.split;
  const targets = (name_: SplitPart): boolean => part.includes(SPLIT_PARTS.indexOf(name_));
  if (targets("val_out") && targets("test_out")) return made;
  const reason = `too few people have ${MIN_ITEMS} items or more to make a ${name} split`;
  throw new EngineError("DATA_INVALID", { path: "events.csv", reason });
}

function personItems({ events, meta }: Dataset, positiveFrom: number | null): PersonItems {
  const positive = new Set<string>(meta.positiveEvents);
  const itemsOf = new Map<number, Map<number, number>>();
  for (let at = 0; at < events.user.length; at++) {
    if (!positive.has(EVENT_KINDS[events.event[at]!]!)) continue;
    if (positiveFrom !== null && events.value[at]! < positiveFrom) continue;
    const user = events.user[at]!;
    const item = events.item[at]!;
    const time = Number.isNaN(events.timestamp[at]!) ? -Infinity : events.timestamp[at]!;
    if (!itemsOf.has(user)) itemsOf.set(user, new Map());
    const times = itemsOf.get(user)!;
    times.set(item, Math.min(times.get(item) ?? Infinity, time));
  }
  return itemsOf;
}

function splitOf(rows: readonly Row[]): Split {
  return {
    user: Uint32Array.from(rows, ([user]) => user),
    item: Uint32Array.from(rows, ([, item]) => item),
    part: Uint8Array.from(rows, ([, , part]) => SPLIT_PARTS.indexOf(part)),
    order: null,
  };
}

/** Of each person with enough items a random tenth, at least one, for validation and another for test. */
function makeRandom(itemsOf: PersonItems, random: Random): MadeSplit {
  const rows: Row[] = [];
  for (const [user, times] of itemsOf) {
    const heldOut = times.size < MIN_ITEMS ? 0 : Math.max(1, Math.floor(times.size * HELD_OUT));
    shuffled(times.keys(), random).forEach((item, at) => {
      rows.push([user, item, at < heldOut ? "test_out" : at < 2 * heldOut ? "val_out" : "train"]);
    });
  }
  return { split: splitOf(rows) };
}

/** The last item of each person is the test, the one before it the validation (Kang & McAuley 2018, section IV). */
function makeLeaveLastOut(itemsOf: PersonItems): MadeSplit {
  const rows: Row[] = [];
  for (const [user, times] of itemsOf) {
    const inOrder = [...times].toSorted(([, a], [, b]) => a - b);
    inOrder.forEach(([item], at) => {
      const left = times.size < MIN_ITEMS ? Infinity : inOrder.length - at;
      rows.push([user, item, left === 1 ? "test_out" : left === 2 ? "val_out" : "train"]);
    });
  }
  return { split: splitOf(rows) };
}

/** One clock for all: the last tenth of all interactions is the test, the tenth before it the validation. */
function makeTemporal(itemsOf: PersonItems): MadeSplit {
  const times = Float64Array.from(
    [...itemsOf.values()].flatMap((of) => [...of.values()].filter(Number.isFinite)),
  ).sort();
  const validationFrom = quantile(times, 1 - 2 * HELD_OUT);
  const testFrom = quantile(times, 1 - HELD_OUT);
  const rows = [...itemsOf].flatMap(([user, of]) =>
    Array.from(of, ([item, time]): Row => {
      return [user, item, time < validationFrom ? "train" : time < testFrom ? "val_out" : "test_out"];
    }),
  );
  return { split: splitOf(rows), before: [validationFrom, testFrom] };
}

/** A random tenth of the items has no interaction in training and is the test, another the validation. */
function makeColdItems(itemsOf: PersonItems, random: Random): MadeSplit {
  const items = shuffled(new Set([...itemsOf.values()].flatMap((times) => [...times.keys()])), random);
  const heldOut = Math.max(1, Math.floor(items.length * HELD_OUT));
  const partOf = new Map(
    items.map((item, at) => [item, at < heldOut ? "test_out" : at < 2 * heldOut ? "val_out" : "train"]),
  );
  const rows = [...itemsOf].flatMap(([user, times]) =>
    Array.from(times.keys(), (item): Row => [user, item, partOf.get(item)! as SplitPart]),
  );
  return { split: splitOf(rows), cold: true };
}

/**
 * Strong generalisation (Liang et al. 2018, section 4.1): a tenth of the people with enough items (at least one of
 * them) for validation and a tenth for test, of each a fifth of the items as targets; the items are those of the
 * others.
 */
function makeColdUsers(itemsOf: PersonItems, random: Random): MadeSplit {
  const users = shuffled(
    [...itemsOf.keys()].filter((user) => itemsOf.get(user)!.size >= MIN_ITEMS),
    random,
  );
  const heldOut = Math.max(1, Math.floor(users.length * HELD_OUT));
  const rows: Row[] = [];
  users.forEach((user, rank) => {
    const items = shuffled(itemsOf.get(user)!.keys(), random);
    const side = rank < heldOut ? "val" : rank < 2 * heldOut ? "test" : null;
    const targets = Math.floor(items.length * TARGETS);
    items.forEach((item, at) => {
      rows.push([user, item, side === null ? "train" : `${side}_${at < targets ? "out" : "in"}`]);
    });
  });
  const trained = new Set(rows.filter(([, , part]) => part === "train").map(([, item]) => item));
  return { split: splitOf(rows.filter(([, item]) => trained.has(item))) };
}
