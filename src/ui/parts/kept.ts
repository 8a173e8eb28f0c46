/**
 * Small choices kept in localStorage. Where site data is forbidden, touching it throws: a choice then
 * lasts as long as the page.
 */
export const kept = {
  /** null: nothing is kept. */
  read: (key: string): string | null => guarded(() => localStorage.getItem(key)) ?? null,
  write: (key: string, value: string): void => guarded(() => localStorage.setItem(key, value)),
  remove: (key: string): void => guarded(() => localStorage.removeItem(key)),
} as const;

function guarded<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
