import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tuneCommand } from "../../../../scripts/evaluate/tune-command.ts";
import type { TuneReport } from "../../../../scripts/evaluate/tune-table.ts";
import { ROOT } from "../../../../scripts/paths.ts";
import { folders } from "../import/folder.ts";
import { run } from "../run-command.ts";
import { evenAndOdd } from "./helpers.ts";

const folder = folders();
beforeAll(() => void spawnSync(process.execPath, ["scripts/kernels.mjs"], { cwd: ROOT }));
const exitCode = process.exitCode;
afterAll(() => (process.exitCode = exitCode));

const directory = (splits: Record<string, string> = {}): Promise<string> => folder({ ...evenAndOdd(), ...splits });

const reportOf = (out: string): TuneReport => JSON.parse(out) as TuneReport;

/** CPU seconds are those of the day. */
function withoutTime({ models, ...rest }: TuneReport): unknown {
  const timeless = models.map((model) => {
    return { ...model, searchCpuSeconds: 0, best: { ...model.best, trainCpuSeconds: 0 } };
  });
  return { ...rest, models: timeless };
}

describe("affiche tune", () => {
  it("says everything in one JSON document", async () => {
    const data = await directory();
    const out = join(data, "tune.json");
    const args = ["--data", data, "--out", out, "--models", "popularity,item-knn,ials", "--trials", "4", "--json"];
    const first = await run(tuneCommand, ...args);
    const report = reportOf(first.out);
    expect(report).toMatchObject({
      dataset: "tiny",
      protocol: "strong",
      people: 8,
      search: { method: "random", trials: 4, seed: 1 },
      finished: true,
      refused: [],
    });
    expect(report.models.map(({ name, trials }) => [name, trials])).toEqual([
      ["popularity", 1],
      ["item-knn", 4],
      ["ials", 4],
    ]);
    const ials = report.models[2];
    // The curve is that of the best settings, and ends where they were measured.
    expect(report.curves.map(({ name }) => name)).toEqual(["ials"]);
    expect(report.curves[0]!.points).toHaveLength(ials!.best!.params["epochs"]!);
    expect(report.curves[0]!.points.at(-1)!.ndcgAt100).toBe(ials!.best!.ndcgAt100);
    // Again: nothing is left to fit, not even its CPU seconds are others.
    const again = await run(tuneCommand, ...args);
    expect(again.err).toContain("Going on after the 9 trials");
    expect(reportOf(again.out)).toEqual(report);
  });

  it("prints a table of 80 columns, with the learning curve", async () => {
    const data = await directory();
    const args = ["--data", data, "--out", join(data, "t.json"), "--models", "item-knn,bpr", "--trials", "3"];
    const { out } = await run(tuneCommand, ...args, "--search", "halving");
    const lines = out.split("\n");
    expect(lines[0]).toBe("tiny, validation of strong: 8 people; halving search, 3 settings, seed 1");
    expect(lines.find((line) => line.startsWith("item-knn "))).toMatch(/ \.\d{4} .* 3 +\d+\.\d$/u);
    expect(lines.find((line) => line.startsWith("bpr "))).toMatch(/ \.\d{4} .* 4 +\d+\.\d$/u);
    expect(out).toMatch(/^bpr: AUC \.\d{4} at best, 95 % of it after epoch \d+ of \d+$/mu);
    expect(out).toMatch(/^epoch +1 +2 +4 +8 /mu);
    const settings = /^(?:item-knn|bpr): [a-z]+ /u;
    expect(Math.max(...lines.filter((line) => !settings.test(line)).map(({ length }) => length))).toBeLessThanOrEqual(
      80,
    );
  });

  it("looks at nothing of the test", async () => {
    const parts = (test: string): string =>
      `user_id,item_id,part\nu0,i0,train\nu0,i2,train\nu1,i1,train\nu1,i3,train\nu2,i0,val_in\nu2,i2,val_out\n${test}`;
    const results: unknown[] = [];
    for (const test of [
      "u3,i1,test_in\nu3,i3,test_out\n",
      "u3,i2,test_in\nu3,i1,test_out\nu4,i1,test_in\nu4,i0,test_out\n",
    ]) {
      const data = await directory({ "splits/strong.csv": parts(test) });
      const { out } = await run(
        tuneCommand,
        "--data",
        data,
        "--out",
        join(data, "t.json"),
        "--models",
        "ials",
        "--trials",
        "2",
        "--json",
      );
      results.push([
        withoutTime(reportOf(out)),
        (JSON.parse(readFileSync(join(data, "t.json"), "utf8")) as { search: unknown }).search,
      ]);
    }
    expect(results[1]).toEqual(results[0]);
  });

  it("leaves out, of all models, those that have no settings of their own here", async () => {
    const data = await directory();
    const args = ["--data", data, "--out", join(data, "t.json"), "--trials", "1", "--json"];
    await expect(run(tuneCommand, ...args, "--models", "shipped")).rejects.toThrow(
      /shipped chooses its settings part by part/u,
    );
    await expect(run(tuneCommand, ...args, "--models", "weighted-rating")).rejects.toMatchObject({ code: "USAGE" });
  });

  it.each([
    [["--search", "grid"], /--search grid is not one of random, halving/u],
    [["--trials", "0"], /--trials 0/u],
    [["--trials", "2.5"], /--trials 2\.5/u],
    [["--models", "oracle"], /no model "oracle"/u],
    [["--protocol", "temporal"], /no protocol "temporal"/u],
  ])("refuses %j", async (args, message) => {
    const data = await directory();
    await expect(
      run(tuneCommand, "--data", data, "--models", "ials", "--out", join(data, "t.json"), ...args),
    ).rejects.toThrow(message);
    expect(existsSync(join(data, "t.json"))).toBe(false);
  });

  it("refuses a validation of nobody, and the file of other data", async () => {
    const split = "user_id,item_id,part\nu0,i0,train\nu1,i1,train\nu0,i1,test_out\n";
    const data = await directory({ "splits/random.csv": split });
    const args = ["--data", data, "--models", "popularity", "--out", join(data, "t.json")];
    await expect(run(tuneCommand, ...args, "--protocol", "random")).rejects.toThrow(
      /nobody to measure on: choose another/u,
    );
    await run(tuneCommand, ...args);
    await expect(run(tuneCommand, ...args, "--seed", "2")).rejects.toThrow(/another search, of other seed, data/u);
  });

  it("ends at Ctrl-C and goes on to what it would have found without", { timeout: 60_000 }, async () => {
    const data = await directory();
    const args = ["--data", data, "--models", "item-knn,ials", "--trials", "12", "--search", "halving", "--json"];
    const argsTo = (name: string): string[] => [...args, "--out", join(data, name)];
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "scripts/affiche.ts", "tune", ...argsTo("stopped.json")],
      {
        cwd: ROOT,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let [out, err] = ["", ""];
    child.stdout.on("data", (part) => (out += String(part)));
    child.stderr.on("data", (part) => (err += String(part)));
    const file = (): string =>
      existsSync(join(data, "stopped.json")) ? readFileSync(join(data, "stopped.json"), "utf8") : "";
    const poll = setInterval(() => {
      if (!child.killed && file().includes('"model":"ials"')) child.kill("SIGINT");
    }, 5);
    const code = await new Promise((resolve) => child.on("close", resolve));
    clearInterval(poll);
    expect(code).toBe(130);
    const trials = file().match(/"model"/gu)!.length;
    expect(err).toContain(`Stopped; ${trials} trials are in `);
    expect(reportOf(out)).toMatchObject({ finished: false });
    expect(trials).toBeLessThan(12 + 12 + 4 + 1);

    const resumed = await run(tuneCommand, ...argsTo("stopped.json"));
    expect(resumed.err).toContain(`Going on after the ${trials} trials`);
    const whole = await run(tuneCommand, ...argsTo("whole.json"));
    expect(withoutTime(reportOf(resumed.out))).toEqual(withoutTime(reportOf(whole.out)));
    const timeless = (name: string): string =>
      readFileSync(join(data, name), "utf8").replaceAll(/"trainCpuSeconds":[\d.e-]+/gu, "");
    expect(timeless("stopped.json")).toBe(timeless("whole.json"));
  });
});
