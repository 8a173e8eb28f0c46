import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainEase } from "../../../../scripts/train/ease.ts";
import { trainIals } from "../../../../scripts/train/ials.ts";
import { trainItemKnn } from "../../../../scripts/train/item-knn.ts";
import { kMeans } from "../../../../scripts/train/k-means.ts";
import { evenBounds, balancedBounds } from "../../../../scripts/train/partition.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { openPool, randomMatrix } from "./helpers.ts";

/** Every byte of a result: one typed array, or an object of them. */
function bytesOf(result: unknown): Buffer {
  const arrays = ArrayBuffer.isView(result) ? [result] : (Object.values(result as object) as ArrayBufferView[]);
  return Buffer.concat(arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)));
}

describe("any number of threads", () => {
  let pools: ThreadPool[];
  beforeAll(async () => {
    pools = await Promise.all([1, 2, 3].map((threads) => openPool({ threads })));
  });
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  const matrix = randomMatrix(3000, 300, 0.04, 7);
  const ials = { dimensions: 12, epochs: 2, lambda: 0.01, alpha0: 0.3, seed: 3 };

  const jobs: Record<string, (pool: ThreadPool) => Promise<unknown>> = {
    iALS: (pool) => trainIals(matrix, ials, pool),
    EASE: (pool) => trainEase(matrix, { lambda: 10 }, pool),
    "item-kNN": (pool) => trainItemKnn(matrix, { neighbours: 20, shrinkage: 1, similarity: 0, popular: 0 }, pool),
    "k-means": async (pool) => {
      const vectors = await trainIals(matrix, ials, pool);
      return kMeans(vectors, { dimensions: ials.dimensions, clusters: 20, seed: 1 }, pool);
    },
  };

  it.each(Object.keys(jobs))("gives byte-identical results: %s", async (name) => {
    const [one, two, three] = await Promise.all(pools.map(async (pool) => bytesOf(await jobs[name]!(pool))));
    expect(one!.length).toBeGreaterThan(0);
    expect(two!.equals(one!)).toBe(true);
    expect(three!.equals(one!)).toBe(true);
  });
});

describe("ThreadPool", () => {
  it("reports progress and, once aborted, ends with CANCELLED", async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const pool = await openPool({
      threads: 2,
      signal: controller.signal,
      onProgress: (done, total, label) => {
        seen.push(`${label} ${done}/${total}`);
        if (done === 1) controller.abort();
      },
    });
    const training = trainIals(
      randomMatrix(50, 40, 0.2, 1),
      { dimensions: 8, epochs: 100, lambda: 0.01, alpha0: 0.3, seed: 1 },
      pool,
    );
    await expect(training).rejects.toMatchObject({ code: "CANCELLED" });
    expect(seen).toEqual(["iALS epochs 0/100", "iALS epochs 1/100"]);
    await pool.close();
  });

  it("stops a run in progress at its next block", async () => {
    const controller = new AbortController();
    const pool = await openPool({ threads: 1, signal: controller.signal });
    await pool.scope(async () => {
      const size = 64;
      const rows = pool.float32(size * 4096);
      // Far more work than any machine does before the abort: every block sums the same rows again.
      const bounds = new Uint32Array(2_000_000);
      bounds.forEach((_, at) => (bounds[at] = at % 2 === 0 ? 0 : 4096));
      const output = pool.float32(size * size);
      const run = pool.run("gramian", bounds, [rows.pointer, output.pointer, size, 8192]);
      setTimeout(() => controller.abort(), 50);
      await expect(run).rejects.toMatchObject({ code: "CANCELLED" });
    });
    await pool.close();
  });

  it("turns a trap into INTERNAL and stays usable", async () => {
    const pool = await openPool({ threads: 2 });
    const beyond = 2 ** 32 - 4096;
    await expect(pool.run("gramian", Uint32Array.of(0, 8), [beyond, beyond, 8, 8])).rejects.toMatchObject({
      code: "INTERNAL",
    });
    await pool.scope(async () => {
      const rows = pool.float32(Float32Array.from({ length: 16 }, (_, at) => at));
      const output = pool.float32(64);
      await pool.run("gramian", Uint32Array.of(0, 2), [rows.pointer, output.pointer, 8, 2]);
      expect(output.array[0]).toBe(0 * 0 + 8 * 8);
      expect(output.array[7]).toBe(0 * 7 + 8 * 15);
    });
    await pool.close();
  });

  it("rejects a run whose thread is ended, and every run after that", async () => {
    const pool = await openPool({ threads: 1 });
    const run = pool.run("gramian", new Uint32Array(2), [0, 0, 0, 1]);
    const closed = pool.close();
    await expect(run).rejects.toMatchObject({ code: "INTERNAL" });
    await closed;
    await expect(pool.run("gramian", new Uint32Array(2), [])).rejects.toMatchObject({ code: "INTERNAL" });
  });

  it("refuses a second run beside the first", async () => {
    const pool = await openPool({ threads: 1 });
    const first = pool.run("gramian", new Uint32Array(1), []);
    await expect(pool.run("gramian", new Uint32Array(1), [])).rejects.toMatchObject({ code: "INTERNAL" });
    await first;
    await pool.run("gramian", new Uint32Array(1), []);
    await pool.close();
  });

  it("refuses more memory than 32 bits reach", async () => {
    const pool = await openPool({ threads: 1 });
    expect(() => pool.float32(2 ** 30)).toThrow(expect.objectContaining({ code: "DATA_INVALID" }));
    await pool.close();
  });
});

describe("partition", () => {
  it("covers every row once", () => {
    expect([...evenBounds(10, 4)]).toEqual([0, 4, 8, 10]);
    expect([...evenBounds(0, 4)]).toEqual([0]);
    expect([...balancedBounds(Uint32Array.of(0))]).toEqual([0]);
    const indptr = new Uint32Array(5001);
    for (let row = 0; row < 5000; row++) indptr[row + 1] = indptr[row]! + (row % 100);
    const bounds = balancedBounds(indptr);
    expect(bounds[0]).toBe(0);
    expect(bounds.at(-1)).toBe(5000);
    expect(bounds.length).toBeGreaterThan(200);
    expect([...bounds]).toEqual([...bounds].sort((a, b) => a - b));
  });
});
