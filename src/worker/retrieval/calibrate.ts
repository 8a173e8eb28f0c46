/** What one search takes on each of several engines, measured in turn on the actual items. */
import { CALIBRATION, RETRIEVAL } from "../../model/config.ts";
import type { EngineTimings } from "../../model/contract.ts";
import { dequantiseRows } from "../../model/retrieval/quantise.ts";
import type { QuantisedItems } from "../../model/retrieval/quantise.ts";
import { everyRow } from "../../model/retrieval/row-filter.ts";
import type { Retriever } from "./retriever.ts";

/** Its multiples, modulo 1, are spread evenly however many there are (Knuth, TAOCP 3, 6.4). */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * The median search of each engine, of as many as a page asks for, after one that is not counted: shaders compile at the
 * first use. Queries are vectors of the items, and nobody's history. Takes about `CALIBRATION.budgetMs`, longer only
 * where two searches of each engine do.
 * @param signal once aborted, no further search begins and the answer is null
 * @throws DEVICE_LOST
 */
export async function timeSearches(
  retrievers: readonly Retriever[],
  items: QuantisedItems,
  signal: AbortSignal,
): Promise<EngineTimings | null> {
  const queries = queriesOf(items);
  const k = items.count <= RETRIEVAL.scoredWhole ? RETRIEVAL.similar : RETRIEVAL.scanned;
  const filter = everyRow(items.count);
  const taken = new Map(retrievers.map(({ name }): [Retriever["name"], number[]] => [name, []]));
  const begunMs = performance.now();
  for (let round = -1; round < CALIBRATION.rounds; round++) {
    if (round > 0 && performance.now() - begunMs > CALIBRATION.budgetMs) break;
    // Each is the first of a round as often as the other: what one leaves in the caches costs both alike.
    for (const retriever of round % 2 === 0 ? retrievers : retrievers.toReversed()) {
      if (signal.aborted) return null;
      const fromMs = performance.now();
      await retriever.search([queries[(round + 1) % queries.length]!], k, filter);
      if (round >= 0) taken.get(retriever.name)!.push(performance.now() - fromMs);
    }
  }
  return Object.fromEntries([...taken].map(([name, times]) => [name, median(times)]));
}

/** Items spread over the table that have a vector; ones in every dimension where none has. */
function queriesOf(items: QuantisedItems): readonly Float32Array[] {
  const rows = Array.from({ length: Math.min(items.count, 1 + CALIBRATION.rounds) }, (_, n) =>
    Math.floor(((n * GOLDEN_RATIO) % 1) * items.count),
  );
  const queries = rows.map((row) => dequantiseRows(items, [row])).filter((query) => query.some((value) => value !== 0));
  return queries.length > 0 ? queries : [new Float32Array(items.dimensions).fill(1)];
}

/** The lower one of an even number. */
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;
