/** Towers and their tables as a page embeds them: what a bundle holds of them, in one file. N items, D dimensions. */
import type { TowerParams } from "../../../src/model/bundle/bundle.ts";
import { decodeTensorFile, encodeTensorFile, tensorOf } from "../../../src/model/bundle/tensor-file.ts";
import { itemsOfCodes } from "../../../src/model/retrieval/item-codes.ts";
import type { ItemCodes } from "../../../src/model/retrieval/item-codes.ts";
import { neighboursFromFile, neighboursToFile } from "../../../src/model/tower/neighbour-codec.ts";
import type { PartedTowers } from "./page-by-parts.ts";

interface Meta {
  readonly largest: number;
  readonly params: TowerParams;
  /** Of the neighbour tables. */
  readonly neighbours: unknown;
}

/** @throws FILE_FORMAT as {@link neighboursToFile} */
export function encodeParted(towers: Omit<PartedTowers, "items">, codes: ItemCodes): Uint8Array {
  const { count, dimensions, largest } = codes;
  const { meta, tensors } = neighboursToFile(towers);
  return encodeTensorFile({
    meta: { largest, params: towers.params, neighbours: meta } satisfies Meta,
    tensors: {
      scales: { dtype: "uint16", shape: [count], data: codes.scales },
      codes: { dtype: "uint8", shape: [count, dimensions / 2], data: codes.codes },
      popularity: { dtype: "float32", shape: [count], data: towers.popularity },
      ...tensors,
    },
  });
}

/** @throws FILE_FORMAT */
export function decodeParted(bytes: Uint8Array): PartedTowers {
  const file = decodeTensorFile(bytes, "towers");
  // Written by this page's own maker.
  const { largest, params, neighbours } = file.meta as Meta;
  const { data: codes, shape } = tensorOf(file, "codes", "uint8", [-1, -1]);
  const count = shape[0]!;
  const scales = tensorOf(file, "scales", "uint16", [count]).data;
  return {
    items: itemsOfCodes({ count, dimensions: 2 * shape[1]!, codes, scales, largest }),
    ...neighboursFromFile({ meta: neighbours, tensors: file.tensors }, count),
    params,
    popularity: tensorOf(file, "popularity", "float32", [count]).data,
  };
}
