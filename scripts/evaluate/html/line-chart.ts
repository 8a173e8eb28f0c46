/** Learning curves as SVG: one line a model over the epochs of its training. */
import type { LearningCurve } from "../learning-curve.ts";
import { hueOf } from "./map-chart.ts";
import { decimal, html } from "./markup.ts";
import type { Markup } from "./markup.ts";

const WIDTH = 480;
const HEIGHT = 280;
const LEFT = 48;
const RIGHT = 92;
const TOP = 12;
const BOTTOM = 36;
const LINES = 4;
/** Between the names at the ends of the lines. */
const NAME_HEIGHT = 15;

/**
 * @param curves each with a point
 * @param title says what is drawn
 */
export function lineChart(curves: readonly LearningCurve[], metric: "ndcgAt100" | "auc", title: string): Markup {
  const values = curves.flatMap(({ points }) => points.map((point) => point[metric]));
  const epochs = Math.max(...curves.flatMap(({ points }) => points.map(({ epoch }) => epoch)));
  const ticks = niceTicks(Math.min(...values), Math.max(...values));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const x = (epoch: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * (epoch - 1)) / Math.max(1, epochs - 1);
  const y = (value: number): number => TOP + ((HEIGHT - TOP - BOTTOM) * (high - value)) / (high - low);
  const at = (value: number): string => value.toFixed(1);
  const ends = spread(curves.map(({ points }) => y(points.at(-1)![metric])));
  const marks = [...new Set([1, Math.round((1 + epochs) / 2), epochs])];
  return html`<svg
    class="chart"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="${title}, by epoch; the table below has the figures"
  >
    <g class="grid">${ticks.map((tick) => html`<path d="M${LEFT} ${at(y(tick))}H${WIDTH - RIGHT}" />`)}</g>
    <g class="ticks">
      ${ticks.map(
        (tick) =>
          html`<text x="${LEFT - 6}" y="${at(y(tick) + 4)}" text-anchor="end"
            >${decimal(tick, 3).replace(/0+$/u, "").replace(/\.$/u, "")}</text
          >`,
      )}${marks.map((epoch) => html`<text x="${at(x(epoch))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${epoch}</text>`)}
      <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 3}" text-anchor="middle">epoch</text>
    </g>
    ${curves.map(
      ({ name, points, epochAt95 }, curve) =>
        html`<g class="hue line" style="--hue:${hueOf(curve)}">
          <path
            d="${points.map((point, place) => `${place === 0 ? "M" : "L"}${at(x(point.epoch))} ${at(y(point[metric]))}`).join("")}"
          />
          ${points
            .filter(({ epoch }) => metric === "auc" && epoch === epochAt95)
            .map((point) => html`<circle cx="${at(x(point.epoch))}" cy="${at(y(point[metric]))}" r="5" />`)}<text
            x="${at(x(points.at(-1)!.epoch) + 8)}"
            y="${at(ends[curve]! + 4)}"
            >${name}</text
          >
        </g> `,
    )}
  </svg>`;
}

/** About four round steps that hold all values: 1, 2 or 5 times a power of ten. */
function niceTicks(low: number, high: number): number[] {
  const rough = (high - low || 0.01) / LINES;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
}

/** The same heights, pushed down until names at them do not cover each other. */
function spread(heights: readonly number[]): number[] {
  const placed: number[] = [];
  let last = -Infinity;
  for (const at of Array.from(heights.keys()).toSorted((a, b) => heights[a]! - heights[b]!)) {
    last = Math.max(heights[at]!, last + NAME_HEIGHT);
    placed[at] = last;
  }
  return placed;
}
