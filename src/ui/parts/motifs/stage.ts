/** Music, theatre, opera, dance and festivals: what is on a stage. */
import { svg } from "lit";
import { circle, d, line, rect, round, shape, times } from "./drawing.ts";
import type { Motif } from "./drawing.ts";

export const rings: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
  const x = w * (0.5 + next() * 0.4);
  const y = h * (0.9 + next() * 0.08);
  const step = 11.6 * (w / 200);
  return times(9, (at) => circle(x, y, (9 - at) * step, at % 2 === 1 ? ground : [a, c, b][(at >> 1) % 3]!));
};

export const equaliser: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const bars = 13;
  const gap = w / bars;
  const pitch = 0.5 + next() * 0.25;
  const phase = next() * Math.PI;
  return times(bars, (at) => {
    const height = h * (0.1 + 0.4 * Math.abs(Math.sin(at * pitch + phase)));
    return rect(at * gap + gap * 0.18, h * 0.94 - height, gap * 0.64, height, [a, b, a, c][at % 4]!, gap * 0.32);
  });
};

export const waves: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const swing = 26 + next() * 14;
  return times(6, (at) => {
    const y = h * 0.58 + at * 16;
    return line(
      d`M-10 ${y}C${w * 0.25} ${y - swing + at * 3} ${w * 0.5} ${y + swing - at * 4} ${w + 10} ${y - h * 0.03}`,
      [a, b, c][at % 3]!,
      9,
    );
  });
};

export const curtain: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const folds = 7;
  const width = w / folds;
  const y = h * 0.42;
  const depth = 0.3 + next() * 0.12;
  return [
    ...times(folds, (at) => {
      const side = Math.abs(at - (folds - 1) / 2) / ((folds - 1) / 2);
      const hem = h * (1 - depth + depth * side * side);
      const [left, right] = [at * width, (at + 1) * width + 0.5];
      const path = d`M${left} ${y}H${right}V${hem - 10}Q${(left + right) / 2} ${hem + 8} ${left} ${hem - 10}Z`;
      return shape(path, at % 2 === 1 ? a : c);
    }),
    svg`<ellipse cx=${w / 2} cy=${round(h * 0.93)} rx=${round(w * 0.24)} ry=${round(w * 0.07)} fill=${b} />`,
  ];
};

export const spotlight: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const from = w * (0.2 + next() * 0.6);
  const to = w * (0.35 + next() * 0.3);
  const y = h * 0.9;
  return [
    rect(0, y - w * 0.04, w, h, c),
    shape(d`M${from - 7} ${h * 0.42}H${from + 7}L${to + w * 0.32} ${y}H${to - w * 0.32}Z`, a),
    svg`<ellipse cx=${round(to)} cy=${round(y)} rx=${round(w * 0.32)} ry=${round(w * 0.085)} fill=${b} />`,
  ];
};

/** Boxes of an opera house, tier over tier. */
export const tiers: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
  const lit = Math.floor(next() * 5);
  return times(4, (tier) => {
    const r = w * (0.62 - tier * 0.13);
    return [
      svg`<ellipse cx=${w / 2} cy=${h} rx=${round(r)} ry=${round(r * 1.28)} fill=${[c, a, c, b][tier]!} />`,
      ...(tier < 2
        ? times(5, (at) => {
            const angle = Math.PI * (0.18 + 0.16 * at);
            const k = r - w * 0.065;
            return circle(
              w / 2 - k * Math.cos(angle),
              h - k * 1.28 * Math.sin(angle),
              w * 0.034,
              at === lit ? b : ground,
            );
          })
        : []),
    ];
  }).flat();
};

/** A fan, opened from the foot of the cover. */
export const fan: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
  const blades = 9;
  const x = w * (0.35 + next() * 0.3);
  const r = h * 0.5;
  const at = (blade: number) => Math.PI * (1.06 + (0.88 * blade) / blades);
  return [
    ...times(blades, (blade) => {
      const [from, to] = [at(blade), at(blade + 1)];
      const path = d`M${x} ${h * 0.97}L${x + r * Math.cos(from)} ${h * 0.97 + r * Math.sin(from)}A${r} ${r} 0 0 1 ${x + r * Math.cos(to)} ${h * 0.97 + r * Math.sin(to)}Z`;
      return shape(path, [a, c, b][blade % 3]!);
    }),
    circle(x, h * 0.97, r * 0.3, ground),
  ];
};

/** Ribbons in one turn. */
export const ribbons: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const start = w * (0.15 + next() * 0.2);
  return times(3, (at) => {
    const shift = at * w * 0.17;
    return line(
      d`M${start + shift} ${h + 12}C${start + shift - w * 0.3} ${h * 0.74} ${start + shift + w * 0.55} ${h * 0.78} ${start + shift + w * 0.16} ${h * 0.5}`,
      [c, a, b][at]!,
      w * 0.085,
    );
  });
};

/** Two bodies leaning on each other. */
export const leaning: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const tilt = 16 + next() * 14;
  const leaf = (x: number, turn: number, fill: string) =>
    svg`<ellipse cx=${round(x)} cy=${round(h * 0.75)} rx=${round(w * 0.13)} ry=${round(h * 0.22)} fill=${fill} transform=${`rotate(${round(turn)} ${round(x)} ${round(h * 0.95)})`} />`;
  return [
    leaf(w * 0.42, -tilt, a),
    leaf(w * 0.58, tilt, c),
    circle(w * 0.5, h * 0.6, w * 0.07, b),
    rect(w * 0.12, h * 0.945, w * 0.76, 4, b, 2),
  ];
};

/** Pennants over rays. */
export const pennants: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const rows = 3;
  return times(rows, (row) => {
    const y = h * (0.45 + row * 0.17);
    const count = 5 + row;
    const side = w / count;
    const shift = next() * side;
    return [
      line(d`M-4 ${y}H${w + 4}`, c, 2),
      ...times(count + 1, (at) => {
        const x = at * side - shift;
        return shape(d`M${x + 2} ${y}H${x + side - 2}L${x + side / 2} ${y + side * 0.78}Z`, [a, b, c][(at + row) % 3]!);
      }),
    ];
  }).flat();
};

export const sunburst: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const x = w * (0.3 + next() * 0.4);
  const count = 11;
  const reach = Math.hypot(w, h) * 0.42;
  return [
    ...times(count, (at) => {
      const from = Math.PI * (1 + at / count);
      const to = from + (Math.PI / count) * 0.56;
      return shape(
        d`M${x} ${h}L${x + reach * Math.cos(from)} ${h + reach * Math.sin(from)}L${x + reach * Math.cos(to)} ${h + reach * Math.sin(to)}Z`,
        at % 2 === 1 ? a : c,
      );
    }),
    circle(x, h, w * 0.24, b),
  ];
};
