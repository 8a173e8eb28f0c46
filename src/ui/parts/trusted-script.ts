/** The parts of Trusted Types that TypeScript's DOM library does not name. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/**
 * A script's address as Trusted Types demand it: under a policy that knows this one address. The
 * page's headers list the policies, and each can be made once.
 */
export function trustedScript(policyName: string, script: string): string {
  const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy(policyName, {
    createScriptURL(url) {
      if (url !== script) throw new TypeError(`${policyName} allows no other script than ${script}`);
      return url;
    },
  });
  return (policy?.createScriptURL(script) ?? script) as string;
}
