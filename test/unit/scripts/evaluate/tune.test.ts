import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { EngineError } from "../../../../src/model/errors.ts";
import { meanNdcg } from "../../../../scripts/evaluate/evaluate.ts";
import type { Search } from "../../../../scripts/evaluate/search.ts";
import { fingerprintOf, TrialFile } from "../../../../scripts/evaluate/trial-file.ts";
import type { Trial } from "../../../../scripts/evaluate/trial-file.ts";
import { plannedTrials, tunedModel, tuneModels } from "../../../../scripts/evaluate/tune.ts";
import type { Standing } from "../../../../scripts/evaluate/tune.ts";
import { modelEntry, trainModel } from "../../../../scripts/train/models.ts";
import type { ModelName } from "../../../../scripts/train/models.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import type { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { folders } from "../import/folder.ts";
import { openPool } from "../train/helpers.ts";
import { foldOf } from "./helpers.ts";

const folder = folders();
let pool: ThreadPool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());
afterEach(() => void vi.restoreAllMocks());

/** People like even or odd items, more or less. */
const random = seededRandom(5);
const taste = (user: number): number[] =>
  Array.from({ length: 20 }, (_, item) => item).filter((item) => random() < (item % 2 === user % 2 ? 0.6 : 0.15));
const fold = foldOf(
  20,
  Array.from({ length: 30 }, (_, user) => taste(user)),
  Array.from({ length: 10 }, (_, user) => {
    const [first = 0, second = 1, ...targets] = taste(user);
    return { history: [first, second], targets };
  }),
);

const names: readonly ModelName[] = ["item-knn", "ials"];
const search: Search = { method: "halving", trials: 4, seed: 3 };
const open = async (path?: string): Promise<TrialFile> =>
  TrialFile.open(path ?? join(await folder(), "tune.json"), {
    ...search,
    protocol: "tiny",
    data: fingerprintOf(fold),
    models: {},
  });
const withoutTime = (trials: readonly Trial[]): unknown[] => trials.map((trial) => ({ ...trial, trainCpuSeconds: 0 }));

describe("tuning", () => {
  it("measures every setting on the fold and tells where it stands", async () => {
    const file = await open();
    const standings: Standing[] = [];
    await tuneModels(names, fold, search, file, pool, (standing) => standings.push(standing));
    // Four of item-knn; of iALS four with 7 epochs and the best of them with 20.
    expect(plannedTrials(names, search)).toBe(9);
    expect(file.trials.map(({ model, rung, params }) => [model, rung, params["epochs"]])).toEqual([
      ...Array.from({ length: 4 }, () => ["item-knn", 0, undefined]),
      ...Array.from({ length: 4 }, () => ["ials", 0, 7]),
      ["ials", 1, 20],
    ]);
    const last = file.trials[8]!;
    const model = await trainModel("ials", last.params, fold.data, { pool });
    expect(last.ndcgAt100).toBe(await meanNdcg(model, fold, pool));
    expect(last.trainCpuSeconds).toBeGreaterThan(0);
    expect(standings.map(({ done, total }) => [done, total])).toEqual(file.trials.map((_, at) => [at, 9]));
    expect(standings[4]).toMatchObject({ model: "ials", best: null });
    expect(standings[8]!.best).toBe(Math.max(...file.trials.slice(4, 8).map(({ ndcgAt100 }) => ndcgAt100!)));
  });

  it.each([0, 2, 6, 8])("that is stopped after %i trials goes on to the same end", async (stopAfter) => {
    const whole = await open();
    await tuneModels(names, fold, search, whole, pool, () => {});

    const path = join(await folder(), "tune.json");
    const stop = new AbortController();
    const stopping = await openPool({ threads: 2, signal: stop.signal });
    try {
      const first = tuneModels(names, fold, search, await open(path), stopping, ({ done }) => {
        if (done === stopAfter) stop.abort();
      });
      await expect(first).rejects.toMatchObject({ code: "CANCELLED" });
    } finally {
      await stopping.close();
    }
    const file = await open(path);
    expect(withoutTime(file.trials)).toEqual(withoutTime(whole.trials.slice(0, stopAfter)));
    const told: number[] = [];
    await tuneModels(names, fold, search, file, pool, ({ done }) => told.push(done));
    expect(told).toEqual(Array.from({ length: 9 - stopAfter }, (_, at) => stopAfter + at));
    expect(withoutTime(file.trials)).toEqual(withoutTime(whole.trials));
    expect(withoutTime((await open(path)).trials)).toEqual(withoutTime(whole.trials));
  });

  it("passes over settings that do not converge", async () => {
    const { train } = modelEntry("ials");
    vi.spyOn(modelEntry("ials"), "train").mockImplementation((data, params, training) => {
      if (params["lambda"] === 0.003) throw new EngineError("INTERNAL", { reason: "not finite" });
      return train(data, params, training);
    });
    vi.spyOn(modelEntry("popularity"), "train").mockRejectedValue(new EngineError("INTERNAL", { reason: "no" }));
    const file = await open();
    await tuneModels(["ials", "popularity"], fold, search, file, pool, () => {});
    expect(file.trials[0]).toMatchObject({ ndcgAt100: null, failure: "not finite" });
    const ials = tunedModel("ials", file.trials);
    expect(ials).toMatchObject({ trials: 5, failures: ["not finite"] });
    expect(ials.best!.ndcgAt100).toBeGreaterThan(0);
    expect(tunedModel("popularity", file.trials)).toMatchObject({ best: null, trials: 1, failures: ["no"] });
  });

  it("ends at every other error", async () => {
    vi.spyOn(modelEntry("popularity"), "train").mockRejectedValue(new EngineError("DATA_INVALID"));
    const file = await open();
    const tuning = tuneModels(["popularity"], fold, search, file, pool, () => {});
    await expect(tuning).rejects.toMatchObject({ code: "DATA_INVALID" });
    expect(file.trials).toEqual([]);
  });
});

it("finds the best of a model's own trials and adds up their CPU seconds", () => {
  const trial = (model: string, ndcgAt100: number | null, trainCpuSeconds: number): Trial => {
    const failure = ndcgAt100 === null ? "not finite" : null;
    return { model, rung: 0, params: {}, ndcgAt100, failure, trainCpuSeconds };
  };
  const trials = [trial("ials", 0.2, 1), trial("bpr", 0.9, 10), trial("ials", 0.3, 2), trial("ials", null, 4)];
  expect(tunedModel("ials", trials)).toEqual({
    name: "ials",
    best: trials[2],
    trials: 3,
    failures: ["not finite"],
    searchCpuSeconds: 7,
  });
  expect(tunedModel("ease", trials)).toMatchObject({ best: null, trials: 0, failures: [], searchCpuSeconds: 0 });
});
