/** Books, comics, talks and museums: what is printed, said or hung. */
import { svg } from "lit";
import type { SVGTemplateResult } from "lit";
import { circle, d, rect, round, shape, times } from "./drawing.ts";
import type { Motif } from "./drawing.ts";

/** Half arcs that grow from a lower corner. */
export const arches: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
  const rings = 4 + Math.floor(next() * 2);
  const x = next() < 0.5 ? 0 : w;
  return times(rings, (at) => circle(x, h, (w * 0.84 * (rings - at)) / rings, [c, a, b, ground][at % 4]!));
};

export const spines: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const drawn: SVGTemplateResult[] = [];
  for (let x = 0; x < w;) {
    const width = 14 + next() * 26;
    const height = h * 0.56 * (0.45 + next() * 0.55);
    drawn.push(rect(x, h - height, width + 0.6, height, [a, c, b, c][drawn.length % 4]!));
    x += width;
  }
  return drawn;
};

/** Turned pages as hills under a moon. */
export const hills: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const top = h * 0.48;
  return [
    circle(w * (0.25 + next() * 0.5), top + 22, 16 + next() * 10, b),
    shape(d`M0 ${h}V${top + 40}Q${w * 0.5} ${top - 6} ${w} ${top + 74}V${h}Z`, c),
    shape(d`M0 ${h}V${top + 96}Q${w * 0.42} ${top + 30} ${w} ${top + 124}V${h}Z`, a),
  ];
};

/** Panels with a speech balloon. */
export const panels: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
  const [x, y, width, height] = [w * 0.08, h * 0.42, w * 0.84, h * 0.52];
  const cut = 0.38 + next() * 0.24;
  const middle = x + width * cut;
  const low = y + height * 0.56;
  return [
    rect(x, y, width * cut - 3, height * 0.56 - 3, a),
    rect(middle + 3, y, width * (1 - cut) - 3, height * 0.56 - 3, c),
    rect(x, low + 3, width, height * 0.44 - 3, b),
    svg`<ellipse cx=${round(w * 0.62)} cy=${round(low + height * 0.2)} rx=${round(w * 0.2)} ry=${round(w * 0.1)} fill=${ground} />`,
    shape(
      d`M${w * 0.5} ${low + height * 0.24}L${w * 0.4} ${low + height * 0.4}L${w * 0.6} ${low + height * 0.3}Z`,
      ground,
    ),
  ];
};

/** A burst, as when something goes off. */
export const burst: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const star = (r: number, points: number, turn: number): string => {
    const corners = times(points * 2, (at) => {
      const k = at % 2 === 0 ? r : r * 0.66;
      const angle = turn + (Math.PI * at) / points;
      return d`${w / 2 + k * Math.cos(angle)} ${h * 0.7 + k * Math.sin(angle)}`;
    });
    return `M${corners.join("L")}Z`;
  };
  const turn = next() * Math.PI;
  return [shape(star(w * 0.45, 12, turn), c), shape(star(w * 0.34, 11, turn), a), circle(w / 2, h * 0.7, w * 0.13, b)];
};

export const discs: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const phase = next() * Math.PI;
  return times(5, (at) =>
    circle(w * (0.14 + 0.18 * at), h * (0.75 + 0.09 * Math.sin(at * 2 + phase)), 14 + next() * 16, [a, b, c][at % 3]!),
  );
};

/** Two voices: balloons that overlap. */
export const balloons: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const left = next() < 0.5;
  const balloon = (x: number, y: number, r: number, tail: number, fill: string) =>
    shape(
      d`M${x + tail * r * 0.2} ${y + r * 0.9}L${x + tail * r * 1.05} ${y + r * 1.2}L${x + tail * r * 0.85} ${y + r * 0.4}Z`,
      fill,
    );
  const [x1, x2] = left ? [w * 0.36, w * 0.66] : [w * 0.64, w * 0.34];
  const side = left ? -1 : 1;
  return [
    circle(x1, h * 0.64, w * 0.24, a),
    balloon(x1, h * 0.64, w * 0.24, side, a),
    circle(x2, h * 0.77, w * 0.19, c),
    balloon(x2, h * 0.77, w * 0.19, -side, c),
    ...times(3, (at) => circle(x1 + (at - 1) * w * 0.11, h * 0.64, w * 0.026, b)),
  ];
};

export const frames: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const [x, y, width, height] = [w * 0.1, h * 0.42, w * 0.8, h * 0.5];
  const [left, top] = [0.06 + next() * 0.14, 0.1 + next() * 0.12];
  return [
    rect(x, y, width, height, c),
    rect(x + width * left, y + height * top, width * 0.74, height * 0.7, a),
    rect(x + width * (left + 0.14), y + height * (top + 0.18), width * 0.46, height * 0.4, b),
  ];
};

export const quarters: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const columns = 4;
  const side = (w * 0.8) / columns;
  const rows = Math.floor((h * 0.52) / side);
  return times(rows * columns, (at) => {
    const x = w * 0.1 + (at % columns) * side;
    const y = h * 0.94 - (1 + Math.floor(at / columns)) * side;
    const right = next() < 0.5;
    const below = next() < 0.5;
    const cx = right ? x + side : x;
    const cy = below ? y + side : y;
    const [dx, dy] = [right ? -side : side, below ? -side : side];
    const sweep = right === below ? 1 : 0;
    const path = d`M${cx} ${cy}H${cx + dx}A${side} ${side} 0 0 ${sweep} ${cx} ${cy + dy}Z`;
    return shape(path, [a, b, c][Math.floor(next() * 3)]!);
  });
};

export const gate: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const [x, y, width, height] = [w * 0.1, h * 0.42, w * 0.8, h * 0.52];
  const arch = (inset: number, top: number) => {
    const r = width / 2 - inset;
    return d`M${x + inset} ${y + height}V${y + top + r}A${r} ${r} 0 0 1 ${x + width - inset} ${y + top + r}V${y + height}Z`;
  };
  const sun = y + height * (0.56 + next() * 0.2);
  return [
    shape(arch(0, 0), c),
    shape(arch(width * 0.18, width * 0.16), a),
    circle(w / 2, sun, w * (0.08 + next() * 0.06), b),
  ];
};
