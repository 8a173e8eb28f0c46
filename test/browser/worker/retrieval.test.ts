import { describe, expect, test, vi } from "vitest";
import type { TestContext } from "vitest";
import {
  dotProducts,
  quantiseItems,
  quantiseQuery,
  quantiseQueryInt16,
  scanGroupsInt8,
  scanInt8,
} from "../../../src/model/retrieval/quantise.ts";
import type { QuantisedItems, QuantisedQuery } from "../../../src/model/retrieval/quantise.ts";
import { RETRIEVAL_ENGINES } from "../../../src/model/contract.ts";
import { cellsOf } from "../../../src/model/retrieval/cells.ts";
import type { Scored } from "../../../src/model/retrieval/exact-scan.ts";
import { everyRow, rowFilter } from "../../../src/model/retrieval/row-filter.ts";
import type { RowFilter } from "../../../src/model/retrieval/row-filter.ts";
import { createRetriever } from "../../../src/worker/retrieval/retriever.ts";
import { scanCode } from "../../../src/worker/retrieval/scan-code.ts";
import relaxedUrl from "../../../src/worker/retrieval/scan-relaxed.wasm?url";
import plainUrl from "../../../src/worker/retrieval/scan.wasm?url";
import { WasmScan } from "../../../src/worker/retrieval/wasm-scan.ts";
import { WgslScan } from "../../../src/worker/retrieval/wgsl-scan.ts";
import { gpuDevice, sharedGpu } from "./device-support.ts";

type ScanAll = (queries: readonly QuantisedQuery[], k: number, filter: RowFilter) => Promise<Scored[]>;
type Engine = readonly [name: string, open: (items: QuantisedItems, context: TestContext) => Promise<ScanAll>];

const ENGINES: readonly Engine[] = [
  ["exact", async (items) => async (queries, k, filter) => queries.map((query) => scanInt8(items, query, k, filter))],
  [
    "wasm",
    async (items) => {
      const scan = await WasmScan.create(items, fetch(plainUrl));
      return async (...asked) => scan.scan(...asked);
    },
  ],
  [
    "wasm, relaxed SIMD",
    async (items) => {
      const scan = await WasmScan.create(items, fetch(relaxedUrl));
      return async (...asked) => scan.scan(...asked);
    },
  ],
  [
    "wasm by cells",
    async (items) => {
      const scan = await WasmScan.create(items, fetch(plainUrl), { cells: cellsOf(items, startsOf(items)) });
      return async (...asked) => scan.scan(...asked);
    },
  ],
  [
    "wasm by cells, relaxed SIMD",
    async (items) => {
      const scan = await WasmScan.create(items, fetch(relaxedUrl), { cells: cellsOf(items, startsOf(items)) });
      return async (...asked) => scan.scan(...asked);
    },
  ],
  [
    "wgsl",
    async (items, context) => {
      const scan = await WgslScan.create(await sharedGpu(context), items);
      context.onTestFinished(() => scan.dispose());
      return (...asked) => scan.scan(...asked);
    },
  ],
];

const BUILDS = [
  ["plain", plainUrl],
  ["relaxed SIMD", relaxedUrl],
] as const;

/** One query over all rows. */
const single =
  (scan: ScanAll, { count }: QuantisedItems) =>
  async (query: QuantisedQuery, k: number): Promise<Scored> =>
    (await scan([query], k, everyRow(count)))[0]!;

/** Cells of 0 to 700 rows, wherever they begin: what they hold decides how much is read, not what is found. */
function startsOf({ count }: QuantisedItems): Uint32Array {
  const next = random(count);
  const starts = [0];
  while (starts.at(-1)! < count) starts.push(Math.min(count, starts.at(-1)! + Math.floor(700 * next() ** 2)));
  return Uint32Array.from(starts);
}

/** Deterministic numbers, 0 to 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function itemsOf(count: number, dimensions: number, value: (row: number, d: number) => number): QuantisedItems {
  const values = Int8Array.from({ length: count * dimensions }, (_, i) =>
    value(Math.floor(i / dimensions), i % dimensions),
  );
  return { values, scales: new Float32Array(dimensions).fill(1), count, dimensions };
}

const randomByte = (next: () => number): number => Math.floor(next() * 255) - 127;

function randomItems(count: number, dimensions: number, seed = 1): QuantisedItems {
  const next = random(seed);
  return itemsOf(count, dimensions, () => randomByte(next));
}

function queryOf(dimensions: number, value: (d: number) => number): QuantisedQuery {
  return { values: Int8Array.from({ length: dimensions }, (_, d) => value(d)), scale: 1 };
}

function randomQuery(dimensions: number, seed = 2): QuantisedQuery {
  const next = random(seed);
  return queryOf(dimensions, () => randomByte(next));
}

/** Every row, sorted: what no engine does. */
function sorted(
  { values, count, dimensions }: QuantisedItems,
  query: QuantisedQuery,
  k: number,
  allows: (row: number) => boolean = () => true,
): Scored {
  const scores = Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += query.values[d]! * values[row * dimensions + d]!;
    return sum;
  });
  const rows = scores
    .map((_, row) => row)
    .filter(allows)
    .toSorted((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k);
  return { rows: Uint32Array.from(rows), scores: Float32Array.from(rows, (row) => scores[row]!) };
}

