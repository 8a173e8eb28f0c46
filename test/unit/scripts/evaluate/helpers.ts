/** Tiny data sets, splits and models, written down row by row. */
import type { Fold } from "../../../../scripts/evaluate/protocol.ts";
import { SPLIT_PARTS } from "../../../../scripts/import/dataset.ts";
import type { Dataset, DatasetItems, Split, SplitPart } from "../../../../scripts/import/dataset.ts";
import { buildInteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import type { ScoredHistory, TrainedModel } from "../../../../scripts/train/model.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import { EVENT_KINDS } from "../../../../src/model/interactions/interaction.ts";
import type { EventKind } from "../../../../src/model/interactions/interaction.ts";

export interface Event {
  readonly user: number;
  readonly item: number;
  /** Default: click. */
  readonly event?: EventKind;
  readonly time?: number;
  readonly value?: number;
}

/** Bookings weigh 4; without a `timeUnit` there are no times. */
export function datasetOf(
  users: number,
  items: number,
  events: readonly Event[],
  meta: Partial<Dataset["meta"]> = {},
): Dataset {
  return {
    meta: {
      name: "tiny",
      timeUnit: "none",
      positiveEvents: ["click", "booking", "rating"],
      weights: { booking: 4 },
      simulated: false,
      ...meta,
    },
    items: itemsOf(items),
    users: Array.from({ length: users }, (_, user) => String(user)),
    events: {
      user: Uint32Array.from(events, ({ user }) => user),
      item: Uint32Array.from(events, ({ item }) => item),
      event: Uint8Array.from(events, ({ event = "click" }) => EVENT_KINDS.indexOf(event)),
      timestamp: Float64Array.from(events, ({ time = NaN }) => time),
      value: Float32Array.from(events, ({ value = NaN }) => value),
    },
    impressions: null,
    badRows: 0,
    userRow: Number,
    itemRow: Number,
  };
}

export function itemsOf(items: number): DatasetItems {
  const ids = Array.from({ length: items }, (_, item) => String(item));
  return { ids, kind: ids.map((_, item) => (item % 2 === 0 ? "film" : "")) } as unknown as DatasetItems;
}

/** @param order the fourth column */
export function splitOf(
  rows: readonly (readonly [user: number, item: number, part: SplitPart])[],
  order: readonly number[] | null = null,
): Split {
  return {
    user: Uint32Array.from(rows, ([user]) => user),
    item: Uint32Array.from(rows, ([, item]) => item),
    part: Uint8Array.from(rows, ([, , part]) => SPLIT_PARTS.indexOf(part)),
    order: order && Float64Array.from(order),
  };
}

/** Of the split's rows: "user item". */
export function rowsOf(split: Split, part: SplitPart): string[] {
  return Array.from(split.part.keys())
    .filter((row) => SPLIT_PARTS[split.part[row]!] === part)
    .map((row) => `${split.user[row]} ${split.item[row]}`);
}

export function historyOf(rows: readonly number[]): ScoredHistory {
  return {
    rows: Uint32Array.from(rows),
    weights: new Float32Array(rows.length).fill(1),
    values: new Float32Array(rows.length).fill(NaN),
  };
}

/** @param trained the items of each user of the training */
export function foldOf(
  items: number,
  trained: readonly (readonly number[])[],
  people: readonly { readonly history: readonly number[]; readonly targets: readonly number[] }[],
): Fold {
  const pairs = trained.flatMap((rows, user) => rows.map((item) => [user, item] as const));
  const matrix = buildInteractionMatrix({
    users: trained.length,
    items,
    userRows: Uint32Array.from(pairs, ([user]) => user),
    itemRows: Uint32Array.from(pairs, ([, item]) => item),
    weights: new Float32Array(pairs.length).fill(1),
  });
  const candidates = new Uint8Array(items);
  for (const item of matrix.indices) candidates[item] = 1;
  return {
    data: { matrix, values: null, sequences: null, items: itemsOf(items) },
    users: people.map(({ history, targets }, user) => ({
      user,
      history: historyOf(history),
      targets: new Set(targets),
    })),
    candidates,
    tieOrder: null,
  };
}

/** The same scores for everybody. */
export const fixedModel = (scores: readonly number[]): TrainedModel => ({
  name: "fixed",
  params: {},
  trainCpuSeconds: 0,
  score: (_, out) => out.set(scores),
});

/** The files of a data directory: 80 people, 30 items; who likes even items likes them all. */
export function evenAndOdd(): Record<string, string> {
  const random = seededRandom(3);
  const rows: string[] = [];
  for (let user = 0; user < 80; user++) {
    for (let item = 0; item < 30; item++) {
      if (random() < (item % 2 === user % 2 ? 0.5 : 0.1)) rows.push(`u${user},i${item},click,${rows.length},`);
    }
  }
  return {
    "items.csv": `item_id,title\n${Array.from({ length: 30 }, (_, item) => `i${item},Title ${item}`).join("\n")}\n`,
    "events.csv": `user_id,item_id,event,timestamp,value\n${rows.join("\n")}\n`,
    "dataset.json": JSON.stringify({ name: "tiny", timeUnit: "order", positiveEvents: ["click"] }),
  };
}
