/**
 * The libraries that somebody would take for this in a browser, each as its own documents show, made as good as it can be
 * for the highest dot products: those that know no dot products search items of one length (same-length.ts). None answers
 * several queries at once, so four are asked one after the other. All have one thread.
 */
import type { Opened, Table } from "./engines.ts";
import type { PeerName } from "./names.ts";
import { duckdb, sqliteVec } from "./peers-sql.ts";
import { ofSameLength, withZero } from "./same-length.ts";
import type { Rows } from "./same-length.ts";

/** Links of a node and candidates while building: what hnswlib takes where nothing is said. */
const LINKS = 16;
const BUILD_CANDIDATES = 200;
/** Candidates of a search in a graph, at least K. */
const SEARCH_CANDIDATES = 400;
/** Items handed over at once: all of them as JavaScript objects would not fit. */
const BATCH = 10_000;

/** Views of the rows, as many at a time; nothing that an engine keeps refers to them afterwards. */
function* batches({ vectors, count, dimensions }: Rows): Generator<{ from: number; rows: Float32Array[] }> {
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    const rows = Array.from({ length }, (_, at) =>
      vectors.subarray((from + at) * dimensions, (from + at + 1) * dimensions),
    );
    yield { from, rows };
  }
}

async function hnswlib() {
  const module = await import("hnswlib-wasm/dist/hnswlib.js");
  await module.__tla;
  return module.loadHnswlib();
}

export const PEERS: Readonly<Record<PeerName, (table: Table) => Promise<Opened>>> = {
  // By distance: by the products themselves it finds 82 % at 100,000 items, so 97 %, in the same time (22 November 2026).
  "hnswlib-wasm, graph": async (table) => {
    const { HierarchicalNSW } = await hnswlib();
    const dimensions = table.dimensions + 1;
    const index = new HierarchicalNSW("l2", dimensions, "");
    index.initIndex(table.count, LINKS, BUILD_CANDIDATES, 1);
    index.setEfSearch(SEARCH_CANDIDATES);
    // It numbers the items from 0 itself.
    for (const { rows } of batches(ofSameLength(table))) index.addItems(rows, false);
    return {
      search: (queries, k) =>
        Promise.resolve(queries.map((query) => index.searchKnn(withZero(query), k, undefined).neighbors)),
      // The vector, 2 LINKS links of the lowest layer with their count, and the label (hnswlib, hnswalg.h).
      bytesPerItem: 4 * dimensions + 4 * (2 * LINKS + 1) + 4,
      close: () => index.delete(),
    };
  },
  "hnswlib-wasm, every row": async (table) => {
    const { BruteforceSearch } = await hnswlib();
    const index = new BruteforceSearch("ip", table.dimensions);
    index.initIndex(table.count);
    for (const { from, rows } of batches(table)) rows.forEach((row, at) => index.addPoint(row, from + at));
    return {
      search: (queries, k) => Promise.resolve(queries.map((query) => index.searchKnn(query, k, undefined).neighbors)),
      bytesPerItem: 4 * table.dimensions + 4,
      close: () => index.delete(),
    };
  },
  // By distance: its "dot" finds the lowest products (release 0.9.0), and its flat index takes only bits.
  edgevec: async (table) => {
    const { default: init, EdgeVec, EdgeVecConfig } = await import("edgevec/edgevec.js");
    await init();
    const config = new EdgeVecConfig(table.dimensions + 1);
    config.metric = "l2";
    config.ef_search = SEARCH_CANDIDATES;
    const index = new EdgeVec(config);
    // It numbers the items from 1.
    for (const { rows } of batches(ofSameLength(table))) rows.forEach((row) => index.insert(row));
    return {
      search: (queries, k) =>
        Promise.resolve(queries.map((query) => index.search(withZero(query), k).map(({ id }) => id - 1))),
      bytesPerItem: null,
      close: () => index.free(),
    };
  },
  voy: async (table) => {
    const module = await import("voy-search/voy_search_bg.js");
    const { default: url } = await import("voy-search/voy_search_bg.wasm?url");
    const imports = { "./voy_search_bg.js": module as unknown as WebAssembly.ModuleImports };
    module.__wbg_set_wasm((await WebAssembly.instantiateStreaming(fetch(url), imports)).instance.exports);
    const index = new module.Voy();
    for (const { from, rows } of batches(ofSameLength(table))) {
      index.add({
        embeddings: rows.map((row, at) => ({ id: String(from + at), title: "", url: "", embeddings: Array.from(row) })),
      });
    }
    return {
      search: (queries, k) =>
        Promise.resolve(queries.map((query) => index.search(withZero(query), k).neighbors.map(({ id }) => Number(id)))),
      bytesPerItem: null,
      close: () => index.free(),
    };
  },
  orama: async (table) => {
    const { create, insertMultiple, searchVector } = await import("@orama/orama/dist/browser/index.js");
    const database = create({ schema: { vector: `vector[${table.dimensions + 1}]` } });
    for (const { from, rows } of batches(ofSameLength(table))) {
      await insertMultiple(
        database,
        rows.map((row, at) => ({ id: String(from + at), vector: Array.from(row) })),
      );
    }
    return {
      async search(queries, k) {
        const found: number[][] = [];
        for (const query of queries) {
          // Those of a negative product are left out: half of the items then need no sorting.
          const asked = { vector: { value: withZero(query), property: "vector" }, similarity: 0, limit: k } as const;
          found.push((await searchVector(database, asked)).hits.map(({ id }) => Number(id)));
        }
        return found;
      },
      bytesPerItem: null,
      close: () => {},
    };
  },
  "client-vector-search": async (table) => {
    const { EmbeddingIndex } = await import("client-vector-search/dist/index.mjs");
    const index = new EmbeddingIndex();
    for (const { from, rows } of batches(ofSameLength(table))) {
      rows.forEach((row, at) => index.add({ row: from + at, embedding: Array.from(row) }));
    }
    return {
      async search(queries, k) {
        const found: number[][] = [];
        for (const query of queries) {
          const best = await index.search(Array.from(withZero(query)), { topK: k });
          found.push(best.map(({ object }) => object.row));
        }
        return found;
      },
      bytesPerItem: null,
      close: () => index.clear(),
    };
  },
  "sqlite-vec": sqliteVec,
  duckdb,
};
