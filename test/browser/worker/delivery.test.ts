import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cdp } from "vitest/browser";
import { deliverBundle } from "../../../src/worker/delivery/deliver.ts";
import type { Delivery } from "../../../src/worker/delivery/deliver.ts";
import { openStore } from "../../../src/worker/store/store.ts";
import { tinyBundle } from "../../support/tiny-bundle.ts";
import type { TinyBundle } from "../../support/tiny-bundle.ts";

/** The published bundle; null: offline. */
let published: TinyBundle | null;
let requests: string[];

beforeEach(async () => {
  await deleteDB("affiche");
  requests = [];
  vi.stubGlobal("fetch", async (url: string) => {
    const path = url.replace("https://models.test/tiny/", "");
    requests.push(path);
    if (published === null) throw new TypeError("Failed to fetch");
    return new Response(published.files.get(path) as Uint8Array<ArrayBuffer>);
  });
});
afterEach(() => vi.unstubAllGlobals());

/** One visit: a store of its own, as a new worker has. */
async function visit(): Promise<Delivery> {
  return deliverBundle({
    modelsUrl: "https://models.test/",
    name: "tiny",
    store: await openStore(),
    onProgress: () => {},
    signal: new AbortController().signal,
  });
}

test("a bundle that was downloaded once serves offline, verified and parsed", async () => {
  const bundle = await tinyBundle("tiny", 1);
  published = bundle;
  await visit();
  published = null;
  const { notice, files, manifest } = await visit();
  expect(notice?.code).toBe("BUNDLE_UNREACHABLE");
  expect(manifest).toEqual(bundle.manifest);
  expect(files).toEqual(new Map(bundle.byRole));
});

test("a second visit asks for the manifest alone, a new version for what changed", async () => {
  published = await tinyBundle("tiny", 1);
  await visit();
  requests.length = 0;
  expect((await visit()).notice).toBeNull();
  expect(requests).toEqual(["manifest.json"]);
  published = await tinyBundle("tiny", 2);
  requests.length = 0;
  expect((await visit()).manifest.version).toBe(2);
  expect(requests.map((path) => path.split("-")[0])).toEqual(["manifest.json", "catalogue", "items"]);
});

test("a full disk: the new bundle serves this visit, the stored one stays, and the space comes back", async () => {
  const first = await tinyBundle("tiny", 1);
  const second = await tinyBundle("tiny", 2, 4_000_000);
  const { origin } = location;
  // Chromium remembers the free space of a database that is open: begin without one.
  await cdp().send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
  await cdp().send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
  try {
    published = first;
    expect((await visit()).notice).toBeNull();
    published = second;
    const delivery = await visit();
    expect(delivery.notice?.code).toBe("STORAGE_FULL");
    expect(delivery.manifest).toEqual(second.manifest);
    expect(delivery.bundle.catalogue.card(0, 0).title).toBe("Title 0 of version 2");
  } finally {
    await cdp().send("Storage.overrideQuotaForOrigin", { origin });
  }
  published = null;
  const offline = await visit();
  expect(offline.manifest).toEqual(first.manifest);
  published = second;
  expect((await visit()).notice).toBeNull();
  published = null;
  expect((await visit()).manifest).toEqual(second.manifest);
});
