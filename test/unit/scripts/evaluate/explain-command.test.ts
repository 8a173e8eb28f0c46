import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { evaluateCommand } from "../../../../scripts/evaluate/command.ts";
import { explainCommand } from "../../../../scripts/evaluate/explain-command.ts";
import { ROOT } from "../../../../scripts/paths.ts";
import { ThreadPool } from "../../../../scripts/train/thread-pool.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import { folders } from "../import/folder.ts";
import { run } from "../run-command.ts";

const folder = folders();
beforeAll(() => void spawnSync(process.execPath, ["scripts/kernels.mjs"], { cwd: ROOT }));

/** Who likes even items likes them all; every pair has two events, and a value of its own. */
function directory(files: Record<string, string> = {}): Promise<string> {
  const random = seededRandom(3);
  const rows: string[] = [];
  for (let user = 0; user < 80; user++) {
    for (let item = 0; item < 30; item++) {
      if (random() >= (item % 2 === user % 2 ? 0.5 : 0.1)) continue;
      for (let time = 2; time > 0; time--) rows.push(`u${user},i${item},click,${time},${100 * user + item}`);
    }
  }
  rows.push("loner,i0,click,1,1");
  return folder({
    "items.csv": `item_id,title\n${Array.from({ length: 30 }, (_, item) => `i${item},Title <b>${item}</b>`).join("\n")}\n`,
    "events.csv": `user_id,item_id,event,timestamp,value\n${rows.join("\n")}\n`,
    "dataset.json": JSON.stringify({ name: "tiny", timeUnit: "order", positiveEvents: ["click"] }),
    ...files,
  });
}

interface Report {
  readonly user: string;
  readonly model: string;
  readonly consumed: readonly { readonly itemId: string; readonly value: number }[];
  readonly recommended: readonly { readonly itemId: string; readonly title: string; readonly hit: boolean }[];
  readonly targets: readonly { readonly itemId: string; readonly rank: number | null }[];
}
const explained = async (data: string, user: string, ...more: string[]): Promise<Report> =>
  JSON.parse((await run(explainCommand, "--data", data, "--user", user, "--json", ...more)).out) as Report;

/** Those whom a protocol measures, from the message that names some. */
async function somebody(data: string, ...more: string[]): Promise<string[]> {
  const message = await run(explainCommand, "--data", data, "--user", "nobody", ...more).then(
    () => "",
    (error: Error) => error.message,
  );
  return /try one of (.*)\. See/u.exec(message)![1]!.split(", ");
}

