/** `affiche import`: a published layout into a data directory. */
import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { JSON_ARG, READING_ARGS, readingOf } from "../arguments.ts";
import { reporter } from "../output.ts";
import { writeDataset } from "./data-directory.ts";
import { FORMATS } from "./formats.ts";

const NAMES = Object.keys(FORMATS).join(", ");

export const importCommand = defineCommand({
  meta: { name: "import", description: "Turn a published data set into a data directory" },
  args: {
    source: {
      type: "positional",
      required: true,
      valueHint: "SRC",
      description: "Folder of the data set as published",
    },
    from: { type: "string", required: true, valueHint: "FORMAT", description: `Layout of the source: ${NAMES}` },
    out: {
      type: "string",
      required: true,
      valueHint: "DIR",
      description: "Data directory to write; one that is there is replaced",
    },
    ...READING_ARGS,
    ...JSON_ARG,
  },
  async run({ args }) {
    const out = reporter(args.json);
    const importer = Object.entries(FORMATS).find(([name]) => name === args.from)?.[1];
    if (importer === undefined) {
      throw new EngineError("USAGE", { reason: `--from takes ${NAMES}, not "${args.from}".` });
    }
    const source = await importer(args.source, readingOf(args, out));
    const written = await writeDataset(args.out, source);
    out.result(
      { out: args.out, from: args.from, ...written },
      `${args.out}: ${written.items} items, ${written.events} events, ${written.splits} splits`,
    );
  },
});
