/** A bundle of as many items as a national culture pass has, generated: nobody has so many to give away. */
import { clustered } from "../../bench/retrieval/clustered.ts";
import { bundleToFiles } from "../../src/model/bundle/bundle.ts";
import type { Manifest } from "../../src/model/bundle/manifest.ts";
import { Catalogue } from "../../src/model/catalogue/catalogue.ts";
import { CodeColumn, CodeListColumn, TextColumn } from "../../src/model/catalogue/columns.ts";
import { TOWER } from "../../src/model/config.ts";
import { encodeItems } from "../../src/model/retrieval/item-codes.ts";
import { writeBundle } from "../../scripts/export/write-bundle.ts";
import { neighbourTable } from "../../src/model/tower/neighbours.ts";
import { NO_ENTRIES } from "../../scripts/train/towers.ts";

const DIMENSIONS = 64;
const KINDS = 12;
const FIRST_YEAR = 1900;
const SEED = 1;

/** @param out the folder, named as the bundle */
export function writeLargeBundle(out: string, items: number): Promise<Manifest> {
  const { vectors, starts, centroids } = clustered(items, DIMENSIONS, 0, SEED);
  const rows = Array.from({ length: items }, (_, row) => row);
  const none = rows.map(() => "");
  const unknown = new Float64Array(items).fill(NaN);
  const catalogue = new Catalogue({
    ids: TextColumn.from(rows.map((row) => `item-${row}`)),
    titles: TextColumn.from(rows.map((row) => `Work ${row}`)),
    makers: TextColumn.from(rows.map((row) => `Maker ${row % 50_000}`)),
    urls: TextColumn.from(none),
    kind: CodeColumn.from(rows.map((row) => `kind-${row % KINDS}`)),
    category: CodeColumn.from(none),
    subcategory: CodeColumn.from(none),
    genreCode: CodeColumn.from(none),
    language: CodeColumn.from(none),
    country: CodeColumn.from(none),
    themes: CodeListColumn.from(rows.map((row) => [`theme-${row % 30}`])),
    year: Int32Array.from(rows, (row) => FIRST_YEAR + (row % 125)),
    price: Float32Array.from(rows, (row) => row % 40),
    availableFrom: unknown,
    availableUntil: unknown,
    latitude: Float32Array.from(unknown),
    longitude: Float32Array.from(unknown),
    popularity: Float32Array.from(rows, (row) => Math.floor(1_000_000 / (1 + row))),
  });
  const files = bundleToFiles({
    catalogue,
    codes: encodeItems(vectors, DIMENSIONS),
    residual: neighbourTable(NO_ENTRIES, items),
    transitions: null,
    clusters: { centroids, starts },
    tower: TOWER,
    ranker: null,
  });
  const facts = {
    data: { name: `${items.toLocaleString("en")} generated items`, simulated: true, users: 0, items, interactions: 0 },
    dimensions: DIMENSIONS,
    clusters: starts.length - 1,
    ranker: "retrieval" as const,
    evaluation: null,
  };
  return writeBundle(out, files, facts, null);
}
