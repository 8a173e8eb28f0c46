/** Tiny towers, written down: two dimensions, five items, tables of one or two entries. */
import { TOWER } from "../../../../../src/model/config.ts";
import { encodeItems, itemsOfCodes } from "../../../../../src/model/retrieval/item-codes.ts";
import type { ItemCodes } from "../../../../../src/model/retrieval/item-codes.ts";
import { neighbourTable } from "../../../../../src/model/tower/neighbours.ts";
import { pageByParts } from "../../../../../scripts/evaluate/parts/page-by-parts.ts";
import type { PartedTowers } from "../../../../../scripts/evaluate/parts/page-by-parts.ts";
import type { PartedReport } from "../../../../../scripts/evaluate/parts/parted-report.ts";
import { labelsOf } from "../../../../../scripts/evaluate/parts/titles.ts";

type Entry = readonly [source: number, target: number, value: number];

const table = (entries: readonly Entry[], items: number) =>
  neighbourTable(
    {
      sources: Uint32Array.from(entries, ([source]) => source),
      targets: Uint32Array.from(entries, ([, target]) => target),
      values: Float32Array.from(entries, ([, , value]) => value),
    },
    items,
  );

/** Items 0 to 4 lie ever farther from item 0; item 5 was in no training. */
const VECTORS = [2, 0, 1.8, 0.2, 1.4, 0.8, 0.8, 1.4, 0.2, 1.8, 2, 0.1];
const POPULARITY = [9, 8, 7, 6, 5, 0];

export interface TinyTowers {
  readonly towers: PartedTowers;
  readonly codes: ItemCodes;
}

/** @param transitions null: the training has no order */
export function tinyTowers(
  residual: readonly Entry[],
  transitions: readonly Entry[] | null,
  params: Partial<PartedTowers["params"]> = {},
): TinyTowers {
  const codes = encodeItems(Float32Array.from(VECTORS), 2);
  return {
    codes,
    towers: {
      items: itemsOfCodes(codes),
      residual: table(residual, POPULARITY.length),
      transitions: transitions && table(transitions, POPULARITY.length),
      popularity: Float32Array.from(POPULARITY),
      params: { ...TOWER, ...params },
    },
  };
}

/** A page of six items without an order: item 4 is lifted by the residual table. */
export function tinyReport(titles: readonly string[], history: readonly number[], places: number): PartedReport {
  const { towers, codes } = tinyTowers([[0, 4, 5]], null);
  const items = { ids: titles.map((_, row) => `i${row}`), titles, year: titles.map((_, row) => 1990 + row) };
  const page = pageByParts(towers, history, places);
  return { dataset: titles[0]!, protocol: "strong", items, labels: labelsOf(items), towers, codes, page, places };
}
