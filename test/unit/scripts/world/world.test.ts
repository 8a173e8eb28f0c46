import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { writeDataset } from "../../../../scripts/import/data-directory.ts";
import { readDataset } from "../../../../scripts/import/dataset.ts";
import { readCatalogue } from "../../../../scripts/world/catalogue.ts";
import type { Work } from "../../../../scripts/world/catalogue.ts";
import { gini, statisticsOf } from "../../../../scripts/world/statistics.ts";
import { BEHAVIOUR, datasetOf, simulate, WORLD_DAYS, WORLD_END } from "../../../../scripts/world/world.ts";
import type { World } from "../../../../scripts/world/world.ts";
import { folders, listening } from "../import/folder.ts";

const folder = folders();
let works: Work[];
beforeAll(async () => {
  works = await readCatalogue(() => {});
});

/** SHA-256 by file of a world of 60 people. */
async function hashes(seed: number): Promise<Record<string, string>> {
  const out = join(await folder(), "demo");
  await writeDataset(out, datasetOf(simulate(works, 60, seed)));
  const files = (await readdir(out)).toSorted();
  const hashed = files.map(async (name) => [
    name,
    createHash("sha256")
      .update(await readFile(join(out, name)))
      .digest("hex"),
  ]);
  return Object.fromEntries(await Promise.all(hashed));
}

it("is the same to the byte for the same seed and another for another", async () => {
  const [first, again, other] = [await hashes(1), await hashes(1), await hashes(2)];
  expect(again).toEqual(first);
  for (const name of ["items.csv", "events.csv", "impressions.csv"]) expect(other[name]).not.toBe(first[name]);
  expect(other["dataset.json"]).toBe(first["dataset.json"]);
});

