/** Which rows are available, asked again and again: counted anew only once that changes. */
import type { RowFilter } from "../retrieval/row-filter.ts";
import { rowFilter } from "../retrieval/row-filter.ts";
import type { Catalogue } from "./catalogue.ts";

export class Availability {
  readonly #catalogue: Catalogue;
  #filter: RowFilter | null = null;
  /** Seconds since 1970, both included, for which the filter holds. */
  #from = Infinity;
  #until = -Infinity;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** Not to be changed. @param nowSeconds seconds since 1970 */
  at(nowSeconds: number): RowFilter {
    if (this.#filter !== null && this.#from <= nowSeconds && nowSeconds <= this.#until) return this.#filter;
    const { count, columns } = this.#catalogue;
    this.#from = nowSeconds;
    this.#until = Infinity;
    for (let row = 0; row < count; row++) {
      const from = columns.availableFrom[row]!;
      const until = columns.availableUntil[row]!;
      // Whoever comes at a moment is not here just before it.
      if (from > nowSeconds) this.#until = Math.min(this.#until, from - MOMENT);
      else if (until >= nowSeconds) this.#until = Math.min(this.#until, until);
    }
    this.#filter = rowFilter(count, (row) => this.#catalogue.isAvailable(row, nowSeconds));
    return this.#filter;
  }
}

/** The resolution of clocks, seconds. */
const MOMENT = 0.001;
