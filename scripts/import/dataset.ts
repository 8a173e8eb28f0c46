/**
 * A data directory, read into columns.
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import * as v from "valibot";
import { UNKNOWN_YEAR } from "../../src/model/catalogue/catalogue.ts";
import { EngineError } from "../../src/model/errors.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import type { EventKind } from "../../src/model/interactions/interaction.ts";
import { GrowingColumn, Numbering } from "./columns.ts";
import { readCsv } from "./csv.ts";
import { DAY_SECONDS, flagIn, known, numberIn, timeIn } from "./fields.ts";
import { ITEM_COLUMNS, metaSchema } from "./data-directory.ts";
import type { DatasetMeta } from "./data-directory.ts";
import { BadRow } from "./row-report.ts";
import type { Reading } from "./row-report.ts";

const TEXT_COLUMNS = {
  titles: "title",
  makers: "maker",
  kind: "kind",
  category: "category",
  subcategory: "subcategory",
  genreCode: "genre_code",
  language: "language",
  country: "country",
  urls: "url",
} as const;

/** N items as columns, in the order of the file; "" where a text is unknown. */
export interface DatasetItems extends Readonly<Record<keyof typeof TEXT_COLUMNS, readonly string[]>> {
  readonly ids: readonly string[];
  readonly themes: readonly (readonly string[])[];
  /** UNKNOWN_YEAR when unknown. */
  readonly year: Int32Array;
  /** NaN when unknown. */
  readonly price: Float32Array;
  /** Seconds since 1970; NaN: no limit. */
  readonly availableFrom: Float64Array;
  readonly availableUntil: Float64Array;
  /** Degrees; NaN when unknown. */
  readonly latitude: Float32Array;
  readonly longitude: Float32Array;
}

/** E events in the order of the file. */
export interface DatasetEvents {
  /** Rows of `users` and of the items, shape [E]. */
  readonly user: Uint32Array;
  readonly item: Uint32Array;
  /** Index into EVENT_KINDS. */
  readonly event: Uint8Array;
  /** In the dataset's time unit; NaN when there is none. */
  readonly timestamp: Float64Array;
  /** A rating, a play count ...; NaN when there is none. */
  readonly value: Float32Array;
}

/** Items shown, one row each, in the order of the file. */
export interface DatasetImpressions {
  /** Number of the list that was shown, 0 to `lists` - 1; rows of one list have the same. */
  readonly list: Uint32Array;
  readonly lists: number;
  readonly session: Uint32Array;
  readonly user: Uint32Array;
  readonly item: Uint32Array;
  /** 1 is the first place. */
  readonly position: Uint32Array;
  /** Index into `contexts`. */
  readonly context: Uint16Array;
  readonly contexts: readonly string[];
  /** NaN when there is none. */
  readonly timestamp: Float64Array;
  /** 0 or 1. */
  readonly clicked: Uint8Array;
  readonly booked: Uint8Array;
}

export interface Dataset {
  readonly meta: DatasetMeta;
  readonly items: DatasetItems;
  /** Everyone with an event or an impression. */
  readonly users: readonly string[];
  readonly events: DatasetEvents;
  /** null where the directory has no impressions.csv. */
  readonly impressions: DatasetImpressions | null;
  /** Rows left out of all files. */
  readonly badRows: number;
  /** -1 for an unknown id. */
  userRow(id: string): number;
  itemRow(id: string): number;
}

export const SPLIT_PARTS = ["train", "val_in", "val_out", "test_in", "test_out"] as const;
export type SplitPart = (typeof SPLIT_PARTS)[number];

/** One row for each interaction of a split, in the order of the file. */
export interface Split {
  readonly user: Uint32Array;
  readonly item: Uint32Array;
  /** Index into SPLIT_PARTS. */
  readonly part: Uint8Array;
  /** The place in the person's history, lowest oldest, NaN without one; null where the split has no order. */
  readonly order: Float64Array | null;
}

const REMEDY = "A data directory holds items.csv and events.csv; make one with `affiche world` or `affiche import`.";

/** @throws DATA_MISSING, DATA_INVALID, TOO_MANY_BAD_ROWS */
export async function readDataset(dir: string, reading: Reading): Promise<Dataset> {
  const itemIds = new Numbering();
  const users = new Numbering();
  const { items, bad: badItems } = await readItems(join(dir, "items.csv"), reading, itemIds);
  const { events, bad: badEvents } = await readEvents(join(dir, "events.csv"), reading, itemIds, users);
  const shown = (await exists(dir, "impressions.csv"))
    ? await readImpressions(join(dir, "impressions.csv"), reading, itemIds, users)
    : { impressions: null, bad: 0 };
  return {
    meta: await readMeta(dir, reading, events),
    items,
    users: users.values,
    events,
    impressions: shown.impressions,
    badRows: badItems + badEvents + shown.bad,
    userRow: (id) => users.find(id),
    itemRow: (id) => itemIds.find(id),
  };
}

