import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseTowers } from "../../../../scripts/evaluate/choose-towers.ts";
import { meanNdcg } from "../../../../scripts/evaluate/evaluate.ts";
import type { Fold } from "../../../../scripts/evaluate/protocol.ts";
import type { Reporter } from "../../../../scripts/output.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import { modelOfTowers } from "../../../../scripts/train/shipped.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { trainTowers } from "../../../../scripts/train/towers.ts";
import { openPool } from "../train/helpers.ts";
import { dataOf, historyOf, matrixOf } from "../train/model-data.ts";

const ITEMS = 60;
const ials = { dimensions: 64, epochs: 3, lambda: 0.003, alpha0: 0.3, seed: 1 };
const quiet = { progress: () => {}, log: () => {}, result: () => {} } as unknown as Reporter;

/** People who go from item to item by a rule, k to k + 1 to k + 2 ..., from a random beginning: order is all. */
function chains(people: number, seed: number): number[][] {
  const random = seededRandom(seed);
  return Array.from({ length: people }, () => {
    const first = Math.floor(random() * ITEMS);
    return Array.from({ length: 8 }, (_, k) => (first + k) % ITEMS);
  });
}

function foldOf(ordered: boolean): Fold {
  const lists = chains(300, 1);
  const matrix = matrixOf(
    lists.map((list) => Array.from({ length: ITEMS }, (_, item) => (list.includes(item) ? 1 : 0))),
  );
  return {
    data: dataOf(matrix, { sequences: ordered ? Uint32Array.from(lists.flat()) : null }),
    users: chains(80, 2).map((list, user) => ({
      user,
      history: historyOf(list.slice(0, 7)),
      targets: new Set([list[7]!]),
    })),
    candidates: new Uint8Array(ITEMS).fill(1),
    tieOrder: null,
  };
}

let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

describe("the choice of the towers", () => {
  it("gives bytes to transitions where what comes next is in the order, and keeps within the bytes", async () => {
    const { params, trials } = await chooseTowers([foldOf(true)], ials, 96, pool, quiet);
    expect(params.transitionEntries).toBeGreaterThan(0);
    expect(params.transitionWeight).toBeGreaterThan(0);
    expect(trials.every(({ bytesPerItem }) => bytesPerItem <= 96)).toBe(true);
    const measured = trials.map(({ ndcgAt100 }) => ndcgAt100);
    expect(measured).toEqual(measured.toSorted((a, b) => b - a));
    expect(measured[0]).toBeGreaterThan(0.9);
  });

  it("has no transitions and no recency without an order", async () => {
    const { trials } = await chooseTowers([foldOf(false)], ials, 96, pool, quiet);
    for (const { params } of trials) expect([params.transitionEntries, params.recencyDecay]).toEqual([0, 1]);
  });

  it("measures what the model that ships then has", async () => {
    const fold = foldOf(true);
    const { params, trials } = await chooseTowers([fold], ials, 60, pool, quiet);
    const model = await modelOfTowers("shipped", await trainTowers(fold.data, params, pool), fold.data, 0);
    expect(await meanNdcg(model, fold, pool)).toBeCloseTo(trials[0]!.ndcgAt100, 2);
  });

  it("leaves out what has no room, and says so where nothing has", async () => {
    const { trials } = await chooseTowers([foldOf(false)], ials, 40, pool, quiet);
    expect(trials.map(({ params }) => params.dimensions).toSorted((a, b) => a - b)).toEqual([32, 64]);
    await expect(chooseTowers([foldOf(false)], ials, 10, pool, quiet)).rejects.toThrow(/--bytes-per-item at least 18/u);
  });
});
