import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SECURITY_HEADERS } from "../../../../scripts/serve/headers.ts";
import { serveSite } from "../../../../scripts/serve/server.ts";
import type { SiteServer } from "../../../../scripts/serve/server.ts";

const folder = mkdtempSync(join(tmpdir(), "affiche-site-"));
const BUNDLE_FILE = "items-0123456789abcdef.bin";
let server: SiteServer;

beforeAll(async () => {
  for (const path of ["site/assets", "models/demo"]) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "site/index.html"), "<!doctype html>");
  writeFileSync(join(folder, "site/assets/main-abc.js"), "export {};");
  writeFileSync(join(folder, "site/assets/scan-abc.wasm"), "");
  writeFileSync(join(folder, "models/demo/manifest.json"), "{}");
  writeFileSync(join(folder, "models/demo", BUNDLE_FILE), "bytes");
  server = await serveSite({ site: join(folder, "site"), models: join(folder, "models"), port: 0 });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ["/", 200, "text/html", "no-cache"],
  ["/assets/main-abc.js", 200, "javascript", "immutable"],
  ["/assets/scan-abc.wasm", 200, "application/wasm", "immutable"],
  ["/models/demo/manifest.json", 200, "application/json", "no-cache"],
  [`/models/demo/${BUNDLE_FILE}`, 200, "", "immutable"],
  ["/nothing", 404, "text/plain", ""],
  ["/models/other/manifest.json", 404, "text/plain", ""],
  ["/..%2fsecret.txt", 404, "text/plain", ""],
  ["/models/..%2f..%2fsecret.txt", 404, "text/plain", ""],
])("%s answers %i with the policy", async (path, status, type, cache) => {
  const response = await fetch(server.url + path);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type") ?? "").toContain(type);
  expect(response.headers.get("cache-control") ?? "").toContain(cache);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(response.headers.get(name)).toBe(value);
});

test("both names of this machine answer, and no other interface", async () => {
  const { port } = new URL(server.url);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
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
