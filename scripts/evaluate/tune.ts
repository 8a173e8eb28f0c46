/** Searches the settings of models, on validation only. */
import { modelEntry } from "../train/models.ts";
import type { ModelName } from "../train/models.ts";
import type { ThreadPool } from "../train/thread-pool.ts";
import type { Fold } from "./protocol.ts";
import { bestFirst, drawSettings, rungsOf, searchSettings } from "./search.ts";
import type { Search } from "./search.ts";
import type { Trial, TrialFile } from "./trial-file.ts";
import { tryOut } from "./try-out.ts";

/** Where a search stands. */
export interface Standing {
  readonly model: ModelName;
  readonly done: number;
  /** Of all models; those that did not converge may make them fewer. */
  readonly total: number;
  /** Of this model so far; null: none yet. */
  readonly best: number | null;
}

/**
 * Tries the settings of one model after another and writes every trial to the file; those that are there already are
 * taken from it.
 * @param onTrial is told before each trial
 * @throws CANCELLED
 */
export async function tuneModels(
  names: readonly ModelName[],
  fold: Fold,
  search: Search,
  file: TrialFile,
  pool: ThreadPool,
  onTrial: (standing: Standing) => void,
): Promise<void> {
  const total = plannedTrials(names, search);
  for (const model of names) {
    await searchSettings(modelEntry(model), search, async (params, rung) => {
      const found = file.find(model, params);
      if (found) return found;
      onTrial({ model, done: file.trials.length, total, best: tunedModel(model, file.trials).best?.ndcgAt100 ?? null });
      const trial = { model, rung, ...(await tryOut(model, params, fold, pool)) };
      await file.add(trial);
      return trial;
    });
  }
}

/** Of all models together. */
export function plannedTrials(names: readonly ModelName[], search: Search): number {
  const rungs = names.flatMap((name) => {
    const entry = modelEntry(name);
    return rungsOf(entry, drawSettings(entry, search).length, search);
  });
  return rungs.reduce((sum, { trials }) => sum + trials, 0);
}

/** What the search of one model found. */
export interface TunedModel {
  readonly name: ModelName;
  /** Highest NDCG@100 on validation, the first of equals; null: nothing converged, or nothing was tried yet. */
  readonly best: Trial | null;
  readonly trials: number;
  /** Of the trials that did not converge. */
  readonly failures: readonly string[];
  /** Of the trainings of all trials. */
  readonly searchCpuSeconds: number;
}

export function tunedModel(name: ModelName, all: readonly Trial[]): TunedModel {
  const trials = all.filter(({ model }) => model === name);
  return {
    name,
    best: bestFirst(trials)[0] ?? null,
    trials: trials.length,
    failures: trials.flatMap(({ failure }) => failure ?? []),
    searchCpuSeconds: trials.reduce((sum, { trainCpuSeconds }) => sum + trainCpuSeconds, 0),
  };
}
