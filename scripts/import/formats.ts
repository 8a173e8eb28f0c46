/**
 * Published layouts, read into what a data directory is made of.
 */
import { join } from "node:path";
import type { DatasetSource, EventRow, ItemRow } from "./data-directory.ts";
import { csvRows, readCsv } from "./csv.ts";
import type { CsvFormat } from "./csv.ts";
import { known, numberIn } from "./fields.ts";
import { BadRow } from "./row-report.ts";
import type { Reading } from "./row-report.ts";

export type Importer = (folder: string, reading: Reading) => Promise<DatasetSource>;

/** Items by their published id, in the order of the file. */
class ItemList {
  readonly rows: ItemRow[] = [];
  readonly #ids = new Set<string>();

  add(row: ItemRow): void {
    if (row.item_id === "") throw new BadRow("the id is missing");
    if (row.title === "") throw new BadRow("the title is missing");
    if (this.#ids.has(row.item_id)) throw new BadRow(`id "${row.item_id}" stands here twice`);
    this.#ids.add(row.item_id);
    this.rows.push(row);
  }

  /** The id itself. */
  require(id: string): string {
    known(this.#ids.has(id) ? 0 : -1, "item", id);
    return id;
  }
}

/** A number that may not be absent. */
function requiredNumber(text: string, column: string): number {
  const value = numberIn(text, column);
  if (Number.isNaN(value)) throw new BadRow(`${column} is missing`);
  return value;
}

/** "Toy Story (1995)", also "Babylon 5" without a year and "Death Note (2006–2007)" with a span. */
const TITLE_AND_YEAR = /^(.+?)\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$/s;

/** MovieLens: the title without its year, genres as themes, the first genre as category. */
export function filmOf(id: string, published: string, genres: string): ItemRow {
  const [, title = published.trim(), year = ""] = TITLE_AND_YEAR.exec(published) ?? [];
  const themes = genres.split("|").filter((genre) => genre !== "" && genre !== "(no genres listed)");
  return { item_id: id, title, year, kind: "film", category: themes[0] ?? "", themes: themes.join("|") };
}

const MOVIELENS_REMEDY = "Unpack the archive from grouplens.org/datasets/movielens and pass its folder.";

interface MovieLensFiles {
  readonly movies: readonly [file: string, format: CsvFormat<"movieId" | "title" | "genres">];
  readonly ratings: readonly [file: string, format: CsvFormat<"userId" | "movieId" | "rating" | "timestamp">];
}

function movielens({ movies, ratings }: MovieLensFiles): Importer {
  return async (folder, reading) => {
    const films = new ItemList();
    await readCsv(join(folder, movies[0]), movies[1], reading, (row) =>
      films.add(filmOf(row.movieId, row.title, row.genres)),
    );
    const eventOf = (row: Record<"userId" | "movieId" | "rating" | "timestamp", string>): EventRow => {
      if (row.userId === "") throw new BadRow("the user is missing");
      const time = requiredNumber(row.timestamp, "timestamp");
      return [row.userId, films.require(row.movieId), "rating", time, requiredNumber(row.rating, "rating")];
    };
    return {
      meta: { timeUnit: "s", positiveEvents: ["rating"], weights: {} },
      items: films.rows,
      events: csvRows(join(folder, ratings[0]), ratings[1], reading, eventOf),
      splits: join(folder, "splits"),
    };
  };
}

const DAT = { delimiter: "::", quotes: false, encoding: "latin1", remedy: MOVIELENS_REMEDY } as const;

/** MovieLens 1M: movies.dat and ratings.dat, "::" between the fields, Latin-1; users.dat is not read. */
const movielens1m = movielens({
  movies: ["movies.dat", { ...DAT, header: ["movieId", "title", "genres"], required: ["movieId", "title", "genres"] }],
  ratings: [
    "ratings.dat",
    {
      ...DAT,
      header: ["userId", "movieId", "rating", "timestamp"],
      required: ["userId", "movieId", "rating", "timestamp"],
    },
  ],
});

/** MovieLens since 2014 (latest-small, 20M, 25M, 32M): movies.csv and ratings.csv. */
const movielensCsv = movielens({
  movies: ["movies.csv", { required: ["movieId", "title", "genres"], remedy: MOVIELENS_REMEDY }],
  ratings: ["ratings.csv", { required: ["userId", "movieId", "rating", "timestamp"], remedy: MOVIELENS_REMEDY }],
});

/** HetRec 2011 Last.fm: artists.dat and user_artists.dat, tabs between the fields; value is the play count. */
const lastfmHetrec: Importer = async (folder, reading) => {
  const format = {
    delimiter: "\t",
    quotes: false,
    remedy: "Unpack hetrec2011-lastfm-2k.zip from grouplens.org/datasets/hetrec-2011 and pass its folder.",
  } as const;
  const artists = new ItemList();
  await readCsv(
    join(folder, "artists.dat"),
    { ...format, required: ["id", "name"], optional: ["url"] },
    reading,
    (row) => artists.add({ item_id: row.id, title: row.name, kind: "artist", url: row.url }),
  );
  const listened = { ...format, required: ["userID", "artistID", "weight"] } as const;
  return {
    meta: { timeUnit: "none", positiveEvents: ["click"], weights: {} },
    items: artists.rows,
    events: csvRows(join(folder, "user_artists.dat"), listened, reading, (row): EventRow => {
      if (row.userID === "") throw new BadRow("the user is missing");
      return [row.userID, artists.require(row.artistID), "click", "", requiredNumber(row.weight, "weight")];
    }),
    splits: join(folder, "splits"),
  };
};

/** By the name that `--from` takes. */
export const FORMATS = {
  "movielens-1m": movielens1m,
  "movielens-csv": movielensCsv,
  "lastfm-hetrec": lastfmHetrec,
} as const satisfies Record<string, Importer>;
