/** A deployed site, asked as a visitor's browser asks it, against the headers that it must be served with. */
import { EngineError } from "../../src/model/errors.ts";
import { headerGroups, headersOf, IMMUTABLE, IMMUTABLE_BUNDLE_FILE, NO_CACHE } from "./headers.ts";
import { isLoopback } from "./partners.ts";
import { comparePolicies, parsePolicies } from "./policy.ts";

export interface Finding {
  /** A failure breaks the app or its promise; a warning costs speed or comfort. */
  readonly level: "failure" | "warning";
  /** What is wrong and what to do. */
  readonly message: string;
}

export interface CheckedAddress {
  /** Relative to the site, "" for its page. */
  readonly path: string;
  readonly findings: readonly Finding[];
}

const TIMEOUT_MS = 20_000;
/** One segment of a network's packets: compression saves nothing under it. */
const COMPRESSIBLE_FROM_BYTES = 1_400;
const ABSENT = "no-such-address";

const HTML = /^text\/html\b/u;
const SCRIPT = /^(?:text|application)\/javascript\b/u;
const JSON_TYPE = /^application\/(?:[a-z]+\+)?json\b/u;
const WASM = /^application\/wasm$/u;
const NO_PAGE = /^(?!text\/html)/u;

/** Headers by which a host would mark or watch visitors, or take from them what they keep. */
const UNWANTED: Readonly<Record<string, Finding>> = {
  "set-cookie": {
    level: "failure",
    message: "Set-Cookie marks the visitor. Turn off what sets it (sessions, bot protection, analytics).",
  },
  "clear-site-data": { level: "failure", message: "Clear-Site-Data erases the person's history. Do not send it." },
  "content-security-policy-report-only": {
    level: "warning",
    message: "Content-Security-Policy-Report-Only does nothing but report. Do not send it.",
  },
  "accept-ch": { level: "warning", message: "Accept-CH asks browsers to describe the visitor. Do not send it." },
  nel: { level: "warning", message: "NEL lets browsers report visits to others. Turn off network error logging." },
  "reporting-endpoints": {
    level: "warning",
    message: "Reporting-Endpoints asks browsers for reports. Do not send it.",
  },
};

interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: number;
}

/** @throws SITE_UNREACHABLE */
async function get(url: URL): Promise<Answer> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = new Uint8Array(await response.arrayBuffer());
    const { status, headers } = response;
    return { url, status, headers, text: new TextDecoder().decode(body), bytes: body.length };
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
    throw new EngineError("SITE_UNREACHABLE", { url: url.href, reason }, error);
  }
}

/**
 * @param site the address of the app's page; what it names is relative to it
 * @param partners as in partners.json
 * @throws SITE_UNREACHABLE
 */
