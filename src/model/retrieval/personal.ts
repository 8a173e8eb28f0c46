/**
 * Personal retrieval: which rows are scored for a person, and the K best of them.
 *
 * Up to RETRIEVAL.scoredWhole items every one is scored. Beyond, a scan of the int8 items finds the first rows by the
 * dot product alone, the neighbour tables bring theirs, and only these are scored.
 */
import { RETRIEVAL } from "../config.ts";
import type { ScoringModel, Scorer } from "../tower/scorer.ts";
import { topK } from "./exact-scan.ts";
import type { Scored } from "./exact-scan.ts";
import { allowsRow } from "./row-filter.ts";
import type { RowFilter } from "./row-filter.ts";

/** How many allowed rows a scan has to find for the K best; 0: it has none to find, every item is scored. */
export function rowsToScan({ items }: ScoringModel, k: number): number {
  return items.count <= RETRIEVAL.scoredWhole ? 0 : Math.max(RETRIEVAL.scanned, k);
}

/**
 * The K best allowed rows, ties by lowest row; a scorer that is silent has none.
 * @param scanned what the scan found, in any order; null where {@link rowsToScan} asks for none
 */
export function scoredRows(scorer: Scorer, scanned: ArrayLike<number> | null, k: number, filter: RowFilter): Scored {
  if (scorer.silent) return { rows: new Uint32Array(0), scores: new Float32Array(0) };
  if (scanned === null) {
    const all = scorer.all();
    for (let row = 0; row < all.length; row++) if (!allowsRow(filter, row)) all[row] = -Infinity;
    return topK(all, k);
  }
  const found = new Set([...Array.from(scanned), ...scorer.neighbours()]);
  const candidates = Uint32Array.from(found)
    .filter((row) => allowsRow(filter, row))
    .sort();
  const { rows, scores } = topK(
    Float32Array.from(candidates, (row) => scorer.at(row)),
    k,
  );
  return { rows: rows.map((place) => candidates[place]!), scores };
}