const cases = new Map<string, { items: QuantisedItems; query: QuantisedQuery; expected: Scored }>();
/** Made once for all engines. */
function randomCase(count: number, dimensions: number) {
  const key = `${count} ${dimensions}`;
  const known = cases.get(key);
  if (known) return known;
  const [items, query] = [randomItems(count, dimensions), randomQuery(dimensions)];
  const made = { items, query, expected: sorted(items, query, 1000) };
  cases.set(key, made);
  return made;
}

describe.for(ENGINES)("%s scan", ([, open]) => {
  test.for(
    [1, 2, 7, 100, 5000, 70_000].flatMap((count) =>
      [8, 64, 100, 128].map((dimensions) => [count, dimensions] as const),
    ),
  )("%i rows of %i dimensions", async ([count, dimensions], context) => {
    const { items, query, expected } = randomCase(count, dimensions);
    const scan = single(await open(items, context), items);
    for (const k of [1, 20, 400, 1000]) {
      expect(await scan(query, k)).toEqual({
        rows: expected.rows.slice(0, k),
        scores: expected.scores.slice(0, k),
      });
    }
  });

  test("no item, and no result asked for, give none", async (context) => {
    const none = { rows: new Uint32Array(0), scores: new Float32Array(0) };
    for (const [count, k] of [
      [0, 10],
      [9, 0],
    ] as const) {
      const items = randomItems(count, 64);
      const scan = await open(items, context);
      expect(await scan([randomQuery(64), randomQuery(64, 3)], k, everyRow(count))).toEqual([none, none]);
      expect(await scan([], k, everyRow(count))).toEqual([]);
    }
  });

  test.for([5, 5000, 70_000])("the zero query ties all of %i rows: the lowest come first", async (count, context) => {
    const items = randomItems(count, 64);
    const scan = single(await open(items, context), items);
    const { rows, scores } = await scan(
      queryOf(64, () => 0),
      300,
    );
    expect(rows).toEqual(Uint32Array.from({ length: Math.min(300, count) }, (_, row) => row));
    expect(scores.every((score) => score === 0)).toBe(true);
  });

  test.for([300, 70_000])("few distinct scores in %i rows", async (count, context) => {
    const items = itemsOf(count, 16, (row, d) => (d === 0 ? (row * 7919) % 3 : 0));
    const query = queryOf(16, (d) => (d === 0 ? 1 : 0));
    const scan = single(await open(items, context), items);
    for (const k of [1, 99, 1000]) expect(await scan(query, k)).toEqual(sorted(items, query, k));
  });

  test("a rare best over a floor of ties", async (context) => {
    const items = itemsOf(70_000, 16, (row, d) => (d === 0 && row % 7000 === 6999 ? 5 : 0));
    const query = queryOf(16, (d) => (d === 0 ? 3 : 0));
    const scan = single(await open(items, context), items);
    for (const k of [10, 11, 400]) expect(await scan(query, k)).toEqual(sorted(items, query, k));
  });

  test.for(["ascending", "descending"])("%s scores in 70000 rows", async (order, context) => {
    const items = itemsOf(70_000, 16, (row, d) => {
      const place = order === "ascending" ? row : 69_999 - row;
      return d === 0 ? Math.floor(place / 640) : d === 1 ? (place % 640) >> 3 : 0;
    });
    const query = queryOf(16, (d) => [80, 1][d] ?? 0);
    const scan = single(await open(items, context), items);
    for (const k of [400, 1000]) expect(await scan(query, k)).toEqual(sorted(items, query, k));
  });

  test.for([64, 128])("the extremes in %i dimensions", async (dimensions, context) => {
    const signs = [-127, 127, -128, 0];
    const items = itemsOf(40, dimensions, (row) => signs[row % signs.length]!);
    const scan = single(await open(items, context), items);
    for (const extreme of [-127, 127]) {
      const query = queryOf(dimensions, () => extreme);
      expect(await scan(query, 40)).toEqual(sorted(items, query, 40));
    }
  });

  test("larger K after smaller, and queries in flight together", async (context) => {
    const items = randomItems(20_000, 64);
    const scan = single(await open(items, context), items);
    const asked = [10, 1000, 3000, 50, 20_000, 7].map((k, i) => ({ k, query: randomQuery(64, i + 10) }));
    const answers = await Promise.all(asked.map(({ query, k }) => scan(query, k)));
    answers.forEach((answer, i) => expect(answer).toEqual(sorted(items, asked[i]!.query, asked[i]!.k)));
  });

  test.for([1, 7, 5000, 70_000])("only allowed rows of %i, and K of them wherever K are", async (count, context) => {
    const { items, query } = randomCase(count, 64);
    const scan = await open(items, context);
    const next = random(count);
    const drawn = Array.from({ length: count }, () => next());
    const allowances: ((row: number) => boolean)[] = [
      () => false,
      (row) => row === count - 1,
      (row) => row % 64 !== 0,
      (row) => row >= count / 2,
      ...[0.001, 0.05, 0.5, 0.99].map((share) => (row: number) => drawn[row]! < share),
    ];
    for (const allows of allowances) {
      const expected = sorted(items, query, 300, allows);
      expect(await scan([query], 300, rowFilter(count, allows))).toEqual([expected]);
    }
  });

  test.for([5000, 70_000])("several queries at once in %i rows are each what it is alone", async (rows, context) => {
    const { items } = randomCase(rows, 64);
    const scan = await open(items, context);
    const filter = rowFilter(rows, (row) => row % 3 !== 1);
    const queries = [...Array.from({ length: 8 }, (_, seed) => randomQuery(64, seed + 20)), queryOf(64, () => 0)];
    const expected = queries.map((query) => scanInt8(items, query, 150, filter));
    for (let count = 1; count <= queries.length; count++) {
      expect(await scan(queries.slice(-count), 150, filter)).toEqual(expected.slice(-count));
    }
  });
});

