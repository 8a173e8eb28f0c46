/** `affiche world`: the demo world as a data directory. */
import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { writeDataset } from "../import/data-directory.ts";
import { JSON_ARG } from "../arguments.ts";
import { reporter } from "../output.ts";
import { readCatalogue } from "./catalogue.ts";
import { statisticsOf } from "./statistics.ts";
import { datasetOf, simulate } from "./world.ts";

export const worldCommand = defineCommand({
  meta: { name: "world", description: "Write the demo world: real works, a simulated audience" },
  args: {
    out: {
      type: "string",
      required: true,
      valueHint: "DIR",
      description: "Data directory to write; one that is there is replaced",
    },
    people: { type: "string", default: "2400", valueHint: "N", description: "Simulated people" },
    seed: { type: "string", default: "1", valueHint: "N", description: "The same seed gives the same files" },
    ...JSON_ARG,
  },
  async run({ args }) {
    const { log, progress, result } = reporter(args.json);
    const people = wholeNumber("--people", args.people, 1);
    const seed = wholeNumber("--seed", args.seed, 0);
    const world = simulate(await readCatalogue(log), people, seed, (done, total) => progress("Visits", done, total));
    await writeDataset(args.out, datasetOf(world));
    const statistics = statisticsOf(world);
    const { works, impressions, clicks, bookings } = statistics;
    result(
      { out: args.out, seed, simulated: true, ...statistics },
      `${args.out}: ${works} works, ${people} simulated people, ${impressions} impressions, ${clicks} clicks, ${bookings} bookings`,
    );
  },
});

/** @throws USAGE */
function wholeNumber(option: string, text: string, minimum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= 0xffff_ffff) return value;
  throw new EngineError("USAGE", { reason: `${option} takes a whole number from ${minimum} on, not "${text}".` });
}
