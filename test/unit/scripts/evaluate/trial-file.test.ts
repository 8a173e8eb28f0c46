import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import type { Fold } from "../../../../scripts/evaluate/protocol.ts";
import { fingerprintOf, TrialFile } from "../../../../scripts/evaluate/trial-file.ts";
import type { SearchIdentity, Trial } from "../../../../scripts/evaluate/trial-file.ts";
import { folders } from "../import/folder.ts";
import { foldOf, historyOf } from "./helpers.ts";

const folder = folders();
const search: SearchIdentity = {
  method: "random",
  trials: 3,
  seed: 1,
  protocol: "strong",
  data: "abc",
  models: { ials: { defaults: { epochs: 2 }, space: { epochs: { values: [1, 2] } } } },
};
const trialOf = (epochs: number): Trial => {
  return { model: "ials", rung: 0, params: { epochs }, ndcgAt100: 0.1 * epochs, failure: null, trainCpuSeconds: 2 };
};

describe("the file of a search", () => {
  it("keeps every trial, in order, and finds it by model and settings", async () => {
    const path = join(await folder(), "tune.json");
    const file = await TrialFile.open(path, search);
    expect(file.trials).toEqual([]);
    const failed: Trial = { ...trialOf(3), ndcgAt100: null, failure: "not finite" };
    for (const trial of [trialOf(2), trialOf(1), failed]) {
      await file.add(trial);
      expect((await TrialFile.open(path, search)).trials).toEqual(file.trials);
    }
    const again = await TrialFile.open(path, search);
    expect(again.trials).toEqual([trialOf(2), trialOf(1), failed]);
    expect(again.find("ials", { epochs: 1 })).toEqual(trialOf(1));
    expect(again.find("ials", { epochs: 9 })).toBeUndefined();
    expect(again.find("bpr", { epochs: 1 })).toBeUndefined();
    expect(await readdir(join(path, ".."))).toEqual(["tune.json"]);
  });

  test.each([
    [{ data: "def" }, /other data:/u],
    [{ seed: 2, trials: 4 }, /other trials, seed:/u],
    [{ method: "halving" as const }, /other method:/u],
    [{ models: { ials: { defaults: { epochs: 2 }, space: { epochs: { values: [1, 3] } } } } }, /other models:/u],
  ])("of another search is refused: %j", async (change, message) => {
    const path = join(await folder(), "tune.json");
    await (await TrialFile.open(path, search)).add(trialOf(1));
    const before = await readFile(path, "utf8");
    const open = TrialFile.open(path, { ...search, ...change });
    await expect(open).rejects.toMatchObject({ code: "USAGE", message: expect.stringMatching(message) });
    await expect(open).rejects.toThrow(/delete it to begin anew/u);
    expect(await readFile(path, "utf8")).toBe(before);
  });

  test.each(["", "{", "[]", '{"search":{},"trials":[{"model":"ials"}]}'])("%j is none", async (content) => {
    const path = join(await folder({ "tune.json": content }), "tune.json");
    await expect(TrialFile.open(path, search)).rejects.toThrow(/tune\.json is no file of a search/u);
    expect(await readFile(path, "utf8")).toBe(content);
  });

  it("is tried before anything is fitted", async () => {
    const path = join(await folder(), "absent", "tune.json");
    await expect(TrialFile.open(path, search)).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("the fingerprint of a fold", () => {
  const make = (): Fold => foldOf(3, [[0, 1], [2]], [{ history: [0], targets: [1] }]);
  const base = make();
  const person = base.users[0]!;

  it("is the same for the same fold", () => {
    expect(fingerprintOf(make())).toBe(fingerprintOf(base));
    expect(fingerprintOf(base)).toMatch(/^[\da-f]{64}$/u);
  });

  test.each<[string, Fold]>([
    ["an interaction", foldOf(3, [[0, 2], [2]], [{ history: [0], targets: [1] }])],
    ["whose it is", foldOf(3, [[0], [1, 2]], [{ history: [0], targets: [1] }])],
    ["a target", { ...base, users: [{ ...person, targets: new Set([2]) }] }],
    ["a history", { ...base, users: [{ ...person, history: historyOf([2]) }] }],
    ["a weight", { ...base, users: [{ ...person, history: { ...person.history, weights: Float32Array.of(2) } }] }],
    ["a person", { ...base, users: [person, person] }],
    ["the candidates", { ...base, candidates: Uint8Array.of(1, 1, 0) }],
    ["the ties", { ...base, tieOrder: Uint32Array.of(2, 1, 0) }],
    ["the values", { ...base, data: { ...base.data, values: Float32Array.of(1, 2, 3) } }],
    ["the order", { ...base, data: { ...base.data, sequences: Uint32Array.of(1, 0, 2) } }],
    ["an item's kind", { ...base, data: { ...base.data, items: { ...base.data.items, kind: ["book", "", ""] } } }],
  ])("is another with another: %s", (_, fold) => {
    expect(fingerprintOf(fold)).not.toBe(fingerprintOf(base));
  });
});