describe.each(BUILDS)("wasm scan of 4 bits a component, %s", (_, code) => {
  /** 0 to 3000 rows of 1 to 200 dimensions, at times all of one extreme. */
  test.for([1, 2, 3])("is the exact scan, seed %i", async (seed) => {
    const next = random(seed);
    for (let round = 0; round < 8; round++) {
      const dimensions = 1 + Math.floor(next() * 200);
      const extreme = next() < 0.2 ? (next() < 0.5 ? -8 : 7) : null;
      const items = itemsOf(Math.floor(next() * 3001), dimensions, () => extreme ?? Math.round(14 * next() - 7));
      const scan = await WasmScan.create(items, fetch(code), { bits: 4 });
      const filter = rowFilter(items.count, () => next() < 0.7);
      const queries = [
        ...Array.from({ length: 4 }, (__, at) => randomQuery(dimensions, 10 * round + at)),
        queryOf(dimensions, () => -127),
        queryOf(dimensions, () => 0),
      ];
      const expected = queries.map((query) => scanInt8(items, query, 100, filter));
      for (let count = 1; count <= queries.length; count++) {
        expect(scan.scan(queries.slice(-count), 100, filter)).toEqual(expected.slice(-count));
      }
    }
  });
});

describe.each(BUILDS)("wasm scan by group, %s", (_, code) => {
  test.for([1, 2])("is the exact scan of each, seed %i", async (seed) => {
    const next = random(seed);
    for (let round = 0; round < 6; round++) {
      const items = randomItems(Math.floor(next() * 6000), 64, seed);
      const scan = await WasmScan.create(items, fetch(code));
      const groups = 1 + Math.floor(next() * 255);
      const groupOf = Uint8Array.from({ length: items.count }, () => Math.floor(groups * next() ** 2));
      const filter = rowFilter(items.count, () => next() < 0.7);
      const query = round === 0 ? queryOf(64, () => 0) : randomQuery(64, round);
      for (const k of [0, 1, 16, 900]) {
        const expected = scanGroupsInt8(items, query, k, filter, groupOf, groups);
        expect(scan.scanGroups(query, k, filter, groupOf, groups)).toEqual(expected);
      }
    }
  });
});

test("Chromium, which has relaxed SIMD, is given the kernels that use it", () => {
  expect(scanCode()).toBe(relaxedUrl);
});

