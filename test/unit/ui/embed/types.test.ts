/** What partners write is checked by the types that they are given. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../../../scripts/paths.ts";
import { LOAD_ERRORS } from "../../../../src/ui/embed/channel.ts";

const folder = mkdtempSync(join(tmpdir(), "affiche-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PAGES = {
  good: `
    const shelf = document.querySelector("affiche-shelf")!;
    shelf.addEventListener("affiche-ready", () => shelf.refresh());
    shelf.addEventListener("affiche-select", ({ detail: { itemId, title, url } }) =>
      location.assign(url || "/catalogue/" + encodeURIComponent(itemId) + title));
    document.addEventListener("affiche-error", ({ detail: { code, message } }) => {
      if (code === "FRAME_SILENT") console.warn(message);
    });`,
  part: `document.querySelector("affiche-shelf")!.history;`,
  detail: `document.addEventListener("affiche-select", ({ detail }) => console.log(detail.score));`,
  code: `document.addEventListener("affiche-error", ({ detail }) => detail.code === "STORAGE_FULL");`,
};
/** What the compiler says, a line each: "page.ts(1,2): error ...". */
let said: string[] = [];

beforeAll(() => {
  copyFileSync(join(ROOT, "public", "embed.d.ts"), join(folder, "embed.d.ts"));
  for (const [name, code] of Object.entries(PAGES)) {
    writeFileSync(join(folder, `${name}.ts`), `/// <reference path="./embed.d.ts" />\nexport {};\n${code}`);
  }
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--target", "es2023", "--lib", "es2023,dom", "--types", ""];
  const files = Object.keys(PAGES).map((name) => `${name}.ts`);
  const { stdout } = spawnSync(process.execPath, [compiler, ...options, ...files], { cwd: folder, encoding: "utf8" });
  said = stdout.split("\n");
});
const about = (page: keyof typeof PAGES): string[] => said.filter((line) => line.startsWith(`${page}.ts(`));

test("a partner's page with every event is accepted", () => expect(about("good")).toEqual([]));

test.each([
  ["part", "history"],
  ["detail", "score"],
  ["code", "no overlap"],
] as const)("an unknown %s is refused", (page, words) => {
  expect(about(page)).toHaveLength(1);
  expect(about(page)[0]).toContain(words);
});

test("the types name what the loader says", () => {
  const types = readFileSync(join(ROOT, "public", "embed.d.ts"), "utf8");
  const loader = readFileSync(join(ROOT, "src", "ui", "embed", "loader.ts"), "utf8");
  const codes = [...types.matchAll(/\| "([A-Z_]+)"/gu)].map(([, code]) => code);
  expect(codes.toSorted()).toEqual([...LOAD_ERRORS, "FRAME_SILENT"].toSorted());
  const events = (text: string): string[] => [...new Set(text.match(/affiche-(?:ready|select|error)\b/gu))].toSorted();
  expect(events(types)).toEqual(events(loader));
});
