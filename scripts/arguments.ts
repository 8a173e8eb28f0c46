/** Arguments that several commands share. */
import { EngineError } from "../src/model/errors.ts";
import { parseMaxBadRows } from "./import/row-report.ts";
import type { Reading } from "./import/row-report.ts";
import type { Reporter } from "./output.ts";

export const JSON_ARG = {
  json: { type: "boolean", default: false, description: "Print one JSON document on stdout and nothing else" },
} as const;

export const READING_ARGS = {
  /** A stray row of a large export passes, a wrong column does not. */
  "max-bad-rows": { type: "string", default: "0.1%", description: "Share of bad rows in a file at which to stop" },
} as const;

export const DATA_ARGS = {
  ...JSON_ARG,
  ...READING_ARGS,
  data: { type: "string", required: true, description: "The data directory" },
  seed: { type: "string", default: "1", description: "Seed of everything random" },
} as const;

/** @throws USAGE */
export function seedOf({ seed }: { readonly seed: string }): number {
  const value = Number(seed);
  if (seed.trim() !== "" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new EngineError("USAGE", { reason: `--seed ${seed} is not a whole number from 0 on.` });
}

/** How the files of a data directory are read. @throws USAGE */
export function readingOf(args: { readonly "max-bad-rows": string }, { log, progress }: Reporter): Reading {
  return { maxBadRows: parseMaxBadRows(args["max-bad-rows"]), log, progress };
}