describe("wasm dot products", () => {
  /** 0 to 1000 rows of 2 to 256 dimensions: components of every size, those of one row or one query at times all extreme. */
  test.for([1, 2, 3, 4, 5, 6, 7, 8])("are the exact ones, seed %i", async (seed) => {
    const next = random(seed);
    for (let round = 0; round < 12; round++) {
      const dimensions = 2 * Math.ceil(next() * 128);
      const extreme = (): number | null => (next() < 0.2 ? [-128, -127, 0, 127][Math.floor(next() * 4)]! : null);
      const fixed = Array.from({ length: Math.floor(next() * 1001) }, extreme);
      const items = itemsOf(fixed.length, dimensions, (row) => fixed[row] ?? randomByte(next));
      items.scales.forEach((_, d) => (items.scales[d] = 10 ** (8 * next() - 4)));
      const scan = await WasmScan.create(items, fetch(relaxedUrl));
      for (const length of [0, 1e-30, 1, 1e30]) {
        const query = Float32Array.from({ length: dimensions }, () => length * (next() - 0.5));
        const { values } = quantiseQueryInt16(query, items);
        for (const asked of [values, values.map((value) => (value < 0 ? -32_767 : 32_767))]) {
          expect(scan.dotProducts(asked)).toEqual(dotProducts(items, asked));
        }
      }
    }
  });

  test("of 512 dimensions reach the end of int32", async () => {
    const items = itemsOf(5, 512, (row) => (row % 2 === 0 ? -128 : 127));
    const scan = await WasmScan.create(items, fetch(relaxedUrl));
    const { values } = quantiseQueryInt16(new Float32Array(512).fill(-1), items);
    const [even, odd] = [128 * 32_767 * 512, -127 * 32_767 * 512];
    expect([...scan.dotProducts(values)]).toEqual([even, odd, even, odd, even]);
  });

  test("do not disturb a scan, nor a scan them", async () => {
    const items = randomItems(3001, 100);
    const scan = await WasmScan.create(items, fetch(relaxedUrl));
    const wide = Int16Array.from(randomQuery(100, 5).values, (value) => 250 * value);
    const query = randomQuery(100);
    const first = scan.dotProducts(wide);
    expect(scan.scan([query], 3000, everyRow(3001))).toEqual([sorted(items, query, 3000)]);
    expect(scan.dotProducts(wide)).toEqual(first);
    expect(first).toEqual(dotProducts(items, wide));
  });
});

describe("wgsl scan", () => {
  test("one query over many rows is one map of 32 KiB", async (context) => {
    const { items, query, expected } = randomCase(70_000, 64);
    const scan = await WgslScan.create(await sharedGpu(context), items);
    const map = vi.spyOn(GPUBuffer.prototype, "mapAsync");
    context.onTestFinished(() => {
      map.mockRestore();
      scan.dispose();
    });
    const [found] = await scan.scan([query], 200, everyRow(70_000));
    expect(found!.rows).toEqual(expected.rows.slice(0, 200));
    expect(map.mock.contexts).toEqual([expect.objectContaining({ size: 32 + 4096 * 8 })]);
  });

  test("a table over the binding limit is searched in chunks", async (context) => {
    const items = randomItems(70_000, 100);
    const scan = await WgslScan.create(await sharedGpu(context), items, 2 ** 20);
    context.onTestFinished(() => scan.dispose());
    for (const seed of [3, 4, 5]) {
      const query = randomQuery(100, seed);
      expect(await scan.scan([query], 400, everyRow(70_000))).toEqual([sorted(items, query, 400)]);
      const few = rowFilter(70_000, (row) => row % 100 === 0);
      expect(await scan.scan([query], 400, few)).toEqual([sorted(items, query, 400, (row) => row % 100 === 0)]);
    }
    const zero = queryOf(100, () => 0);
    expect(await scan.scan([zero], 1000, everyRow(70_000))).toEqual([sorted(items, zero, 1000)]);
  });

  test("more dimensions than a query has room for are refused", async (context) => {
    const gpu = await sharedGpu(context);
    await expect(WgslScan.create(gpu, randomItems(2, 1025))).rejects.toThrow("1024");
  });

  test("a lost device is DEVICE_LOST", async (context) => {
    const { gpu } = await gpuDevice(context);
    const scan = await WgslScan.create(gpu, randomItems(100, 64));
    const underway = scan.scan([randomQuery(64)], 10, everyRow(100)).then(
      () => "answered in time",
      ({ code }) => code,
    );
    gpu.destroy();
    await expect(scan.scan([randomQuery(64)], 10, everyRow(100))).rejects.toMatchObject({ code: "DEVICE_LOST" });
    expect(["answered in time", "DEVICE_LOST"]).toContain(await underway);
  });
});

