/** Neighbour tables and scoring models by hand. */
import type { QuantisedItems } from "../../src/model/retrieval/quantise.ts";
import { neighbourTable } from "../../src/model/tower/neighbours.ts";
import type { NeighbourTable } from "../../src/model/tower/neighbours.ts";
import type { ScoringModel } from "../../src/model/tower/scorer.ts";

/** @param entries each its source, its target and its value */
export function tableOf(items: number, entries: readonly (readonly [number, number, number])[] = []): NeighbourTable {
  return neighbourTable(
    {
      sources: Uint32Array.from(entries, ([source]) => source),
      targets: Uint32Array.from(entries, ([, target]) => target),
      values: Float32Array.from(entries, ([, , value]) => value),
    },
    items,
  );
}

/** Dot products alone but for what is given. */
export function scoringOf(items: QuantisedItems, parts: Partial<ScoringModel> = {}): ScoringModel {
  return {
    items,
    residual: tableOf(items.count),
    transitions: null,
    params: { orderDecay: 0.5 },
    popularityFactor: new Float32Array(items.count).fill(1),
    ...parts,
  };
}
