/** Arguments that several commands share. */
import { EngineError } from "../src/model/errors.ts";

export const JSON_ARG = {
  json: { type: "boolean", default: false, description: "Print one JSON document on stdout and nothing else" },
} as const;

export const DATA_ARGS = {
  ...JSON_ARG,
  data: { type: "string", required: true, description: "The data directory" },
  seed: { type: "string", default: "1", description: "Seed of everything random" },
  "max-bad-rows": { type: "string", default: "0.1%", description: "Share of bad rows at which reading stops" },
} as const;

/** "0.1%" or "0.001" as a share. @throws USAGE */
export function maxBadRowsOf(args: { readonly "max-bad-rows": string }): number {
  const text = args["max-bad-rows"];
  const share = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() !== "" && share >= 0 && share <= 1) return share;
  throw new EngineError("USAGE", { reason: `--max-bad-rows ${text} is not a share such as 0.001 or 0.1%.` });
}
