/** Chooses a model's settings on validation and fits it for the test. */
import { ITEMS } from "../../src/model/config.ts";
import type { Reporter } from "../output.ts";
import type { IalsParams } from "../train/ials.ts";
import type { Params, TrainedModel } from "../train/model.ts";
import { modelEntry, trainModel } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import { chooseTowers } from "./choose-towers.ts";
import type { ChosenTowers } from "./choose-towers.ts";
import { searchGrid, withFixed } from "./grid-search.ts";
import type { Protocol } from "./protocol.ts";
import { samplePeople } from "./sample-people.ts";
import { keyOf } from "./search.ts";
import { tryOut } from "./try-out.ts";

/** People of the validation on whom settings are tried: with 5,000 the standard error of NDCG@100 is about .003. */
const MOST_PEOPLE = 5000;
const SAMPLE_SEED = 1;

/** What was chosen before, by model and what was fixed: models may share their settings. */
const chosen = new WeakMap<Protocol, Map<string, Params>>();

/**
 * The params of the best NDCG@100 on validation; settings that do not converge are passed over. One choice: no fit.
 * @param fixed settings that are not searched; none of `shipped`
 * @throws CANCELLED
 */
export async function selectParams(
  name: ModelName,
  protocol: Protocol,
  pool: ThreadPool,
  reporter: Reporter,
  fixed: Params = {},
): Promise<Params> {
  if (isShipped(name)) return (await selectTowers(protocol, ITEMS.bytesPerItem, pool, reporter)).params;
  const before = chosen.get(protocol) ?? new Map<string, Params>();
  chosen.set(protocol, before);
  const key = `${name} ${keyOf(fixed)}`;
  if (before.has(key)) return before.get(key)!;
  const folds = protocol.validations.map((fold) => samplePeople(fold, MOST_PEOPLE, SAMPLE_SEED));
  const people = folds.reduce((sum, { users }) => sum + users.length, 0);
  const best = await searchGrid(withFixed(modelEntry(name), fixed), async (params, done, total) => {
    let sum = 0;
    for (const fold of folds) {
      const { ndcgAt100 } = await tryOut(name, params, fold, pool);
      sum += (ndcgAt100 ?? NaN) * fold.users.length;
    }
    reporter.progress(`${name}: settings tried on validation`, done + 1, total);
    return sum / people;
  });
  before.set(key, best);
  return best;
}

const isShipped = (name: ModelName): boolean => name.startsWith("shipped");
const chosenTowers = new WeakMap<Protocol, Map<number, Promise<ChosenTowers>>>();

/** The towers' settings within so many bytes an item, and what else was tried. @throws CANCELLED, USAGE for too few bytes */
export async function selectTowers(
  protocol: Protocol,
  bytes: number,
  pool: ThreadPool,
  reporter: Reporter,
): Promise<ChosenTowers> {
  const before = chosenTowers.get(protocol) ?? new Map<number, Promise<ChosenTowers>>();
  chosenTowers.set(protocol, before);
  const choose = async (): Promise<ChosenTowers> => {
    const ials = (await selectParams("ials", protocol, pool, reporter)) as IalsParams;
    return chooseTowers(protocol.validations, ials, bytes, pool, reporter);
  };
  const chosen = before.get(bytes) ?? choose();
  before.set(bytes, chosen);
  return chosen;
}

/** Settings by validation, then the fit that the test measures. */
export async function fitForTest(
  name: ModelName,
  protocol: Protocol,
  pool: ThreadPool,
  reporter: Reporter,
  fixed: Params = {},
): Promise<TrainedModel> {
  const params = await selectParams(name, protocol, pool, reporter, fixed);
  return trainModel(name, params, protocol.test.data, { pool });
}
