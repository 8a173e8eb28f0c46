import { describe, expect, test } from "vitest";
import { decadesAround, logScale, plotOf, spread } from "../../../../bench/retrieval/plot.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";

describe("logScale", () => {
  test("a factor is a distance, wherever it is", () => {
    const x = logScale([10, 1000], [0, 200]);
    expect([10, 100, 1000].map(x)).toEqual([0, expect.closeTo(100), 200]);
    expect(x(40) - x(20)).toBeCloseTo(x(400) - x(200));
  });
  test("one value is in the middle", () => expect(logScale([7, 7], [0, 10])(7)).toBe(5));
});

test.each([
  [
    [0.3, 45],
    [0.1, 1, 10, 100],
  ],
  [
    [2, 3],
    [1, 10],
  ],
  [[10], [10, 100]],
])("decades around %j", (values, expected) => {
  const decades = decadesAround(values);
  expect(decades).toHaveLength(expected.length);
  decades.forEach((decade, at) => expect(decade).toBeCloseTo(expected[at]!));
});

describe("spread", () => {
  test("leaves those that are apart", () => expect(spread([10, 40, 90], 20, [0, 100])).toEqual([10, 40, 90]));
  test("moves those that touch about their mean", () => {
    expect(spread([50, 50], 20, [0, 100])).toEqual([40, 60]);
    expect(spread([50, 55, 60], 20, [0, 100])).toEqual([35, 55, 75]);
  });
  test("of none is none", () => expect(spread([], 20, [0, 100])).toEqual([]));
  test.each([1, 2, 3, 4, 5])("keeps order, gap and range (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const wanted = Array.from({ length: 15 }, () => 300 * random()).sort((a, b) => a - b);
    const places = spread(wanted, 18, [20, 300]);
    expect(places).toHaveLength(wanted.length);
    expect(places[0]).toBeGreaterThanOrEqual(20 - 1e-9);
    expect(places.at(-1)).toBeLessThanOrEqual(300 + 1e-9);
    for (let at = 1; at < places.length; at++) expect(places[at]! - places[at - 1]!).toBeGreaterThanOrEqual(18 - 1e-9);
  });
});

describe("plotOf", () => {
  const points = [
    { engine: "affiche wasm", items: 1000, medianMs: 1, recallAt200: 1 },
    { engine: "affiche wasm", items: 100_000, medianMs: 10, recallAt200: 0.997 },
    { engine: "a <graph>", items: 1000, medianMs: 100, recallAt200: 0.82 },
  ];
  const svg = plotOf(points, "here & now");
  const circles = Array.from(svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/gu), ([, x, y]) => [
    Number(x),
    Number(y),
  ]);

  test("a point for each, the dearer the higher and the more items the farther right", () => {
    expect(circles).toHaveLength(3);
    // The dearest line comes first.
    const [graph, few, many] = circles as [number[], number[], number[]];
    expect(graph[1]).toBeLessThan(many[1]!);
    expect(many[1]).toBeLessThan(few[1]!);
    expect(few[0]).toBeLessThan(many[0]!);
    expect(graph[0]).toBe(few[0]);
  });
  test("names each engine with its last cost, where that is, and what it misses", () => {
    expect(svg).toContain(">affiche wasm: 10 ms</text>");
    expect(svg).toContain(">a &lt;graph> at 1,000: 100 ms, finds 82 %</text>");
  });
  test("is said in words too", () => {
    expect(svg).toMatch(/<svg [^>]*role="img" aria-labelledby="title about"/u);
    expect(svg).toMatch(/<desc id="about">[^<]*affiche wasm 10 ms at 100,000/u);
    expect(svg).toContain("here &amp; now");
  });
});
