import { describe, expect, it } from "vitest";
// @ts-expect-error culori has no types
import { clampChroma, formatHex, wcagContrast } from "culori";
import { HUES, oklchToHex, paletteOf, SWATCHES, TONES } from "../../../src/ui/parts/palette.ts";

const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

const pairs = HUES.flatMap((_, cluster) => TONES.map((_, tone) => [cluster, tone] as const));

describe("palette", () => {
  it.each(pairs)("cluster %i, tone %i: title and ground stand at least 7:1 apart", (cluster, tone) => {
    const { ground, ink } = paletteOf(cluster, tone);
    expect(wcagContrast(ground, ink)).toBeGreaterThanOrEqual(7);
  });

  it.each(pairs)("cluster %i, tone %i: the colours are culori's", (cluster, tone) => {
    const palette = paletteOf(cluster, tone);
    for (const swatch of SWATCHES) {
      const [l, c, shift] = TONES[tone]![swatch];
      const expected = channels(
        formatHex(clampChroma({ mode: "oklch", l, c, h: (HUES[cluster]! + shift + 360) % 360 }, "oklch")),
      );
      channels(palette[swatch]).forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(1));
    }
  });

  it("takes any cluster", () => {
    expect(paletteOf(499, 1)).toEqual(paletteOf(499 % HUES.length, 1));
  });

  it("has black and white at the ends", () => {
    expect(oklchToHex(0, 0, 0)).toBe("#000000");
    expect(oklchToHex(1, 0, 0)).toBe("#ffffff");
  });
});
