/** The file of a search: what is searched, and every finished trial. A search that was stopped goes on from it. */
import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { EngineError } from "../../src/model/errors.ts";
import type { Params } from "../train/model.ts";
import type { Fold } from "./protocol.ts";
import { keyOf } from "./search.ts";
import type { Outcome, Search, SearchSpace } from "./search.ts";

/** Everything that the outcome depends on. */
export interface SearchIdentity extends Search {
  readonly protocol: string;
  /** {@link fingerprintOf} the fold of validation. */
  readonly data: string;
  readonly models: Readonly<Record<string, SearchSpace>>;
}

export interface Trial extends Outcome {
  readonly model: string;
  /** From 0 on. */
  readonly rung: number;
  /** Why the training did not converge; null: it did. */
  readonly failure: string | null;
  readonly trainCpuSeconds: number;
}

const fileSchema = v.object({
  search: v.record(v.string(), v.unknown()),
  trials: v.array(
    v.object({
      model: v.string(),
      rung: v.number(),
      params: v.record(v.string(), v.number()),
      ndcgAt100: v.nullable(v.number()),
      failure: v.nullable(v.string()),
      trainCpuSeconds: v.number(),
    }),
  ),
});

export class TrialFile {
  readonly #path: string;
  readonly #search: SearchIdentity;
  readonly #trials = new Map<string, Trial>();

  /**
   * No file: no trials yet, and it is made, so that nothing is fitted for a file that cannot be written.
   * @throws USAGE for that, and for the file of another search or of anything else
   */
  static async open(path: string, search: SearchIdentity): Promise<TrialFile> {
    try {
      const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      const file = new TrialFile(path, search, text === null ? [] : trialsOf(path, text, search));
      if (text === null) await file.#write();
      return file;
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const reason = `--out ${path} cannot be read or written (${(error as Error).message}): give another name.`;
      throw new EngineError("USAGE", { reason }, error);
    }
  }

  private constructor(path: string, search: SearchIdentity, trials: readonly Trial[]) {
    this.#path = path;
    this.#search = search;
    for (const trial of trials) this.#keep(trial);
  }

  #keep(trial: Trial): void {
    this.#trials.set(trial.model + keyOf(trial.params), trial);
  }

  find(model: string, params: Params): Trial | undefined {
    return this.#trials.get(model + keyOf(params));
  }

  /** In the order in which they were finished. */
  get trials(): readonly Trial[] {
    return [...this.#trials.values()];
  }

  /** The file is there as a whole, without the trial or with it, whenever the process ends. */
  async add(trial: Trial): Promise<void> {
    this.#keep(trial);
    await this.#write();
  }

  async #write(): Promise<void> {
    const part = `${this.#path}.part`;
    // One line a trial.
    const trials = this.trials.map((trial) => JSON.stringify(trial)).join(",\n");
    await writeFile(part, `{"search":${JSON.stringify(this.#search)},\n"trials":[\n${trials}\n]}\n`);
    await rename(part, this.#path);
  }
}

function trialsOf(path: string, text: string, search: SearchIdentity): readonly Trial[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = null;
  }
  const { success, output } = v.safeParse(fileSchema, content);
  if (!success) {
    throw new EngineError("USAGE", { reason: `--out ${path} is no file of a search: give another name.` });
  }
  const different = Object.entries(search)
    .filter(([name, value]) => JSON.stringify(output.search[name]) !== JSON.stringify(value))
    .map(([name]) => name);
  if (different.length === 0) return output.trials;
  throw new EngineError("USAGE", {
    reason: `--out ${path} holds another search, of other ${different.join(", ")}: give another name, or delete it to begin anew.`,
  });
}

/** Of all that models are fitted on and measured with: the same for the same fold on every machine, SHA-256, hex. */
export function fingerprintOf({ data, users, candidates, tieOrder }: Fold): string {
  const hash = createHash("sha256");
  const { matrix, values, sequences, items } = data;
  const parts = [matrix.indptr, matrix.indices, matrix.weights, values, sequences, candidates, tieOrder];
  const people = users.flatMap(({ history, targets }) => [
    history.rows,
    history.weights,
    history.values,
    Uint32Array.from(targets),
  ]);
  for (const part of [...parts, ...Object.values(items), ...people]) {
    const bytes: Uint8Array | string = ArrayBuffer.isView(part)
      ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      : JSON.stringify(part);
    hash.update(`${bytes.length} `).update(bytes);
  }
  return hash.digest("hex");
}