describe("the world of the demo", () => {
  let world: World;
  beforeAll(() => {
    world = simulate(works, 2400, 1);
  }, 60_000);

  it("has the size that it should", () => {
    const statistics = statisticsOf(world);
    expect(new Set(world.impressions.map(([, person]) => person)).size).toBe(2400);
    expect(statistics.meanEvents).toBeGreaterThan(40);
    expect(statistics.meanEvents).toBeLessThan(80);
    expect(statistics.impressions).toBeGreaterThan(150_000);
    expect(statistics.impressions).toBeLessThan(400_000);
    expect(statistics.bookings).toBeGreaterThan(5_000);
    expect(statistics.dismissals).toBeGreaterThan(500);
  });

  it("has a long tail, and histories of several kinds", () => {
    const { gini: inequality, crossKind } = statisticsOf(world);
    expect(inequality).toBeGreaterThan(0.35);
    expect(inequality).toBeLessThan(0.75);
    expect(crossKind).toBeGreaterThan(0.4);
  });

  it("clicks less the lower an item stands, by the formula, where the lists are random", () => {
    const explored = world.impressions.filter((row) => row[5] === "explore");
    expect(Math.abs(explored.length / world.impressions.length - BEHAVIOUR.explore)).toBeLessThan(0.02);
    const rate = (low: number, high: number): number => {
      const rows = explored.filter((row) => Number(row[4]) >= low && Number(row[4]) <= high);
      return rows.filter((row) => row[7] === 1).length / rows.length;
    };
    const examined = (low: number, high: number): number => {
      const places = Array.from({ length: high - low + 1 }, (_, n) => (low + n) ** -BEHAVIOUR.eta);
      return places.reduce((sum, share) => sum + share, 0) / places.length;
    };
    const expected = examined(1, 2) / examined(7, 10);
    expect(Math.abs(rate(1, 2) / rate(7, 10) / expected - 1)).toBeLessThan(0.15);
  });

  it("keeps events in order and in time, and clicks of lists among the events", () => {
    const times = world.events.map((event) => Number(event[3]));
    expect(times.every((time, at) => at === 0 || time >= times[at - 1]!)).toBe(true);
    expect(times[0]).toBeGreaterThanOrEqual(WORLD_END - WORLD_DAYS * 86_400);
    expect(times.at(-1)).toBeLessThan(WORLD_END + 3600);
    const happened = new Set(world.events.map(([person, work, event]) => `${person} ${work} ${event}`));
    for (const [, person, , work, , , , clicked, booked] of world.impressions) {
      if (clicked && !happened.has(`${person} ${work} click`))
        throw new Error(`${person} ${work}: a click without its event`);
      if (booked && !happened.has(`${person} ${work} booking`))
        throw new Error(`${person} ${work}: a booking without its event`);
    }
  });

  it("books what is affordable and open, after a click, once", () => {
    const offers = new Map(world.works.map((work, row) => [work.id, world.offers[row]!]));
    const credits = new Map(world.people.map(({ id, credit }) => [id, credit]));
    const clicked = new Set<string>();
    const booked = new Set<string>();
    for (const [person, work, event, time] of world.events) {
      const key = `${person} ${work}`;
      if (event === "click") clicked.add(key);
      if (event !== "booking") continue;
      const { price, availableFrom, availableUntil } = offers.get(work)!;
      expect(price).toBeLessThanOrEqual(credits.get(person)!);
      expect(clicked.has(key) && !booked.has(key)).toBe(true);
      // The offer was open when its visit began, an hour before at most.
      expect(Number(time)).toBeGreaterThanOrEqual(availableFrom ?? 0);
      expect(Number(time) - 3600).toBeLessThanOrEqual(availableUntil ?? Infinity);
      booked.add(key);
    }
  });

  it("can be learned: what people who share two works do says more than popularity", () => {
    const histories = new Map<string, number[]>(world.people.map(({ id }) => [id, []]));
    const rows = new Map(world.works.map(({ id }, row) => [id, row]));
    for (const [person, work, event] of world.events)
      if (event === "click") histories.get(person)!.push(rows.get(work)!);
    const all = [...histories.values()].filter(({ length }) => length >= 10);
    const [held, train] = [all.slice(0, 200), all.slice(200)];
    const size = world.works.length;
    const together = new Float64Array(size * size);
    const clicks = new Float64Array(size);
    for (const history of train) {
      for (const a of history) {
        clicks[a]!++;
        for (const b of history) together[a * size + b]!++;
      }
    }
    const recallAt20 = (score: (history: number[], row: number) => number): number => {
      const recalls = held.map((history) => {
        const known = history.slice(0, -3);
        const scores = Array.from({ length: size }, (_, row) => ({
          row,
          score: known.includes(row) ? -1 : score(known, row),
        }));
        const top = new Set(
          scores
            .toSorted((a, b) => b.score - a.score)
            .slice(0, 20)
            .map(({ row }) => row),
        );
        return history.slice(-3).filter((row) => top.has(row)).length / 3;
      });
      return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
    };
    const popularity = recallAt20((_, row) => clicks[row]!);
    const cosine = recallAt20((known, row) =>
      known.reduce(
        (sum, one) => sum + together[one * size + row]! / Math.sqrt((clicks[one]! || 1) * (clicks[row]! || 1)),
        0,
      ),
    );
    expect(cosine).toBeGreaterThan(1.5 * popularity);
    // And no toy: nobody's next step is certain.
    expect(cosine).toBeLessThan(0.8);
  });

  it("comes back from its data directory", async () => {
    const out = join(await folder(), "world");
    await writeDataset(out, datasetOf(world));
    const reading = listening(0);
    const dataset = await readDataset(out, reading);
    expect(reading.lines).toEqual([]);
    expect(dataset.meta).toEqual({
      name: "demo",
      timeUnit: "s",
      positiveEvents: ["click", "favourite", "booking"],
      weights: { click: 1, favourite: 3, booking: 4 },
      simulated: true,
    });
    expect(dataset.items.ids).toEqual(world.works.map(({ id }) => id));
    expect(dataset.items.titles).toEqual(world.works.map(({ title }) => title));
    expect(dataset.users).toHaveLength(2400);
    expect(dataset.events.user).toHaveLength(world.events.length);
    expect(dataset.impressions).toMatchObject({ lists: statisticsOf(world).lists });
    expect(dataset.impressions!.contexts.toSorted()).toEqual(["explore", "home", "similar"]);
  });
});

it("can do with one person", () => {
  const { people, impressions } = simulate(works, 1, 3);
  expect(people).toHaveLength(1);
  expect(impressions.length).toBeGreaterThan(0);
});

it.each([
  [[1, 1, 1, 1], 0],
  [[0, 0, 0, 4], 0.75],
  [[], 0],
  [[0, 0], 0],
  [[1, 3], 0.25],
])("gini of %j is %d", (values, expected) => {
  expect(gini(values)).toBeCloseTo(expected, 12);
});