describe("retriever", () => {
  const next = random(7);
  const vectors = Float32Array.from({ length: 500 * 64 }, () => next() - 0.5);
  const items = quantiseItems(vectors, 64);
  const query = Float32Array.from({ length: 64 }, () => next() - 0.5);

  test("is wgsl on a GPU device, bit for bit the exact scan", async (context) => {
    const retriever = await createRetriever({ gpu: await sharedGpu(context) }, items, Uint32Array.of(0, 500));
    context.onTestFinished(() => retriever.dispose());
    expect(retriever.name).toBe("wgsl");
    expect(await retriever.search([query], 50, everyRow(500))).toEqual([
      scanInt8(items, quantiseQuery(query, items), 50),
    ]);
    const { values } = quantiseQueryInt16(query, items);
    expect(retriever.dotProducts(values)).toEqual(dotProducts(items, values));
  });

  test("is wasm without a GPU, bit for bit the exact scan", async () => {
    const retriever = await createRetriever({ gpu: null }, items, Uint32Array.of(0, 500));
    expect(retriever.name).toBe("wasm");
    expect(await retriever.search([query], 50, everyRow(500))).toEqual([
      scanInt8(items, quantiseQuery(query, items), 50),
    ]);
    const { values } = quantiseQueryInt16(query, items);
    expect(retriever.dotProducts(values)).toEqual(dotProducts(items, values));
  });

  test("is wasm where the GPU cannot take the items", async (context) => {
    const wide = randomItems(3, 1040);
    const retriever = await createRetriever({ gpu: await sharedGpu(context) }, wide, Uint32Array.of(0, 3));
    expect(retriever.name).toBe("wasm");
    const wideQuery = Float32Array.from({ length: 1040 }, () => next() - 0.5);
    expect(await retriever.search([wideQuery], 2, everyRow(3))).toEqual([
      scanInt8(wide, quantiseQuery(wideQuery, wide), 2),
    ]);
  });

  test("is the one that is asked for first, else another, and says why", async (context) => {
    const device = { gpu: await sharedGpu(context) };
    const starts = Uint32Array.of(0, 500);
    const want = scanInt8(items, quantiseQuery(query, items), 50);
    for (const engine of RETRIEVAL_ENGINES) {
      const retriever = await createRetriever(device, items, starts, engine);
      expect(retriever).toMatchObject({ name: engine, rejected: [] });
      expect(await retriever.search([query], 50, everyRow(500))).toEqual([want]);
      retriever.dispose();
    }
    const fallback = await createRetriever({ gpu: null }, items, starts, "wgsl");
    expect(fallback.name).toBe("wasm");
    expect(fallback.rejected).toEqual([{ engine: "wgsl", reason: "the computation has no graphics device" }]);
  });

  test("has another engine beside it on the same items, which outlives it", async (context) => {
    const retriever = await createRetriever({ gpu: await sharedGpu(context) }, items, Uint32Array.of(0, 500));
    const create = vi.spyOn(WasmScan, "create");
    context.onTestFinished(() => create.mockRestore());
    const beside = await retriever.beside("wasm");
    // A small table is in WebAssembly already.
    expect(create).not.toHaveBeenCalled();
    retriever.dispose();
    expect(beside.name).toBe("wasm");
    expect(await beside.search([query], 50, everyRow(500))).toEqual([scanInt8(items, quantiseQuery(query, items), 50)]);
    await expect((await createRetriever({ gpu: null }, items, Uint32Array.of(0, 500))).beside("wgsl")).rejects.toThrow(
      "no graphics device",
    );
  });

  test("is exact without WebAssembly", async (context) => {
    const instantiate = vi.spyOn(WebAssembly, "instantiateStreaming").mockRejectedValue(new Error("no SIMD"));
    context.onTestFinished(() => instantiate.mockRestore());
    const retriever = await createRetriever({ gpu: null }, items, Uint32Array.of(0, 500));
    expect(retriever.name).toBe("exact");
    const { values } = quantiseQueryInt16(query, items);
    expect(retriever.dotProducts(values)).toEqual(dotProducts(items, values));
  });

  test.for([
    ["NaN", query.with(3, Number.NaN)],
    ["infinite", query.with(3, Number.POSITIVE_INFINITY)],
    ["short", query.slice(1)],
  ] as const)("a query that is %s is QUERY_INVALID", async ([, bad]) => {
    const retriever = await createRetriever({ gpu: null }, items, Uint32Array.of(0, 500));
    await expect(retriever.search([bad], 10, everyRow(500))).rejects.toMatchObject({ code: "QUERY_INVALID" });
  });
});
