/** Films, series and games: what is on a screen. */
import type { SVGTemplateResult } from "lit";
import { circle, d, rect, shape, times } from "./drawing.ts";
import type { Motif } from "./drawing.ts";

export const sunOnWater: Motif = ({ w, h, next, palette: { a, b } }) => {
  const horizon = h * (0.7 + next() * 0.08);
  const x = w * (0.3 + next() * 0.4);
  const r = w * (0.24 + next() * 0.08);
  return [
    circle(x, horizon, r, b),
    rect(0, horizon, w, h - horizon, a),
    ...times(5, (at) => rect(x - r * (1 - at * 0.18), horizon + 8 + at * 13, 2 * r * (1 - at * 0.18), 5, b, 2.5)),
  ];
};

export const beam: Motif = ({ w, h, next, palette: { a, b, ground } }) => {
  const x = next() < 0.5 ? 0 : w;
  const y = h * (0.42 + next() * 0.08);
  const [top, low] = [h * (0.54 + next() * 0.1), h * (0.72 + next() * 0.06)];
  const far = w * (0.2 + next() * 0.2);
  return [
    shape(d`M${x} ${y}L${w - x} ${top}V${h + 30}L${x} ${y + 6}Z`, a),
    shape(d`M${x} ${y}L${w - x} ${low}V${low + h * 0.19}Z`, b),
    circle(Math.abs(w - x - far), h * 0.84, w * (0.1 + next() * 0.05), ground),
  ];
};

export const ridges: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const peak = 0.5 + next() * 0.06;
  const near = 0.3 + next() * 0.3;
  return [
    circle(w * (next() < 0.5 ? 0.2 : 0.84), h * 0.53, 13 + next() * 5, b),
    shape(
      d`M0 ${h}V${h * 0.78}L${w * 0.28} ${h * 0.56}L${w * 0.52} ${h * 0.76}L${w * 0.74} ${h * peak}L${w} ${h * 0.72}V${h}Z`,
      c,
    ),
    shape(d`M0 ${h}V${h * 0.9}L${w * near} ${h * 0.7}L${w} ${h * 0.92}V${h}Z`, a),
  ];
};

/** A creature of blocks, mirrored like those of the first arcades. */
export const creature: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const [columns, rows] = [8, 7];
  const side = (w * 0.72) / columns;
  const top = h * 0.93 - rows * side;
  const blocks: SVGTemplateResult[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns / 2; column++) {
      const eye = row === 2 && column === 2;
      if (!eye && next() < 0.34) continue;
      for (const place of [column, columns - 1 - column]) {
        const fill = eye ? b : row > 3 ? c : a;
        blocks.push(rect(w * 0.14 + place * side, top + row * side, side + 0.4, side + 0.4, fill));
      }
    }
  }
  return blocks;
};

/** Falling blocks that have settled. */
export const blocks: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const columns = 7;
  const side = w / columns;
  return times(columns, (column) => {
    const height = 1 + Math.floor(next() * 4);
    return times(height, (row) =>
      rect(column * side + 1.5, h - (row + 1) * side + 1.5, side - 3, side - 3, [a, b, c][Math.floor(next() * 3)]!, 3),
    );
  }).flat();
};

/** Screens behind screens, one an episode. */
export const screens: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const lean = next() < 0.5 ? -1 : 1;
  return times(4, (at) => {
    const k = 1 - (3 - at) * 0.16;
    const width = w * 0.74 * k;
    const height = h * 0.34 * k;
    const x = w / 2 - width / 2 + lean * (3 - at) * w * 0.035;
    const y = h * 0.94 - height - (3 - at) * h * 0.075;
    return rect(x, y, width, height, [c, b, c, a][at]!, 5);
  }).concat(shape(d`M${w * 0.44} ${h * 0.7}L${w * 0.6} ${h * 0.77}L${w * 0.44} ${h * 0.84}Z`, b));
};

/** Windows of a street at night. */
export const windows: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const columns = 5;
  const rows = 4;
  const [gapX, gapY] = [w / columns, (h * 0.56) / rows];
  return times(columns * rows, (at) => {
    const x = (at % columns) * gapX;
    const y = h * 0.44 + Math.floor(at / columns) * gapY;
    return rect(x + gapX * 0.18, y + gapY * 0.16, gapX * 0.64, gapY * 0.66, next() < 0.2 ? b : next() < 0.5 ? a : c, 2);
  });
};
