import type { Reporter } from "./output.ts";
import { ThreadPool } from "./train/thread-pool.ts";

/**
 * Runs a command's work on a pool of threads that Ctrl-C stops.
 * @param current what the work is at, said before the pool's own progress
 * @throws CANCELLED after Ctrl-C, or as the work
 */
export async function withPool<T>(
  out: Reporter,
  current: () => string,
  work: (pool: ThreadPool) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  const pool = await ThreadPool.open({
    signal: stop.signal,
    onProgress: (done, total, label) => done < total && out.progress(`${current()}: ${label}`, done, total),
  });
  try {
    return await work(pool);
  } finally {
    process.off("SIGINT", interrupt);
    await pool.close();
  }
}
