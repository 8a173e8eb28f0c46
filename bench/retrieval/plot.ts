/** Cost against the number of items, both by powers of ten, as an SVG that stands by itself in light and in dark. */

export interface Point {
  readonly engine: string;
  readonly items: number;
  readonly medianMs: number;
  /** Null: nothing is searched. */
  readonly recallAt200: number | null;
}

const WIDTH = 1040;
const HEIGHT = 560;
/** The labels stand to the right. */
const FRAME = { left: 64, top: 56, right: 670, bottom: 500 } as const;
const LABEL_X = 694;
const LABEL_GAP = 18;
/** A share that rounds to less than all of what it should have found is said. */
const FOUND_ALL = 0.995;

// The house's colours: proposed is accent, what it is measured against is ink.
const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #4e525e }
.title { font-size: 16px; font-weight: 600; fill: #171a24 }
.ground { fill: #fffdfa }
.grid { stroke: #dbd7cf }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round }
.leader { fill: none; stroke-width: 1; stroke-dasharray: 1 3 }
.ours { --c: #af2b25 } .tfjs { --c: #2251c6 } .other { --c: #4e525e } .limit { --c: #036639 }
.ours .line { stroke-width: 3 } .limit .line { stroke-dasharray: 6 4 }
.line, .leader { stroke: var(--c) } circle, .engine text { fill: var(--c) }
.ours text { font-weight: 600 }
@media (prefers-color-scheme: dark) {
text { fill: #b4b1a9 } .title { fill: #f1eee7 } .ground { fill: #191c22 } .grid { stroke: #32353d }
.ours { --c: #fc8f6e } .tfjs { --c: #89c3ff } .other { --c: #b4b1a9 } .limit { --c: #72d699 }
}`;

/** From values to places, by the logarithm. Both ends of the domain are positive; where they are one, it is in the middle. */
export function logScale(
  domain: readonly [number, number],
  range: readonly [number, number],
): (value: number) => number {
  const [low, high] = domain.map(Math.log) as [number, number];
  const [from, to] = range;
  return (value) => (high === low ? (from + to) / 2 : from + ((Math.log(value) - low) / (high - low)) * (to - from));
}

/** The powers of ten around the values, at least one decade. */
export function decadesAround(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at));
}

/**
 * Moves places apart, in their order, until neighbours are `gap` from each other; those that touch move about their mean.
 * @param wanted ascending
 * @param range where they may be, as far as there is room for all in it
 */
export function spread(wanted: readonly number[], gap: number, range: readonly [number, number]): number[] {
  const within = (first: number, size: number): number =>
    Math.max(range[0], Math.min(first, range[1] - (size - 1) * gap));
  const groups: { first: number; size: number }[] = [];
  for (const place of wanted) {
    let group = { first: within(place, 1), size: 1 };
    for (let above = groups.at(-1); above && above.first + above.size * gap > group.first; above = groups.at(-1)) {
      groups.pop();
      const size = above.size + group.size;
      // Where each of the two alone would put the first of all.
      const first = (above.size * above.first + group.size * (group.first - above.size * gap)) / size;
      group = { first: within(first, size), size };
    }
    groups.push(group);
  }
  return groups.flatMap(({ first, size }) => Array.from({ length: size }, (_, at) => first + at * gap));
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const place = (value: number): string => value.toFixed(1);
const duration = (ms: number): string =>
  ms < 1000 ? `${Number(ms.toPrecision(2))} ms` : `${Number((ms / 1000).toPrecision(2))} s`;

function kindOf(engine: string): "ours" | "tfjs" | "other" | "limit" {
  if (engine.startsWith("affiche")) return "ours";
  if (engine.startsWith("tfjs")) return "tfjs";
  return engine.startsWith("one thread") ? "limit" : "other";
}

/**
 * A line an engine, with its name and its last cost beside it; one that stops before the others says where.
 * @param points at least one
 * @param about when and where it was measured
 */
export function plotOf(points: readonly Point[], about: string): string {
  const sizes = [...new Set(points.map(({ items }) => items))].sort((a, b) => a - b);
  const decades = decadesAround(points.map(({ medianMs }) => medianMs));
  const most = sizes.at(-1)!;
  const x = logScale([sizes[0]!, most], [FRAME.left + 16, FRAME.right - 16]);
  const y = logScale([decades[0]!, decades.at(-1)!], [FRAME.bottom, FRAME.top]);
  const engines = [...new Set(points.map(({ engine }) => engine))]
    .map((engine) => {
      const line = points.filter((point) => point.engine === engine).toSorted((a, b) => a.items - b.items);
      return { engine, line, last: line.at(-1)! };
    })
    .sort((a, b) => y(a.last.medianMs) - y(b.last.medianMs));
  const labels = spread(
    engines.map(({ last }) => y(last.medianMs)),
    LABEL_GAP,
    [FRAME.top, HEIGHT - LABEL_GAP],
  );
  const drawn = engines.map(({ engine, line, last }, at) => {
    const label = labels[at]!;
    const until = last.items < most ? ` at ${last.items.toLocaleString("en")}` : "";
    const { recallAt200: recall } = last;
    const found = recall === null || recall >= FOUND_ALL ? "" : `, finds ${(100 * recall).toFixed(0)} %`;
    const path = line.map(({ items, medianMs }) => `${place(x(items))},${place(y(medianMs))}`).join(" ");
    const dots = line.map(
      ({ items, medianMs }) =>
        `<circle cx="${place(x(items))}" cy="${place(y(medianMs))}" r="3"><title>${escape(engine)}, ${items.toLocaleString("en")} items: ${duration(medianMs)}</title></circle>`,
    );
    return [
      `<g class="engine ${kindOf(engine)}">`,
      `<polyline class="line" points="${path}"/>`,
      ...dots,
      `<polyline class="leader" points="${place(x(last.items) + 5)},${place(y(last.medianMs))} ${FRAME.right},${place(label)} ${LABEL_X - 4},${place(label)}"/>`,
      `<text x="${LABEL_X}" y="${place(label + 4)}">${escape(engine)}${until}: ${duration(last.medianMs)}${found}</text>`,
      "</g>",
    ].join("\n");
  });
  const grid = [
    ...decades.map(
      (ms) =>
        `<path class="grid" d="M${FRAME.left} ${place(y(ms))}H${FRAME.right}"/><text x="${FRAME.left - 8}" y="${place(y(ms) + 4)}" text-anchor="end">${duration(ms)}</text>`,
    ),
    ...sizes.map(
      (items) =>
        `<path class="grid" d="M${place(x(items))} ${FRAME.top}V${FRAME.bottom}"/><text x="${place(x(items))}" y="${FRAME.bottom + 20}" text-anchor="middle">${items.toLocaleString("en")}</text>`,
    ),
  ];
  const summary = engines.map(
    ({ engine, last }) => `${engine} ${duration(last.medianMs)} at ${last.items.toLocaleString("en")}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title about">
<title id="title">What one query costs, by the number of items</title>
<desc id="about">Median milliseconds. ${escape(summary.join("; "))}.</desc>
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
<text class="title" x="${FRAME.left}" y="30">What one query costs, by the number of items (median)</text>
${grid.join("\n")}
${drawn.join("\n")}
<text x="${FRAME.left}" y="${HEIGHT - 16}">${escape(about)}</text>
</svg>
`;
}