export async function checkSite(site: URL, partners: readonly string[]): Promise<CheckedAddress[]> {
  const groups = headerGroups(partners);
  const onLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(site.hostname);
  const checked: CheckedAddress[] = [];
  const uncompressed: string[] = [];

  /** @returns the answer, where there is one to look into */
  const check = async (
    path: string,
    type: RegExp,
    more: (answer: Answer) => readonly Finding[] = () => [],
  ): Promise<Answer | null> => {
    let answer = await get(new URL(path, site));
    const pretty = new URL(path.replace(/(?:index)?\.html$/u, ""), site).href;
    // A host with pretty addresses.
    if (path.endsWith(".html") && redirectOf(answer)?.href === pretty) answer = await get(new URL(pretty));
    const problems = answerProblems(answer, type);
    const usable = problems.length === 0;
    const address = `/${answer.url.href.slice(site.href.length)}`;
    if (answer.status < 300 || answer.status >= 400) {
      const { "Cache-Control": cache, ...expected } = headersOf(groups, address);
      problems.push(...headerProblems(expected, answer.headers));
      // Not every host can tell a bundle's files apart: those may be asked for anew.
      if (cache !== undefined && !IMMUTABLE_BUNDLE_FILE.test(address)) {
        problems.push(...cacheProblems(cache, answer.headers.get("Cache-Control")));
      }
    }
    if (usable) problems.push(...more(answer));
    if (usable && isCompressible(answer)) uncompressed.push(`/${path} (${Math.ceil(answer.bytes / 1000)} kB)`);
    checked.push({ path, findings: problems });
    return usable ? answer : null;
  };

  const page = await check("", HTML, (answer) => [
    ...transportProblems(site, onLoopback, answer),
    ...pageProblems(site, answer),
  ]);
  // The service worker takes this one, and no other than the build's.
  await check("index.html", HTML, (answer) => pageProblems(site, answer));
  await check("embed.html", HTML, (answer) => [
    ...pageProblems(site, answer),
    ...(onLoopback ? [] : loopbackProblems(answer)),
  ]);
  await check("embed.js", SCRIPT);
  const worker = await check("sw.js", SCRIPT);
  await check("manifest.webmanifest", JSON_TYPE);
  const script = page && scriptsOf(page)[0];
  if (script?.href.startsWith(site.href)) await check(script.href.slice(site.href.length), SCRIPT);
  const wasm = /assets\/[\w.-]+\.wasm/u.exec(worker?.text ?? "");
  if (wasm) await check(wasm[0], WASM);
  const bundle = page && bundleOf(page);
  if (bundle) {
    const manifest = await check(`models/${bundle}/manifest.json`, JSON_TYPE);
    const file = /"path":\s*"([a-z]+-[0-9a-f]{16}\.bin)"/u.exec(manifest?.text ?? "");
    if (file) await check(`models/${bundle}/${file[1]}`, NO_PAGE);
  }
  checked.push({ path: ABSENT, findings: absentProblems(await get(new URL(ABSENT, site))) });
  if (uncompressed.length > 0) {
    const message = `Uncompressed: ${uncompressed.join(", ")}. Turn on gzip or Brotli for these types.`;
    checked.push({ path: "", findings: [{ level: "warning", message }] });
  }
  return checked;
}

const failure = (message: string): Finding => ({ level: "failure", message });
const warning = (message: string): Finding => ({ level: "warning", message });

function redirectOf({ url, headers }: Answer): URL | null {
  const location = headers.get("location");
  return location !== null && URL.canParse(location, url.href) ? new URL(location, url) : null;
}

function answerProblems(answer: Answer, type: RegExp): Finding[] {
  const { status, headers } = answer;
  const to = redirectOf(answer);
  if (status >= 300 && status < 400) {
    return [
      failure(
        `Answers ${status} and sends on to ${to?.href ?? "nowhere"}. Serve the file here, or check that address.`,
      ),
    ];
  }
  if (status !== 200) return [failure(`Answers ${status}. Upload the whole folder that npm run build made.`)];
  const got = headers.get("content-type") ?? "";
  if (type.test(got)) return [];
  return [failure(`Content-Type is "${got}", which browsers refuse here. Let the host send the file's own type.`)];
}

/** @param expected by name, see headersOf */
function headerProblems(expected: Readonly<Record<string, string>>, got: Headers): Finding[] {
  const problems = Object.entries(UNWANTED).flatMap(([name, finding]) => (got.has(name) ? [finding] : []));
  for (const [name, value] of Object.entries(expected)) {
    const actual = got.get(name);
    if (actual === null) {
      const remedy = name === "Content-Security-Policy" ? "the one that the build's _headers has here" : `"${value}"`;
      problems.push(failure(`${name} is missing. Send ${remedy}.`));
    } else if (name === "Content-Security-Policy") {
      const remedy = "Send the one that the build's _headers has here, and look for another place that adds to it.";
      for (const problem of comparePolicies(value, actual)) problems.push(failure(`${name}: ${problem}. ${remedy}`));
    } else if (name === "Permissions-Policy") problems.push(...permissionProblems(value, actual));
    else if (actual.toLowerCase() !== value.toLowerCase()) {
      problems.push(failure(`${name} is "${actual}". Send exactly "${value}", and from one place only.`));
    }
  }
  return problems;
}

