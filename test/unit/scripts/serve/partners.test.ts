import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isLoopback, readPartners } from "../../../../scripts/serve/partners.ts";

const folder = mkdtempSync(join(tmpdir(), "affiche-partners-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string): readonly string[] {
  const path = join(folder, "partners.json");
  writeFileSync(path, text);
  return readPartners(path);
}
const readEntry = (entry: unknown): readonly string[] => read(JSON.stringify({ partners: [entry] }));

test.each([
  "https://library.example",
  "https://library.example:8443",
  "https://xn--bcher-kva.example",
  "http://localhost",
  "http://localhost:4180",
  "http://localhost:*",
  "http://127.0.0.1:*",
])("%s is a partner", (entry) => {
  expect(readEntry(entry)).toEqual([entry]);
});

test.each([
  "*",
  "https:",
  "'self'",
  "library.example",
  "http://library.example",
  "https://*.library.example",
  "https://library.example:*",
  "https://library.example/",
  "https://library.example/page",
  "https://library.example:443",
  "https://library.example:99999",
  "https://Library.example",
  "https://bücher.example",
  "https://user@library.example",
  "https://a.example https://b.example",
  "https://a.example; script-src *",
  "https://a.example;script-src",
  "https://a.example,https://b.example",
  "http://127.0.0.1.evil.example",
  "http://localhost:80",
  "http://[::1]:4180",
  "http://localhost:*/",
  "https://library.example\n",
  "",
  7,
])("%j is refused by name", (entry) => {
  const message = typeof entry === "string" ? `"${entry}" is not a partner; allowed are exact origins` : "partners.0";
  expect(() => readEntry(entry)).toThrow(expect.objectContaining({ code: "DATA_INVALID" }));
  expect(() => readEntry(entry)).toThrow(message);
});

test.each(["", "[]", "{}", '{"partners": "https://a.example"}', '{"partners": [], "more": 1}'])(
  "the file %j is refused",
  (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "DATA_INVALID" }));
  },
);

test("no partner is a list too; a missing file says what to write", () => {
  expect(read('{"partners": []}')).toEqual([]);
  expect(() => readPartners(join(folder, "none.json"))).toThrow(/none\.json is missing.*"partners": \[\]/u);
});

test("this machine's partners are told apart", () => {
  expect(isLoopback("http://127.0.0.1:*")).toBe(true);
  expect(isLoopback("https://library.example")).toBe(false);
});

test("the repository's own list is valid", () => {
  expect(readPartners().length).toBeGreaterThan(0);
});
