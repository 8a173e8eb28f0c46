/**
 * A data directory: the names of its files and columns, and how a whole one is written.
 */
import { cp, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { EngineError } from "../../src/model/errors.ts";
import { EVENT_KINDS } from "../../src/model/interactions/interaction.ts";
import type { EventKind } from "../../src/model/interactions/interaction.ts";

export const ITEM_COLUMNS = [
  "item_id",
  "title",
  "maker",
  "year",
  "kind",
  "category",
  "subcategory",
  "genre_code",
  "themes",
  "language",
  "country",
  "price",
  "url",
  "available_from",
  "available_until",
  "latitude",
  "longitude",
] as const;
export const EVENT_COLUMNS = ["user_id", "item_id", "event", "timestamp", "value"] as const;
export const IMPRESSION_COLUMNS = [
  "impression_id",
  "user_id",
  "session_id",
  "item_id",
  "position",
  "context",
  "timestamp",
  "clicked",
  "booked",
] as const;

const weight = v.pipe(v.number(), v.finite(), v.minValue(0));

/** dataset.json */
export const metaSchema = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty()),
  /** What `timestamp` means: seconds since 1970, the position in the person's history, or nothing. */
  timeUnit: v.picklist(["s", "order", "none"]),
  /** Events that count as interest. */
  positiveEvents: v.pipe(v.array(v.picklist(EVENT_KINDS)), v.nonEmpty()),
  /** Relative strength of one event; a kind that is absent has the engine's default. */
  weights: v.optional(v.partial(v.strictObject(v.entriesFromList(EVENT_KINDS, weight))), {}),
  /** True where the people are simulated. */
  simulated: v.optional(v.boolean(), false),
});
export type DatasetMeta = v.InferOutput<typeof metaSchema>;

export type ItemRow = Partial<Record<(typeof ITEM_COLUMNS)[number], string | number>> & {
  readonly item_id: string;
  readonly title: string;
};
/** In the order of {@link EVENT_COLUMNS}; "" where there is no timestamp or value. */
export type EventRow = readonly [
  user: string,
  item: string,
  event: EventKind,
  timestamp: number | "",
  value: number | "",
];
/** In the order of {@link IMPRESSION_COLUMNS}; `position` counts from 1. */
export type ImpressionRow = readonly (string | number)[];

/** What a data directory is made of; the rows may come in parts, as a stream brings them. */
export interface DatasetSource {
  /** Named after its folder unless it has a name. */
  readonly meta: Omit<v.InferInput<typeof metaSchema>, "name"> & { readonly name?: string };
  readonly items: readonly ItemRow[];
  readonly events: AsyncIterable<readonly EventRow[]> | Iterable<readonly EventRow[]>;
  readonly impressions?: Iterable<readonly ImpressionRow[]>;
  /** A folder of splits to copy, where it exists. */
  readonly splits?: string;
}

export interface WrittenRows {
  readonly items: number;
  readonly events: number;
  readonly impressions: number;
  readonly splits: number;
}

const ENTRIES = new Set(["dataset.json", "items.csv", "events.csv", "impressions.csv", "splits"]);

/**
 * Writes a data directory: whole or not at all. One that is there is replaced,
 * anything else that is there is left alone and refused.
 * @throws OUTPUT_FAILED, and what the source's rows throw
 */
export async function writeDataset(out: string, source: DatasetSource): Promise<WrittenRows> {
  const target = resolve(out);
  const part = join(dirname(target), `.${basename(target)}.part-${process.pid}`);
  await guarded(out, () => refuseForeign(target));
  try {
    await guarded(out, () => mkdir(dirname(part), { recursive: true }));
    await guarded(out, () => mkdir(part));
    const meta = { name: basename(target), ...source.meta };
    await writeRows(out, join(part, "dataset.json"), [[`${JSON.stringify(meta, null, 2)}\n`]]);
    const columns = ITEM_COLUMNS.filter((name) => source.items.some((item) => (item[name] ?? "") !== ""));
    const items = await writeCsv(out, join(part, "items.csv"), columns, [
      source.items.map((item) => columns.map((name) => item[name] ?? "")),
    ]);
    const events = await writeCsv(out, join(part, "events.csv"), EVENT_COLUMNS, source.events);
    const { impressions, splits } = source;
    const shown = impressions && (await writeCsv(out, join(part, "impressions.csv"), IMPRESSION_COLUMNS, impressions));
    const copied = splits === undefined ? 0 : await guarded(out, () => copySplits(splits, join(part, "splits")));
    await guarded(out, () => replace(target, part));
    return { items, events, impressions: shown ?? 0, splits: copied };
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function refuseForeign(target: string): Promise<void> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const foreign = entries.find((name) => !ENTRIES.has(name));
  if (foreign === undefined) return;
  throw new EngineError("OUTPUT_FAILED", {
    path: target,
    reason: `it exists and holds ${foreign}, which is no part of a data directory`,
  });
}

/** A folder cannot take another's place in one step; the old one steps aside and is removed last. */
async function replace(target: string, part: string): Promise<void> {
  const aside = `${part}-old`;
  const before = await stat(target).catch(() => null);
  if (before) await rename(target, aside);
  try {
    await rename(part, target);
  } catch (error) {
    if (before) await rename(aside, target);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function copySplits(from: string, to: string): Promise<number> {
  const names = (await readdir(from).catch(() => [])).filter((name) => name.endsWith(".csv"));
  if (names.length > 0) await mkdir(to);
  for (const name of names) await cp(join(from, name), join(to, name));
  return names.length;
}

type Rows = readonly (readonly (string | number)[])[];

async function writeCsv(
  out: string,
  path: string,
  columns: readonly string[],
  parts: AsyncIterable<Rows> | Iterable<Rows>,
): Promise<number> {
  let count = 0;
  async function* lines(): AsyncGenerator<string[]> {
    yield [`${columns.join(",")}\n`];
    for await (const rows of parts) {
      count += rows.length;
      yield rows.map((row) => `${row.map(quoted).join(",")}\n`);
    }
  }
  await writeRows(out, path, lines());
  return count;
}

async function writeRows(
  out: string,
  path: string,
  parts: AsyncIterable<string[]> | Iterable<string[]>,
): Promise<void> {
  const file = await guarded(out, () => open(path, "wx"));
  try {
    for await (const lines of parts) await guarded(out, () => file.writeFile(lines.join("")));
  } finally {
    await file.close();
  }
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @throws OUTPUT_FAILED for what the disk refuses */
async function guarded<Value>(path: string, write: () => Promise<Value>): Promise<Value> {
  try {
    return await write();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new EngineError("OUTPUT_FAILED", { path, reason: code === "ENOSPC" ? "the disk is full" : `${code}` }, error);
  }
}
