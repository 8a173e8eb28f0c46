/** What is measured of an engine, before it is summed up. */

export interface Row {
  readonly engine: string;
  readonly items: number;
  /** Asked at once; 0: none, what it reads is not searched. */
  readonly queries: number;
  /** Milliseconds, of each round that there was time for. */
  readonly times: readonly number[];
  readonly recallAt200: number | null;
  readonly loadMs: number | null;
  readonly peakMB: number | null;
  readonly bytesPerItem: number | null;
  readonly error: string | null;
}

/** Read beside the engines: no scan of every row can be faster. */
export const READ = "one thread reads as many bytes";

/** Of an engine that gave no figures. */
export const failedRow = (engine: string, items: number, error: string): Row => ({
  engine,
  items,
  queries: 1,
  times: [],
  recallAt200: null,
  loadMs: null,
  peakMB: null,
  bytesPerItem: null,
  error,
});
