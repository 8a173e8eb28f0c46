/** The check of a deployment, on the own server and on servers with one fault each. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { OutgoingHttpHeaders, RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ROOT } from "../../../../scripts/paths.ts";
import { checkSite } from "../../../../scripts/serve/check-site.ts";
import { readPartners } from "../../../../scripts/serve/partners.ts";
import { siteHandler } from "../../../../scripts/serve/server.ts";

/** Changes an answer's headers, names in lower case; a number is another status. */
type Fault = (path: string, headers: OutgoingHttpHeaders) => number | void;

const PARTNERS = ["https://library.example"];
const PAGE = '<!doctype html><meta name="affiche-bundle" content="demo" />';
const INDEX = `${PAGE}<script type="module" crossorigin src="./assets/main-abc.js"></script>`;
const ITEMS = "items-0123456789abcdef.bin";

const ask = fetch;
const folder = mkdtempSync(join(tmpdir(), "affiche-check-"));
const site = join(folder, "site");
let partners = PARTNERS;
let fault: Fault = () => {};
/** Whether the server hears what the visitor can unpack. */
let compresses = true;

/** The own server under /sub as well, and with the fault put in just before an answer leaves. */
const handle: RequestListener = (request, response) => {
  request.url = request.url!.replace(/^\/sub\//u, "/");
  const path = request.url;
  if (!compresses) delete request.headers["accept-encoding"];
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((status: number, more: OutgoingHttpHeaders = {}) => {
    const headers: OutgoingHttpHeaders = { ...response.getHeaders() };
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    for (const [name, value] of Object.entries(more)) headers[name.toLowerCase()] = value;
    return writeHead(fault(path, headers) ?? status, headers);
  }) as typeof response.writeHead;
  siteHandler({ site, models: join(folder, "models"), partners })(request, response);
};
const server = createServer(handle);
let origin = "";

beforeAll(async () => {
  mkdirSync(join(site, "assets"), { recursive: true });
  mkdirSync(join(folder, "models/demo"), { recursive: true });
  const files = {
    "index.html": INDEX,
    "embed.html": PAGE,
    "embed.js": "export {};",
    "sw.js": 'const files = [{url:"assets/scan-abc.wasm"}];',
    "manifest.webmanifest": "{}",
    "assets/main-abc.js": "export {};",
    "assets/scan-abc.wasm": "",
    "../models/demo/manifest.json": `{"files": [{"path": "${ITEMS}"}]}`,
    [`../models/demo/${ITEMS}`]: "bytes",
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(site, path), text);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  fault = () => {};
  compresses = true;
  partners = PARTNERS;
  vi.unstubAllGlobals();
  writeFileSync(join(site, "index.html"), INDEX);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** "failure /path: message" of each finding. */
async function check(path = "/"): Promise<string[]> {
  const addresses = await checkSite(new URL(path, origin), PARTNERS);
  return addresses.flatMap((address) =>
    address.findings.map(({ level, message }) => `${level} /${address.path}: ${message}`),
  );
}

/** The server as if it stood on the public network: no name of this machine. */
function publicSite(protocol: string): string {
  vi.stubGlobal("fetch", (url: URL, init: RequestInit) => ask(url.href.replace(/^https?:\/\/[^/]+/u, origin), init));
  return `${protocol}//affiche.example/`;
}

test.each(["/", "/sub/"])("the own server at %s is as it must be", async (path) => {
  const addresses = await checkSite(new URL(path, origin), PARTNERS);
  expect(addresses.flatMap(({ findings }) => findings)).toEqual([]);
  expect(addresses.map((address) => address.path)).toEqual([
    "",
    "index.html",
    "embed.html",
    "embed.js",
    "sw.js",
    "manifest.webmanifest",
    "assets/main-abc.js",
    "assets/scan-abc.wasm",
    "models/demo/manifest.json",
    `models/demo/${ITEMS}`,
    "no-such-address",
  ]);
});

const change =
  (at: string, name: string, value: string | null): Fault =>
  (path, headers) => {
    if (path !== at) return;
    if (value === null) delete headers[name];
    else headers[name] = value;
  };
const policy =
  (at: string, from: string, to: string): Fault =>
  (path, headers) => {
    if (path === at) headers["content-security-policy"] = String(headers["content-security-policy"]).replace(from, to);
  };

describe("one fault, one finding", () => {
  test.each<[string, Fault, string]>([
    [
      "no policy",
      change("/sw.js", "content-security-policy", null),
      "failure /sw.js: Content-Security-Policy is missing",
    ],
    [
      "a weaker policy",
      policy("/assets/main-abc.js", "connect-src 'self'", "connect-src *"),
      "failure /assets/main-abc.js: Content-Security-Policy: connect-src also allows *",
    ],
    [
      "any site may embed",
      policy("/embed.html", "; frame-ancestors https://library.example", ""),
      "failure /embed.html: Content-Security-Policy: frame-ancestors is missing",
    ],
    [
      "no COEP",
      change("/embed.html", "cross-origin-embedder-policy", null),
      "failure /embed.html: Cross-Origin-Embedder",
    ],
    [
      "two values joined",
      change("/embed.js", "access-control-allow-origin", "*, *"),
      'failure /embed.js: Access-Control-Allow-Origin is "*, *"',
    ],
    [
      "a permission",
      change("/", "permissions-policy", "camera=()"),
      "failure /: Permissions-Policy lacks accelerometer=()",
    ],
    ["a cookie", change("/embed.js", "set-cookie", "id=1"), "failure /embed.js: Set-Cookie marks the visitor"],
    [
      "a cookie where nothing is",
      change("/no-such-address", "set-cookie", "id=1"),
      "failure /no-such-address: Set-Cookie",
    ],
    ["reports to others", change("/", "nel", "{}"), "warning /: NEL lets browsers report"],
    [
      "a wrong type",
      change("/assets/scan-abc.wasm", "content-type", "text/plain"),
      'failure /assets/scan-abc.wasm: Content-Type is "text/plain"',
    ],
    [
      "a stale service worker",
      change("/sw.js", "cache-control", "public, max-age=3600"),
      "failure /sw.js: Cache-Control",
    ],
    ["no caching rule", change("/", "cache-control", null), 'failure /: Cache-Control is ""'],
    [
      "assets not kept",
      change("/assets/main-abc.js", "cache-control", "no-cache"),
      "warning /assets/main-abc.js: Cache-Control",
    ],
    [
      "a missing file",
      (path) => (path === "/manifest.webmanifest" ? 404 : undefined),
      "failure /manifest.webmanifest: Answers 404",
    ],
    [
      "a page for every address",
      (path) => (path === "/no-such-address" ? 200 : undefined),
      "failure /no-such-address: Answers 200",
    ],
    [
      "a redirect",
      (path, headers) => {
        if (path !== "/sw.js") return;
        headers["location"] = "https://elsewhere.example/sw.js";
        return 302;
      },
      "failure /sw.js: Answers 302 and sends on to https://elsewhere.example/sw.js",
    ],
  ])("%s", async (_, one, finding) => {
    fault = one;
    const findings = await check();
    expect(findings.filter((line) => line.startsWith(finding))).toHaveLength(1);
    expect(findings).toHaveLength(1);
  });

  test("the check's own list of partners decides", async () => {
    partners = [...PARTNERS, "https://other.example"];
    expect(await check()).toEqual([expect.stringContaining("frame-ancestors also allows https://other.example")]);
    partners = [];
    expect(await check()).toEqual([expect.stringContaining("frame-ancestors does not allow https://library.example")]);
  });

  test.each([
    ["https://stats.example/a.js", '<script defer src="https://stats.example/a.js"></script>'],
    ["an inline script", "<script>track()</script>"],
  ])("%s put into the page", async (what, markup) => {
    writeFileSync(join(site, "index.html"), INDEX + markup);
    const findings = await check();
    expect(findings).toHaveLength(2);
    expect(findings[0]).toContain(`failure /: The page holds ${what}`);
  });

  test("another page at the address", async () => {
    writeFileSync(join(site, "index.html"), "<!doctype html>Welcome");
    expect((await check())[0]).toContain("failure /: This is not the app's page");
  });

  test("what comes uncompressed is named once", async () => {
    writeFileSync(join(site, "index.html"), INDEX + " ".repeat(3_000));
    expect(await check()).toEqual([]);
    compresses = false;
    expect(await check()).toEqual([expect.stringContaining("Uncompressed: / (4 kB), /index.html (4 kB)")]);
  });
});

test("a bundle's files may be asked for anew", async () => {
  fault = change(`/models/demo/${ITEMS}`, "cache-control", "no-cache");
  expect(await check()).toEqual([]);
});

test("a host with pretty addresses passes", async () => {
  fault = (path, headers) => {
    if (!/^\/(index|embed)\.html$/u.test(path)) return;
    headers["location"] = path === "/embed.html" ? "/embed" : "/";
    return 308;
  };
  expect(await check()).toEqual([]);
});

describe("on the public network", () => {
  test("HTTPS, HSTS, and no partner of this machine", async () => {
    partners = ["http://127.0.0.1:*"];
    const findings = (await checkSite(new URL(publicSite("https:")), partners)).flatMap((address) => address.findings);
    expect(findings.map(({ level, message }) => `${level} ${message.split(".")[0]}`)).toEqual([
      "warning Strict-Transport-Security is missing",
      "warning The partners list holds http://127",
    ]);
    fault = (_, headers) => void (headers["strict-transport-security"] = "max-age=31536000");
    partners = PARTNERS;
    expect(await check(publicSite("https:"))).toEqual([]);
  });

  test("without HTTPS", async () => {
    expect(await check(publicSite("http:"))).toEqual([expect.stringContaining("failure /: Not HTTPS")]);
  });
});

describe("affiche check-headers", () => {
  /** Not spawnSync: the server that it asks runs in this process. */
  const run = (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ["--import", "tsx", "scripts/affiche.ts", "check-headers", ...args], {
        cwd: ROOT,
      });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (text) => (stdout += String(text)));
      child.stderr.on("data", (text) => (stderr += String(text)));
      child.once("close", (code) => resolve({ code, stdout, stderr }));
    });

  test("exits with 0 where all is well and with 1 on a failure, which it names once with its places", async () => {
    partners = [...readPartners()];
    expect(await run(`${origin}/sub/index.html?x#y`)).toEqual({
      code: 0,
      stdout: `${origin}/sub/: 11 addresses checked, 0 failures, 0 warnings\n`,
      stderr: "",
    });
    fault = (_, headers) => void delete headers["referrer-policy"];
    const failed = await run(origin);
    expect(failed.code).toBe(1);
    expect(
      failed.stdout.match(/Referrer-Policy is missing\. Send "no-referrer"\.\n {2}at \/, \/index\.html/gu),
    ).toHaveLength(1);
    const { failures, addresses } = JSON.parse((await run(origin, "--json")).stdout) as Record<string, unknown>;
    expect(failures).toBe(10);
    expect(addresses).toHaveLength(11);
  });

  test.each([
    [["ftp://affiche.example"], /is not an address such as/u],
    [["http://127.0.0.1:1/"], /127\.0\.0\.1:1\/ does not answer \(.+\)\. Check the address/u],
  ])("%j is one clear line", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
