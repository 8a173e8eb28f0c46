/**
 * Generated covers. A cover depends on the item's id, kind, cluster and title alone: no picture is
 * downloaded, so none can betray a taste, and it works offline.
 */
import { svg } from "lit";
import type { SVGTemplateResult } from "lit";
import type { ItemCard } from "../../model/contract.ts";
import { MOTIFS } from "./motifs.ts";
import type { Motif } from "./motifs.ts";
import { paletteOf, TONES } from "./palette.ts";
import type { Palette } from "./palette.ts";
import { fnv1a, mulberry32 } from "./random.ts";

/** How titles are set; the style sheet of the cover knows the names. */
export type Face = "novel" | "capitals" | "lower" | "gallery" | "stage" | "plain";

export interface CoverStyle {
  /** Width and height of the view box, units. */
  readonly size: readonly [width: number, height: number];
  readonly face: Face;
  readonly motif: Motif;
}

const STYLES = {
  book: { size: [200, 300], face: "novel", motif: MOTIFS.book },
  film: { size: [200, 284], face: "capitals", motif: MOTIFS.film },
  music: { size: [200, 200], face: "lower", motif: MOTIFS.music },
  museum: { size: [200, 250], face: "gallery", motif: MOTIFS.museum },
  theatre: { size: [200, 300], face: "stage", motif: MOTIFS.theatre },
  opera: { size: [200, 292], face: "stage", motif: MOTIFS.opera },
  game: { size: [200, 240], face: "capitals", motif: MOTIFS.game },
  comic: { size: [200, 270], face: "plain", motif: MOTIFS.comic },
  series: { size: [200, 260], face: "capitals", motif: MOTIFS.series },
  dance: { size: [200, 280], face: "gallery", motif: MOTIFS.dance },
  festival: { size: [200, 266], face: "lower", motif: MOTIFS.festival },
  talk: { size: [200, 230], face: "plain", motif: MOTIFS.talk },
} as const satisfies Record<string, CoverStyle>;

const SAME_AS: Readonly<Record<string, keyof typeof STYLES>> = {
  concert: "music",
  album: "music",
  exhibition: "museum",
  play: "theatre",
  artist: "music",
  "video game": "game",
  ballet: "dance",
};

/** An unknown kind looks like a talk. */
export function coverStyle(kind: string): CoverStyle {
  const name = SAME_AS[kind] ?? kind;
  return Object.hasOwn(STYLES, name) ? STYLES[name as keyof typeof STYLES] : STYLES.talk;
}

export interface Cover {
  readonly style: CoverStyle;
  readonly palette: Palette;
  readonly drawing: SVGTemplateResult;
}

export function coverOf(item: Pick<ItemCard, "id" | "kind" | "cluster">): Cover {
  const seed = fnv1a(item.id);
  const style = coverStyle(item.kind);
  const [w, h] = style.size;
  const palette = paletteOf(item.cluster, seed % TONES.length);
  const shapes = style.motif({ w, h, next: mulberry32(seed), palette });
  const drawing = svg`<rect width=${w} height=${h} fill=${palette.ground} />${shapes}`;
  return { style, palette, drawing };
}

export interface TitleSetting {
  readonly size: "large" | "small";
  /** Lines that stay above the motif, at most 4. */
  readonly lines: number;
  /** True where the whole title shows, so that a caption need not repeat it. */
  readonly whole: boolean;
}

/** Font sizes in % of the cover's width. */
const SIZES = { large: 13.4, small: 11.2 } as const;
/** Above this many characters a title is set small. */
const LARGE_MAX_CHARACTERS = 22;
const MAX_LINES = 4;
/** The title's box: % of the cover's width, and of its height down to the motif. */
const BOX = { width: 84, height: 35 } as const;

/**
 * Line height in em, as in elements/cover.css, and an upper bound of the mean width of a character
 * in em; test/browser/ui/cover.test.ts holds the bounds against Chromium's layout.
 */
const FACES: Readonly<Record<Face, { readonly line: number; readonly em: number }>> = {
  novel: { line: 1.02, em: 0.58 },
  capitals: { line: 0.98, em: 0.56 },
  lower: { line: 0.98, em: 0.5 },
  gallery: { line: 0.98, em: 0.55 },
  stage: { line: 0.98, em: 0.62 },
  plain: { line: 0.98, em: 0.5 },
};

/** Greedy line breaking at spaces and after hyphens, as the browser does it. */
function countLines(title: string, perLine: number): number {
  let count = 1;
  let used = 0;
  for (const word of title.trim().split(/\s+|(?<=-)/)) {
    const length = [...word].length;
    if (length > perLine) return Infinity;
    const gap = used > 0 ? 1 : 0;
    if (used + gap + length > perLine) {
      count++;
      used = length;
    } else {
      used += gap + length;
    }
  }
  return count;
}

export function titleSetting(title: string, kind: string): TitleSetting {
  const { face, size: box } = coverStyle(kind);
  const set = (size: keyof typeof SIZES): TitleSetting => {
    const { line, em } = FACES[face];
    const height = (box[1] / box[0]) * BOX.height;
    const lines = Math.min(MAX_LINES, Math.floor(height / (SIZES[size] * line)));
    return { size, lines, whole: countLines(title, Math.floor(BOX.width / (SIZES[size] * em))) <= lines };
  };
  const large = [...title].length <= LARGE_MAX_CHARACTERS ? set("large") : null;
  return large?.whole ? large : set("small");
}
