import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe } from "vitest";
import type { Reading } from "../../../../scripts/import/row-report.ts";

/** Folders with the given files, removed after each test. */
export function folders(): (files?: Record<string, string | Buffer>) => Promise<string> {
  const made: string[] = [];
  afterEach(() => {
    for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
  });
  return async (files = {}) => {
    const path = mkdtempSync(join(tmpdir(), "affiche-"));
    made.push(path);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
    return path;
  };
}

/** A reading that keeps what it says. */
export function listening(maxBadRows: number): Reading & { lines: string[] } {
  const lines: string[] = [];
  return { maxBadRows, lines, log: (line) => lines.push(line) };
}

/** Where the real data sets are, and whether they are. */
const REAL_DATA = process.env["AFFICHE_DATA"] ?? "../shared/data";

/** Tests that read a real data set; without it they are reported as skipped, and by what name to find it. */
export function describeReal(name: string, tests: (path: string) => void): void {
  const path = join(REAL_DATA, name);
  const absent = !existsSync(path);
  describe.skipIf(absent)(`${path}${absent ? " is absent: set AFFICHE_DATA" : ""}`, () => {
    tests(path);
  });
}
