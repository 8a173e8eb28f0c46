import { open, readdir, readFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { writeDataset } from "../../../../scripts/import/data-directory.ts";
import type { DatasetSource } from "../../../../scripts/import/data-directory.ts";
import { readDataset } from "../../../../scripts/import/dataset.ts";
import { folders, listening } from "./folder.ts";

const folder = folders();

const SOURCE: DatasetSource = {
  meta: { timeUnit: "s", positiveEvents: ["click"], weights: { click: 2 }, simulated: true },
  items: [
    { item_id: "a", title: 'He said "no",\nand left', year: 1999, themes: "sea|war" },
    { item_id: "b", title: " Beta ", maker: "Ünal" },
  ],
  events: [[["u", "a", "click", 12, ""]], [["v, w", "b", "rating", "", 4.5]]],
  impressions: [[["l1", "u", "s1", "a", 1, "home", 12, 1, 0]]],
};

describe("writing a data directory", () => {
  it("comes back as it was", async () => {
    const out = join(await folder(), "data");
    expect(await writeDataset(out, SOURCE)).toEqual({ items: 2, events: 2, impressions: 1, splits: 0 });
    const dataset = await readDataset(out, listening(0));
    expect(dataset.meta).toEqual({ name: "data", ...SOURCE.meta });
    expect(dataset.items.titles).toEqual(['He said "no",\nand left', " Beta "]);
    expect(dataset.items.makers).toEqual(["", "Ünal"]);
    expect(dataset.items.themes).toEqual([["sea", "war"], []]);
    expect(dataset.items.year[0]).toBe(1999);
    expect(dataset.users).toEqual(["u", "v, w"]);
    expect([...dataset.events.timestamp]).toEqual([12, NaN]);
    expect([...dataset.events.value]).toEqual([NaN, 4.5]);
    expect(dataset.impressions).toMatchObject({ lists: 1, contexts: ["home"], clicked: Uint8Array.of(1) });
    expect((await readFile(join(out, "items.csv"), "utf8")).split("\n")[0]).toBe("item_id,title,maker,year,themes");
  });

  it("copies the splits of the source", async () => {
    const from = await folder({ "splits/strong.csv": "user_id,item_id,part\nu,a,train\n", "splits/notes.txt": "" });
    const out = join(await folder(), "data");
    expect((await writeDataset(out, { ...SOURCE, splits: join(from, "splits") })).splits).toBe(1);
    expect(await readdir(join(out, "splits"))).toEqual(["strong.csv"]);
    expect((await writeDataset(out, { ...SOURCE, splits: join(from, "nowhere") })).splits).toBe(0);
  });

  it("replaces a data directory whole", async () => {
    const parent = await folder({ "data/items.csv": "old", "data/impressions.csv": "old", "data/splits/a.csv": "old" });
    const { impressions: _, ...source } = SOURCE;
    await writeDataset(join(parent, "data"), source);
    expect((await readdir(join(parent, "data"))).toSorted()).toEqual(["dataset.json", "events.csv", "items.csv"]);
    expect(await readdir(parent)).toEqual(["data"]);
  });

  it("leaves the old one and nothing else when the source fails", async () => {
    const parent = await folder({ "data/items.csv": "old" });
    async function* events() {
      yield [["u", "a", "click", 1, ""] as const];
      throw new Error("the source broke");
    }
    await expect(writeDataset(join(parent, "data"), { ...SOURCE, events: events() })).rejects.toThrow(
      "the source broke",
    );
    expect(await readFile(join(parent, "data/items.csv"), "utf8")).toBe("old");
    expect(await readdir(parent)).toEqual(["data"]);
  });

  it("refuses a folder that holds anything else, and a file", async () => {
    const out = await folder({ "items.csv": "", "raw/artists.dat": "precious" });
    const refused = { code: "OUTPUT_FAILED", details: { reason: expect.stringContaining("raw") } };
    await expect(writeDataset(out, SOURCE)).rejects.toMatchObject(refused);
    expect(await readFile(join(out, "raw/artists.dat"), "utf8")).toBe("precious");
    await expect(writeDataset(join(out, "items.csv"), SOURCE)).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
  });

  it("says that the disk is full, and leaves nothing behind", async () => {
    const parent = await folder();
    const probe = await open(join(parent, "probe"), "wx");
    await probe.close();
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC", syscall: "write" });
    const write = vi.spyOn(Object.getPrototypeOf(probe) as FileHandle, "writeFile").mockRejectedValue(full);
    try {
      await expect(writeDataset(join(parent, "data"), SOURCE)).rejects.toMatchObject({
        code: "OUTPUT_FAILED",
        details: { reason: "the disk is full" },
      });
    } finally {
      write.mockRestore();
    }
    expect(await readdir(parent)).toEqual(["probe"]);
  });
});
