/** What a field of a data directory says, or why its row is bad. */
import { BadRow } from "./row-report.ts";

/** A row found by its id, -1 where there is none. */
export function known(row: number, column: string, text: string): number {
  if (row >= 0) return row;
  throw new BadRow(text === "" ? `${column} is missing` : `${column} "${text}" is not known`);
}

/** NaN for an empty field. */
export function numberIn(text: string, column: string, minimum = -Infinity, maximum = Infinity): number {
  if (text === "") return NaN;
  const value = Number(text);
  if (Number.isFinite(value) && text.trim() !== "" && value >= minimum && value <= maximum) return value;
  const range = Number.isFinite(value) && text.trim() !== "" ? ` from ${minimum} to ${maximum}` : "";
  throw new BadRow(`${column} "${text}" is not a number${range}`);
}

export const DAY_SECONDS = 86_400;

/**
 * Seconds since 1970 out of seconds or an ISO 8601 date or date with time and zone; NaN for an empty field.
 * @param dayOffset seconds added to a date without a time: to the end of the last day
 */
export function timeIn(text: string, column: string, dayOffset: number): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return numberIn(text, column);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new BadRow(`${column} "${text}" is not a date`);
  return ms / 1000 + (text.length === 10 ? dayOffset : 0);
}

export function flagIn(text: string, column: string): 0 | 1 {
  if (text === "1" || text === "true") return 1;
  if (text === "0" || text === "false" || text === "") return 0;
  throw new BadRow(`${column} "${text}" is not 0 or 1`);
}
