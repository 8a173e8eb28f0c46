/**
 * Retrieval: the K rows whose int8 scores with a query are highest, on the fastest engine that the
 * machine has, and the dot products of all rows. All engines give the same rows and the same integers.
 */
import { RETRIEVAL } from "../../model/config.ts";
import { dotProducts, scanInt8, quantiseQuery } from "../../model/retrieval/quantise.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import type { DotProducts } from "../../model/tower/scorer.ts";
import type { Device } from "../device/device.ts";
import scanUrl from "./scan.wasm?url";
import { WasmScan } from "./wasm-scan.ts";
import { WgslScan } from "./wgsl-scan.ts";

export interface Retriever {
  readonly name: "wgsl" | "wasm" | "exact";
  /**
   * Rows in order of score, highest first, ties by lowest row; scores are the integer dot products.
   * K > N gives N rows; no item gives none.
   * @param query shape [D]
   * @throws QUERY_INVALID, DEVICE_LOST
   */
  search(query: Float32Array, k: number): Promise<Scored>;
  /** In WebAssembly where it runs, whichever engine searches. */
  readonly dotProducts: DotProducts;
  /** Frees the items' copy. */
  dispose(): void;
}

interface Scan {
  scan(query: QuantisedQuery, k: number): Scored | Promise<Scored>;
  dispose?(): void;
}

/** WGSL on a GPU device, else WebAssembly, else JavaScript: whichever takes the items first. */
export async function createRetriever(device: Pick<Device, "gpu">, items: QuantisedItems): Promise<Retriever> {
  const { gpu } = device;
  const retriever = (name: Retriever["name"], scan: Scan, wasm: WasmScan | null): Retriever => ({
    name,
    search: async (query, k) => scan.scan(quantiseQuery(query, items), k),
    dotProducts: (query) => wasm?.dotProducts(query) ?? dotProducts(items, query),
    dispose: () => scan.dispose?.(),
  });
  if (gpu) {
    try {
      const wgsl = await WgslScan.create(gpu, items);
      // Beyond, nobody asks for all dot products: no second copy of the items.
      return retriever("wgsl", wgsl, items.count <= RETRIEVAL.scoredWhole ? await openWasm(items) : null);
    } catch {
      // No room for the items or no packed dot product: the name tells which engine it became.
    }
  }
  const wasm = await openWasm(items);
  return retriever(wasm ? "wasm" : "exact", wasm ?? { scan: (query, k) => scanInt8(items, query, k) }, wasm);
}

/** Null where there is no SIMD, the memory or the kernel. */
const openWasm = (items: QuantisedItems): Promise<WasmScan | null> =>
  WasmScan.create(items, fetch(scanUrl)).catch(() => null);