/** Names of the splits, sorted; no splits folder: none. */
export async function splitNames(dir: string): Promise<string[]> {
  const files = await readdir(join(dir, "splits")).catch(() => []);
  return files
    .filter((file) => file.endsWith(".csv"))
    .map((file) => basename(file, ".csv"))
    .toSorted();
}

/** @throws DATA_MISSING, DATA_INVALID, TOO_MANY_BAD_ROWS */
export async function readSplit(dir: string, name: string, dataset: Dataset, reading: Reading): Promise<Split> {
  const user = new GrowingColumn(Uint32Array);
  const item = new GrowingColumn(Uint32Array);
  const part = new GrowingColumn(Uint8Array);
  const order = new GrowingColumn(Float64Array);
  const names = await splitNames(dir);
  const remedy = names.length > 0 ? `The splits there are ${names.join(", ")}.` : "The data directory has no splits.";
  const path = join(dir, "splits", `${name}.csv`);
  const format = { required: ["user_id", "item_id", "part"], optional: ["order"], remedy } as const;
  await readCsv(path, format, reading, (row) => {
    const userRow = known(dataset.userRow(row.user_id), "user_id", row.user_id);
    const itemRow = known(dataset.itemRow(row.item_id), "item_id", row.item_id);
    const partRow = known(SPLIT_PARTS.indexOf(row.part as SplitPart), "part", row.part);
    const place = numberIn(row.order, "order");
    user.push(userRow);
    item.push(itemRow);
    part.push(partRow);
    order.push(place);
  });
  const places = order.finish();
  return {
    user: user.finish(),
    item: item.finish(),
    part: part.finish(),
    order: places.every(Number.isNaN) ? null : places,
  };
}

async function exists(dir: string, file: string): Promise<boolean> {
  return (await readdir(dir)).includes(file);
}

