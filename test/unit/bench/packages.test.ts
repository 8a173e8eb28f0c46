/** The packages of the benchmarks are exactly those of their locks, from whichever registry npm has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PEER_NAMES } from "../../../bench/retrieval/names.ts";
import { ROOT } from "../../../scripts/paths.ts";

const read = (folder: string, file: string) => JSON.parse(readFileSync(join(ROOT, "bench", folder, file), "utf8"));

describe.each(["peers", "gpu"])("bench/%s", (folder) => {
  const { dependencies } = read(folder, "package.json") as { dependencies: Record<string, string> };
  const { packages } = read(folder, "package-lock.json") as {
    packages: Record<string, { version?: string; resolved?: string; dependencies?: Record<string, string> }>;
  };

  test("is locked as it is asked for", () => {
    expect(packages[""]!.dependencies).toEqual(dependencies);
    for (const [name, version] of Object.entries(dependencies)) {
      expect(packages[`node_modules/${name}`]!.version).toBe(version);
    }
  });
  test("names no registry", () => {
    const addresses = Object.values(packages).flatMap(({ resolved }) => resolved ?? []);
    expect(addresses.filter((address) => address.includes("://"))).toEqual([]);
  });
});

test("each peer is a package of bench/peers", () => {
  const names = Object.keys(read("peers", "package.json").dependencies).join(" ");
  for (const peer of PEER_NAMES) expect(names).toContain(peer.split(",")[0]);
});
