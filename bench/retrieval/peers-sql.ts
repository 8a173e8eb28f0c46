/** The databases among the peers: a query is a statement. */
import type { Opened, Table } from "./engines.ts";
import { ofSameLength, withZero } from "./same-length.ts";

/** Rows that are inserted at once. */
const BATCH = 100_000;

/**
 * By the distance of vectors of one length, which is all that it orders by: see same-length.ts. Release 0.1.9 of its WebAssembly
 * build cannot start: it reads its hooks after Emscripten took them away, and lacks HEAPU64.
 */
export async function sqliteVec(table: Table): Promise<Opened> {
  const { default: init } = await import("sqlite-vec-wasm-demo/sqlite3.mjs");
  const { default: url } = await import("sqlite-vec-wasm-demo/sqlite3.wasm?url");
  const { oo1 } = await init({ locateFile: () => url });
  const { vectors, count, dimensions } = ofSameLength(table);
  const database = new oo1.DB(":memory:");
  database.exec(`create virtual table items using vec0(vector float[${dimensions}])`);
  const insert = database.prepare("insert into items(rowid, vector) values (?, ?)");
  database.exec("begin");
  for (let row = 0; row < count; row++) {
    insert.bind([row, vectors.slice(row * dimensions, (row + 1) * dimensions).buffer]).stepReset();
  }
  database.exec("commit");
  insert.finalize();
  const select = database.prepare("select rowid from items where vector match ? and k = ?");
  return {
    search: (queries, k) =>
      Promise.resolve(
        queries.map((query) => {
          select.bind([withZero(query).buffer, k]);
          const found: number[] = [];
          while (select.step()) found.push(select.get(0));
          select.reset();
          return found;
        }),
      ),
    bytesPerItem: 4 * dimensions,
    close: () => database.close(),
  };
}

/** The vectors are a column of arrays, and its own dot product orders them. */
export async function duckdb({ vectors, count, dimensions }: Table): Promise<Opened> {
  const { createDuckDB, VoidLogger, BROWSER_RUNTIME } =
    await import("@duckdb/duckdb-wasm/dist/duckdb-browser-blocking.mjs");
  const { default: mvp } = await import("@duckdb/duckdb-wasm/dist/duckdb-mvp.wasm?url");
  const { default: eh } = await import("@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url");
  const { Field, FixedSizeList, Float32, Int32, makeData, Table, tableToIPC, Vector } = await import("apache-arrow");
  const bundles = { mvp: { mainModule: mvp, mainWorker: "" }, eh: { mainModule: eh, mainWorker: "" } };
  const database = await createDuckDB(bundles, new VoidLogger(), BROWSER_RUNTIME);
  await database.instantiate(() => {});
  database.open({ maximumThreads: 1 });
  const connection = database.connect();
  const listOf = new FixedSizeList(dimensions, new Field("value", new Float32(), false));
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    const data = Int32Array.from({ length }, (_, at) => from + at);
    const values = vectors.subarray(from * dimensions, (from + length) * dimensions);
    const child = makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values });
    const batch = new Table({
      row: new Vector([makeData({ type: new Int32(), length, nullCount: 0, data })]),
      vector: new Vector([makeData({ type: listOf, length, nullCount: 0, child })]),
    });
    connection.insertArrowFromIPCStream(tableToIPC(batch, "stream"), { name: "items", create: from === 0 });
  }
  return {
    search: (queries, k) =>
      Promise.resolve(
        queries.map((query) => {
          const asked = `[${query.join()}]::float[${dimensions}]`;
          const found = connection.query(
            `select "row" from items order by array_inner_product(vector, ${asked}) desc limit ${k}`,
          );
          return Array.from(found.getChild("row").toArray());
        }),
      ),
    bytesPerItem: 4 * dimensions + 4,
    close: () => connection.close(),
  };
}
