/**
 * Retrieval: the K allowed rows whose int8 scores with a query are highest, on one of the engines that the
 * machine has, and the dot products of all rows. All engines give the same rows and the same integers.
 */
import { RETRIEVAL } from "../../model/config.ts";
import { RETRIEVAL_ENGINES } from "../../model/contract.ts";
import type { RetrievalEngine, RetrievalState } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import { cellsOf } from "../../model/retrieval/cells.ts";
import { dotProducts, scanInt8, quantiseQuery } from "../../model/retrieval/quantise.ts";
import type { Scored } from "../../model/retrieval/exact-scan.ts";
import type { QuantisedItems, QuantisedQuery } from "../../model/retrieval/quantise.ts";
import type { RowFilter } from "../../model/retrieval/row-filter.ts";
import type { DotProducts } from "../../model/tower/scorer.ts";
import { reasonOf } from "../device/device.ts";
import type { Device } from "../device/device.ts";
import { scanCode } from "./scan-code.ts";
import { WasmScan } from "./wasm-scan.ts";
import { WgslScan } from "./wgsl-scan.ts";

export interface Retriever {
  readonly name: RetrievalEngine;
  /**
   * The K best allowed rows of each query, highest first, ties by lowest row; scores are the integer dot products. Fewer
   * where fewer are allowed.
   * @param queries each of shape [D]
   * @throws QUERY_INVALID, DEVICE_LOST
   */
  search(queries: readonly Float32Array[], k: number, filter: RowFilter): Promise<Scored[]>;
  /** In WebAssembly where it runs, on WGSL too; in JavaScript by the exact scan. */
  readonly dotProducts: DotProducts;
  /** The same items searched by another engine, beside this one. @throws where it cannot take them */
  beside(engine: RetrievalEngine): Promise<Retriever>;
  /** Frees the items' copy. */
  dispose(): void;
}

interface Scan {
  scan(queries: readonly QuantisedQuery[], k: number, filter: RowFilter): Scored[] | Promise<Scored[]>;
  dispose?(): void;
}

/** An engine that could not take the items, and why in one line. */
type Rejection = RetrievalState["rejected"][number];

/**
 * `first` where it takes the items, else whichever does: WGSL on a GPU device, WebAssembly, JavaScript.
 * @param starts of their clusters: a large table is searched by them
 * @param first null: none before the others
 */
export async function createRetriever(
  device: Pick<Device, "gpu">,
  items: QuantisedItems,
  starts: Uint32Array,
  first: RetrievalEngine | null = null,
): Promise<Retriever & { readonly rejected: readonly Rejection[] }> {
  const usable = RETRIEVAL_ENGINES.filter((engine) => engine !== "wgsl" || device.gpu);
  const rejected: Rejection[] = [];
  for (const engine of new Set(first === null ? usable : [first, ...usable])) {
    try {
      return { ...(await openRetriever(engine, device, items, starts)), rejected };
    } catch (cause) {
      rejected.push({ engine, reason: reasonOf(cause) });
    }
  }
  throw new EngineError("INTERNAL", { reason: "no engine takes the items" });
}

/**
 * @param shared the items in WebAssembly, where another engine has them already; null: not yet
 * @throws where there is no room for the items, no GPU device, no packed dot product, no SIMD or no kernel
 */
async function openRetriever(
  engine: RetrievalEngine,
  device: Pick<Device, "gpu">,
  items: QuantisedItems,
  starts: Uint32Array,
  shared: WasmScan | null = null,
): Promise<Retriever> {
  const retriever = (name: Retriever["name"], scan: Scan, wasm: WasmScan | null): Retriever => ({
    name,
    search: async (queries, k, filter) =>
      scan.scan(
        queries.map((query) => quantiseQuery(query, items)),
        k,
        filter,
      ),
    dotProducts: (query) => wasm?.dotProducts(query) ?? dotProducts(items, query),
    beside: (other) => openRetriever(other, device, items, starts, wasm),
    dispose: () => scan.dispose?.(),
  });
  const scoredWhole = items.count <= RETRIEVAL.scoredWhole;
  const openWasm = async (): Promise<WasmScan> =>
    shared ?? WasmScan.create(items, fetch(scanCode()), { cells: scoredWhole ? null : cellsOf(items, starts) });
  switch (engine) {
    case "wgsl": {
      if (!device.gpu) throw new Error("the computation has no graphics device");
      const wgsl = await WgslScan.create(device.gpu, items);
      // Beyond, nobody asks for all dot products: no second copy of the items.
      return retriever("wgsl", wgsl, scoredWhole ? await openWasm().catch(() => null) : null);
    }
    case "wasm": {
      const wasm = await openWasm();
      return retriever("wasm", wasm, wasm);
    }
    case "exact":
      return retriever("exact", { scan: exactScan(items) }, null);
  }
}

const exactScan =
  (items: QuantisedItems): Scan["scan"] =>
  (queries, k, filter) =>
    queries.map((query) => scanInt8(items, query, k, filter));
