import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { errorHeaders, headerGroups, headersOf } from "../../../../scripts/serve/headers.ts";
import { serveSite } from "../../../../scripts/serve/server.ts";
import type { SiteServer } from "../../../../scripts/serve/server.ts";

const folder = mkdtempSync(join(tmpdir(), "affiche-site-"));
const PARTNERS = ["https://library.example"];
const GROUPS = headerGroups(PARTNERS);
const BUNDLE_FILE = "items-0123456789abcdef.bin";
let server: SiteServer;

beforeAll(async () => {
  for (const path of ["site/assets", "models/demo"]) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  for (const name of ["index.html", "embed.html", "manifest.webmanifest", "assets/text-abc.woff2"]) {
    writeFileSync(join(folder, "site", name), "<!doctype html>");
  }
  writeFileSync(join(folder, "site/assets/main-abc.js"), "export {};");
  writeFileSync(join(folder, "site/assets/scan-abc.wasm"), "");
  writeFileSync(join(folder, "models/demo/manifest.json"), "{}");
  writeFileSync(join(folder, "models/demo", BUNDLE_FILE), "bytes");
  server = await serveSite({ site: join(folder, "site"), models: join(folder, "models"), partners: PARTNERS, port: 0 });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ["/", 200, "text/html", "no-cache"],
  ["/index.html?x=1", 200, "text/html", "no-cache"],
  ["/embed.html", 200, "text/html", "no-cache"],
  ["/embed", 200, "text/html", "no-cache"],
  ["/manifest.webmanifest", 200, "application/manifest+json", "no-cache"],
  ["/assets/text-abc.woff2", 200, "font/woff2", "immutable"],
  ["/assets/missing-abc.js", 404, "text/plain", "no-cache"],
  ["/assets/main-abc.js", 200, "javascript", "immutable"],
  ["/assets/scan-abc.wasm", 200, "application/wasm", "immutable"],
  ["/models/demo/manifest.json", 200, "application/json", "no-cache"],
  [`/models/demo/${BUNDLE_FILE}`, 200, "", "immutable"],
  ["/nothing", 404, "text/plain", "no-cache"],
  ["/models/other/manifest.json", 404, "text/plain", ""],
  ["/..%2fsecret.txt", 404, "text/plain", ""],
  ["/models/..%2f..%2fsecret.txt", 404, "text/plain", ""],
])("%s answers %i with its headers", async (path, status, type, cache) => {
  const response = await fetch(server.url + path);
  const head = await fetch(server.url + path, { method: "HEAD" });
  const expected = status === 200 ? headersOf(GROUPS, path.replace(/\?.*/u, "")) : errorHeaders(GROUPS);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type") ?? "").toContain(type);
  expect(response.headers.get("cache-control") ?? "").toContain(cache);
  for (const [name, value] of Object.entries(expected)) {
    expect(response.headers.get(name)).toBe(value);
    expect(head.headers.get(name)).toBe(value);
  }
  expect(head.status).toBe(status);
  expect(response.headers.has("access-control-allow-origin")).toBe(false);
});

test("both names of this machine answer, and no other interface", async () => {
  const { port } = new URL(server.url);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
});

test("an address that is no path does not stop the server", async () => {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), "127.0.0.1", () => socket.write("GET // HTTP/1.0\r\n\r\nGET"));
  const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  socket.destroy();
  expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /u);
  expect((await fetch(`${server.url}/`)).status).toBe(200);
});

test("a new bundle is seen without a restart", async () => {
  mkdirSync(join(folder, "models/fresh"));
  writeFileSync(join(folder, "models/fresh/manifest.json"), "{}");
  expect((await fetch(`${server.url}/models/fresh/manifest.json`)).status).toBe(200);
});

test("a port in use is one clear error", async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveSite({ site: folder, models: folder, port })).rejects.toMatchObject({ code: "PORT_IN_USE" });
});
