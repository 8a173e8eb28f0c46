/** A page by parts as text of at most 100 columns: the lists side by side, then what their scores are made of. */
import { figure, fit, printable } from "../explain-table.ts";
import type { PartedPage, Shown } from "./page-by-parts.ts";
import { moveOf, NO_ORDER, PART_TEXTS } from "./view.ts";

/** Columns of a list: its title, and how the item came to its place. */
const TITLE = 25;
const MOVE = 5;
const GAP = "  ";
const SCORED_TITLE = 26;
const FIGURE = 9;
const GIVER = 22;

/** @param labels of all items @param exponent of the popularity */
export function partedTable({ history, lists, made }: PartedPage, labels: readonly string[], exponent: number): string {
  const label = (item: number): string => printable(labels[item]!);
  const places = made.length;
  const number = (at: number): string => `${String(at + 1).padStart(3)} `;
  const cell = (shown: Shown, at: number): string =>
    fit(label(shown.item), TITLE) + moveOf(shown, at + 1, places).padStart(MOVE);
  const rows = made.map((_, at) => number(at) + lists.map(({ shown }) => cell(shown[at]!, at)).join(GAP));
  const scores = made.map(({ item, sum, parts, most }, at) => {
    const figures = [sum, ...parts].map((value) => figure(value).padStart(FIGURE));
    const giver = most ? `${fit(label(most.item), GIVER)} ${figure(most.amount)}` : "-";
    return number(at) + fit(label(item), SCORED_TITLE) + figures.join("") + GAP + giver;
  });
  const heads = ["score", ...lists.map(({ part }) => PART_TEXTS[part].short)].map((name) => name.padStart(FIGURE));
  return [
    `History, oldest first: ${history.map(label).join("; ")}`,
    "",
    "    " + lists.map(({ part }) => fit(PART_TEXTS[part].title, TITLE + MOVE)).join(GAP),
    ...rows,
    "",
    "new: not among them before this part; +3: three places up",
    "",
    `    ${fit("what the last list's is of", SCORED_TITLE)}${heads.join("")}${GAP}gave most`,
    ...scores,
    ...(lists.some(({ part }) => part === "order") ? [] : ["", NO_ORDER]),
    ...(exponent > 0 ? ["", `Lists go by score / popularity^${exponent}.`] : []),
  ]
    .map((line) => line.trimEnd())
    .join("\n");
}
