/** Which engine searches the items: the one that is asked for, else the fastest where that was measured. */
import { RETRIEVAL_ENGINES } from "../contract.ts";
import type { EngineTimings, RetrievalEngine, RetrievalState } from "../contract.ts";
import type { QuantisedItems } from "./quantise.ts";

/** To be raised whenever an engine becomes faster or slower: machines then measure again. */
const ENGINES_VERSION = 1;

/**
 * Under what timings are remembered: they hold for one graphics adapter, these engines, and tables of about this size,
 * N to the nearest power of two. A new edition of a catalogue is not measured again.
 */
export function timingsKey(
  adapter: string,
  { count, dimensions }: Pick<QuantisedItems, "count" | "dimensions">,
): string {
  return JSON.stringify([adapter, ENGINES_VERSION, Math.round(Math.log2(Math.max(1, count))), dimensions]);
}

/** The engine to open first; null: whichever takes the items first. */
export interface EngineChoice {
  readonly first: RetrievalEngine | null;
  readonly choice: RetrievalState["choice"];
}

/**
 * @param wish null: the fastest
 * @param timings of an earlier start; empty: none is known
 */
export function chooseEngine(wish: RetrievalEngine | null, timings: EngineTimings): EngineChoice {
  if (wish !== null) return { first: wish, choice: "forced" };
  const first = fastestEngine(timings);
  return { first, choice: first === null ? "default" : "remembered" };
}

/** Of equals the first in RETRIEVAL_ENGINES; null where none was measured. */
export function fastestEngine(timings: EngineTimings): RetrievalEngine | null {
  const measured = RETRIEVAL_ENGINES.filter((engine) => timings[engine] !== undefined);
  const least = Math.min(...measured.map((engine) => timings[engine]!));
  return measured.find((engine) => timings[engine] === least) ?? null;
}
