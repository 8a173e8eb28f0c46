/** The item map as SVG, and its twin as a table. */
import type { DatasetItems } from "../../import/dataset.ts";
import type { ItemMap } from "../item-map.ts";
import { count, html, percent, table } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** The hues of the covers, in degrees of OKLCH, in an order that keeps neighbours in the list apart. */
const HUES = [28, 254, 128, 312, 86, 190, 340, 222, 52, 158, 284, 8] as const;
export const hueOf = (at: number): number => HUES[at % HUES.length]!;

const WIDTH = 960;
const HEIGHT = 640;
const MARGIN = 24;
/** Of a label's line and of one of its letters, in the units of the drawing. */
const LINE = 20;
const LETTER = 10;
const LONGEST_LABEL = 40;

export function mapChart(map: ItemMap, { titles }: DatasetItems): Markup {
  const x = (place: number): string => (MARGIN + place * (WIDTH - 2 * MARGIN)).toFixed(0);
  const y = (place: number): string => (MARGIN + place * (HEIGHT - 2 * MARGIN)).toFixed(0);
  const clusters = map.clusters.map((cluster, at) => ({
    ...cluster,
    points: map.points.filter((point) => point.cluster === at),
  }));
  return html`<svg
    class="map"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="Map of ${count(map.points.length)} items in ${clusters.length} clusters; the table below says what each holds"
  >
    ${clusters.map(
      ({ points }, at) =>
        html`<g class="hue" style="--hue:${hueOf(at)}"
          >${points.map(
            ({ item, ...place }) =>
              html`<circle cx="${x(place.x)}" cy="${y(place.y)}" r="3"><title>${titles[item]!}</title></circle>`,
          )}</g
        > `,
    )}${apart(
      clusters.flatMap(({ label, points }, at) => {
        if (points.length === 0) return [];
        const [across, down] = [points.map((point) => point.x), points.map((point) => point.y)];
        return [{ at, label: clipped(label), x: Number(x(median(across))), y: Number(y(median(down))) }];
      }),
    ).map(
      ({ at, label, x: left, y: top }) =>
        html`<text class="hue" style="--hue:${hueOf(at)}" x="${left}" y="${top}"
          >${at + 1}<tspan class="words"> ${label}</tspan></text
        > `,
    )}
  </svg>`;
}

interface Label {
  readonly at: number;
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** From the top down, each label below those that it would cover, and within the drawing at its sides. */
function apart(labels: readonly Label[]): Label[] {
  const placed: Label[] = [];
  const half = ({ label }: Label): number => ((label.length + 3) * LETTER) / 2;
  for (const label of labels.toSorted((a, b) => a.y - b.y)) {
    const x = Math.max(half(label), Math.min(WIDTH - half(label), label.x));
    let y = label.y;
    for (const other of placed) {
      if (Math.abs(other.x - x) < half(other) + half(label) && Math.abs(other.y - y) < LINE) y = other.y + LINE;
    }
    placed.push({ ...label, x: Math.round(x), y: Math.min(y, HEIGHT - MARGIN / 2) });
  }
  return placed;
}

const clipped = (label: string): string =>
  label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL).trimEnd()}…` : label;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

export function clusterTable(map: ItemMap, { titles }: DatasetItems): Markup {
  const rows = map.clusters.map(
    ({ label, items, consumed, most }, at) =>
      html`<tr>
        <th scope="row"><span class="swatch hue" style="--hue:${hueOf(at)}"></span>${at + 1} <bdi>${label}</bdi></th>
        <td class="n">${count(items)}</td>
        <td class="n">${percent(consumed)}</td>
        <td class="text">${most.map((item, place) => html`${place > 0 ? " · " : null}<bdi>${titles[item]!}</bdi>`)}</td>
      </tr> `,
  );
  const head = html`<tr>
    <th scope="col">cluster</th>
    <th scope="col" class="n">items</th>
    <th scope="col" class="n">of what is consumed</th>
    <th scope="col">most consumed</th>
  </tr>`;
  return table("The clusters of the map", head, rows, "Clusters");
}
