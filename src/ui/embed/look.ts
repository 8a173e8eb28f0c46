/** The host's colours and lengths, made safe: they may change how the shelf looks, never what can be read. */
import { COLOURS, LENGTHS } from "./channel.ts";
import type { ColourName, LengthName, Settings } from "./channel.ts";

/** sRGB, 0 to 1 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** WCAG 2.2, 1.4.3: text against its ground. */
const LEAST_CONTRAST = 4.5;
/** Where the host names no muted text or line: that share of the text on the background. */
const MUTED = 0.78;
const LINE = 0.2;

const TOKENS = {
  accent: "--accent",
  background: "--bg",
  surface: "--surface",
  text: "--ink",
  muted: "--ink-2",
  line: "--line",
} as const satisfies Record<ColourName, string>;
const LENGTH_TOKENS = { radius: "--radius", gap: "--gap", card: "--card" } as const satisfies Record<
  LengthName,
  string
>;

/**
 * Sets the look on the root element, and takes back the one before it. Colours that do not make a
 * readable whole are passed over together: a host cannot hide a word of the frame.
 */
export function applyLook(root: HTMLElement, theme: Settings["theme"], look: Settings["look"]): void {
  for (const token of [...Object.values(TOKENS), ...Object.values(LENGTH_TOKENS), "--focus"]) {
    root.style.removeProperty(token);
  }
  root.dataset["theme"] = theme;
  const colours = readableColours((name) => resolved(root, look[name]));
  if (colours !== null) {
    for (const name of COLOURS) {
      if (colours[name] !== null) root.style.setProperty(TOKENS[name], css(colours[name]));
    }
    root.style.setProperty("--focus", css(colours.text));
    // What the host does not name follows the ground: shades of covers, form controls, scroll bars.
    root.dataset["theme"] = luminance(colours.background) < 0.18 ? "dark" : "light";
  }
  for (const [name, token] of Object.entries(LENGTH_TOKENS) as [LengthName, string][]) {
    const length = pixels(look[name] ?? "", LENGTHS[name]);
    if (length !== null) root.style.setProperty(token, `${length}px`);
  }
}

/** @returns null: out of range or no length in px */
export function pixels(value: string, [least, most]: readonly [number, number]): number | null {
  const digits = /^(\d{1,3}(?:\.\d{1,3})?)px$/u.exec(value)?.[1];
  const length = Number(digits ?? Number.NaN);
  return length >= least && length <= most ? length : null;
}

/** @returns null: no background and text, or a text that cannot be read on its ground */
export function readableColours(
  of: (name: ColourName) => Rgb | null,
): ({ readonly background: Rgb; readonly text: Rgb } & Readonly<Record<ColourName, Rgb | null>>) | null {
  const [background, text] = [of("background"), of("text")];
  if (background === null || text === null) return null;
  const surface = of("surface") ?? background;
  const muted = of("muted") ?? mixed(text, background, MUTED);
  const readable = [text, muted].every((ink) =>
    [background, surface].every((ground) => contrast(ink, ground) >= LEAST_CONTRAST),
  );
  const line = of("line") ?? mixed(text, background, LINE);
  return readable ? { background, text, surface, muted, line, accent: of("accent") } : null;
}

/** An opaque colour as the browser understands it; null for anything else. */
function resolved(root: HTMLElement, value: string | undefined): Rgb | null {
  // Mixed with itself a colour is told in sRGB, and only a single colour can be mixed so.
  const mix = `color-mix(in srgb, ${value}, ${value})`;
  if (value === undefined || /\b(?:var|env|attr|url|image)\(/iu.test(value)) return null;
  if (!CSS.supports("color", value) || !CSS.supports("color", mix)) return null;
  root.style.setProperty("color", mix);
  const told = getComputedStyle(root).color;
  root.style.removeProperty("color");
  const [red, green, blue, alpha = 1] = (told.match(/(?<![a-z])-?\d[\d.e-]*/gu) ?? []).map(Number);
  if (!told.startsWith("color(srgb ") || blue === undefined || alpha < 1) return null;
  return [red!, green!, blue].map((part) => Math.min(1, Math.max(0, part))) as unknown as Rgb;
}

const css = (colour: Rgb): string => `rgb(${colour.map((part) => Math.round(part * 255)).join(" ")})`;

const mixed = (one: Rgb, other: Rgb, share: number): Rgb =>
  one.map((part, at) => part * share + other[at]! * (1 - share)) as unknown as Rgb;

/** WCAG 2.2, relative luminance. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  ) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, contrast ratio, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}
