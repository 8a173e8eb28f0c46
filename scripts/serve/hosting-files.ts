/** The headers once more, as the files that static hosts read; the build puts them into the site's folder. */
import { EngineError } from "../../src/model/errors.ts";
import { headerGroups, IMMUTABLE, IMMUTABLE_BUNDLE_FILE } from "./headers.ts";
import type { HeaderGroup } from "./headers.ts";

/** Longest line that Cloudflare reads; nginx reads no longer word than 4,096 characters. */
const MAX_LINE = 2_000;

const NOTE =
  "# Written by the build: the headers are defined in scripts/serve/headers.ts, the partners in partners.json.";

/** Beside text/html. A bundle's catalogue, an octet-stream, shrinks to a third. */
const COMPRESSED_TYPES = [
  "text/css",
  "text/javascript",
  "application/javascript",
  "application/json",
  "application/manifest+json",
  "application/octet-stream",
  "application/wasm",
  "image/svg+xml",
];

const NOT_FOUND_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Not found</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
  </head>
  <body>
    <h1>Not found</h1>
    <p>There is nothing at this address.</p>
  </body>
</html>
`;

/**
 * @returns texts by their path in the site's folder
 * @throws DATA_INVALID more partners than a header holds
 */
export function hostingFiles(partners: readonly string[]): Record<string, string> {
  const groups = headerGroups(partners);
  const longest = Math.max(
    ...groups.flatMap(({ headers }) => Object.entries(headers).map((pair) => pair.join().length)),
  );
  if (longest > MAX_LINE - 10) {
    const reason = `with ${partners.length} partners the embed's policy has ${longest} characters, and hosts read lines of ${MAX_LINE}; list fewer partners`;
    throw new EngineError("DATA_INVALID", { path: "partners.json", reason });
  }
  return {
    _headers: headersFile(groups),
    ".htaccess": apacheFile(groups),
    "hosting/nginx.conf": nginxFile(groups),
    // Without one some hosts answer every unknown address with the app and status 200.
    "404.html": NOT_FOUND_PAGE,
  };
}

/** Netlify, Cloudflare Pages and others that read their format. */
function headersFile(groups: readonly HeaderGroup[]): string {
  const blocks = groups.flatMap(({ patterns, headers }) => {
    const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
    return patterns.map((pattern) => [pattern, ...lines].join("\n"));
  });
  return `${[NOTE, ...blocks].join("\n\n")}\n`;
}

/** Not anchored at the start: the site may stand in any folder. */
function expression(patterns: readonly string[]): string {
  const ends = patterns.map((pattern) =>
    pattern.endsWith("/*") ? pattern.slice(1, -1) : `${pattern.slice(1).replaceAll(".", "\\.")}$`,
  );
  return `/(${ends.join("|")})`;
}

/** Every group but the first, which matches every path; then the files of bundles. */
function conditions([, ...groups]: readonly HeaderGroup[]): [expression: string, headers: HeaderGroup["headers"]][] {
  return [
    ...groups.map(({ patterns, headers }): [string, HeaderGroup["headers"]] => [expression(patterns), headers]),
    [IMMUTABLE_BUNDLE_FILE.source.replaceAll("\\/", "/"), { "Cache-Control": IMMUTABLE }],
  ];
}

/** The headers of the first group belong to errors as well; the others to files that are there. */
function apacheFile(groups: readonly HeaderGroup[]): string {
  const every = groups[0]!.headers;
  const set = ([name, value]: [string, string]): string =>
    `Header ${Object.hasOwn(every, name) ? "always set" : "set"} ${name} "${value}"`;
  return `${[
    NOTE,
    "# Needs mod_headers, and AllowOverride FileInfo for this folder.",
    "",
    ...Object.entries(every).map(set),
    "",
    ...conditions(groups).map(
      ([path, headers]) =>
        `<If "%{REQUEST_URI} =~ m#${path}#">\n${Object.entries(headers)
          .map((header) => `  ${set(header)}\n`)
          .join("")}</If>`,
    ),
    "",
    "AddType text/javascript .js",
    "AddType application/wasm .wasm",
    "AddType application/manifest+json .webmanifest",
    "AddType font/woff2 .woff2",
    "<IfModule mod_deflate.c>",
    "  <IfModule mod_filter.c>",
    `    AddOutputFilterByType DEFLATE text/html ${COMPRESSED_TYPES.join(" ")}`,
    "  </IfModule>",
    "</IfModule>",
  ].join("\n")}\n`;
}

/** `add_header` in a location drops those of the server, so each stands once and its value is a variable. */
function nginxFile(groups: readonly HeaderGroup[]): string {
  const every = groups[0]!.headers;
  const names = [...new Set(groups.flatMap(({ headers }) => Object.keys(headers)))];
  const variable = (name: string): string => `$affiche_${name.toLowerCase().replaceAll("-", "_")}`;
  const set = (name: string, value: string): string => `set ${variable(name)} "${value}";`;
  return `${[
    NOTE,
    "# Include it in the server, or in the location of the site's folder.",
    "",
    ...names.map((name) => set(name, every[name] ?? "")),
    "",
    ...conditions(groups).map(
      ([path, headers]) =>
        `if ($uri ~ "${path}") {\n${Object.entries(headers)
          .map(([name, value]) => `  ${set(name, value)}\n`)
          .join("")}}`,
    ),
    "",
    "# One without a value is not sent.",
    ...names.map((name) => `add_header ${name} ${variable(name)}${Object.hasOwn(every, name) ? " always" : ""};`),
    "",
    "# Here `types` hides those of the server, and a location of its own would lack the variables.",
    "include mime.types;",
    "types { application/manifest+json webmanifest; }",
    "gzip on;",
    "gzip_vary on;",
    `gzip_types ${COMPRESSED_TYPES.join(" ")};`,
  ].join("\n")}\n`;
}
