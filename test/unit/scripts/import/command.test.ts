import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importCommand } from "../../../../scripts/import/command.ts";
import { run } from "../run-command.ts";
import { folders } from "./folder.ts";

const folder = folders();
const FILES = {
  "movies.csv": "movieId,title,genres\n1,Toy Story (1995),Comedy\n",
  "ratings.csv": "userId,movieId,rating,timestamp\n1,1,4,10\n1,2,4,10\n",
};

describe("affiche import", () => {
  it("prints one JSON document on stdout", async () => {
    const source = await folder(FILES);
    const out = join(source, "out");
    const { out: printed } = await run(
      importCommand,
      "--from",
      "movielens-csv",
      source,
      "--out",
      out,
      "--max-bad-rows",
      "50%",
      "--json",
    );
    expect(JSON.parse(printed)).toEqual({ out, from: "movielens-csv", items: 1, events: 1, impressions: 0, splits: 0 });
    expect(printed.trimEnd()).not.toContain("\n");
  });

  it("stops at 0.1 % bad rows by default", async () => {
    const source = await folder(FILES);
    await expect(
      run(importCommand, "--from", "movielens-csv", source, "--out", join(source, "out")),
    ).rejects.toMatchObject({
      code: "TOO_MANY_BAD_ROWS",
    });
  });

  it("names the formats it knows", async () => {
    const source = await folder(FILES);
    await expect(run(importCommand, "--from", "movielens", source, "--out", join(source, "out"))).rejects.toMatchObject(
      {
        code: "USAGE",
        message: expect.stringContaining("movielens-1m, movielens-csv, lastfm-hetrec"),
      },
    );
  });
});
