import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { DATA_ARGS, readingOf, seedOf } from "../arguments.ts";
import { readDataset } from "../import/dataset.ts";
import type { Dataset } from "../import/dataset.ts";
import { reporter } from "../output.ts";
import { MODEL_NAMES, refusalOf } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import { withPool } from "../with-pool.ts";
import { explain } from "./explain.ts";
import { explanationTable } from "./explain-table.ts";
import { FEEDBACK_ARGS, feedbackOf } from "./feedback.ts";
import { loadProtocol } from "./load-protocol.ts";
import type { EvaluatedUser, Protocol } from "./protocol.ts";
import { explainHistory } from "./parts/explain-history.ts";
import { checkHtmlPath } from "./html/page.ts";
import { fitForTest } from "./select.ts";
import { wantedModels } from "./wanted-models.ts";

/** People that a message names. */
const NAMED = 5;
/** The model of --user where none is given; not the default of the option, which --history refuses when it is given. */
const MODEL: ModelName = "ials";

export const explainCommand = defineCommand({
  meta: {
    name: "explain",
    description: "One person's list beside what the person took, or a typed history's list part by part",
  },
  args: {
    ...DATA_ARGS,
    ...FEEDBACK_ARGS,
    user: { type: "string", description: "A user_id of the data that is measured by the protocol" },
    history: {
      type: "string",
      valueHint: "TITLE; TITLE",
      description: "Instead of --user: titles or item ids, oldest first; the towers' lists before and after each part",
    },
    html: { type: "string", valueHint: "FILE", description: "With --history: also one HTML file to type others in" },
    model: { type: "string", description: `With --user: one of ${MODEL_NAMES.join(", ")} (Default: ${MODEL})` },
    protocol: { type: "string", default: "strong", description: "As of evaluate" },
    k: { type: "string", default: "20", description: "Length of the list" },
  },
  async run({ args }) {
    const out = reporter(args.json);
    const k = lengthOf(args.k);
    const seed = seedOf(args);
    const { user, history, html, model } = args;
    if ((user === undefined) === (history === undefined)) throw usage("Give one of --user and --history.");
    if (html !== undefined && history === undefined) throw usage("--html goes with --history.");
    if (model !== undefined && history !== undefined) {
      throw usage("--history shows the towers' lists and takes no --model: leave --model out, or give --user.");
    }
    if (html !== undefined) await checkHtmlPath(html);
    const reading = readingOf(args, out);
    const dataset = await readDataset(args.data, reading);
    const protocol = await loadProtocol(args.data, dataset, args.protocol, seed, reading, feedbackOf(args));
    if (user === undefined) return explainHistory(dataset, protocol, { text: history!, k, html, seed }, out);
    const { names } = wantedModels(model ?? MODEL, (name) => refusalOf(name, protocol.test.data));
    const [name] = names;
    if (name === undefined || names.length > 1) throw usage("--model takes one model.");
    const person = personOf(user, dataset, protocol);

    await withPool(
      out,
      () => name,
      async (pool) => {
        const fitted = await fitForTest(name, protocol, pool, out);
        const explanation = await explain(fitted, protocol.test, person, k, pool);
        const { ids, titles } = dataset.items;
        const named = <T extends { readonly item: number }>({ item, ...rest }: T) => ({
          ...rest,
          itemId: ids[item]!,
          title: titles[item]!,
        });
        const report = {
          dataset: dataset.meta.name,
          protocol: protocol.name,
          user,
          model: name,
          params: fitted.params,
          seed,
          ...explanation,
          consumed: explanation.consumed.map(({ value, ...rest }) =>
            named({ ...rest, value: Number.isNaN(value) ? null : value }),
          ),
          recommended: explanation.recommended.map(({ reasons, ...rest }) => ({
            ...named(rest),
            reasons: reasons.map(named),
          })),
          targets: explanation.targets.map(named),
        };
        const heading = `${report.dataset}, ${report.protocol}, ${name}, user ${user}\n`;
        out.result(report, heading + explanationTable(explanation, titles, k));
      },
    );
  },
});

/** The person of the test with an id. @throws USAGE for an id without targets or history; it names some that have */
function personOf(id: string, dataset: Dataset, { name, test }: Protocol): EvaluatedUser {
  const row = dataset.userRow(id);
  const person = test.users.find(({ user }) => user === row);
  if (person) return person;
  const some = test.users.slice(0, NAMED).map(({ user }) => dataset.users[user]!);
  const what = row < 0 ? "has no events" : `has no targets or no history in ${name}`;
  throw usage(`User "${id}" ${what}: try one of ${some.join(", ")}.`);
}

/** @throws USAGE */
function lengthOf(k: string): number {
  const length = Number(k);
  if (Number.isSafeInteger(length) && length >= 1) return length;
  throw usage(`--k ${k} is not a whole number from 1 on.`);
}

const usage = (reason: string): EngineError => new EngineError("USAGE", { reason });
