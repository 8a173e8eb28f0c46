/** An explanation as text of at most 100 columns: consumed, recommended and ground truth side by side, then reasons. */
import type { Explanation } from "./explain.ts";

/** Columns of the terminal; a gap of 2 between them, 100 in all. */
const WIDTHS = { consumed: 30, recommended: 34, targets: 32 } as const;
const GAP = "  ";
const FIGURE = 7;
const REASONED_TITLE = 24;
const REASON_TITLE = 14;
const HIT = "*";
const WHY = {
  parts: "why: what consumed items add to the score; over all of them it sums to the score",
  losses: "why: what the score would lose without a consumed item",
} as const;

/**
 * @param titles of all items
 * @param k rows of the table
 */
export function explanationTable(explanation: Explanation, titles: readonly string[], k: number): string {
  const { consumed, recommended, targets, hits, ndcgAt100, reasonsAre } = explanation;
  const title = (item: number): string => printable(titles[item]!);
  const hitMark = (hit: boolean): string => (hit ? HIT : " ");
  const row = (left: string, middle: string, right: string): string =>
    [fit(left, WIDTHS.consumed), fit(middle, WIDTHS.recommended), fit(right, WIDTHS.targets)].join(GAP).trimEnd();
  const heads = row(
    fit("consumed", 17) + "weight".padStart(6) + "value".padStart(FIGURE),
    `  #   ${fit("recommended", 21)}${"score".padStart(FIGURE)}`,
    `${"rank".padStart(6)} target`,
  );
  const rows = Array.from({ length: k }, (_, at) => {
    const had = consumed[at];
    const shown = recommended[at];
    const target = targets[at];
    return row(
      had ? fit(title(had.item), 17) + figure(had.weight).padStart(6) + figure(had.value).padStart(FIGURE) : "",
      shown
        ? `${String(at + 1).padStart(3)} ${hitMark(shown.hit)} ${fit(title(shown.item), 21)}${figure(shown.score).padStart(FIGURE)}`
        : "",
      target ? `${String(target.rank ?? "none").padStart(6)} ${title(target.item)}` : "",
    );
  }).filter((line) => line !== "");
  const more = (length: number): string => (length > k ? `... ${length - k} more with --json` : "");
  const reasons = recommended.map(({ item, hit, reasons: own }, at) => {
    const why = own.map((reason) => `${fit(title(reason.item), REASON_TITLE)} ${figure(reason.amount).padEnd(FIGURE)}`);
    return `${String(at + 1).padStart(3)} ${hitMark(hit)} ${fit(title(item), REASONED_TITLE)}${GAP}${why.join(" ") || "-"}`.trimEnd();
  });
  return [
    `${consumed.length} items consumed; of ${targets.length} targets ${hits} are among the first ${k} (${HIT}); NDCG@100 ${figure(ndcgAt100)}`,
    "",
    heads,
    ...rows,
    ...[row(more(consumed.length), "", more(targets.length))].filter((line) => line !== ""),
    ...(targets.some(({ rank }) => rank === null) ? ["", "rank none: nobody in training has the item."] : []),
    "",
    WHY[reasonsAre],
    ...reasons,
  ].join("\n");
}

/** Without what would steer a terminal. */
export const printable = (text: string): string => text.replaceAll(/\p{C}/gu, " ");

/** 13883, 778, 4.50, 0.0317; unknown: a dash. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return "-";
  if (Number.isInteger(value) || Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 1 ? 2 : 4);
}

/** Padded or cut to a width in columns; scripts of wide letters take two, marks none. */
export function fit(text: string, width: number): string {
  const letters = Array.from(text, (letter) => ({ letter, columns: columnsOf(letter) }));
  const total = letters.reduce((sum, { columns }) => sum + columns, 0);
  if (total <= width) return text + " ".repeat(width - total);
  let used = 0;
  const kept = letters.filter(({ columns }) => (used += columns) < width);
  const length = kept.reduce((sum, { columns }) => sum + columns, 0);
  return `${kept.map(({ letter }) => letter).join("")}…${" ".repeat(width - 1 - length)}`;
}

function columnsOf(letter: string): number {
  if (/\p{M}/u.test(letter)) return 0;
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF00-\uFF60]|\p{Emoji_Presentation}/u.test(
    letter,
  )
    ? 2
    : 1;
}
