/** Answers a backend's name with what it and the retrieval on it became, and a search over three items. */
import type { BackendName } from "../../../src/model/contract.ts";
import { quantiseItems } from "../../../src/model/retrieval/quantise.ts";
import { everyRow } from "../../../src/model/retrieval/row-filter.ts";
import { chooseDevice } from "../../../src/worker/device/device.ts";
import { createRetriever } from "../../../src/worker/retrieval/retriever.ts";

self.addEventListener("message", async ({ data }: MessageEvent<BackendName>) => {
  const device = await chooseDevice(data);
  const items = quantiseItems(Float32Array.of(0, 1, 1, 1, 1, 0), 2);
  const retriever = await createRetriever(device, items, Uint32Array.of(0, 3));
  const [found] = await retriever.search([Float32Array.of(1, 0.5)], 2, everyRow(3));
  self.postMessage({ backend: device.state.backend, retrieval: retriever.name, rows: [...found!.rows] });
});
