/** What the tests' set-up uses of the bootstrap. */
export function affiche(
  args: readonly string[],
  options?: { stdout?: "inherit" | "stderr" },
): Promise<{ code: number }>;
export function buildSite(): Promise<void>;
export function fingerprint(paths: readonly string[]): string;
export function makeDemoBundle(): Promise<void>;
