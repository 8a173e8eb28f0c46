/** What is consumed beside what is recommended, as tables with bars. */
import type { DatasetItems } from "../../import/dataset.ts";
import { SHOWN_PLACES } from "../shown-items.ts";
import type { CountedItem, Division, ShownItems } from "../shown-items.ts";
import { count, html, percent, table } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** One table a model; only the one of `open` is unfolded. */
export function mostTables({ consumed, recommended }: ShownItems, { titles }: DatasetItems, open: string): Markup {
  const isConsumed = new Set(consumed.map(({ item }) => item));
  const cells = (counted: CountedItem | undefined): Markup => {
    if (counted === undefined) return html`<td colspan="2"></td>`;
    const { item, share } = counted;
    const title = html`<bdi>${titles[item]!}</bdi>`;
    return html`<td class="text">${isConsumed.has(item) ? html`<b>${title}</b>` : title}</td>
      <td class="n">${count(counted.count)}<small>${percent(share)}</small></td>`;
  };
  return html`${recommended.map(({ model, items }) => {
    const places = Math.max(consumed.length, items.length);
    const rows = Array.from(
      { length: places },
      (_, at) =>
        html`<tr>
          <th scope="row" class="n">${at + 1}</th>
          ${cells(consumed[at])}${cells(items[at])}
        </tr> `,
    );
    const head = html`<tr>
      <th scope="col" class="n">#</th>
      <th scope="col">most consumed</th>
      <th scope="col" class="n">people</th>
      <th scope="col">most recommended by ${model}</th>
      <th scope="col" class="n">top fives</th>
    </tr>`;
    return html`<details${model === open ? html` open` : null}><summary>${model}</summary>
${table(`The most consumed and what ${model} recommends most`, head, rows, `Most consumed and most recommended, ${model}`)}
</details>
`;
  })}`;
}

const CAPTIONS: Readonly<Record<Division["by"], string>> = {
  kind: "By kind",
  genre: "By genre",
  decade: "By decade",
  popularity: "By popularity",
};

/** Groups down; what is consumed and each model across, every share with a bar. */
export function divisionTable({ by, groups }: Division, models: readonly string[]): Markup {
  const longest = Math.max(...groups.flatMap(({ consumed, recommended }) => [consumed, ...recommended]));
  const cell = (share: number, kind: "consumed" | "proposed"): Markup =>
    html`<td class="n">
      <span class="bar ${kind}" style="--part:${(share / longest).toFixed(3)}"></span>${percent(share)}
    </td>`;
  const head = html`<tr>
    <th scope="col">${by}</th>
    <th scope="col" class="n">consumed</th>
    ${models.map((model) => html`<th scope="col" class="n">${model}</th>`)}
  </tr>`;
  const rows = groups.map(
    ({ name, consumed, recommended }) =>
      html`<tr>
        <th scope="row"><bdi>${name}</bdi></th>
        ${cell(consumed, "consumed")}${recommended.map((share) => cell(share, "proposed"))}
      </tr> `,
  );
  return table(CAPTIONS[by], head, rows, `Top fives ${CAPTIONS[by].toLowerCase()}: the first ${SHOWN_PLACES} places`);
}
