import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeDataset } from "../../../../scripts/import/data-directory.ts";
import { readDataset, splitNames } from "../../../../scripts/import/dataset.ts";
import { filmOf, FORMATS } from "../../../../scripts/import/formats.ts";
import { describeReal, folders, listening } from "./folder.ts";

const folder = folders();

async function imported(format: keyof typeof FORMATS, source: string, maxBadRows = 0) {
  const reading = listening(maxBadRows);
  const out = join(await folder(), "data");
  await writeDataset(out, await FORMATS[format](source, reading));
  const said = reading.lines.map((line) => line.replace(`${source}/`, ""));
  return { out, said, dataset: await readDataset(out, listening(0)) };
}

describe("titles of MovieLens", () => {
  it.each([
    ["Toy Story (1995)", "Toy Story", "1995"],
    ["Usual Suspects, The (1995)", "Usual Suspects, The", "1995"],
    [
      "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
      "City of Lost Children, The (Cité des enfants perdus, La)",
      "1995",
    ],
    ["96 Minutes (2011) ", "96 Minutes", "2011"],
    ["Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto", "2006"],
    ["Babylon 5", "Babylon 5", ""],
    ["1984 (1956)", "1984", "1956"],
    ["(500) Days of Summer (2009)", "(500) Days of Summer", "2009"],
    ["(2012)", "(2012)", ""],
  ])("%s", (published, title, year) => {
    expect(filmOf("1", published, "")).toMatchObject({ title, year });
  });

  it("has genres as themes, the first as category, and none where there are none", () => {
    expect(filmOf("1", "A", "Drama|War")).toMatchObject({ kind: "film", category: "Drama", themes: "Drama|War" });
    expect(filmOf("1", "A", "(no genres listed)")).toMatchObject({ category: "", themes: "" });
  });
});

it("movielens-1m", async () => {
  const source = await folder({
    "movies.dat": Buffer.from(
      "1::Toy Story (1995)::Animation|Children's|Comedy\n73::Misérables, Les (1995)::Drama|Musical\n",
      "latin1",
    ),
    "ratings.dat": "1::73::5::978300760\n2::1::3::978302109\n",
    "users.dat": "1::F::1::10::48067\n",
  });
  const { dataset } = await imported("movielens-1m", source);
  expect(dataset.meta).toMatchObject({ timeUnit: "s", positiveEvents: ["rating"] });
  expect(dataset.items).toMatchObject({
    ids: ["1", "73"],
    titles: ["Toy Story", "Misérables, Les"],
    year: Int32Array.of(1995, 1995),
    kind: ["film", "film"],
    category: ["Animation", "Drama"],
    themes: [
      ["Animation", "Children's", "Comedy"],
      ["Drama", "Musical"],
    ],
  });
  expect(dataset.users).toEqual(["1", "2"]);
  expect([...dataset.events.item]).toEqual([1, 0]);
  expect([...dataset.events.timestamp]).toEqual([978300760, 978302109]);
  expect([...dataset.events.value]).toEqual([5, 3]);
});

describe("movielens-csv", () => {
  const FILES = {
    "movies.csv":
      'movieId,title,genres\r\n1,Toy Story (1995),Comedy|Fantasy\r\n11,"American President, The (1995)",(no genres listed)\r\n',
    "ratings.csv": "userId,movieId,rating,timestamp\r\n1,11,4.5,964982703\r\n",
    "splits/strong.csv": "user_id,item_id,part\n1,11,train\n",
  };

  it("is read, splits included", async () => {
    const { dataset, out } = await imported("movielens-csv", await folder(FILES));
    expect(dataset.items.titles).toEqual(["Toy Story", "American President, The"]);
    expect(dataset.items.themes).toEqual([["Comedy", "Fantasy"], []]);
    expect(await readFile(join(out, "events.csv"), "utf8")).toBe(
      "user_id,item_id,event,timestamp,value\n1,11,rating,964982703,4.5\n",
    );
    expect(await splitNames(out)).toEqual(["strong"]);
  });

  it("reports bad rows while it streams, and stops over the limit", async () => {
    const ratings = `${FILES["ratings.csv"]}1,12,3,964982703\r\n1,1,,964982703\r\n1,1,3,\r\n,1,3,964982703\r\n`;
    const source = await folder({ ...FILES, "ratings.csv": ratings });
    const { said, dataset } = await imported("movielens-csv", source, 1);
    expect(said).toEqual([
      'ratings.csv:3: item "12" is not known',
      "ratings.csv:4: rating is missing",
      "ratings.csv:5: timestamp is missing",
      "ratings.csv:6: the user is missing",
      "ratings.csv: 4 of 5 rows left out",
    ]);
    expect(dataset.events.user).toHaveLength(1);
    await expect(imported("movielens-csv", source, 0.001)).rejects.toMatchObject({ code: "TOO_MANY_BAD_ROWS" });
  });

  it("names what is missing", async () => {
    await expect(imported("movielens-csv", await folder())).rejects.toMatchObject({
      code: "DATA_MISSING",
      details: { path: expect.stringContaining("movies.csv"), remedy: expect.stringContaining("grouplens.org") },
    });
  });
});

it("lastfm-hetrec", async () => {
  const source = await folder({
    "artists.dat":
      'id\tname\turl\tpictureURL\n1\tMALICE MIZER\thttp://www.last.fm/music/MALICE+MIZER\thttp://x/1.jpg\n9\t"Weird Al"\thttp://y\t\n',
    "user_artists.dat": "userID\tartistID\tweight\n2\t9\t13883\n",
  });
  const { dataset } = await imported("lastfm-hetrec", source);
  expect(dataset.meta).toMatchObject({ timeUnit: "none", positiveEvents: ["click"] });
  expect(dataset.items).toMatchObject({
    titles: ["MALICE MIZER", '"Weird Al"'],
    kind: ["artist", "artist"],
    urls: ["http://www.last.fm/music/MALICE+MIZER", "http://y"],
  });
  expect([...dataset.events.item]).toEqual([1]);
  expect([...dataset.events.value]).toEqual([13883]);
  expect([...dataset.events.timestamp]).toEqual([NaN]);
});

describeReal("ml-latest-small", (source) => {
  it("has 610 people, 9,742 films and 100,836 ratings", async () => {
    const { dataset, said } = await imported("movielens-csv", source);
    expect([dataset.users.length, dataset.items.ids.length, dataset.events.user.length]).toEqual([610, 9742, 100_836]);
    expect(said).toEqual([]);
    const row = dataset.itemRow("50");
    expect([dataset.items.titles[row], dataset.items.year[row]]).toEqual(["Usual Suspects, The", 1995]);
  });
});

describeReal("lastfm-hetrec/raw", (source) => {
  it("has 1,892 people, 17,632 artists and 92,834 events", async () => {
    const { dataset, said } = await imported("lastfm-hetrec", source);
    expect([dataset.users.length, dataset.items.ids.length, dataset.events.user.length]).toEqual([
      1892, 17_632, 92_834,
    ]);
    expect(said).toEqual([]);
  });
});
