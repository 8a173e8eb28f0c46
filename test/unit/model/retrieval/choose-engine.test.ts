import { describe, expect, test } from "vitest";
import { RETRIEVAL_ENGINES } from "../../../../src/model/contract.ts";
import type { EngineTimings } from "../../../../src/model/contract.ts";
import { chooseEngine, fastestEngine, timingsKey } from "../../../../src/model/retrieval/choose-engine.ts";

describe("the fastest engine", () => {
  test.each<[EngineTimings, string | null]>([
    [{}, null],
    [{ wgsl: 100 }, "wgsl"],
    [{ wgsl: 3.2, wasm: 0.4 }, "wasm"],
    [{ wasm: 7.6, wgsl: 0.9 }, "wgsl"],
    [{ exact: 1, wasm: 2 }, "exact"],
    // A coarse clock measures nothing of what is fast.
    [{ wasm: 0, wgsl: 0 }, "wgsl"],
  ])("of %j is %s", (timings, fastest) => expect(fastestEngine(timings)).toBe(fastest));
});

describe("the choice", () => {
  test.each(RETRIEVAL_ENGINES)("is %s where that is asked for, whatever was measured", (wish) => {
    expect(chooseEngine(wish, {})).toEqual({ first: wish, choice: "forced" });
    expect(chooseEngine(wish, { wgsl: 1, wasm: 2 })).toEqual({ first: wish, choice: "forced" });
  });

  test("is the fastest that was measured, else any", () => {
    expect(chooseEngine(null, { wgsl: 3, wasm: 2 })).toEqual({ first: "wasm", choice: "remembered" });
    expect(chooseEngine(null, {})).toEqual({ first: null, choice: "default" });
  });
});

describe("what was measured holds", () => {
  const key = timingsKey("google swiftshader", { count: 1_000_000, dimensions: 64 });

  test("for tables of about the same size", () => {
    expect(timingsKey("google swiftshader", { count: 1_030_000, dimensions: 64 })).toBe(key);
    expect(timingsKey("google swiftshader", { count: 4_000_000, dimensions: 64 })).not.toBe(key);
    expect(timingsKey("google swiftshader", { count: 1_000_000, dimensions: 128 })).not.toBe(key);
  });

  test("for one adapter, whatever its name", () => {
    expect(timingsKey("nvidia", { count: 1_000_000, dimensions: 64 })).not.toBe(key);
    const named = (adapter: string) => timingsKey(adapter, { count: 1, dimensions: 1 });
    expect(named('a",1')).not.toBe(named("a"));
  });

  test("an empty table has a key too", () => {
    expect(timingsKey("", { count: 0, dimensions: 64 })).toBe(timingsKey("", { count: 1, dimensions: 64 }));
  });
});
