import { expect, test } from "vitest";
import { engineNames, isPeer } from "../../../../bench/retrieval/names.ts";

test("engines are named as they were asked for", () => {
  const names = engineNames("duckdb;affiche wasm, by cells");
  expect(names).toEqual(["duckdb", "affiche wasm, by cells"]);
  expect(names.map(isPeer)).toEqual([true, false]);
});

test.each(["", "affiche", "duckdb;;voy"])('"%s" names one that there is not', (asked) => {
  expect(() => engineNames(asked)).toThrow(/no engine ".*": choose of affiche wasm, every row; .*duckdb/u);
});
