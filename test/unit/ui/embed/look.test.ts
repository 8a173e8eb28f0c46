import { describe, expect, it } from "vitest";
import type { ColourName } from "../../../../src/ui/embed/channel.ts";
import { contrast, pixels, readableColours } from "../../../../src/ui/embed/look.ts";
import type { Rgb } from "../../../../src/ui/embed/look.ts";

const [BLACK, WHITE, GREY]: readonly Rgb[] = [
  [0, 0, 0],
  [1, 1, 1],
  [0.5, 0.5, 0.5],
];

describe("contrast", () => {
  it("is WCAG's", () => {
    expect(contrast(BLACK!, WHITE!)).toBeCloseTo(21);
    expect(contrast(WHITE!, WHITE!)).toBe(1);
    // #777 on white is the well-known near miss of 4.5.
    expect(contrast([0x77 / 255, 0x77 / 255, 0x77 / 255], WHITE!)).toBeCloseTo(4.48, 2);
  });
});

describe("lengths", () => {
  it.each([
    ["0px", 0],
    ["24px", 24],
    ["7.5px", 7.5],
  ])("%s is one", (value, expected) => expect(pixels(value, [0, 24])).toBe(expected));

  it.each(["", "25px", "-1px", "1e1px", "10", "10rem", "calc(1px)", "var(--x)", "9999px", "10px;", " 10px", "NaNpx"])(
    "%j is none",
    (value) => expect(pixels(value, [0, 24])).toBeNull(),
  );
});

describe("colours", () => {
  const of = (colours: Partial<Record<ColourName, Rgb>>) => readableColours((name) => colours[name] ?? null);

  it("need a background and a text, and fill in the rest", () => {
    expect(of({})).toBeNull();
    expect(of({ background: WHITE! })).toBeNull();
    expect(of({ text: BLACK! })).toBeNull();
    const filled = of({ background: WHITE!, text: BLACK! })!;
    expect(filled.surface).toEqual(WHITE);
    expect(contrast(filled.muted!, WHITE!)).toBeGreaterThan(4.5);
    expect(filled.accent).toBeNull();
  });

  it.each([
    ["text like the background", { background: WHITE!, text: WHITE! }],
    ["text too near", { background: WHITE!, text: GREY! }],
    ["muted text that vanishes", { background: WHITE!, text: BLACK!, muted: WHITE! }],
    ["a surface that swallows the text", { background: WHITE!, text: BLACK!, surface: BLACK! }],
  ])("%s: none of them is taken", (_, colours) => expect(of(colours)).toBeNull());
});
