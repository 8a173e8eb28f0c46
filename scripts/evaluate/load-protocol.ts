/** The protocol of a name: a split that came with the data, or one made from it. */
import { EngineError } from "../../src/model/errors.ts";
import { readSplit, splitNames } from "../import/dataset.ts";
import type { Dataset } from "../import/dataset.ts";
import type { Reading } from "../import/row-report.ts";
import { checkFeedback, IMPLICIT } from "./feedback.ts";
import type { Feedback } from "./feedback.ts";
import { makeableProtocols, makeSplit } from "./made-splits.ts";
import { makeProtocol } from "./protocol.ts";
import type { Protocol } from "./protocol.ts";

/** Its other name, that of Liang et al. 2018 and of the splits that come with data. */
const ALIASES: Readonly<Record<string, string>> = { strong: "cold-users" };

/** @throws USAGE for a name that the data has no split of and that cannot be made from it */
export async function loadProtocol(
  dir: string,
  dataset: Dataset,
  name: string,
  seed: number,
  reading: Reading,
  feedback: Feedback = IMPLICIT,
): Promise<Protocol> {
  checkFeedback(feedback, dataset);
  const names = await splitNames(dir);
  if (names.includes(name)) {
    reading.log(`The split is splits/${name}.csv.`);
    const split = await readSplit(dir, name, dataset, reading);
    return makeProtocol(name, dataset, split, { seed, feedback, cold: name === "cold-items" });
  }
  const makeable = makeableProtocols(dataset);
  const made = makeable.find((other) => other === (ALIASES[name] ?? name));
  if (made === undefined) {
    const choices = [...new Set([...names, "strong", ...makeable])].join(", ");
    throw new EngineError("USAGE", {
      reason: `There is no protocol "${name}" for this data (its times: ${dataset.meta.timeUnit}): choose ${choices}.`,
    });
  }
  reading.log(`No splits/${name}.csv: a split ${made} is made from the events with seed ${seed}.`);
  const positiveFrom = feedback.feedback === "implicit" ? feedback.positiveFrom : null;
  const { split, ...rest } = makeSplit(made, dataset, seed, positiveFrom);
  return makeProtocol(name, dataset, split, { seed, feedback, ...rest });
}
