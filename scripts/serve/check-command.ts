import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { JSON_ARG } from "../arguments.ts";
import { reporter } from "../output.ts";
import { checkSite } from "./check-site.ts";
import type { CheckedAddress, Finding } from "./check-site.ts";
import { readPartners } from "./partners.ts";

export const checkHeadersCommand = defineCommand({
  meta: { name: "check-headers", description: "Check how a deployed site is served; exits with 1 on a failure" },
  args: {
    url: { type: "positional", required: true, description: "The app's address, e.g. https://example.org/affiche/" },
    ...JSON_ARG,
  },
  async run({ args }) {
    const site = siteUrl(args.url);
    const addresses = await checkSite(site, readPartners());
    const count = (level: Finding["level"]): number =>
      addresses.flatMap(({ findings }) => findings).filter((finding) => finding.level === level).length;
    const failures = count("failure");
    const warnings = count("warning");
    reporter(args.json).result({ url: site.href, failures, warnings, addresses }, report(site, addresses));
    if (failures > 0) process.exitCode = 1;
  },
});

/** With a slash at the end, so that the site's files lie under it. @throws USAGE */
function siteUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new EngineError("USAGE", { reason: `"${text}" is not an address such as https://example.org/affiche/.` });
  }
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/index\.html$/u, "").replace(/\/?$/u, "/");
  return url;
}

/** Each finding once, with the addresses that have it: failures first. */
function report(site: URL, addresses: readonly CheckedAddress[]): string {
  const lines: string[] = [];
  const counts: string[] = [];
  for (const level of ["failure", "warning"] as const) {
    const places = new Map<string, Set<string>>();
    for (const { path, findings } of addresses) {
      for (const finding of findings) {
        if (finding.level !== level) continue;
        places.set(finding.message, (places.get(finding.message) ?? new Set()).add(`/${path}`));
      }
    }
    for (const [message, paths] of places) lines.push(`${level}: ${message}\n  at ${[...paths].join(", ")}`);
    counts.push(`${places.size} ${level}${places.size === 1 ? "" : "s"}`);
  }
  const checked = new Set(addresses.map(({ path }) => path)).size;
  return [...lines, `${site.href}: ${checked} addresses checked, ${counts.join(", ")}`].join("\n");
}
