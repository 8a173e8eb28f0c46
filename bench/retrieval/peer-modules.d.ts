/**
 * What is used of the packages of bench/peers, so that the benchmark is checked where they are not installed. Their files
 * are named in full: the server finds them there, not beside the product's.
 */

declare module "hnswlib-wasm/dist/hnswlib.js" {
  interface Found {
    readonly neighbors: number[];
  }
  interface Index {
    searchKnn(query: Float32Array, k: number, filter: undefined): Found;
    delete(): void;
  }
  interface HierarchicalNSW extends Index {
    initIndex(maxElements: number, m: number, efConstruction: number, randomSeed: number): void;
    addItems(items: Float32Array[], replaceDeleted: boolean): number[];
    setEfSearch(ef: number): void;
  }
  interface BruteforceSearch extends Index {
    initIndex(maxElements: number): void;
    addPoint(point: Float32Array, label: number): void;
  }
  interface Hnswlib {
    readonly HierarchicalNSW: new (space: "l2" | "ip" | "cosine", dimensions: number, file: string) => HierarchicalNSW;
    readonly BruteforceSearch: new (space: "l2" | "ip" | "cosine", dimensions: number) => BruteforceSearch;
  }
  /** Set once the module has been awaited. */
  export const loadHnswlib: () => Promise<Hnswlib>;
  export const __tla: Promise<void>;
}

declare module "edgevec/edgevec.js" {
  export default function init(): Promise<unknown>;
  export class EdgeVecConfig {
    constructor(dimensions: number);
    metric: "l2" | "cosine" | "dot";
    ef_search: number;
  }
  export class EdgeVec {
    constructor(config: EdgeVecConfig);
    insert(vector: Float32Array): number;
    search(query: Float32Array, k: number): readonly { readonly id: number }[];
    free(): void;
  }
}

declare module "voy-search/voy_search_bg.js" {
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
  interface Resource {
    readonly embeddings: readonly { id: string; title: string; url: string; embeddings: readonly number[] }[];
  }
  export class Voy {
    constructor();
    add(resource: Resource): void;
    search(query: Float32Array, k: number): { readonly neighbors: readonly { readonly id: string }[] };
    free(): void;
  }
}

declare module "@orama/orama/dist/browser/index.js" {
  interface Document {
    readonly id: string;
    readonly vector: readonly number[];
  }
  interface Query {
    readonly vector: { readonly value: Float32Array; readonly property: "vector" };
    readonly similarity: number;
    readonly limit: number;
  }
  type Database = { readonly schema: unknown };
  export function create(options: { schema: { vector: `vector[${number}]` } }): Database;
  export function insertMultiple(database: Database, documents: Document[]): unknown;
  export function searchVector(
    database: Database,
    query: Query,
  ): Promise<{ hits: { id: string }[] }> | { hits: { id: string }[] };
}

declare module "client-vector-search/dist/index.mjs" {
  export class EmbeddingIndex {
    constructor();
    add(item: { row: number; embedding: number[] }): void;
    search(query: number[], options: { topK: number }): Promise<{ object: { row: number } }[]>;
    clear(): void;
  }
}

declare module "sqlite-vec-wasm-demo/sqlite3.mjs" {
  interface Statement {
    bind(values: readonly unknown[]): Statement;
    step(): boolean;
    stepReset(): Statement;
    reset(): Statement;
    get(column: number): number;
    finalize(): void;
  }
  interface Database {
    exec(sql: string): void;
    prepare(sql: string): Statement;
    close(): void;
  }
  export default function init(options: { locateFile(): string }): Promise<{
    readonly oo1: { readonly DB: new (name: string) => Database };
  }>;
}

declare module "@duckdb/duckdb-wasm/dist/duckdb-browser-blocking.mjs" {
  interface Rows {
    readonly numRows: number;
    getChild(column: string): { toArray(): Int32Array };
  }
  interface Connection {
    query(sql: string): Rows;
    insertArrowFromIPCStream(stream: Uint8Array, options: { name: string; create: boolean }): void;
    close(): void;
  }
  interface DuckDb {
    instantiate(onProgress: () => void): Promise<unknown>;
    open(config: { readonly maximumThreads?: number }): void;
    connect(): Connection;
  }
  type Bundle = { readonly mainModule: string; readonly mainWorker: string };
  export function createDuckDB(
    bundles: { readonly mvp: Bundle; readonly eh: Bundle },
    logger: unknown,
    runtime: unknown,
  ): Promise<DuckDb>;
  export const VoidLogger: new () => object;
  export const BROWSER_RUNTIME: unknown;
}

declare module "apache-arrow" {
  interface Type {
    readonly typeId: number;
  }
  interface Field {
    readonly name: string;
  }
  interface Data {
    readonly length: number;
  }
  interface Vector {
    readonly length: number;
  }
  interface Table {
    readonly numRows: number;
  }
  export const Float32: new () => Type;
  export const Int32: new () => Type;
  export const Field: new (name: string, type: Type, nullable: boolean) => Field;
  export const FixedSizeList: new (size: number, child: Field) => Type;
  export const Vector: new (data: readonly Data[]) => Vector;
  export const Table: new (columns: Record<string, Vector>) => Table;
  export function makeData(properties: {
    type: Type;
    length: number;
    nullCount: number;
    data?: ArrayLike<number>;
    child?: Data;
  }): Data;
  export function tableToIPC(table: Table, format: "stream"): Uint8Array;
}
