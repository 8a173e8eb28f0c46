/**
 * Which headers the site is served with: one definition for `affiche serve`, for the files that static
 * hosts read, and for the check of a deployment.
 *
 * Where several groups match a path some hosts join the values of a name and others let the last one
 * win. Both must do: no name stands in two groups that match the same path, but the content policy,
 * whose later values are whole policies (two joined policies are both enforced).
 */

export interface HeaderGroup {
  /** Paths as in a `_headers` file: exact, or all that begins so where the end is "/*". */
  readonly patterns: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

export const IMMUTABLE = "public, max-age=31536000, immutable";
export const NO_CACHE = "no-cache";

/**
 * Files of a bundle are named by their content as well. Hosts that match whole expressions let them
 * stay; the others ask anew, which costs an empty answer: the app keeps bundles itself.
 */
export const IMMUTABLE_BUNDLE_FILE = /\/models\/[^/]+\/[a-z]+-[0-9a-f]{16}\.bin$/u;

/** On pages and scripts alike: a worker's script without a policy of its own may fetch any origin. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "style-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
  "frame-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html affiche-worker affiche-service-worker",
].join("; ");

/** What could sense or single out a person. `storage-access` stays: the embed asks for it after a click. */
const REFUSED_FEATURES = [
  "accelerometer",
  "browsing-topics",
  "camera",
  "compute-pressure",
  "display-capture",
  "geolocation",
  "gyroscope",
  "hid",
  "identity-credentials-get",
  "idle-detection",
  "local-fonts",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "private-state-token-issuance",
  "private-state-token-redemption",
  "publickey-credentials-create",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "usb",
  "window-management",
  "xr-spatial-tracking",
];

/** @param partners origins that may frame the embed; none: nobody may */
export function headerGroups(partners: readonly string[]): readonly HeaderGroup[] {
  const framedBy = (ancestors: readonly string[]): string =>
    `${POLICY}; frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(" ")}`;
  return [
    {
      patterns: ["/*"],
      headers: {
        "Content-Security-Policy": POLICY,
        // Also closes what a content policy leaves open: popups, navigation, WebRTC.
        "Connection-Allowlist": "(response-origin)",
        // A partner that sends COEP frames only what sends it too, and so does a page its worker.
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": REFUSED_FEATURES.map((feature) => `${feature}=()`).join(", "),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        // Holds wherever no policy has frame-ancestors, which overrule it (HTML, "The `X-Frame-Options` header").
        "X-Frame-Options": "DENY",
      },
    },
    {
      patterns: ["/", "/index.html"],
      headers: {
        "Content-Security-Policy": framedBy([]),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": NO_CACHE,
      },
    },
    {
      // Hosts with pretty addresses leave the ".html" out.
      patterns: ["/embed.html", "/embed"],
      headers: {
        "Content-Security-Policy": framedBy(partners),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": NO_CACHE,
      },
    },
    {
      // A module script of partner pages.
      patterns: ["/embed.js"],
      headers: {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": NO_CACHE,
      },
    },
    {
      patterns: ["/assets/*"],
      headers: { "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": IMMUTABLE },
    },
    {
      patterns: ["/models/*", "/sw.js", "/manifest.webmanifest", "/icon.svg", "/icons/*", "/screenshots/*"],
      headers: { "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": NO_CACHE },
    },
  ];
}

export function matches(pattern: string, path: string): boolean {
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

/** The headers of the file at a path that begins with "/"; the last group that matches wins. */
export function headersOf(groups: readonly HeaderGroup[], path: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const group of groups) {
    if (group.patterns.some((pattern) => matches(pattern, path))) Object.assign(headers, group.headers);
  }
  if (IMMUTABLE_BUNDLE_FILE.test(path)) headers["Cache-Control"] = IMMUTABLE;
  return headers;
}

/** The headers of an answer without a file. */
export function errorHeaders(groups: readonly HeaderGroup[]): Record<string, string> {
  return { ...groups[0]!.headers, "Cache-Control": NO_CACHE };
}
