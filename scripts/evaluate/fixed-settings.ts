/** The settings of `--set`: what is fixed is not searched. */
import { EngineError } from "../../src/model/errors.ts";
import type { Params } from "../train/model.ts";
import { modelEntry } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";

/** By model; a model that is not there has all its settings searched. */
export type FixedSettings = ReadonlyMap<ModelName, Params>;

/**
 * @param list MODEL.SETTING=NUMBER with commas between them; undefined or "": nothing is fixed
 * @param names the models that are measured
 * @throws USAGE for a model that is not measured or whose settings `build` alone chooses, for an unknown setting, for
 * what is no number
 */
export function fixedSettings(list: string | undefined, names: readonly ModelName[]): FixedSettings {
  const fixed = new Map<ModelName, Params>();
  for (const part of (list ?? "").split(",").filter((text) => text.trim() !== "")) {
    const refuse = (why: string): never => {
      throw new EngineError("USAGE", { reason: `--set ${part.trim()}: ${why}` });
    };
    const [, model, setting, text] =
      /^\s*([a-z0-9-]+)\.([A-Za-z0-9]+)=(\S+)\s*$/u.exec(part) ?? refuse("expected MODEL.SETTING=NUMBER.");
    const name = names.find((other) => other === model) ?? refuse(`choose of the models ${names.join(", ")}.`);
    if (name.startsWith("shipped")) refuse("the settings that ship are chosen together, as build does.");
    const known = Object.keys(modelEntry(name).defaults);
    if (!known.includes(setting!)) refuse(`${name} has ${known.join(", ") || "no settings"}.`);
    const value = Number(text);
    if (!Number.isFinite(value)) refuse(`${text} is no number.`);
    fixed.set(name, { ...fixed.get(name), [setting!]: value });
  }
  return fixed;
}
