/** What the benchmarks have in common. */
import { cpus } from "node:os";
import { join } from "node:path";
import { ROOT } from "../scripts/paths.ts";

/** Of every split, fit and draw of a benchmark. */
export const SEED = 1;

/** The folder of the data sets; docs/data.md says how one looks. */
export const DATA = process.env["AFFICHE_DATA"] ?? join(ROOT, "..", "shared", "data");

/** What stands beside every figure. */
export interface Measuring {
  readonly machine: string;
  /** YYYY-MM-DD, of UTC. */
  readonly date: string;
}

export function measuredOn(): Measuring {
  const processors = cpus();
  const model = processors[0]?.model.trim() || "unnamed processor";
  return {
    machine: `Node ${process.versions.node}, ${processors.length} x ${model}, ${process.platform}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** @param sorted ascending @returns NaN of none */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;

/** Says what stopped a benchmark as its message alone, on stderr; the process then ends with 1. */
export async function runBench(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
