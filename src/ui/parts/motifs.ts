/**
 * The drawings on the covers: flat shapes in a box of w x h units, in the lower 58 % so that the
 * title above keeps its ground. `next` is the cover's own stream of random numbers.
 */
import { svg } from "lit";
import type { SVGTemplateResult } from "lit";
import type { Palette } from "./palette.ts";

export interface Canvas {
  readonly w: number;
  readonly h: number;
  readonly next: () => number;
  readonly palette: Palette;
}
export type Motif = (canvas: Canvas) => readonly SVGTemplateResult[];

const round = (value: number): number => Math.round(value * 10) / 10;
const circle = (x: number, y: number, r: number, fill: string) =>
  svg`<circle cx=${round(x)} cy=${round(y)} r=${round(r)} fill=${fill} />`;
const rect = (x: number, y: number, w: number, h: number, fill: string, radius = 0) =>
  svg`<rect x=${round(x)} y=${round(y)} width=${round(w)} height=${round(h)} rx=${round(radius)} fill=${fill} />`;
/** The data of a path, its numbers rounded. */
const d = (parts: TemplateStringsArray, ...values: number[]): string =>
  parts.map((part, at) => part + (at < values.length ? round(values[at]!) : "")).join("");
const shape = (path: string, fill: string) => svg`<path d=${path} fill=${fill} />`;
const line = (path: string, stroke: string, width: number) =>
  svg`<path d=${path} fill="none" stroke=${stroke} stroke-width=${round(width)} stroke-linecap="round" />`;
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const pick = (next: () => number, variants: readonly Motif[]): Motif => variants[Math.floor(next() * variants.length)]!;
const oneOf =
  (...variants: readonly Motif[]): Motif =>
  (canvas) =>
    pick(canvas.next, variants)(canvas);

/** Half arcs that grow from a lower corner. */
const arches: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
  const rings = 4 + Math.floor(next() * 2);
  const x = next() < 0.5 ? 0 : w;
  return times(rings, (at) => circle(x, h, (w * 0.84 * (rings - at)) / rings, [c, a, b, ground][at % 4]!));
};

const spines: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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
const hills: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const top = h * 0.48;
  return [
    circle(w * (0.25 + next() * 0.5), top + 22, 16 + next() * 10, b),
    shape(d`M0 ${h}V${top + 40}Q${w * 0.5} ${top - 6} ${w} ${top + 74}V${h}Z`, c),
    shape(d`M0 ${h}V${top + 96}Q${w * 0.42} ${top + 30} ${w} ${top + 124}V${h}Z`, a),
  ];
};

const sunOnWater: Motif = ({ w, h, next, palette: { a, b } }) => {
  const horizon = h * (0.7 + next() * 0.08);
  const x = w * (0.3 + next() * 0.4);
  const r = w * (0.24 + next() * 0.08);
  return [
    circle(x, horizon, r, b),
    rect(0, horizon, w, h - horizon, a),
    ...times(5, (at) => rect(x - r * (1 - at * 0.18), horizon + 8 + at * 13, 2 * r * (1 - at * 0.18), 5, b, 2.5)),
  ];
};

const beam: Motif = ({ w, h, next, palette: { a, b, ground } }) => {
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

const ridges: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

const rings: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
  const x = w * (0.5 + next() * 0.4);
  const y = h * (0.9 + next() * 0.08);
  const step = 11.6 * (w / 200);
  return times(9, (at) => circle(x, y, (9 - at) * step, at % 2 === 1 ? ground : [a, c, b][(at >> 1) % 3]!));
};

const equaliser: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const bars = 13;
  const gap = w / bars;
  const pitch = 0.5 + next() * 0.25;
  const phase = next() * Math.PI;
  return times(bars, (at) => {
    const height = h * (0.1 + 0.4 * Math.abs(Math.sin(at * pitch + phase)));
    return rect(at * gap + gap * 0.18, h * 0.94 - height, gap * 0.64, height, [a, b, a, c][at % 4]!, gap * 0.32);
  });
};

const waves: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

const frames: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const [x, y, width, height] = [w * 0.1, h * 0.42, w * 0.8, h * 0.5];
  const [left, top] = [0.06 + next() * 0.14, 0.1 + next() * 0.12];
  return [
    rect(x, y, width, height, c),
    rect(x + width * left, y + height * top, width * 0.74, height * 0.7, a),
    rect(x + width * (left + 0.14), y + height * (top + 0.18), width * 0.46, height * 0.4, b),
  ];
};

const quarters: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

const gate: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

const curtain: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

const spotlight: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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
const tiers: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
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
const fan: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
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

/** A creature of blocks, mirrored like those of the first arcades. */
const creature: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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
const blocks: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const columns = 7;
  const side = w / columns;
  return times(columns, (column) => {
    const height = 1 + Math.floor(next() * 4);
    return times(height, (row) =>
      rect(column * side + 1.5, h - (row + 1) * side + 1.5, side - 3, side - 3, [a, b, c][Math.floor(next() * 3)]!, 3),
    );
  }).flat();
};

/** Panels with a speech balloon. */
const panels: Motif = ({ w, h, next, palette: { a, b, c, ground } }) => {
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
const burst: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

/** Screens behind screens, one an episode. */
const screens: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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
const windows: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const columns = 5;
  const rows = 4;
  const [gapX, gapY] = [w / columns, (h * 0.56) / rows];
  return times(columns * rows, (at) => {
    const x = (at % columns) * gapX;
    const y = h * 0.44 + Math.floor(at / columns) * gapY;
    return rect(x + gapX * 0.18, y + gapY * 0.16, gapX * 0.64, gapY * 0.66, next() < 0.2 ? b : next() < 0.5 ? a : c, 2);
  });
};

/** Ribbons in one turn. */
const ribbons: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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
const leaning: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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
const pennants: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

const sunburst: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

const discs: Motif = ({ w, h, next, palette: { a, b, c } }) => {
  const phase = next() * Math.PI;
  return times(5, (at) =>
    circle(w * (0.14 + 0.18 * at), h * (0.75 + 0.09 * Math.sin(at * 2 + phase)), 14 + next() * 16, [a, b, c][at % 3]!),
  );
};

/** Two voices: balloons that overlap. */
const balloons: Motif = ({ w, h, next, palette: { a, b, c } }) => {
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

export const MOTIFS = {
  book: oneOf(arches, spines, hills),
  film: oneOf(sunOnWater, beam, ridges),
  music: oneOf(rings, equaliser, waves),
  museum: oneOf(frames, quarters, gate),
  theatre: oneOf(curtain, spotlight),
  opera: oneOf(tiers, fan),
  game: oneOf(creature, blocks),
  comic: oneOf(panels, burst),
  series: oneOf(screens, windows),
  dance: oneOf(ribbons, leaning),
  festival: oneOf(pennants, sunburst),
  talk: oneOf(discs, balloons),
} satisfies Record<string, Motif>;
