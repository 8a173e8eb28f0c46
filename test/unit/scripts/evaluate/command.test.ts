import { spawn, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateCommand } from "../../../../scripts/evaluate/command.ts";
import type { FullReport } from "../../../../scripts/evaluate/report.ts";
import { ROOT } from "../../../../scripts/paths.ts";
import { folders } from "../import/folder.ts";
import { run } from "../run-command.ts";
import { evenAndOdd } from "./helpers.ts";

const folder = folders();
beforeAll(() => void spawnSync(process.execPath, ["scripts/kernels.mjs"], { cwd: ROOT }));
const exitCode = process.exitCode;
afterAll(() => (process.exitCode = exitCode));

const directory = (splits: Record<string, string> = {}): Promise<string> => folder({ ...evenAndOdd(), ...splits });

describe("affiche evaluate", () => {
  it("says everything in one JSON document", async () => {
    const data = await directory();
    const args = ["--data", data, "--models", "popularity,ease", "--compare", "popularity", "--segments", "--json"];
    const { out } = await run(evaluateCommand, ...args);
    const report = JSON.parse(out) as FullReport;
    expect(report).toMatchObject({ dataset: "tiny", protocol: "strong", users: 8, seed: 1, withoutHistory: 0 });
    expect(report.models.map(({ name }) => name)).toEqual(["popularity", "ease"]);
    const [popularity, ease] = report.models;
    expect(ease!.ndcgAt100).toBeGreaterThan(popularity!.ndcgAt100);
    expect(ease!.params).toHaveProperty("lambda");
    expect(ease!.trainCpuSeconds).toBeGreaterThan(0);
    expect(report.comparison!.models[0]!.ndcgAt100.difference).toBeCloseTo(ease!.ndcgAt100 - popularity!.ndcgAt100, 9);
    expect(report.segments!["ease"]!.some(({ by }) => by === "popularity")).toBe(true);
    expect(JSON.parse((await run(evaluateCommand, ...args)).out).models[1].values).toEqual(undefined);
  });

  it("takes the settings of --set as they are, and searches the others", async () => {
    const data = await directory();
    const measure = async (set: string): Promise<FullReport["models"]> => {
      const args = ["--data", data, "--models", "ease,bpr,popularity", "--set", set, "--json"];
      return (JSON.parse((await run(evaluateCommand, ...args)).out) as FullReport).models;
    };
    const [ease, bpr] = await measure("ease.lambda=7.5, bpr.epochs=3,bpr.negativePower=0");
    expect(ease!.params).toMatchObject({ lambda: 7.5 });
    expect(bpr!.params).toMatchObject({ epochs: 3, negativePower: 0 });
    const [other] = await measure("ease.lambda=0.5");
    expect(other!.params).toMatchObject({ lambda: 0.5 });
    expect(other!.ndcgAt100).not.toBe(ease!.ndcgAt100);
  });

  it.each([
    ["ease", "expected MODEL.SETTING=NUMBER"],
    ["ials.lambda=1", "choose of the models ease, popularity, shipped"],
    ["ease.alpha=1", "ease has lambda"],
    ["popularity.lambda=1", "popularity has "],
    ["ease.lambda=much", "much is no number"],
    ["shipped.dimensions=64", "chosen together"],
  ])("refuses --set %s", async (set, why) => {
    const data = await directory();
    const args = ["--data", data, "--models", "ease,popularity,shipped", "--set", set];
    await expect(run(evaluateCommand, ...args)).rejects.toMatchObject({
      code: "USAGE",
      details: { reason: expect.stringContaining(why) as string },
    });
  });

  it("prints a table of 80 columns", async () => {
    const data = await directory();
    const { out } = await run(
      evaluateCommand,
      "--data",
      data,
      "--models",
      "popularity,ease",
      "--compare",
      "ease",
      "--segments",
    );
    const lines = out.split("\n");
    expect(lines.find((line) => line.startsWith("popularity"))).toMatch(/ \.\d{4} .* \d+\.\d$/u);
    expect(out).toContain("minus ease");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it.each(["random", "leave-last-out", "cold-users"])("makes the protocol %s and says so", async (protocol) => {
    const data = await directory();
    const { out, err } = await run(evaluateCommand, "--data", data, "--protocol", protocol, "--models", "popularity");
    expect(out).toContain(`tiny, ${protocol}: `);
    expect(err).toContain(`a split ${protocol} is made from the events with seed 1`);
  });

  it("takes the data's own split of that name", async () => {
    const split = "user_id,item_id,part\nu0,i0,train\nu1,i1,train\nu0,i1,val_out\nu1,i0,test_out\n";
    const data = await directory({ "splits/random.csv": split });
    const { out, err } = await run(
      evaluateCommand,
      "--data",
      data,
      "--protocol",
      "random",
      "--models",
      "popularity",
      "--json",
    );
    expect(err).toContain("splits/random.csv");
    expect(JSON.parse(out)).toMatchObject({ users: 1, interactions: 3 });
  });

  it.each([
    [["--protocol", "temporal"], /temporal.*times: order.*random, leave-last-out, cold-items, cold-users/u],
    [["--models", "oracle"], /no model "oracle"/u],
    [["--models", "popularity", "--compare", "ease"], /--compare ease/u],
    [["--feedback", "explicit"], /ratings/u],
    [["--combine", "best"], /--combine best/u],
  ])("refuses %j and names what there is", async (args, message) => {
    const data = await directory();
    await expect(run(evaluateCommand, "--data", data, ...args)).rejects.toThrow(message);
  });

  it("ends at Ctrl-C with what was measured before", async () => {
    const data = await directory();
    const args = [
      "--import",
      "tsx",
      "scripts/affiche.ts",
      "evaluate",
      "--data",
      data,
      "--json",
      "--models",
      "popularity,ials",
    ];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (part) => (out += String(part)));
    child.stderr.on("data", (part) => {
      err += String(part);
      if (!child.killed && err.includes("ials:")) child.kill("SIGINT");
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(err).toContain("Stopped while at ials");
    expect(code).toBe(130);
    expect((JSON.parse(out) as FullReport).models.map(({ name }) => name)).toEqual(["popularity"]);
  });
});
