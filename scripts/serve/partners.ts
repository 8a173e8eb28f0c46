/** The sites that may show the embed: `partners.json`, and from there the `frame-ancestors` of embed.html. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { EngineError } from "../../src/model/errors.ts";
import { ROOT } from "../paths.ts";

const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::(?:\d+|\*))?$/u;
const HTTPS = /^https:\/\/[a-z0-9.-]+(?::\d+)?$/u;

/** Exactly as a browser writes the origin, so that nothing else can slip into the policy. */
function isPartner(entry: string): boolean {
  const loopback = LOOPBACK.test(entry);
  if (!loopback && !HTTPS.test(entry)) return false;
  const url = loopback ? entry.replace(/:\*$/u, "") : entry;
  return URL.canParse(url) && new URL(url).origin === url;
}

/** Whether a source of `frame-ancestors` is this machine itself: for development, not for a public site. */
export const isLoopback = (partner: string): boolean => LOOPBACK.test(partner);

const ALLOWED =
  'allowed are exact origins such as "https://library.example" or "https://library.example:8443" (lower case, no path, no wildcard host), and for development "http://localhost:PORT" and "http://127.0.0.1:PORT", where PORT may be *';

const schema = v.strictObject({
  partners: v.array(
    v.pipe(
      v.string(),
      v.check(isPartner, ({ input }) => `"${input}" is not a partner; ${ALLOWED}`),
    ),
  ),
});

/**
 * @returns origins, as they stand in the file; an empty list forbids every embedding
 * @throws DATA_MISSING, DATA_INVALID
 */
export function readPartners(path = join(ROOT, "partners.json")): readonly string[] {
  const invalid = (reason: string, cause?: unknown) => new EngineError("DATA_INVALID", { path, reason }, cause);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new EngineError("DATA_MISSING", { path, remedy: 'Write it; {"partners": []} lets no site embed.' }, cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output.partners;
  const [issue] = parsed.issues;
  throw invalid(`${v.getDotPath(issue) ?? "the document"}: ${issue.message}`);
}
