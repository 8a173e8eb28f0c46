/**
 * Retrieval: the K allowed rows whose int8 scores with a query are highest, on the fastest engine that the
 * machine has, and the dot products of all rows. All engines give the same rows and the same integers.
 */
import { RETRIEVAL } from "../../model/config.ts";
import { cellsOf } from "../../model/retrieval/cells.ts";
import { dotProducts, scanInt8, quantiseQuery } from "../../model/retrieval/quantise.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import type { RowFilter } from "../../model/retrieval/row-filter.ts";
import type { DotProducts } from "../../model/tower/scorer.ts";
import type { Device } from "../device/device.ts";
import { scanCode } from "./scan-code.ts";
import { WasmScan } from "./wasm-scan.ts";
import { WgslScan } from "./wgsl-scan.ts";

export interface Retriever {
  readonly name: "wgsl" | "wasm" | "exact";
  /**
   * The K best allowed rows of each query, highest first, ties by lowest row; scores are the integer dot products. Fewer
   * where fewer are allowed.
   * @param queries each of shape [D]
   * @throws QUERY_INVALID, DEVICE_LOST
   */
  search(queries: readonly Float32Array[], k: number, filter: RowFilter): Promise<Scored[]>;
  /** In WebAssembly where it runs, whichever engine searches. */
  readonly dotProducts: DotProducts;
  /** Frees the items' copy. */
  dispose(): void;
}

interface Scan {
  scan(queries: readonly QuantisedQuery[], k: number, filter: RowFilter): Scored[] | Promise<Scored[]>;
  dispose?(): void;
}

/**
 * WGSL on a GPU device, else WebAssembly, else JavaScript: whichever takes the items first.
 * @param starts of their clusters: a large table is searched by them
 */
export async function createRetriever(
  device: Pick<Device, "gpu">,
  items: QuantisedItems,
  starts: Uint32Array,
): Promise<Retriever> {
  const { gpu } = device;
  const retriever = (name: Retriever["name"], scan: Scan, wasm: WasmScan | null): Retriever => ({
    name,
    search: async (queries, k, filter) =>
      scan.scan(
        queries.map((query) => quantiseQuery(query, items)),
        k,
        filter,
      ),
    dotProducts: (query) => wasm?.dotProducts(query) ?? dotProducts(items, query),
    dispose: () => scan.dispose?.(),
  });
  if (gpu) {
    try {
      const wgsl = await WgslScan.create(gpu, items);
      // Beyond, nobody asks for all dot products: no second copy of the items.
      return retriever("wgsl", wgsl, items.count <= RETRIEVAL.scoredWhole ? await openWasm(items, null) : null);
    } catch {
      // No room for the items or no packed dot product: the name tells which engine it became.
    }
  }
  const wasm = await openWasm(items, items.count <= RETRIEVAL.scoredWhole ? null : starts);
  return retriever(wasm ? "wasm" : "exact", wasm ?? { scan: exactScan(items) }, wasm);
}

/** Null where there is no SIMD, the memory or the kernel. */
const openWasm = (items: QuantisedItems, starts: Uint32Array | null): Promise<WasmScan | null> =>
  WasmScan.create(items, fetch(scanCode()), { cells: starts && cellsOf(items, starts) }).catch(() => null);

const exactScan =
  (items: QuantisedItems): Scan["scan"] =>
  (queries, k, filter) =>
    queries.map((query) => scanInt8(items, query, k, filter));
