/**
 * Bad rows: each is named by file, line and reason; a share of them over the limit stops the command.
 */
import { EngineError } from "../../src/model/errors.ts";

/** How a file is read: what may be wrong with it, and where that is said. */
export interface Reading {
  /** Largest share of bad rows in one file, 0 to 1. */
  readonly maxBadRows: number;
  readonly log: (line: string) => void;
  /** Bytes of a file that were read so far. */
  readonly progress?: (label: string, done: number, total: number) => void;
}

/** Bad rows of one file that are listed; all are counted. */
const LISTED = 20;
/** From so many rows on, the share so far decides without reading the rest of the file. */
const EARLY_ROWS = 10_000;

/** Thrown while a row is understood: the row is left out and its reason reported. */
export class BadRow extends Error {
  override readonly name = "BadRow";
}

/**
 * `--max-bad-rows`: a share such as "0.001", or a percentage such as "0.1%".
 * @throws USAGE
 */
export function parseMaxBadRows(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d*)?|\.\d+)\s*(%?)$/.exec(text.trim()) ?? [];
  const share = Number(digits) / (percent === "%" ? 100 : 1);
  if (!(share <= 1)) {
    throw new EngineError("USAGE", {
      reason: `--max-bad-rows takes a share (0.001) or a percentage (0.1%), not "${text}".`,
    });
  }
  return share;
}

export class RowReport {
  readonly #path: string;
  readonly #reading: Reading;
  #rows = 0;
  #bad = 0;
  #reports = 0;

  constructor(path: string, reading: Reading) {
    this.#path = path;
    this.#reading = reading;
  }

  get rows(): number {
    return this.#rows;
  }
  get bad(): number {
    return this.#bad;
  }

  /** One more row was met. */
  row(): void {
    this.#rows++;
  }

  /**
   * The row that begins at `line` is bad.
   * @param swallowed lines lost with it, where a quote that is never closed ran over them
   * @throws TOO_MANY_BAD_ROWS once enough rows were read to say so
   */
  badRow(line: number, reason: string, swallowed = 0): void {
    this.#bad += 1 + swallowed;
    this.#rows += swallowed;
    if (++this.#reports <= LISTED) this.#reading.log(`${this.#path}:${line}: ${reason}`);
    if (this.#rows >= EARLY_ROWS) this.#stopOverLimit();
  }

  /** @throws TOO_MANY_BAD_ROWS */
  finish(): void {
    if (this.#reports > LISTED) this.#reading.log(`${this.#path}: ${this.#reports - LISTED} more bad rows`);
    this.#stopOverLimit();
    if (this.#bad > 0) this.#reading.log(`${this.#path}: ${this.#bad} of ${this.#rows} rows left out`);
  }

  #stopOverLimit(): void {
    const { maxBadRows } = this.#reading;
    if (this.#bad <= maxBadRows * this.#rows) return;
    throw new EngineError("TOO_MANY_BAD_ROWS", {
      path: this.#path,
      bad: this.#bad,
      rows: this.#rows,
      limit: `${Number((maxBadRows * 100).toPrecision(6))}%`,
    });
  }
}
