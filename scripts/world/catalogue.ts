/**
 * The works of the demo world: real ones, in CSV files named after their kind; prices and seasons
 * are simulated.
 */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineError } from "../../src/model/errors.ts";
import { readCsv } from "../import/csv.ts";
import { numberIn } from "../import/fields.ts";
import { BadRow } from "../import/row-report.ts";
import type { Reading } from "../import/row-report.ts";
import { Random } from "./random.ts";

export interface Work {
  readonly id: string;
  readonly title: string;
  readonly maker: string;
  readonly year: number;
  readonly kind: string;
  readonly country: string;
  readonly language: string;
  readonly category: string;
  readonly subcategory: string;
  readonly genreCode: string;
  readonly themes: readonly string[];
}

/** What is simulated about a work. */
export interface Offer {
  /** Euros; 0 is free. */
  readonly price: number;
  /** Seconds since 1970; null: no limit. */
  readonly availableFrom: number | null;
  readonly availableUntil: number | null;
}

const FOLDER = fileURLToPath(new URL("./catalogue/", import.meta.url));
const COLUMNS = [
  "item_id",
  "title",
  "maker",
  "year",
  "country",
  "language",
  "category",
  "subcategory",
  "genre_code",
  "themes",
] as const;
/** A theme fewer works have is a slip of the pen: nobody could have a taste for it. */
const MIN_WORKS_A_THEME = 3;

/**
 * All works, kinds and files in alphabetical order.
 * @throws DATA_INVALID, TOO_MANY_BAD_ROWS: the catalogue is held to having no bad row
 */
export async function readCatalogue(log: Reading["log"], folder = FOLDER): Promise<Work[]> {
  const works: Work[] = [];
  const ids = new Set<string>();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(".csv")).toSorted()) {
    const kind = basename(file, ".csv");
    const format = { required: COLUMNS, remedy: "It is part of the source." };
    await readCsv(join(folder, file), format, { maxBadRows: 0, log }, (row) => {
      const themes = row.themes.split("|");
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(row.item_id)) throw new BadRow(`item_id "${row.item_id}" is not a slug`);
      if (ids.has(row.item_id)) throw new BadRow(`item_id "${row.item_id}" stands here twice`);
      for (const name of ["title", "maker", "year", "category"] as const) {
        if (row[name] === "") throw new BadRow(`${name} is missing`);
      }
      if (!/^[A-Z]{2}$/.test(row.country)) throw new BadRow(`country "${row.country}" is not ISO 3166-1 alpha-2`);
      if (!/^([a-z]{2,3})?$/.test(row.language)) throw new BadRow(`language "${row.language}" is not ISO 639`);
      if (themes.includes("") || new Set(themes).size < themes.length) throw new BadRow(`themes "${row.themes}"`);
      const year = numberIn(row.year, "year", -3000, 2026);
      if (!Number.isInteger(year)) throw new BadRow(`year "${row.year}" is not whole`);
      ids.add(row.item_id);
      const { title, maker, country, language, category, subcategory, genre_code: genreCode } = row;
      works.push({
        id: row.item_id,
        title,
        maker,
        year,
        kind,
        country,
        language,
        category,
        subcategory,
        genreCode,
        themes,
      });
    });
  }
  const counts = countsOf(works.flatMap(({ themes }) => themes));
  const rare = [...counts].find(([, count]) => count < MIN_WORKS_A_THEME);
  if (rare)
    throw new EngineError("DATA_INVALID", { path: folder, reason: `the theme "${rare[0]}" has ${rare[1]} works` });
  return works;
}

/** How often each text stands there. */
export function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** Typical prices in euros, invented: a book or a seat now, not the original of a museum. */
const PRICES: Readonly<Record<string, readonly [low: number, high: number]>> = {
  book: [6, 24],
  comic: [7, 30],
  dance: [15, 60],
  film: [5, 13],
  game: [10, 60],
  museum: [0, 18],
  music: [8, 25],
  opera: [20, 110],
  series: [0, 20],
  theatre: [12, 50],
};
const OTHER_PRICES = [5, 30] as const;
/** Kinds that have seasons, and the share of their works that has one. */
const STAGED: ReadonlySet<string> = new Set(["dance", "opera", "theatre"]);
const SEASONAL = 0.2;

/** Simulated price and season of a work. @param start, end of the simulated time, seconds since 1970 */
export function offerOf({ id, kind }: Work, seed: number, start: number, end: number): Offer {
  const random = new Random(seed, `offer ${id}`);
  const [low, high] = PRICES[kind] ?? OTHER_PRICES;
  const price = Math.round((low + (high - low) * random.uniform() ** 1.5) * 2) / 2;
  if (!STAGED.has(kind) || !random.chance(SEASONAL)) return { price, availableFrom: null, availableUntil: null };
  const span = end - start;
  const day = (share: number): number => Math.round((start + span * share) / 86_400) * 86_400;
  // Half the seasons end within the simulated time or the month after it; the others began within it and go on.
  if (random.chance(0.5)) return { price, availableFrom: null, availableUntil: day(random.between(0.3, 1.15)) };
  return { price, availableFrom: day(random.between(0.1, 0.8)), availableUntil: null };
}
