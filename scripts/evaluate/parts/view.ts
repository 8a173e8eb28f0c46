/** What a page by parts looks like, once for the file as it is written and for the browser that draws it again. */
import { decimal } from "../html/markup.ts";
import type { Made, PartedPage, PartName, Shown } from "./page-by-parts.ts";

/** An element, before it is markup or a node. Text is text in both. */
export interface Drawn {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Drawn | string)[];
}

const h = (tag: string, attributes: Drawn["attributes"], ...children: Drawn["children"]): Drawn => ({
  tag,
  attributes,
  children,
});

interface PartText {
  readonly title: string;
  readonly what: string;
  /** Of a column. */
  readonly short: string;
  readonly hue: number;
}

export const PART_TEXTS: Readonly<Record<PartName, PartText>> = {
  dot: { title: "Dot product", what: "the towers alone", short: "dot", hue: 255 },
  residual: { title: "With the residual table", what: "what goes together beside it", short: "residual", hue: 25 },
  order: { title: "With the order", what: "what is taken soon after", short: "order", hue: 150 },
};

/** How an item came to its place: "" for one that stands where it stood, and in the first list. */
export function moveOf({ before }: Shown, place: number, places: number): "" | "new" | `${"+" | "-"}${number}` {
  if (before === null || before === place) return "";
  if (before > places) return "new";
  return before > place ? `+${before - place}` : `-${place - before}`;
}

/** Chips; with buttons where titles can be taken away. */
export function historyView(rows: readonly number[], labels: readonly string[], buttons: boolean): Drawn {
  return h(
    "ol",
    { class: "history" },
    ...rows.map((row) =>
      h(
        "li",
        {},
        bdi(labels[row]!),
        ...(buttons
          ? [h("button", { type: "button", "data-row": String(row), "aria-label": `Remove ${labels[row]!}` }, "×")]
          : []),
      ),
    ),
  );
}

/** Why there is no list with the order. */
export const NO_ORDER =
  "There is no list with the order: the histories of the training have none, or validation gave it no bytes.";

/** The lists side by side and how the scores of the last come about. */
export function pageView(page: PartedPage, labels: readonly string[]): Drawn[] {
  if (page.made.length === 0) return [h("p", { class: "empty" }, "No history, no page: add a title.")];
  return [listsView(page, labels), scoresView(page, labels)];
}

function listsView({ lists }: PartedPage, labels: readonly string[]): Drawn {
  return h(
    "div",
    { class: "lists" },
    ...lists.map(({ part, shown }) => {
      const { title, what, hue } = PART_TEXTS[part];
      const moves = shown.map((each, at) => moveOf(each, at + 1, shown.length));
      const brought = moves.filter((move) => move === "new").length;
      return h(
        "section",
        { class: "list hue", style: `--hue:${hue}`, "aria-label": title },
        h("h3", {}, title),
        h("p", {}, part === "dot" ? what : `${what}: ${brought} new`),
        h(
          "ol",
          {},
          ...shown.map(({ item, before }, at) => {
            const move = moves[at]!;
            return h("li", {}, bdi(labels[item]!), ...(move === "" ? [] : [badge(move, before!)]));
          }),
        ),
      );
    }),
  );
}

function badge(move: string, before: number): Drawn {
  const kind = move === "new" ? "new" : move.startsWith("+") ? "up" : "down";
  const words = move.replace("+", "↑ ").replace("-", "↓ ");
  return h("span", { class: `move ${kind}`, title: `was at ${before}` }, words);
}

function scoresView({ lists, made }: PartedPage, labels: readonly string[]): Drawn {
  const parts = lists.map(({ part }) => PART_TEXTS[part]);
  const longest = Math.max(...made.flatMap((each) => each.parts.map(Math.abs)));
  const heads = ["item", "score", ...parts.map(({ short }) => short), "gave most"];
  const cell = (value: number, { hue }: PartText): Drawn => {
    if (value === 0) return h("td", { class: "n" }, "0");
    const style = `--hue:${hue};--part:${(Math.abs(value) / longest).toFixed(3)}`;
    return h("td", { class: "n" }, decimal(value), h("span", { class: value < 0 ? "bar hue less" : "bar hue", style }));
  };
  const row = ({ item, sum, parts: given, most }: Made): Drawn =>
    h(
      "tr",
      {},
      h("th", { scope: "row", class: "text" }, bdi(labels[item]!)),
      h("td", { class: "n" }, decimal(sum)),
      ...given.map((value, part) => cell(value, parts[part]!)),
      h("td", { class: "text" }, ...(most ? [bdi(labels[most.item]!), h("small", {}, decimal(most.amount))] : ["–"])),
    );
  return h(
    "div",
    { class: "scroll", role: "region", "aria-label": "Scores: table", tabindex: "0" },
    h(
      "table",
      {},
      h("caption", {}, "What each part gave the last list's scores"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...heads.map((name, at) =>
            h("th", { scope: "col", class: at === 0 || at === heads.length - 1 ? "" : "n" }, name),
          ),
        ),
      ),
      h("tbody", {}, ...made.map(row)),
    ),
  );
}

/** Titles may run the other way. */
const bdi = (text: string): Drawn => h("bdi", {}, text);
