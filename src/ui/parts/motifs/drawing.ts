/**
 * The drawings on the covers: flat shapes in a box of w x h units, in the lower 58 % so that the
 * title above keeps its ground. `next` is the cover's own stream of random numbers.
 */
import { svg } from "lit";
import type { SVGTemplateResult } from "lit";
import type { Palette } from "../palette.ts";

interface Canvas {
  readonly w: number;
  readonly h: number;
  readonly next: () => number;
  readonly palette: Palette;
}
export type Motif = (canvas: Canvas) => readonly SVGTemplateResult[];

export const round = (value: number): number => Math.round(value * 10) / 10;
export const circle = (x: number, y: number, r: number, fill: string) =>
  svg`<circle cx=${round(x)} cy=${round(y)} r=${round(r)} fill=${fill} />`;
export const rect = (x: number, y: number, w: number, h: number, fill: string, radius = 0) =>
  svg`<rect x=${round(x)} y=${round(y)} width=${round(w)} height=${round(h)} rx=${round(radius)} fill=${fill} />`;
/** The data of a path, its numbers rounded. */
export const d = (parts: TemplateStringsArray, ...values: number[]): string =>
  parts.map((part, at) => part + (at < values.length ? round(values[at]!) : "")).join("");
export const shape = (path: string, fill: string) => svg`<path d=${path} fill=${fill} />`;
export const line = (path: string, stroke: string, width: number) =>
  svg`<path d=${path} fill="none" stroke=${stroke} stroke-width=${round(width)} stroke-linecap="round" />`;
export const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
/** One of the variants, by the cover's own chance. */
export const oneOf =
  (...variants: readonly Motif[]): Motif =>
  (canvas) =>
    variants[Math.floor(canvas.next() * variants.length)]!(canvas);
