/** The command line as an operator uses it, each command in a process of its own. */
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../../scripts/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "affiche-command-"));
const data = join(folder, "world");
const bundle = join(folder, "bundle");

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

function affiche(args: readonly string[], env: Record<string, string> = {}): Run {
  const run = spawnSync(process.execPath, ["--import", "tsx", join("scripts", "affiche.ts"), ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}

const json = ({ stdout }: Run): Record<string, unknown> => {
  expect(stdout.trim().split("\n")).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
};
const filesOf = (dir: string): Map<string, string> =>
  new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString("base64")]));

/** Every `every`-th work of the world, and what people did with it. */
function keepWorks(every: number): void {
  const rowsOf = (name: string): string[] => readFileSync(join(data, name), "utf8").trimEnd().split("\n");
  const write = (name: string, rows: readonly string[]): void =>
    writeFileSync(join(data, name), `${rows.join("\n")}\n`);
  const items = rowsOf("items.csv").filter((_, at) => at % every === 0);
  write("items.csv", items);
  const kept = new Set(items.map((row) => row.slice(0, row.indexOf(","))));
  for (const name of ["events.csv", "impressions.csv"]) {
    const [head, ...rows] = rowsOf(name);
    const column = head!.split(",").indexOf("item_id");
    write(name, [head!, ...rows.filter((row) => kept.has(row.split(",")[column]!))]);
  }
}

beforeAll(() => {
  spawnSync(process.execPath, ["scripts/kernels.mjs"], { cwd: ROOT });
  const { code, stderr } = affiche(["world", "--people", "120", "--out", data]);
  if (code !== 0) throw new Error(stderr);
  keepWorks(4);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe("affiche", () => {
  test("--help everywhere", () => {
    const all = affiche(["--help"]);
    expect(all.code).toBe(0);
    for (const name of ["world", "import", "build", "evaluate", "inspect", "serve"]) {
      expect(all.stdout).toContain(name);
      const one = affiche([name, "--help"]);
      expect(one.code).toBe(0);
      expect(one.stdout).toContain("USAGE");
    }
  });

  test.each([
    [["dance"], /no command "dance"/u],
    [["build", "--data", "nowhere", "--out", "x"], /missing/u],
    [["build"], /--data/u],
    [["evaluate", "--data", data, "--models", "magic"], /no model "magic"/u],
    [["evaluate", "--data", data, "--protocol", "magic"], /no protocol "magic"/u],
    [["evaluate", "--data", data, "--seed", "x"], /--seed/u],
    [["import", "--from", "nothing", "x", "--out", "y"], /--from/u],
    [["inspect", folder], /missing/u],
    [["build", "--data", data, "--out", bundle, "--bundle-version", "0"], /--bundle-version/u],
  ])("%j fails with one clear line and code 2", (args, message) => {
    const { code, stdout, stderr } = affiche(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /mu);
    expect(stdout).toBe("");
  });

  test("a port in use is one clear sentence", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const { code, stderr } = affiche(["serve"], { PORT: String(port) });
    taken.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(/Port \d+ is in use|index\.html is missing/u);
  });
});

describe("evaluate", () => {
  test("prints the documented report and nothing else on stdout", () => {
    const report = json(affiche(["evaluate", "--data", data, "--json", "--models", "popularity,ials"])) as {
      dataset: string;
      models: Record<string, unknown>[];
    };
    expect(report).toMatchObject({ dataset: "demo", protocol: "strong" });
    expect(report.models.map(({ name }) => name)).toEqual(["popularity", "ials"]);
    for (const model of report.models) {
      for (const metric of ["ndcgAt100", "recallAt20", "recallAt50", "hitsRecallAt20", "precisionAt10", "auc"]) {
        expect(model[metric]).toBeGreaterThan(0);
        expect((model["se"] as Record<string, number>)[metric]).toBeGreaterThan(0);
      }
      expect(model["coverageAt20"]).toBeGreaterThan(0);
      expect(model["trainCpuSeconds"]).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("build and inspect", () => {
  test("the same input and seed give the same bytes, another seed others; the version is monotonic", () => {
    // Few bytes leave fewer divisions to try.
    const build = (out: string, ...more: string[]): Run =>
      affiche(["build", "--data", data, "--bytes-per-item", "32", "--out", out, ...more]);
    expect(build(bundle)).toMatchObject({ code: 0 });
    const twin = join(folder, "twin", "bundle");
    expect(build(twin)).toMatchObject({ code: 0 });
    expect(filesOf(twin)).toEqual(filesOf(bundle));

    const before = filesOf(bundle);
    expect(build(bundle)).toMatchObject({ code: 0 });
    expect(filesOf(bundle)).toEqual(before);
    const refused = build(bundle, "--seed", "2");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--bundle-version 2");
    expect(filesOf(bundle)).toEqual(before);
    expect(build(bundle, "--seed", "2", "--bundle-version", "2").code).toBe(0);
    const after = filesOf(bundle);
    expect(after).not.toEqual(before);
    expect(after.size).toBe(before.size);

    const inspected = json(affiche(["inspect", bundle, "--json"])) as {
      version: number;
      ranker: string;
      data: { simulated: boolean; items: number };
      neighbours: { nearest: string[] }[];
    };
    expect(inspected).toMatchObject({ version: 2, ranker: "trained", data: { simulated: true } });
    expect(inspected.neighbours[0]!.nearest).toHaveLength(5);

    const name = readdirSync(bundle).find((file) => file.startsWith("items-"))!;
    const bytes = readFileSync(join(bundle, name));
    bytes[200]! ^= 1;
    writeFileSync(join(bundle, name), bytes);
    const damaged = affiche(["inspect", bundle]);
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toContain(`${name} is damaged`);
  }, 600_000);
});