/** How long a file may be kept. */
function cacheProblems(expected: string, actual: string | null): Finding[] {
  const got = (actual ?? "").toLowerCase();
  const seconds = Number(/(?:^|[\s,])max-age=(\d+)/u.exec(got)?.[1] ?? Number.NaN);
  if (expected === NO_CACHE) {
    if (/no-cache|no-store/u.test(got) || seconds === 0) return [];
    return [failure(`Cache-Control is "${got}": visitors would keep an old release. Send "${NO_CACHE}".`)];
  }
  if (seconds >= 31_536_000) return [];
  return [warning(`Cache-Control is "${got}", so the file is asked for again and again. Send "${IMMUTABLE}".`)];
}

function permissionProblems(expected: string, actual: string): Finding[] {
  const features = new Set(actual.split(",").map((feature) => feature.trim()));
  const lacking = expected.split(", ").filter((feature) => !features.has(feature));
  const problems = lacking.length > 0 ? [failure(`Permissions-Policy lacks ${lacking.join(", ")}. Add it.`)] : [];
  if (features.has("storage-access=()")) {
    problems.push(failure("Permissions-Policy refuses storage-access, which the embed asks for. Leave it out."));
  }
  return problems;
}

function transportProblems(site: URL, onLoopback: boolean, { headers }: Answer): Finding[] {
  if (onLoopback) return [];
  if (site.protocol !== "https:") {
    return [failure("Not HTTPS: browsers give the app neither storage nor a service worker. Serve it over HTTPS.")];
  }
  if (headers.has("strict-transport-security")) return [];
  return [warning("Strict-Transport-Security is missing. Turn on HSTS at the host.")];
}

function scriptsOf({ text, url }: Answer): URL[] {
  return [...text.matchAll(/<script\b[^>]*\ssrc="?([^"\s>]+)/giu)].map(([, src]) => new URL(src!, url));
}

function bundleOf({ text }: Answer): string | null {
  return /<meta name="affiche-bundle" content="([\w.-]+)"/u.exec(text)?.[1] ?? null;
}

/** Whether the page is the one that was built: hosts like to put scripts of their own in. */
function pageProblems(site: URL, page: Answer): Finding[] {
  if (bundleOf(page) === null) {
    return [failure("This is not the app's page: it names no bundle. Check the address and what was uploaded.")];
  }
  const strange = scriptsOf(page).filter(({ href }) => !href.startsWith(new URL("assets/", site).href));
  const inline = [...page.text.matchAll(/<script\b(?![^>]*\ssrc=)/giu)].map(() => "an inline script");
  return [...strange.map(({ href }) => href), ...inline].map((what) =>
    failure(`The page holds ${what}, which the build did not put there. Turn off what the host adds to pages.`),
  );
}

function loopbackProblems({ headers }: Answer): Finding[] {
  const policies = parsePolicies(headers.get("content-security-policy") ?? "");
  const local = policies.flatMap((policy) => [...(policy.get("frame-ancestors") ?? [])]).filter(isLoopback);
  if (local.length === 0) return [];
  return [warning(`The partners list holds ${local.join(" ")}, for development only. Remove it from partners.json.`)];
}

/** A missing file must be missing: a page in its place would pass for a script or a bundle. */
function absentProblems({ status, headers }: Answer): Finding[] {
  if (status === 404) return headerProblems({}, headers);
  return [failure(`Answers ${status} although there is nothing. Turn off fallbacks to the page: it must answer 404.`)];
}

function isCompressible({ headers, bytes }: Answer): boolean {
  const compressible = /^text\/|javascript|json|wasm/u.test(headers.get("content-type") ?? "");
  return compressible && bytes >= COMPRESSIBLE_FROM_BYTES && !headers.has("content-encoding");
}
