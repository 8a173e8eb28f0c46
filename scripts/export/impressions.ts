/**
 * Impressions to ranking examples: each list with the history its reader had before it was shown.
 */
import { clusterOfRows, scoringModelOf } from "../../src/model/bundle/bundle.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import { candidateFeatures, FEATURE_NAMES, profileOf } from "../../src/model/ranking/features.ts";
import { dequantiseRows } from "../../src/model/retrieval/quantise.ts";
import { foldInExact } from "../../src/model/tower/fold-in.ts";
import { towerInput } from "../../src/model/tower/history.ts";
import type { TowerEvent } from "../../src/model/tower/history.ts";
import { scorerOf } from "../../src/model/tower/scorer.ts";
import type { Dataset, DatasetImpressions } from "../import/dataset.ts";
import type { ImpressionTable } from "../train/ranker.ts";
import type { Assembled } from "./assemble.ts";

/** Examples of several lists, list after list. */
export interface Examples extends ImpressionTable {
  /** shape [K], the list of each example, ascending. */
  readonly list: Uint32Array;
}

/** Each list's time, shape [lists]; NaN where its rows have none. */
export function listTimes({ list, lists, timestamp }: DatasetImpressions): Float64Array {
  const times = new Float64Array(lists).fill(NaN);
  list.forEach((number, at) => (times[number] = timestamp[at]!));
  return times;
}

/**
 * @param lists numbers of the lists to use
 * @param progress lists done
 */
export function rankingExamples(
  dataset: Dataset,
  impressions: DatasetImpressions,
  { bundle, rowOfItem }: Assembled,
  lists: readonly number[],
  progress: (done: number) => void,
): Examples {
  const rowsOfList = Array.from({ length: impressions.lists }, (): number[] => []);
  impressions.list.forEach((number, at) => rowsOfList[number]!.push(at));
  const eventsOf = eventsByUser(dataset);
  const { catalogue, items, tower } = bundle;
  const source = { catalogue, clusterOf: clusterOfRows(bundle.clusters) };
  const scoring = scoringModelOf(bundle);
  const rows = lists.map((number) => rowsOfList[number]!);
  const count = rows.reduce((sum, { length }) => sum + length, 0);
  const features = new Float32Array(count * FEATURE_NAMES.length);
  const order = new Uint32Array(count);
  let filled = 0;
  rows.forEach((shown, done) => {
    const [first] = shown as [number];
    const before = impressions.timestamp[first]!;
    const events = (eventsOf.get(impressions.user[first]!) ?? []).filter(({ time }) => time < before);
    const input = towerInput(
      events.map(({ event }) => ({ ...event, row: rowOfItem[event.row]! })),
      tower,
    );
    const vectors = dequantiseRows(items, input.rows);
    const user = foldInExact(vectors, input.weights, input.targets, items.dimensions);
    const candidates = shown.map((at) => rowOfItem[impressions.item[at]!]!);
    const profile = profileOf(source, input, scorerOf(scoring, user, input));
    features.set(candidateFeatures(source, profile, candidates), filled * FEATURE_NAMES.length);
    order.set(shown, filled);
    filled += shown.length;
    progress(done + 1);
  });
  return {
    features,
    list: order.map((at) => impressions.list[at]!),
    position: order.map((at) => impressions.position[at]!),
    clicked: Uint8Array.from(order, (at) => impressions.clicked[at]!),
    booked: Uint8Array.from(order, (at) => impressions.booked[at]!),
  };
}

/** Each user's events, oldest first; `row` is the dataset's item. */
function eventsByUser({ events }: Dataset): Map<number, { time: number; event: TowerEvent }[]> {
  const byUser = new Map<number, { time: number; event: TowerEvent }[]>();
  for (let at = 0; at < events.user.length; at++) {
    const value = events.value[at]!;
    const event = {
      row: events.item[at]!,
      event: EVENT_KINDS[events.event[at]!]!,
      value: Number.isNaN(value) ? undefined : value,
    };
    const list = byUser.get(events.user[at]!);
    const entry = { time: events.timestamp[at]!, event };
    if (list) list.push(entry);
    else byUser.set(events.user[at]!, [entry]);
  }
  for (const list of byUser.values()) list.sort((a, b) => a.time - b.time);
  return byUser;
}
