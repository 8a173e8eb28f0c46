/**
 * The headers of every answer, on pages and on scripts alike: a worker's script without a policy of
 * its own may fetch any origin.
 */
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
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html affiche-worker",
].join("; ");

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": POLICY,
  // Also closes what a content policy leaves open: popups, navigation, WebRTC.
  "Connection-Allowlist": "(response-origin)",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const IMMUTABLE = /\/assets\/|\/models\/[^/]+\/[a-z]+-[0-9a-f]{16}\.bin$/u;

/** Files named by their content never change; everything else is asked for anew. @param path of the request */
export function cacheControl(path: string): string {
  return IMMUTABLE.test(path) ? "public, max-age=31536000, immutable" : "no-cache";
}
