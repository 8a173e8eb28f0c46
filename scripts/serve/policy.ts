/** Content policies, compared directive by directive. */

/** The sources of each directive; 'none' is the empty set. */
type Policy = ReadonlyMap<string, ReadonlySet<string>>;

/** What a directive falls back to where it is absent (CSP 3, section 6.8.3); those not named here do not. */
const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  "worker-src": ["child-src", "script-src", "default-src"],
  "frame-src": ["child-src", "default-src"],
  ...Object.fromEntries(
    ["script", "connect", "img", "style", "font", "manifest", "object"].map((kind) => [`${kind}-src`, ["default-src"]]),
  ),
};

/** Changes nothing for a site that loads only itself over HTTPS. */
const HARMLESS = "upgrade-insecure-requests";

/** "*" stands for any host, and for no other keyword than 'self'. */
function covers(sources: ReadonlySet<string>, source: string): boolean {
  return sources.has(source) || (sources.has("*") && (source === "'self'" || !source.startsWith("'")));
}

/** A header's policies: several are joined by commas, and all of them hold. */
export function parsePolicies(header: string): Policy[] {
  return header.split(",").map((policy) => {
    const directives = new Map<string, ReadonlySet<string>>();
    for (const directive of policy.split(";")) {
      const [name, ...sources] = directive.trim().split(/\s+/u);
      const key = name!.toLowerCase();
      // A repeated directive is ignored by browsers.
      if (key === "" || directives.has(key)) continue;
      directives.set(key, new Set(sources.filter((source) => source.toLowerCase() !== "'none'")));
    }
    return directives;
  });
}

/**
 * In what a header differs from the policy it must be: empty where it has the same effect.
 *
 * @param expected one policy
 * @param got any number of policies, joined
 */
export function comparePolicies(expected: string, got: string): string[] {
  const [policy] = parsePolicies(expected);
  const policies = parsePolicies(got);
  const problems: string[] = [];
  for (const [name, wanted] of policy!) {
    const inEach = policies.flatMap((one) => {
      const holder = [name, ...(FALLBACKS[name] ?? [])].find((directive) => one.has(directive));
      return holder === undefined ? [] : [one.get(holder)!];
    });
    if (inEach.length === 0) {
      problems.push(`${name} is missing`);
      continue;
    }
    const allowed = (source: string): boolean => inEach.every((sources) => covers(sources, source));
    const extra = [...new Set(inEach.flatMap((sources) => [...sources]))].filter(
      (source) => allowed(source) && !wanted.has(source),
    );
    const lost = [...wanted].filter((source) => !allowed(source));
    if (extra.length > 0) problems.push(`${name} also allows ${extra.join(" ")}`);
    if (lost.length > 0) problems.push(`${name} does not allow ${lost.join(" ")}`);
  }
  const strange = new Set(policies.flatMap((one) => [...one.keys()]).filter((name) => !policy!.has(name)));
  strange.delete(HARMLESS);
  for (const name of strange) problems.push(`${name} does not belong there`);
  return problems;
}
