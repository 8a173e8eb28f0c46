/**
 * What the built scripts could ask for: every means that they have, and the policy that bounds it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import type { Token } from "acorn";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { open, takeComplaints, useBrowser, visitor } from "./browser.ts";

useBrowser();

const DIST = join(ROOT, "dist");

/** Names by which scripts reach the network, as identifiers, properties or strings. */
const MEANS = new Set([
  "Audio",
  "EventSource",
  "Image",
  "RTCPeerConnection",
  "WebSocket",
  "WebSocketStream",
  "WebTransport",
  "XMLHttpRequest",
  "backgroundFetch",
  "fetch",
  "fetchLater",
  "importScripts",
  "sendBeacon",
  "src",
  "srcset",
  "webkitRTCPeerConnection",
]);
/** The same in a template's markup; a link leads away only when the person follows it. */
const MARKUP =
  /<(?:audio|base|embed|form|iframe|img|link|object|script|source|use|video)\b|\b(?:ping|poster|src|srcset)=/u;

type Means = Readonly<Record<string, number>>;

/**
 * What each script has, as often as its text names it, and why. Scripts without any are not listed. A
 * new means fails, and so does one that is gone: then take it off the list.
 */
const LISTED: Readonly<Record<string, Means>> = {
  // The search field's, which is never sent: the policy has form-action 'none'.
  page: { "<form": 1 },
  // Ours: the download of bundles, and the scan kernel's wasm. tfjs-core: its platform's fetch, which
  // loads models by address; nothing calls it (6 names). MiniSearch: a method of its tree (3 names).
  engine: { fetch: 11 },
  // tfjs-backend-wasm, plain and threaded: Emscripten loads its own .wasm from the address that we give.
  // tfjs-backend-webgpu: "Image" is a variable in three shaders.
  "dist.js": { Image: 3, XMLHttpRequest: 6, fetch: 8, importScripts: 2, src: 4 },
  // The files of a release, each with its integrity; what is not kept goes to the network as it came.
  "sw.js": { fetch: 3 },
  // The address of the frame on a partner's page, the same for every shelf.
  "embed.js": { src: 1 },
};

/** A script's role: the engine, else its name without the hash. */
function roleOf(name: string): string {
  const page = /assets\/(main-[^"]+\.js)"/u.exec(readFileSync(join(DIST, "index.html"), "utf8"))![1]!;
  if (name.startsWith("main-")) return name === page ? "page" : "engine";
  return name.replace(/-[\w-]{8}\.js$/u, ".js");
}

function meansIn(script: string): Map<string, number> {
  const found = new Map<string, number>();
  parse(script, {
    ecmaVersion: "latest",
    sourceType: "module",
    onToken(token) {
      const { type, value } = token as Token & { readonly value: unknown };
      if (typeof value !== "string") return;
      const means = MEANS.has(value) ? value : type.label === "template" ? MARKUP.exec(value)?.[0] : undefined;
      if (means !== undefined) found.set(means, (found.get(means) ?? 0) + 1);
    },
  });
  return found;
}

test("every means of asking for something is listed", () => {
  const scripts = [
    ...readdirSync(join(DIST, "assets"))
      .filter((name) => name.endsWith(".js"))
      .map((name) => ({ role: roleOf(name), path: join("assets", name) })),
    ...["embed.js", "sw.js"].map((name) => ({ role: name, path: name })),
  ];
  expect(scripts.map(({ role }) => role)).toEqual(expect.arrayContaining(["page", "engine", "dist.js"]));
  const found: Record<string, Record<string, number>> = {};
  for (const { role, path } of scripts) {
    for (const [means, count] of meansIn(readFileSync(join(DIST, path), "utf8"))) {
      const counts = (found[role] ??= {});
      counts[means] = (counts[means] ?? 0) + count;
    }
  }
  expect(found).toEqual(LISTED);
});

test("style sheets ask for nothing but the fonts beside them", () => {
  const sheets = readdirSync(join(DIST, "assets")).filter((name) => name.endsWith(".css"));
  const addresses = sheets.flatMap((name) =>
    [...readFileSync(join(DIST, "assets", name), "utf8").matchAll(/url\(([^)]*)\)|@import/gu)].map((match) => match[1]),
  );
  expect(addresses.length).toBeGreaterThan(0);
  for (const address of addresses) expect(address).toMatch(/^\.\/[\w-]+\.woff2$/u);
});

test.each([
  "fetch('/x')",
  'self["fetch"]("/x")',
  "new Image().src = '/x'",
  "html`<img alt=''>`",
  "navigator.sendBeacon('/x')",
])("%s is seen", (script) => expect(meansIn(script).size).toBeGreaterThan(0));

test("the pages and scripts carry the policy, and it holds", async () => {
  const { page } = await visitor();
  const policies = new Map<string, string | undefined>();
  page.context().on("response", (response) => {
    policies.set(new URL(response.url()).pathname, response.headers()["content-security-policy"]);
  });
  await open(page);
  expect(policies.size).toBeGreaterThan(8);
  for (const [path, policy] of policies) {
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("require-trusted-types-for 'script'");
  }
  const leak = await page.evaluate(async () => {
    const blocked = new Promise<string>((resolve) =>
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)),
    );
    const fetched = fetch("https://example.org/").then(
      () => "sent",
      () => "refused",
    );
    return [await fetched, await blocked];
  });
  expect(leak).toEqual(["refused", "connect-src"]);
  const injected = await page.evaluate(() => {
    try {
      document.body.insertAdjacentHTML("beforeend", "<b>x</b>");
      return "inserted";
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(injected).toBe("TypeError");
  expect(takeComplaints().join()).toMatch(/Content Security Policy/u);
});
