/** Whole, valid bundles of a few items, for Node and the browser. */
import { bundleToFiles } from "../../src/model/bundle/bundle.ts";
import { BUNDLE_FORMAT_VERSION } from "../../src/model/bundle/manifest.ts";
import type { FileRole, Manifest } from "../../src/model/bundle/manifest.ts";
import { Catalogue, UNKNOWN_YEAR } from "../../src/model/catalogue/catalogue.ts";
import { CodeColumn, CodeListColumn, TextColumn } from "../../src/model/catalogue/columns.ts";
import { TOWER } from "../../src/model/config.ts";
import { encodeItems } from "../../src/model/retrieval/item-codes.ts";
import { neighbourTable } from "../../src/model/tower/neighbours.ts";

const ITEMS = 6;
const DIMENSIONS = 4;

export interface TinyBundle {
  readonly manifest: Manifest;
  /** File name -> bytes; the manifest is "manifest.json". */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly byRole: ReadonlyMap<FileRole, Uint8Array>;
}

/**
 * Versions differ in their catalogue and items and share their clusters and tower.
 * @param padding bytes of noise, which no store compresses, as the last item's address
 */
export async function tinyBundle(name: string, version: number, padding = 0): Promise<TinyBundle> {
  const rows = Array.from({ length: ITEMS }, (_, row) => row);
  const texts = (prefix: string): string[] => rows.map((row) => `${prefix} ${row} of version ${version}`);
  const blank = new Float32Array(ITEMS).fill(NaN);
  const noLimit = new Float64Array(ITEMS).fill(NaN);
  const unknown = (): CodeColumn => CodeColumn.from(rows.map(() => ""));
  const catalogue = new Catalogue({
    ids: TextColumn.from(rows.map((row) => `item-${row}`)),
    titles: TextColumn.from(texts("Title")),
    makers: TextColumn.from(texts("Maker")),
    urls: new TextColumn(Uint32Array.of(...rows.map(() => 0), padding), noise(padding)),
    kind: CodeColumn.from(rows.map((row) => (row % 2 ? "film" : "book"))),
    category: unknown(),
    subcategory: unknown(),
    genreCode: unknown(),
    language: unknown(),
    country: unknown(),
    themes: CodeListColumn.from(rows.map(() => ["sea"])),
    year: new Int32Array(ITEMS).fill(UNKNOWN_YEAR),
    price: blank,
    latitude: blank,
    longitude: blank,
    popularity: Float32Array.from(rows),
    availableFrom: noLimit,
    availableUntil: noLimit,
  });
  const byRole = bundleToFiles({
    catalogue,
    codes: encodeItems(
      Float32Array.from({ length: ITEMS * DIMENSIONS }, (_, at) => (((at + version) * 37) % 127) / 100),
      DIMENSIONS,
    ),
    residual: neighbourTable(
      { sources: Uint32Array.of(0, 0, 4), targets: Uint32Array.of(1, 5, 2), values: Float32Array.of(0.5, -0.2, 0.1) },
      ITEMS,
    ),
    transitions: null,
    clusters: { centroids: new Float32Array(2 * DIMENSIONS).fill(0.5), starts: Uint32Array.of(0, 3, ITEMS) },
    tower: { ...TOWER, eventWeights: { ...TOWER.eventWeights } },
    ranker: null,
  });
  const files = new Map<string, Uint8Array>();
  const entries: Manifest["files"] = [];
  for (const [role, bytes] of byRole) {
    const sha256 = await sha256Of(bytes);
    const path = `${role}-${sha256.slice(0, 16)}.bin`;
    entries.push({ role, path, bytes: bytes.length, sha256 });
    files.set(path, bytes);
  }
  const manifest: Manifest = {
    format: "affiche-bundle",
    formatVersion: BUNDLE_FORMAT_VERSION,
    name,
    version,
    data: { name: "tiny", simulated: true, users: 1, items: ITEMS, interactions: 1 },
    dimensions: DIMENSIONS,
    clusters: 2,
    ranker: "retrieval",
    evaluation: null,
    files: entries,
  };
  files.set("manifest.json", new TextEncoder().encode(JSON.stringify(manifest)));
  return { manifest, files, byRole };
}

/** `getRandomValues` gives at most 65,536 bytes a call. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
