/**
 * Cover colours: OKLCH recipes, brought into sRGB by lowering chroma alone.
 * L lightness 0 to 1, C chroma, h hue in degrees; r, g, b linear-light components.
 */

/** One hue a cluster, OKLCH degrees. */
export const HUES = [28, 52, 86, 128, 158, 190, 222, 254, 284, 312, 340, 8] as const;

export const SWATCHES = ["ground", "a", "b", "c", "ink"] as const;
type Swatch = (typeof SWATCHES)[number];
/** Hex colours, e.g. "#1a2b3c". */
export type Palette = Readonly<Record<Swatch, string>>;

type Recipe = Readonly<Record<Swatch, readonly [lightness: number, chroma: number, hueShift: number]>>;

/** Deep, pale and vivid. Every ground and ink stand at least 7:1 apart, on all hues. */
export const TONES: readonly Recipe[] = [
  { ground: [0.32, 0.085, 0], a: [0.62, 0.15, 0], b: [0.84, 0.12, 60], c: [0.45, 0.11, 0], ink: [0.97, 0.02, 0] },
  { ground: [0.935, 0.035, 0], a: [0.66, 0.15, 0], b: [0.42, 0.11, -35], c: [0.82, 0.08, 0], ink: [0.26, 0.06, 0] },
  { ground: [0.8, 0.115, 0], a: [0.95, 0.035, 0], b: [0.38, 0.11, -60], c: [0.68, 0.13, 0], ink: [0.23, 0.05, 0] },
];

/** OKLab to linear sRGB: B. Ottosson, "A perceptual color space for image processing" (2020). */
function linearRgb(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const inGamut = (rgb: readonly number[]): boolean => rgb.every((value) => value >= 0 && value <= 1);

/** The colour with the largest chroma up to `chroma` that sRGB can show, as hex. */
export function oklchToHex(lightness: number, chroma: number, hue: number): string {
  let shown = chroma;
  if (!inGamut(linearRgb(lightness, chroma, hue))) {
    let [low, high] = [0, chroma];
    while (high - low > 1e-4) {
      const middle = (low + high) / 2;
      if (inGamut(linearRgb(lightness, middle, hue))) low = middle;
      else high = middle;
    }
    shown = low;
  }
  const bytes = linearRgb(lightness, shown, hue).map((value) => {
    const encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(Math.min(1, Math.max(0, encoded)) * 255);
  });
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const hueOf = (cluster: number): number => HUES[cluster % HUES.length]!;
const known = new Map<number, Palette>();

/** @param tone index into {@link TONES} */
export function paletteOf(cluster: number, tone: number): Palette {
  const key = (cluster % HUES.length) * TONES.length + tone;
  let palette = known.get(key);
  if (palette === undefined) {
    const swatches = SWATCHES.map((swatch) => {
      const [lightness, chroma, shift] = TONES[tone]![swatch];
      return [swatch, oklchToHex(lightness, chroma, (hueOf(cluster) + shift + 360) % 360)];
    });
    palette = Object.fromEntries(swatches) as Palette;
    known.set(key, palette);
  }
  return palette;
}

/** The dot that stands for a cluster beside a caption. */
export function dotColour(cluster: number): string {
  return oklchToHex(0.68, 0.15, hueOf(cluster));
}
