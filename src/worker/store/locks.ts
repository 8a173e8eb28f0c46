/** Turns among the tabs of this origin, by Web Locks: the browser frees what a dead tab held. */

/**
 * Runs `work` while this tab alone holds the lock. Where the browser has no locks (an insecure
 * context) `work` runs at once.
 *
 * @param late runs instead where the lock is not had within `waitMs`
 */
export async function inTurn<T>(
  name: string,
  waitMs: number,
  work: () => Promise<T>,
  late: () => Promise<T>,
): Promise<T> {
  // TypeScript's library promises them everywhere.
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return work();
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), waitMs);
  try {
    return await locks.request(name, { signal: waiting.signal }, async () => {
      clearTimeout(timer);
      return work();
    });
  } catch (cause) {
    if (waiting.signal.aborted && cause === waiting.signal.reason) return late();
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

/** How many locks whose names begin so are held, by this tab or another; 0 where the browser has none. */
export async function countHeld(prefix: string): Promise<number> {
  const locks = navigator.locks as LockManager | undefined;
  const { held = [] } = (await locks?.query()) ?? {};
  return held.filter(({ name }) => name?.startsWith(prefix)).length;
}
