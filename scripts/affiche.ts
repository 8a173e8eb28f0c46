/** The `affiche` command: from a data directory to a bundle, and what lies between. */
import { defineCommand, runCommand, renderUsage } from "citty";
import type { CommandDef } from "citty";
import { EngineError } from "../src/model/errors.ts";
import { buildCommand } from "./export/build-command.ts";
import { inspectCommand } from "./export/inspect-command.ts";
import { evaluateCommand } from "./evaluate/command.ts";
import { explainCommand } from "./evaluate/explain-command.ts";
import { tuneCommand } from "./evaluate/tune-command.ts";
import { importCommand } from "./import/command.ts";
import { checkHeadersCommand } from "./serve/check-command.ts";
import { serveCommand } from "./serve/command.ts";
import { worldCommand } from "./world/command.ts";

const commands = {
  world: worldCommand,
  import: importCommand,
  build: buildCommand,
  evaluate: evaluateCommand,
  explain: explainCommand,
  tune: tuneCommand,
  inspect: inspectCommand,
  serve: serveCommand,
  "check-headers": checkHeadersCommand,
};

const affiche = defineCommand({
  meta: { name: "affiche", description: "Private recommendations: from events and items to a bundle" },
  subCommands: commands,
});

async function main(argv: readonly string[]): Promise<void> {
  const [name = "", ...rest] = argv;
  const help = argv.some((arg) => arg === "--help" || arg === "-h");
  const command = Object.hasOwn(commands, name)
    ? (commands[name as keyof typeof commands] as unknown as CommandDef)
    : null;
  if (help || name === "") {
    process.stdout.write(`${await (command ? renderUsage(command, affiche) : renderUsage(affiche))}\n`);
    return;
  }
  if (!command) throw new EngineError("USAGE", { reason: `There is no command "${name}".` });
  await runCommand(command, { rawArgs: rest });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // citty's own complaints (a missing argument) are about usage and already say what is wrong.
  const known = error instanceof EngineError || (error as Error).name === "CLIError";
  process.stderr.write(`${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = known ? 2 : 1;
}
