/**
 * Retrieval: the K rows whose int8 scores with a query are highest, on the fastest engine that the
 * machine has. All engines give the same rows and the same integer scores.
 */
import { scanInt8, quantiseQuery } from "../../model/retrieval/quantise.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import type { Device } from "../device/device.ts";
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
  const retriever = (name: Retriever["name"], scan: Scan): Retriever => ({
    name,
    search: async (query, k) => scan.scan(quantiseQuery(query, items), k),
    dispose: () => scan.dispose?.(),
  });
  if (gpu) {
    try {
      return retriever("wgsl", await WgslScan.create(gpu, items));
    } catch {
      // No room for the items or no packed dot product: the name tells which engine it became.
    }
  }
  try {
    return retriever("wasm", await WasmScan.create(items));
  } catch {
    return retriever("exact", { scan: (query, k) => scanInt8(items, query, k) });
  }
}
