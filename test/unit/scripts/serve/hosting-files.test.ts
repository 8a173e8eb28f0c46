/** Each written file, read as its host reads it, gives the headers of the own server. */
import { describe, expect, test } from "vitest";
import { headerGroups, headersOf, matches } from "../../../../scripts/serve/headers.ts";
import { hostingFiles } from "../../../../scripts/serve/hosting-files.ts";
import { comparePolicies } from "../../../../scripts/serve/policy.ts";

const PARTNERS = ["http://127.0.0.1:*", "https://library.example"];
const FILES = hostingFiles(PARTNERS);
const GROUPS = headerGroups(PARTNERS);
const BUNDLE_FILE = "/models/demo/items-0123456789abcdef.bin";
const PATHS = [
  "/",
  "/index.html",
  "/embed.html",
  "/embed",
  "/embed.js",
  "/sw.js",
  "/manifest.webmanifest",
  "/icon.svg",
  "/icons/512.png",
  "/assets/main-abc.js",
  "/models/demo/manifest.json",
  "/models/assets/manifest.json",
  BUNDLE_FILE,
  "/404.html",
  "/nothing",
  "/xembed.js",
  "/embed.json",
];
type Rules = { pattern: string; headers: [string, string][] }[];

/** Throws at a line that is no rule, header or remark. */
function parseHeadersFile(): Rules {
  const rules: Rules = [];
  for (const line of FILES["_headers"]!.split("\n").filter((text) => !/^(#.*)?$/u.test(text))) {
    if (line.startsWith("/")) rules.push({ pattern: line, headers: [] });
    else {
      const [, name, value] = /^ {2}([\w-]+): (.+)$/u.exec(line)!;
      rules.at(-1)!.headers.push([name!, value!]);
    }
  }
  return rules;
}

function answer(path: string, merge: (before: string, value: string) => string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const rule of parseHeadersFile().filter(({ pattern }) => matches(pattern, path))) {
    for (const [name, value] of rule.headers) headers[name] = name in headers ? merge(headers[name]!, value) : value;
  }
  return headers;
}

/** Such a host cannot tell a bundle's files apart. */
const ownHeaders = (path: string): Record<string, string> => ({
  ...headersOf(GROUPS, path),
  ...(path === BUNDLE_FILE ? { "Cache-Control": "no-cache" } : {}),
});

describe("_headers", () => {
  test.each(PATHS)("%s where the last rule wins", (path) => {
    expect(answer(path, (_, value) => value)).toEqual(ownHeaders(path));
  });

  test.each(PATHS)("%s where the rules' values are joined", (path) => {
    const { "Content-Security-Policy": got, ...others } = answer(path, (before, value) => `${before}, ${value}`);
    const { "Content-Security-Policy": policy, ...own } = ownHeaders(path);
    expect(others).toEqual(own);
    expect(comparePolicies(policy!, got!)).toEqual([]);
  });

  test("a host's limits: 100 rules, lines of 2,000 characters; too many partners are refused", () => {
    expect(parseHeadersFile().length).toBeLessThanOrEqual(100);
    const many = (count: number): string[] => Array.from({ length: count }, (_, p) => `https://library-${p}.example`);
    const lines = Object.values(hostingFiles(many(50))).flatMap((text) => text.split("\n"));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(2_000);
    expect(() => hostingFiles(many(100))).toThrow(expect.objectContaining({ code: "DATA_INVALID" }));
  });
});

function apache(uri: string): Record<string, string> {
  const headers: Record<string, string> = {};
  let applies = true;
  for (const line of FILES[".htaccess"]!.split("\n").map((text) => text.trim())) {
    const condition = /^<If "%\{REQUEST_URI\} =~ m#(.+)#">$/u.exec(line);
    if (condition) applies = new RegExp(condition[1]!, "u").test(uri);
    else if (line === "</If>") applies = true;
    const header = /^Header (?:always )?set ([\w-]+) "([^"]+)"$/u.exec(line);
    if (line.startsWith("Header")) expect(header).not.toBeNull();
    if (header && applies) headers[header[1]!] = header[2]!;
  }
  return headers;
}

function nginx(uri: string): Record<string, string> {
  const variables: Record<string, string> = {};
  const headers: Record<string, string> = {};
  let applies = true;
  for (const line of FILES["hosting/nginx.conf"]!.split("\n").map((text) => text.trim())) {
    const condition = /^if \(\$uri ~ "(.+)"\) \{$/u.exec(line);
    if (condition) applies = new RegExp(condition[1]!, "u").test(uri);
    else if (line === "}") applies = true;
    const set = /^set (\$\w+) "([^"]*)";$/u.exec(line);
    if (set && applies) variables[set[1]!] = set[2]!;
    const add = /^add_header ([\w-]+) (\$\w+)(?: always)?;$/u.exec(line);
    if (line.startsWith("add_header")) expect(add).not.toBeNull();
    if (add && variables[add[2]!] !== "") headers[add[1]!] = variables[add[2]!]!;
  }
  return headers;
}

describe.each([
  [".htaccess", apache],
  ["hosting/nginx.conf", nginx],
])("%s", (_, read) => {
  test.each(PATHS)("%s, at the root and in a folder", (path) => {
    expect(read(path)).toEqual(headersOf(GROUPS, path));
    expect(read(`/some/folder${path}`)).toEqual(headersOf(GROUPS, path));
  });
});

test.each(PATHS)("%s is under no two groups that name the same header, the content policy apart", (path) => {
  const names = GROUPS.filter(({ patterns }) => patterns.some((pattern) => matches(pattern, path)))
    .flatMap(({ headers }) => Object.keys(headers))
    .filter((name) => name !== "Content-Security-Policy");
  expect(names).toEqual([...new Set(names)]);
});

test("only the embed may be framed, and only by partners", () => {
  const ancestors = (path: string, partners = PARTNERS): string | undefined =>
    /frame-ancestors ([^;]+)/u.exec(headersOf(headerGroups(partners), path)["Content-Security-Policy"]!)?.[1];
  expect(ancestors("/embed.html")).toBe(PARTNERS.join(" "));
  expect(ancestors("/embed.html", [])).toBe("'none'");
  expect(ancestors("/")).toBe("'none'");
  for (const path of PATHS) expect(headersOf(GROUPS, path)["X-Frame-Options"]).toBe("DENY");
});