describe("affiche explain", () => {
  test.each(["strong", "random", "leave-last-out"])("%s: what a person took is that person's own", async (protocol) => {
    const data = await directory();
    const people = await somebody(data, "--protocol", protocol);
    expect(people).toHaveLength(5);
    const [user] = people;
    const report = await explained(data, user!, "--protocol", protocol, "--model", "popularity", "--k", "7");
    expect(report).toMatchObject({ user, model: "popularity" });
    // The value of a pair is the sum over its two events.
    const number = Number(user!.slice(1));
    for (const { itemId, value } of report.consumed) expect(value).toBe(2 * (100 * number + Number(itemId.slice(1))));
    const events = await readFile(join(data, "events.csv"), "utf8");
    for (const { itemId } of [...report.consumed, ...report.targets]) expect(events).toContain(`\n${user},${itemId},`);
    const ids = [...report.consumed, ...report.targets].map(({ itemId }) => itemId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(report.recommended).toHaveLength(7);
    const shown = report.recommended.map(({ itemId }) => itemId);
    const near = report.targets.filter(({ rank }) => rank !== null && rank <= 7);
    expect(near.map(({ itemId, rank }) => [itemId, rank])).toEqual(
      near.map(({ itemId }) => [itemId, shown.indexOf(itemId) + 1]),
    );
    expect(report.recommended.filter(({ hit }) => hit)).toHaveLength(near.length);
  });

  test("prints tables of at most 100 columns", async () => {
    const data = await directory();
    const [user] = await somebody(data);
    const { out: text } = await run(explainCommand, "--data", data, "--user", user!, "--model", "ials");
    expect(text).toContain(`tiny, strong, ials, user ${user}\n`);
    expect(text).toContain("sums to the score");
    expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  test("explains iALS unless another model is asked for", async () => {
    const data = await directory();
    const [user] = await somebody(data);
    expect(await explained(data, user!)).toMatchObject({ user, model: "ials" });
  });

  test("refuses what cannot be explained, and says what can", async () => {
    const data = await directory();
    const failure = (...rawArgs: string[]) => run(explainCommand, "--data", data, ...rawArgs);
    const usage = (message: RegExp) => ({ code: "USAGE", message: expect.stringMatching(message) as string });
    await expect(failure("--user", "nobody")).rejects.toMatchObject(usage(/"nobody" has no events: try one of u\d+/u));
    await expect(failure("--user", "loner")).rejects.toMatchObject(usage(/no targets or no history in strong: try/u));
    await expect(failure("--user", "u1", "--k", "0")).rejects.toMatchObject(usage(/--k 0/u));
    await expect(failure("--user", "u1", "--model", "magic")).rejects.toMatchObject(usage(/no model "magic"/u));
    await expect(failure("--user", "u1", "--model", "ials,ease")).rejects.toMatchObject(usage(/one model/u));
    await expect(failure("--user", "u1", "--model", "weighted-rating")).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("affiche explain --history", () => {
  interface Parted {
    readonly history: readonly { readonly itemId: string }[];
    readonly lists: readonly { readonly part: string; readonly shown: readonly { readonly itemId: string }[] }[];
    readonly made: readonly {
      readonly itemId: string;
      readonly sum: number;
      readonly parts: Readonly<Record<string, number>>;
      readonly most: { readonly itemId: string } | null;
    }[];
  }

  test("shows a typed history's lists part by part, and writes the page", async () => {
    const data = await directory();
    const path = join(data, "page.html");
    const typed = "title <b>2</b>; i4;Title <b>6</b>";
    const args = ["--data", data, "--history", typed, "--k", "6", "--html", path];
    const { out, err } = await run(explainCommand, ...args, "--json");
    const report = JSON.parse(out) as Parted;
    expect(report.history.map(({ itemId }) => itemId)).toEqual(["i2", "i4", "i6"]);
    expect(report.lists.map(({ part }) => part).slice(0, 2)).toEqual(["dot", "residual"]);
    for (const { shown } of report.lists) expect(shown).toHaveLength(6);
    // Who likes even items likes them all; the quantised dot product alone says so less clearly.
    const [, ...mended] = report.lists;
    for (const { shown } of mended) {
      expect(shown.filter(({ itemId }) => Number(itemId.slice(1)) % 2 === 0).length).toBeGreaterThanOrEqual(5);
    }
    expect(report.made.map(({ itemId }) => itemId)).toEqual(report.lists.at(-1)!.shown.map(({ itemId }) => itemId));
    for (const { sum, parts, most } of report.made) {
      expect(Object.values(parts).reduce((total, part) => total + part, 0)).toBeCloseTo(sum, 12);
      expect(["i2", "i4", "i6"]).toContain(most!.itemId);
    }
    expect(err).toMatch(/page\.html is written, the towers inside are [\d,]+ bytes/u);
    const page = await readFile(path, "utf8");
    expect(page).toContain("Title &lt;b&gt;2&lt;/b&gt;");
    expect(page).not.toMatch(/<b>\d+<\/b>/u);
  });

  test("refuses what it cannot find before anything is fitted, and names what is near", async () => {
    const data = await directory({
      "items.csv": `item_id,title,year\n${Array.from({ length: 30 }, (_, item) => `i${item},Title ${item % 20},${1990 + item}`).join("\n")}\n`,
    });
    const fit = vi.spyOn(ThreadPool, "open");
    const failure = (...rawArgs: string[]) => run(explainCommand, "--data", data, ...rawArgs);
    const usage = (message: RegExp) => ({ code: "USAGE", message: expect.stringMatching(message) as string });
    await expect(failure("--history", "Title 1")).rejects.toMatchObject(
      usage(/"Title 1" is more than one item\. Write one of .*"Title 1 \(1991\)" \(item i1\)/u),
    );
    await expect(failure("--history", "Title 12; Titel 13")).rejects.toMatchObject(
      usage(/No item is called "Titel 13"\. The nearest are "Title 13" \(item i13\)/u),
    );
    await expect(failure("--history", " ; ")).rejects.toMatchObject(usage(/names no title/u));
    await expect(failure()).rejects.toMatchObject(usage(/one of --user and --history/u));
    await expect(failure("--history", "i1", "--user", "u1")).rejects.toMatchObject(usage(/one of --user and/u));
    await expect(failure("--user", "u1", "--html", "page.html")).rejects.toMatchObject(usage(/--html goes with/u));
    for (const model of ["ease", "ials"]) {
      await expect(failure("--history", "i1", "--model", model)).rejects.toMatchObject(usage(/leave --model out/u));
    }
    await expect(failure("--history", "i1", "--html", join(data, "absent", "page.html"))).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
    });
    expect(fit).not.toHaveBeenCalled();
    fit.mockRestore();
  });
});

describe("affiche evaluate --html", () => {
  test("writes one page beside what it prints, the same for the same figures", async () => {
    const data = await directory();
    const path = join(data, "report.html");
    const args = ["--data", data, "--models", "popularity,ials", "--html", path];
    const pages: string[] = [];
    for (let time = 0; time < 2; time++) {
      expect((await run(evaluateCommand, ...args)).out).toContain("ials");
      // Training takes another time each time.
      pages.push(
        (await readFile(path, "utf8")).replaceAll(/>\d+\.\d</gu, "><").replaceAll(' class="n best"', ' class="n"'),
      );
    }
    expect(pages[0]).toBe(pages[1]);
    for (const part of ["Learning curves", "Map of the items", "Title &lt;b&gt;"]) expect(pages[0]).toContain(part);
    expect(pages[0]).not.toMatch(/<b>\d+<\/b>/u);
    expect((await readdir(data)).filter((name) => name.includes("part"))).toEqual([]);
  });

  test("a file that cannot be written is told before anything is fitted", async () => {
    const data = await directory();
    const path = join(data, "absent", "report.html");
    const fit = vi.spyOn(ThreadPool, "open");
    await expect(run(evaluateCommand, "--data", data, "--models", "popularity", "--html", path)).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
    });
    expect(fit).not.toHaveBeenCalled();
    fit.mockRestore();
  });
});