/** Without dataset.json: what the events say, aloud. */
async function readMeta(dir: string, { log }: Reading, events: DatasetEvents): Promise<DatasetMeta> {
  const path = join(dir, "dataset.json");
  if (!(await exists(dir, "dataset.json"))) {
    const timeUnit = events.timestamp.some((time) => !Number.isNaN(time)) ? "s" : "none";
    const met = EVENT_KINDS.filter((_, kind) => events.event.includes(kind));
    const strong = met.filter((kind) => kind !== "view" && kind !== "dismiss");
    const positiveEvents: EventKind[] = strong.length > 0 ? strong : ["view"];
    const time = timeUnit === "s" ? "timestamps are seconds since 1970" : "there are no timestamps";
    log(`${path} is missing: ${time}, ${positiveEvents.join(", ")} count as interest.`);
    return { name: basename(resolve(dir)), timeUnit, positiveEvents, weights: {}, simulated: false };
  }
  const invalid = (reason: string, cause?: unknown) => new EngineError("DATA_INVALID", { path, reason }, cause);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
  const parsed = v.safeParse(metaSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw invalid(`${v.getDotPath(issue) ?? "the document"}: ${issue.message}`);
}

async function readItems(
  path: string,
  reading: Reading,
  itemIds: Numbering,
): Promise<{ items: DatasetItems; bad: number }> {
  const texts = Object.keys(TEXT_COLUMNS) as (keyof typeof TEXT_COLUMNS)[];
  const columns = Object.fromEntries(texts.map((name) => [name, [] as string[]])) as Record<
    (typeof texts)[number],
    string[]
  >;
  const themes: string[][] = [];
  const year = new GrowingColumn(Int32Array);
  const price = new GrowingColumn(Float32Array);
  const availableFrom = new GrowingColumn(Float64Array);
  const availableUntil = new GrowingColumn(Float64Array);
  const latitude = new GrowingColumn(Float32Array);
  const longitude = new GrowingColumn(Float32Array);
  const [id, title, ...optional] = ITEM_COLUMNS;
  const { bad } = await readCsv(path, { required: [id, title], optional, remedy: REMEDY }, reading, (row) => {
    if (row.item_id === "") throw new BadRow("item_id is missing");
    if (row.title === "") throw new BadRow("title is missing");
    if (itemIds.find(row.item_id) >= 0) throw new BadRow(`item_id "${row.item_id}" stands here twice`);
    const numbers = {
      year: row.year === "" ? UNKNOWN_YEAR : numberIn(row.year, "year", -10_000, 10_000),
      price: numberIn(row.price, "price", 0),
      availableFrom: timeIn(row.available_from, "available_from", 0),
      availableUntil: timeIn(row.available_until, "available_until", DAY_SECONDS - 1),
      latitude: numberIn(row.latitude, "latitude", -90, 90),
      longitude: numberIn(row.longitude, "longitude", -180, 180),
    };
    if (!Number.isInteger(numbers.year)) throw new BadRow(`year "${row.year}" is not whole`);
    itemIds.add(row.item_id);
    for (const name of texts) columns[name].push(row[TEXT_COLUMNS[name]]);
    themes.push(
      row.themes
        .split("|")
        .map((theme) => theme.trim())
        .filter((theme) => theme !== ""),
    );
    year.push(numbers.year);
    price.push(numbers.price);
    availableFrom.push(numbers.availableFrom);
    availableUntil.push(numbers.availableUntil);
    latitude.push(numbers.latitude);
    longitude.push(numbers.longitude);
  });
  const items = {
    ...columns,
    ids: itemIds.values,
    themes,
    year: year.finish(),
    price: price.finish(),
    availableFrom: availableFrom.finish(),
    availableUntil: availableUntil.finish(),
    latitude: latitude.finish(),
    longitude: longitude.finish(),
  };
  return { items, bad };
}

async function readEvents(
  path: string,
  reading: Reading,
  itemIds: Numbering,
  users: Numbering,
): Promise<{ events: DatasetEvents; bad: number }> {
  const user = new GrowingColumn(Uint32Array);
  const item = new GrowingColumn(Uint32Array);
  const event = new GrowingColumn(Uint8Array);
  const timestamp = new GrowingColumn(Float64Array);
  const value = new GrowingColumn(Float32Array);
  const format = {
    required: ["user_id", "item_id", "event"],
    optional: ["timestamp", "value"],
    remedy: REMEDY,
  } as const;
  const { bad } = await readCsv(path, format, reading, (row) => {
    if (row.user_id === "") throw new BadRow("user_id is missing");
    const itemRow = known(itemIds.find(row.item_id), "item_id", row.item_id);
    const kind = known(EVENT_KINDS.indexOf(row.event as EventKind), "event", row.event);
    const time = numberIn(row.timestamp, "timestamp");
    const strength = numberIn(row.value, "value");
    user.push(users.add(row.user_id));
    item.push(itemRow);
    event.push(kind);
    timestamp.push(time);
    value.push(strength);
  });
  const events = {
    user: user.finish(),
    item: item.finish(),
    event: event.finish(),
    timestamp: timestamp.finish(),
    value: value.finish(),
  };
  return { events, bad };
}

async function readImpressions(
  path: string,
  reading: Reading,
  itemIds: Numbering,
  users: Numbering,
): Promise<{ impressions: DatasetImpressions; bad: number }> {
  const lists = new Numbering();
  const sessions = new Numbering();
  const contexts = new Numbering();
  const list = new GrowingColumn(Uint32Array);
  const session = new GrowingColumn(Uint32Array);
  const user = new GrowingColumn(Uint32Array);
  const item = new GrowingColumn(Uint32Array);
  const position = new GrowingColumn(Uint32Array);
  const context = new GrowingColumn(Uint16Array);
  const timestamp = new GrowingColumn(Float64Array);
  const clicked = new GrowingColumn(Uint8Array);
  const booked = new GrowingColumn(Uint8Array);
  const format = {
    required: ["impression_id", "user_id", "item_id", "position", "clicked"],
    optional: ["session_id", "context", "timestamp", "booked"],
    remedy: REMEDY,
  } as const;
  const { bad } = await readCsv(path, format, reading, (row) => {
    if (row.impression_id === "") throw new BadRow("impression_id is missing");
    if (row.user_id === "") throw new BadRow("user_id is missing");
    const itemRow = known(itemIds.find(row.item_id), "item_id", row.item_id);
    const place = Number(row.position);
    if (!(Number.isInteger(place) && place >= 1)) throw new BadRow(`position "${row.position}" is not 1, 2, 3 ...`);
    const time = numberIn(row.timestamp, "timestamp");
    const wasClicked = flagIn(row.clicked, "clicked");
    const wasBooked = flagIn(row.booked, "booked");
    list.push(lists.add(row.impression_id));
    // An operator may number the sessions of each person from 1.
    session.push(sessions.add(`${row.user_id}\n${row.session_id || row.impression_id}`));
    user.push(users.add(row.user_id));
    item.push(itemRow);
    position.push(place);
    context.push(contexts.add(row.context));
    timestamp.push(time);
    clicked.push(wasClicked);
    booked.push(wasBooked);
  });
  const impressions = {
    list: list.finish(),
    lists: lists.values.length,
    session: session.finish(),
    user: user.finish(),
    item: item.finish(),
    position: position.finish(),
    context: context.finish(),
    contexts: contexts.values,
    timestamp: timestamp.finish(),
    clicked: clicked.finish(),
    booked: booked.finish(),
  };
  return { impressions, bad };
}
