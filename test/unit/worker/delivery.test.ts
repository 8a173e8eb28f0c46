import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileRole } from "../../../src/model/bundle/manifest.ts";
import type { ErrorCode } from "../../../src/model/errors.ts";
import { EngineError } from "../../../src/model/errors.ts";
import { deliverBundle } from "../../../src/worker/delivery/deliver.ts";
import type { Delivery, DeliveryOptions } from "../../../src/worker/delivery/deliver.ts";
import { MemoryStore } from "../../../src/worker/store/memory-store.ts";
import type { BundleStore, Store } from "../../../src/worker/store/store.ts";
import { startFaultServer } from "../../support/fault-server.ts";
import type { Fault, FaultServer } from "../../support/fault-server.ts";
import { sha256Of, tinyBundle } from "../../support/tiny-bundle.ts";
import type { TinyBundle } from "../../support/tiny-bundle.ts";

const ROLES = ["catalogue", "items", "neighbours", "clusters", "tower"] as const satisfies FileRole[];

let server: FaultServer;
let published: ReadonlyMap<string, Uint8Array>;
let store: Store;
let first: TinyBundle;
let second: TinyBundle;

beforeEach(async () => {
  first = await tinyBundle("tiny", 1);
  second = await tinyBundle("tiny", 2);
  published = first.files;
  store = new MemoryStore();
  server = await startFaultServer((path) => published.get(path.replace(/^\/(models|moved)\/tiny\//u, "")) ?? null);
});
afterEach(() => server.close());

function deliver(options: Partial<DeliveryOptions> = {}): Promise<Delivery> {
  return deliverBundle({
    modelsUrl: `${server.url}models/`,
    name: "tiny",
    store,
    onProgress: () => {},
    signal: new AbortController().signal,
    stallMs: 20_000,
    ...options,
  });
}

const failure = (delivery: Promise<unknown>): Promise<EngineError> =>
  delivery.then(
    () => expect.unreachable("the delivery succeeded"),
    (error: unknown) => error as EngineError,
  );
const pathOf = ({ manifest }: TinyBundle, role: FileRole): string =>
  `/models/tiny/${manifest.files.find((file) => file.role === role)!.path}`;
const bytesOf = ({ byRole }: TinyBundle, role: FileRole): Uint8Array => byRole.get(role)!;
const requestsOf = (bundle: TinyBundle, roles: readonly FileRole[]): string[] => [
  "GET /models/tiny/manifest.json",
  ...roles.map((role) => `GET ${pathOf(bundle, role)}`),
];
const MANIFEST = "/models/tiny/manifest.json";

/** Delivers version 1 and publishes version 2; the requests start anew. */
async function haveFirstOfferSecond(): Promise<void> {
  await deliver();
  published = second.files;
  server.requests.length = 0;
}

describe("a delivery without faults", () => {
  test("downloads every file in the fixed order, and gives the verified bytes and the parsed bundle", async () => {
    const delivery = await deliver();
    expect(server.requests).toEqual(requestsOf(first, ROLES));
    expect(delivery.manifest).toEqual(first.manifest);
    expect(delivery.notice).toBeNull();
    expect([...delivery.files.keys()]).toEqual(ROLES);
    for (const role of ROLES) expect(delivery.files.get(role)).toEqual(bytesOf(first, role));
    expect(delivery.bundle.catalogue.card(0, 0).title).toBe("Title 0 of version 1");
    expect(await store.bundles.active("tiny")).toEqual(first.manifest);
  });

  test("reports progress that rises from 0 to the bundle's bytes", async () => {
    const seen: [number, number][] = [];
    await deliver({ onProgress: (done, total) => seen.push([done, total]) });
    const total = first.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    expect(seen.every(([, all]) => all === total)).toBe(true);
    expect(seen.at(0)).toEqual([0, total]);
    expect(seen.at(-1)).toEqual([total, total]);
    expect(seen.every(([done], at) => at === 0 || done >= seen[at - 1]![0])).toBe(true);
  });

  test("a second visit asks for the manifest alone", async () => {
    await deliver();
    server.requests.length = 0;
    const again = await deliver();
    expect(server.requests).toEqual(["GET /models/tiny/manifest.json"]);
    expect(again.files).toEqual(new Map(first.byRole));
    expect(again.notice).toBeNull();
  });

  test("a new version downloads only the files that changed, and drops those that nothing needs", async () => {
    await haveFirstOfferSecond();
    const delivery = await deliver();
    expect(server.requests).toEqual(requestsOf(second, ["catalogue", "items"]));
    expect(delivery.bundle.catalogue.card(0, 0).title).toBe("Title 0 of version 2");
    for (const file of second.manifest.files) expect(await store.bundles.hasFile(file.sha256)).toBe(true);
    for (const role of ["catalogue", "items"] as const) {
      const { sha256 } = first.manifest.files.find((file) => file.role === role)!;
      expect(await store.bundles.hasFile(sha256)).toBe(false);
    }
  });

  test("requests carry no cookie and no referrer", async () => {
    const headers: NodeJS.Dict<string | string[]>[] = [];
    const probe = createServer((request, response) => {
      headers.push(request.headers);
      response.end(published.get(request.url!.split("/").at(-1)!));
    });
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    try {
      await deliver({ modelsUrl: `http://127.0.0.1:${(probe.address() as AddressInfo).port}/models/` });
    } finally {
      probe.close();
    }
    expect(headers).toHaveLength(1 + ROLES.length);
    for (const sent of headers) {
      expect(sent).not.toHaveProperty("cookie");
      expect(sent).not.toHaveProperty("referer");
      expect(sent).not.toHaveProperty("authorization");
    }
  });
});

interface Case {
  readonly name: string;
  readonly code: ErrorCode;
  /** What is done to the server once it offers `bundle`. */
  readonly fault: (bundle: TinyBundle) => [path: string, Fault];
}

const CASES: readonly Case[] = [
  { name: "manifest 404", code: "BUNDLE_UNREACHABLE", fault: () => [MANIFEST, { type: "status", status: 404 }] },
  { name: "manifest 503", code: "BUNDLE_UNREACHABLE", fault: () => [MANIFEST, { type: "status", status: 503 }] },
  {
    name: "a captive portal's page as the manifest",
    code: "BUNDLE_NOT_A_BUNDLE",
    fault: () => [MANIFEST, { type: "body", body: "<!doctype html><p>Sign in", contentType: "text/html" }],
  },
  {
    name: "text as the manifest",
    code: "BUNDLE_NOT_A_BUNDLE",
    fault: () => [MANIFEST, { type: "body", body: "hello", contentType: "application/json" }],
  },
  {
    name: "an endless manifest",
    code: "BUNDLE_NOT_A_BUNDLE",
    fault: () => [MANIFEST, { type: "body", body: " ".repeat(2 << 20), contentType: "application/json" }],
  },
  {
    name: "another JSON document as the manifest",
    code: "BUNDLE_MANIFEST_INVALID",
    fault: () => [MANIFEST, { type: "body", body: `{"hello":1}`, contentType: "application/json" }],
  },
  {
    name: "a manifest of another format version",
    code: "BUNDLE_UNSUPPORTED",
    fault: ({ manifest }) => [
      MANIFEST,
      { type: "body", body: JSON.stringify({ ...manifest, formatVersion: 99 }), contentType: "application/json" },
    ],
  },
  {
    name: "the manifest of another bundle",
    code: "BUNDLE_MANIFEST_INVALID",
    fault: ({ manifest }) => [
      MANIFEST,
      { type: "body", body: JSON.stringify({ ...manifest, name: "other" }), contentType: "application/json" },
    ],
  },
  {
    name: "a redirected manifest",
    code: "BUNDLE_UNREACHABLE",
    fault: () => [MANIFEST, { type: "redirect", location: "/moved/tiny/manifest.json" }],
  },
  {
    name: "a manifest that stalls",
    code: "BUNDLE_UNREACHABLE",
    fault: () => [MANIFEST, { type: "stall", at: 10 }],
  },
  {
    name: "a server that never answers for the manifest",
    code: "BUNDLE_UNREACHABLE",
    fault: () => [MANIFEST, { type: "stall", at: 0 }],
  },
  {
    name: "file 404",
    code: "BUNDLE_UNREACHABLE",
    fault: (bundle) => [pathOf(bundle, "items"), { type: "status", status: 404 }],
  },
  {
    name: "file 503",
    code: "BUNDLE_UNREACHABLE",
    fault: (bundle) => [pathOf(bundle, "items"), { type: "status", status: 503 }],
  },
  {
    name: "a page as a file",
    code: "BUNDLE_NOT_A_BUNDLE",
    fault: (bundle) => [pathOf(bundle, "items"), { type: "body", body: "<!doctype html>", contentType: "text/html" }],
  },
  {
    name: "a file cut with its socket",
    code: "BUNDLE_UNREACHABLE",
    fault: (bundle) => [pathOf(bundle, "items"), { type: "cut", at: 50, framing: "length" }],
  },
  {
    name: "a file cut with connection-close framing",
    code: "BUNDLE_FILE_CORRUPT",
    fault: (bundle) => [pathOf(bundle, "items"), { type: "cut", at: 50, framing: "close" }],
  },
  {
    name: "one turned bit",
    code: "BUNDLE_FILE_CORRUPT",
    fault: (bundle) => [pathOf(bundle, "items"), { type: "flip", at: bytesOf(bundle, "items").length - 1 }],
  },
  {
    name: "another file of the bundle in its place",
    code: "BUNDLE_FILE_CORRUPT",
    fault: (bundle) => [
      pathOf(bundle, "items"),
      { type: "body", body: bytesOf(bundle, "clusters"), contentType: "application/octet-stream" },
    ],
  },
  {
    name: "a file that is one byte too long",
    code: "BUNDLE_FILE_CORRUPT",
    fault: (bundle) => [
      pathOf(bundle, "items"),
      { type: "body", body: Buffer.concat([bytesOf(bundle, "items"), Buffer.alloc(1)]), contentType: "x/y" },
    ],
  },
  {
    name: "a file that stalls half-way",
    code: "BUNDLE_UNREACHABLE",
    fault: (bundle) => [pathOf(bundle, "items"), { type: "stall", at: 50 }],
  },
];

describe.each(CASES)("$name", ({ name, code, fault }) => {
  const stallMs = /stalls|never answers/u.test(name) ? 150 : 20_000;

  test(`fails with ${code} when nothing is stored, and nothing becomes active`, async () => {
    server.faults.set(...fault(first));
    const error = await failure(deliver({ stallMs }));
    expect(error).toBeInstanceOf(EngineError);
    expect(error.code).toBe(code);
    expect(await store.bundles.active("tiny")).toBeNull();
  });

  test("leaves the stored bundle in use, with one notice, until the fault is gone", async () => {
    await haveFirstOfferSecond();
    server.faults.set(...fault(second));
    const delivery = await deliver({ stallMs });
    expect(delivery.notice?.code).toBe(code);
    expect(delivery.manifest).toEqual(first.manifest);
    expect(delivery.files).toEqual(new Map(first.byRole));
    expect(delivery.bundle.catalogue.card(0, 0).title).toBe("Title 0 of version 1");
    expect(await store.bundles.active("tiny")).toEqual(first.manifest);

    server.faults.clear();
    const mended = await deliver();
    expect(mended.notice).toBeNull();
    expect(mended.manifest).toEqual(second.manifest);
  });
});

describe("no server", () => {
  const modelsUrl = "http://127.0.0.1:9/models/";

  test("nothing stored: BUNDLE_UNREACHABLE", async () => {
    expect((await failure(deliver({ modelsUrl }))).code).toBe("BUNDLE_UNREACHABLE");
  });

  test("the stored bundle serves", async () => {
    await deliver();
    const delivery = await deliver({ modelsUrl });
    expect(delivery.notice?.code).toBe("BUNDLE_UNREACHABLE");
    expect(delivery.files).toEqual(new Map(first.byRole));
  });
});

test("a slow download that goes on is not given up", async () => {
  server.faults.set(pathOf(first, "items"), { type: "drip", everyMs: 60 });
  expect((await deliver({ stallMs: 450 })).notice).toBeNull();
});

test.each([
  [{ type: "cut", at: 50, framing: "close" }, /^50 bytes came, expected \d+$/u],
  [{ type: "flip", at: 50 }, /SHA-256/u],
  [{ type: "body", body: " ".repeat(5_000), contentType: "x/y" }, /^it is longer than \d+ bytes$/u],
] as const satisfies [Fault, RegExp][])("the error of %o names the file and the reason", async (fault, reason) => {
  server.faults.set(pathOf(first, "items"), fault);
  const { details } = await failure(deliver());
  expect(details).toEqual({ path: expect.stringMatching(/^items-/u), reason: expect.stringMatching(reason) });
});

test("swapped files are both refused", async () => {
  const { files } = first.manifest;
  published = new Map([
    ...first.files,
    [files[0]!.path, bytesOf(first, "items")],
    [files[1]!.path, bytesOf(first, "catalogue")],
  ]);
  expect((await failure(deliver())).code).toBe("BUNDLE_FILE_CORRUPT");
  for (const { sha256 } of files) expect(await store.bundles.hasFile(sha256)).toBe(false);
});

test("an interrupted download resumes with the files that it lacks", async () => {
  server.faults.set(pathOf(first, "clusters"), { type: "cut", at: 20, framing: "length" });
  await failure(deliver());
  server.faults.clear();
  server.requests.length = 0;
  const seen: number[] = [];
  const delivery = await deliver({ onProgress: (done) => seen.push(done) });
  expect(server.requests).toEqual(requestsOf(first, ["clusters", "tower"]));
  expect(delivery.notice).toBeNull();
  expect(seen[1]).toBe(bytesOf(first, "catalogue").length);
});

test("a stored file that is damaged is downloaded again", async () => {
  await deliver();
  const { sha256 } = first.manifest.files[1]!;
  await store.bundles.writeFile(sha256, bytesOf(first, "items").with(40, 99));
  server.requests.length = 0;
  const delivery = await deliver();
  expect(server.requests).toEqual(requestsOf(first, ["items"]));
  expect(delivery.files.get("items")).toEqual(bytesOf(first, "items"));
  expect(await store.bundles.readFile(sha256)).toEqual(bytesOf(first, "items"));
});

test("a damaged stored bundle is not used where it cannot be mended", async () => {
  await deliver();
  await store.bundles.writeFile(first.manifest.files[1]!.sha256, bytesOf(first, "items").with(40, 99));
  expect((await failure(deliver({ modelsUrl: "http://127.0.0.1:9/models/" }))).code).toBe("BUNDLE_UNREACHABLE");
});

test("an older version is refused, and the stored one serves", async () => {
  published = second.files;
  await deliver();
  published = first.files;
  const delivery = await deliver();
  expect(delivery.notice).toEqual({ code: "BUNDLE_OLDER", details: { got: 1, stored: 2 } });
  expect(delivery.manifest.version).toBe(2);
  expect(await store.bundles.active("tiny")).toEqual(second.manifest);
});

test("a bundle whose files verify but do not parse is not activated", async () => {
  await haveFirstOfferSecond();
  const bytes = bytesOf(second, "items").slice(0, -1);
  const sha256 = await sha256Of(bytes);
  const file = { role: "items", path: `items-${sha256.slice(0, 16)}.bin`, bytes: bytes.length, sha256 } as const;
  const files = second.manifest.files.map((entry) => (entry.role === "items" ? file : entry));
  const manifest = new TextEncoder().encode(JSON.stringify({ ...second.manifest, files }));
  published = new Map([...second.files, [file.path, bytes], ["manifest.json", manifest]]);
  const delivery = await deliver();
  expect(delivery.notice?.code).toBe("FILE_FORMAT");
  expect(delivery.manifest).toEqual(first.manifest);
  expect(await store.bundles.active("tiny")).toEqual(first.manifest);
});

describe("cancelling", () => {
  test.each([
    ["while nothing is stored", async () => {}],
    ["while a bundle is stored", haveFirstOfferSecond],
  ])("%s gives CANCELLED, and what was stored stays", async (_, prepare) => {
    await prepare();
    const before = await store.bundles.active("tiny");
    const offered = before ? second : first;
    server.faults.set(pathOf(offered, "items"), { type: "stall", at: 10 });
    const controller = new AbortController();
    const { byRole } = offered;
    const delivery = deliver({
      signal: controller.signal,
      onProgress: (done) => {
        if (done === byRole.get("catalogue")!.length + 10) controller.abort();
      },
    });
    expect((await failure(delivery)).code).toBe("CANCELLED");
    expect(await store.bundles.active("tiny")).toEqual(before);
  });

  test("before it begins: no request", async () => {
    expect((await failure(deliver({ signal: AbortSignal.abort() }))).code).toBe("CANCELLED");
    expect(server.requests).toEqual([]);
  });
});

describe("storage that fails", () => {
  /** The memory store, with some operations failing. */
  function failing(code: ErrorCode, operations: readonly (keyof BundleStore)[]): Store {
    const bundles = new Proxy(store.bundles, {
      get(target, key: keyof BundleStore) {
        if (operations.includes(key)) return () => Promise.reject(new EngineError(code, { reason: "test" }));
        return target[key].bind(target);
      },
    });
    return { kind: "indexeddb", bundles, history: store.history, timings: store.timings };
  }

  test.each([
    ["writing a file", "STORAGE_FULL", ["writeFile"]],
    ["activating", "STORAGE_FAILED", ["activate"]],
  ] as const)("%s: the new bundle serves this visit, the stored one stays", async (_, code, operations) => {
    await haveFirstOfferSecond();
    const delivery = await deliver({ store: failing(code, operations) });
    expect(delivery.notice?.code).toBe(code);
    expect(delivery.files).toEqual(new Map(second.byRole));
    expect(await store.bundles.active("tiny")).toEqual(first.manifest);
    const later = await deliver({ modelsUrl: "http://127.0.0.1:9/models/" });
    expect(later.files).toEqual(new Map(first.byRole));
  });

  test("a full disk ends the writing and gets back what the unfinished download took", async () => {
    let written = 0;
    const bundles = new Proxy(store.bundles, {
      get(target, key: keyof BundleStore) {
        if (key === "writeFile" && written++ === 1) return () => Promise.reject(new EngineError("STORAGE_FULL"));
        return target[key].bind(target);
      },
    });
    await deliver({ store: { ...store, bundles } });
    expect(written).toBe(2);
    for (const { sha256 } of first.manifest.files) expect(await store.bundles.hasFile(sha256)).toBe(false);
  });

  test("every operation: the bundle is delivered all the same", async () => {
    const all = ["active", "hasFile", "readFile", "writeFile", "activate", "prune"] as const;
    const delivery = await deliver({ store: failing("STORAGE_FAILED", all) });
    expect(delivery.notice?.code).toBe("STORAGE_FAILED");
    expect(delivery.files).toEqual(new Map(first.byRole));
  });
});
