import { expect, test } from "vitest";
import { comparePolicies } from "../../../../scripts/serve/policy.ts";

const WANTED =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; object-src 'none'; base-uri 'none'; trusted-types a b; frame-ancestors https://x.example";
const without = (directive: string): string => WANTED.replace(directive, "");

test.each([
  ["itself", WANTED],
  ["another order and spacing", WANTED.split("; ").toReversed().join(" ;  ")],
  [
    "a policy joined to it that asks less",
    `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self', ${WANTED}`,
  ],
  ["what the default covers left out", without("object-src 'none'; ")],
  ["a policy joined to it that allows every host", `connect-src *, ${WANTED}`],
  ["insecure requests upgraded", `${WANTED}; upgrade-insecure-requests`],
  ["a repeated directive, which browsers ignore", `${WANTED}; script-src *`],
  ["one half each of two policies", `base-uri 'none', ${without("base-uri 'none'; ")}`],
])("%s has the same effect", (_, got) => {
  expect(comparePolicies(WANTED, got)).toEqual([]);
});

test.each([
  ["nothing", "", "default-src is missing"],
  ["a directive without default left out", without("base-uri 'none'; "), "base-uri is missing"],
  [
    "a source more",
    WANTED.replace("connect-src 'self'", "connect-src 'self' https:"),
    "connect-src also allows https:",
  ],
  ["every host", WANTED.replace("connect-src 'self'", "connect-src *"), "connect-src also allows *"],
  ["'none' opened", WANTED.replace("base-uri 'none'", "base-uri 'self'"), "base-uri also allows 'self'"],
  ["a partner more", `${WANTED} https://y.example`, "frame-ancestors also allows https://y.example"],
  ["a policy's name lost", WANTED.replace("trusted-types a b", "trusted-types a"), "trusted-types does not allow b"],
  ["a second policy that blocks", `${WANTED}, script-src 'self'`, "script-src does not allow 'wasm-unsafe-eval'"],
  [
    "a second policy's default that blocks",
    `${WANTED}, default-src 'none'`,
    "script-src does not allow 'self' 'wasm-unsafe-eval'",
  ],
  ["reports", `${WANTED}; report-uri https://z.example`, "report-uri does not belong there"],
  ["a fallback to the default", without("connect-src 'self'; "), "connect-src does not allow 'self'"],
])("%s is noticed", (_, got, problem) => {
  expect(comparePolicies(WANTED, got)[0]).toBe(problem);
});
