import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
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

/** Where the real data sets are; see the README of that folder. */
export const REAL_DATA = process.env["AFFICHE_DATA"] ?? "../shared/data";
