/** The models of `--models`. */
import { EngineError } from "../../src/model/errors.ts";
import { MODEL_NAMES } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";

/** A model that cannot be had here, and why. */
export interface Refused {
  readonly name: ModelName;
  readonly reason: string;
}

/**
 * @param list names with commas between them, each taken once, or `all`: every model but those that are refused
 * @param reasonAgainst why a model cannot be had; null: it can
 * @throws USAGE for an unknown name, and for a refused model that was asked for by name
 */
export function wantedModels(
  list: string,
  reasonAgainst: (name: ModelName) => string | null,
): { readonly names: readonly ModelName[]; readonly refused: readonly Refused[] } {
  const wanted = list === "all" ? MODEL_NAMES : [...new Set(list.split(",").map((name) => name.trim()))].map(known);
  const refused = wanted.flatMap((name) => {
    const reason = reasonAgainst(name);
    return reason === null ? [] : { name, reason };
  });
  if (list !== "all" && refused.length > 0) throw new EngineError("USAGE", { reason: refused[0]!.reason });
  return { names: wanted.filter((name) => !refused.some((other) => other.name === name)), refused };
}

function known(name: string): ModelName {
  const found = MODEL_NAMES.find((other) => other === name);
  if (found !== undefined) return found;
  throw new EngineError("USAGE", { reason: `There is no model "${name}": choose ${MODEL_NAMES.join(", ")}.` });
}
