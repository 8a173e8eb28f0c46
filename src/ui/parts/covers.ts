/**
 * Generated covers. A cover depends on the item's id, kind, cluster and title alone: no picture is
 * downloaded, so none can betray a taste, and it works offline.
 */
import { svg } from "lit";
import type { SVGTemplateResult } from "lit";
import type { ItemCard } from "../../model/contract.ts";
import { MOTIFS } from "./motifs.ts";
import type { Motif } from "./motifs/drawing.ts";
import { paletteOf, TONES } from "./palette.ts";
import type { Palette } from "./palette.ts";
import { fnv1a, mulberry32 } from "./random.ts";

/** How titles are set; the style sheet of the cover knows the names. */
type Face = "novel" | "capitals" | "lower" | "gallery" | "stage" | "plain";

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
  readonly size: "large" | "small" | "least";
  /** Lines that stay above the motif, at most 4. */
  readonly lines: number;
  /** True where the whole title shows, so that a caption need not repeat it. */
  readonly whole: boolean;
}

/** Font sizes in % of the cover's width. */
const SIZES = { large: 13.4, small: 11.2, least: 9.2 } as const;
/** Above this many characters a title is set small. */
const LARGE_MAX_CHARACTERS = 22;
const MAX_LINES = 4;
/** The title's box: % of the cover's width, and of its height down to the motif. */
const BOX = { width: 84, height: 35 } as const;

/**
 * Line height in em, as in elements/cover.css, and the width of a mean character in em: the 99th
 * percentile over the 1,149 titles of the demo catalogue (Chromium 156, November 2026);
 * test/browser/ui/cover.test.ts lays all of them out.
 */
const FACES: Readonly<Record<Face, { readonly line: number; readonly em: number }>> = {
  novel: { line: 1.02, em: 0.57 },
  capitals: { line: 1.06, em: 0.5 },
  lower: { line: 0.98, em: 0.45 },
  gallery: { line: 0.98, em: 0.48 },
  stage: { line: 0.98, em: 0.6 },
  plain: { line: 0.98, em: 0.45 },
};

/** Widths in mean characters; what none of these names is 1 wide. */
const WIDTHS: readonly (readonly [characters: RegExp, width: number])[] = [
  [/[MW\u2E80-\u9FFF\uAC00-\uD7AF\uFF00-\uFFEF]/u, 1.9],
  [/[mw]/u, 1.5],
  [/\p{Lu}/u, 1.2],
];
const widthOf = (character: string): number => WIDTHS.find(([characters]) => characters.test(character))?.[1] ?? 1;

/** Greedy line breaking at spaces and after hyphens, as the browser does it. */
function countLines(title: string, perLine: number): number {
  let count = 1;
  let used = 0;
  for (const word of title.trim().split(/\s+|(?<=-)/)) {
    const width = [...word].reduce((sum, character) => sum + widthOf(character), 0);
    if (width > perLine) return Infinity;
    const gap = used > 0 ? 1 : 0;
    if (used + gap + width > perLine) {
      count++;
      used = width;
    } else {
      used += gap + width;
    }
  }
  return count;
}

/** The largest setting that shows the whole title, else the smallest. */
export function titleSetting(title: string, kind: string): TitleSetting {
  const { face, size: box } = coverStyle(kind);
  // Where the face has one case, a capital is as wide as any other letter.
  const cased = face === "capitals" || face === "lower" ? title.toLowerCase() : title;
  const set = (size: keyof typeof SIZES): TitleSetting => {
    const { line, em } = FACES[face];
    const height = (box[1] / box[0]) * BOX.height;
    const lines = Math.min(MAX_LINES, Math.floor(height / (SIZES[size] * line)));
    return { size, lines, whole: countLines(cased, BOX.width / (SIZES[size] * em)) <= lines };
  };
  const sizes = [...title].length <= LARGE_MAX_CHARACTERS ? (["large", "small"] as const) : (["small"] as const);
  return sizes.map(set).find(({ whole }) => whole) ?? set("least");
}
