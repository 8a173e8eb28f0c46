import { describe, expect, it } from "vitest";
import { coverOf, coverStyle, titleSetting } from "../../../src/ui/parts/covers.ts";
import { MOTIFS } from "../../../src/ui/parts/motifs.ts";
import { fnv1a, mulberry32 } from "../../../src/ui/parts/random.ts";

/** Every value of a template and of those within it. */
const valuesOf = (template: unknown): unknown[] =>
  Array.isArray(template)
    ? template.flatMap(valuesOf)
    : typeof template === "object" && template !== null && "values" in template
      ? (template.values as unknown[]).flatMap(valuesOf)
      : [template];

describe("covers", () => {
  it("are the same for the same item", () => {
    const item = { id: "dracula", kind: "book", cluster: 10 };
    expect(valuesOf(coverOf(item).drawing)).toEqual(valuesOf(coverOf({ ...item }).drawing));
  });

  it("differ between items, and take their hue from the cluster", () => {
    const drawings = Array.from({ length: 60 }, (_, at) =>
      JSON.stringify(valuesOf(coverOf({ id: `item-${at}`, kind: "film", cluster: 3 }).drawing)),
    );
    expect(new Set(drawings).size).toBe(60);
    const [here, there] = [3, 4].map((cluster) => coverOf({ id: "item", kind: "film", cluster }).palette.ground);
    expect(here).not.toBe(there);
  });

  it.each(Object.keys(MOTIFS))("%s: every motif is drawn with finite numbers", (kind) => {
    for (let at = 0; at < 200; at++) {
      const values = valuesOf(coverOf({ id: `${kind}-${at}`, kind, cluster: at }).drawing);
      expect(values.length).toBeGreaterThan(8);
      expect(JSON.stringify(values)).not.toMatch(/null|NaN|undefined|Infinity/);
    }
  });

  it("an unknown kind has a cover too, also one that names a property of every object", () => {
    expect(coverStyle("lecture")).toBe(coverStyle("talk"));
    expect(coverStyle("constructor")).toBe(coverStyle("talk"));
    expect(coverStyle("concert")).toBe(coverStyle("music"));
  });
});

describe("title setting", () => {
  it("sets short titles large, long ones small, and knows which are cut", () => {
    expect(titleSetting("Dracula", "book")).toMatchObject({ size: "large", whole: true });
    expect(titleSetting("Vingt mille lieues sous les mers", "book")).toMatchObject({ size: "small", whole: true });
    expect(
      titleSetting("Dr Folamour ou : comment j’ai appris à ne plus m’en faire et à aimer la bombe", "film"),
    ).toMatchObject({
      size: "least",
      whole: false,
    });
    expect(titleSetting("Metamorphoses", "book")).toMatchObject({ size: "least", whole: true });
    expect(titleSetting("Donaudampfschifffahrtsgesellschaft", "book").whole).toBe(false);
  });

  it("keeps titles above the motif on square covers", () => {
    expect(titleSetting("Quatuor", "music").lines).toBeLessThan(titleSetting("Quatuor", "book").lines);
  });
});

describe("random numbers", () => {
  it("fnv1a has the published values", () => {
    expect(fnv1a("")).toBe(0x811c9dc5);
    expect(fnv1a("a")).toBe(0xe40c292c);
    expect(fnv1a("foobar")).toBe(0xbf9cf968);
  });

  it("mulberry32 repeats itself for a seed and stays in [0, 1)", () => {
    const [one, two] = [mulberry32(7), mulberry32(7)];
    const numbers = Array.from({ length: 1000 }, one);
    expect(Array.from({ length: 1000 }, two)).toEqual(numbers);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    const mean = numbers.reduce((sum, number) => sum + number) / numbers.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  });
});
