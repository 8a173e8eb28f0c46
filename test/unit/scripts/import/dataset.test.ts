import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UNKNOWN_YEAR } from "../../../../src/model/catalogue/catalogue.ts";
import { EVENT_KINDS } from "../../../../src/model/interactions/interaction.ts";
import { readDataset, readSplit, SPLIT_PARTS, splitNames } from "../../../../scripts/import/dataset.ts";
import { describeReal, folders, listening } from "./folder.ts";

const folder = folders();
const ITEMS = "item_id,title\na,Alpha\nb,Beta\n";
const EVENTS = "user_id,item_id,event,timestamp,value\nu,a,click,10,\nv,b,rating,5,4.5\nu,b,view,,\n";

async function read(files: Record<string, string>, maxBadRows = 0) {
  const dir = await folder(files);
  const reading = listening(maxBadRows);
  const dataset = await readDataset(dir, reading);
  return { dir, dataset, said: reading.lines.map((line) => line.replace(`${dir}/`, "")) };
}

describe("items", () => {
  it("reads every column", async () => {
    const header =
      "item_id,title,maker,year,kind,category,subcategory,genre_code,themes,language,country,price,url,available_from,available_until,latitude,longitude";
    const full =
      'a,"Iliad, The",Homer,-750,book,classic,epic poem,EPI,war| heroes ||myth,el,GR,9.5,https://example.org/,2026-03-01,2026-03-31,48.5,-2.25';
    const { dataset } = await read({
      "items.csv": `${header}\n${full}\nb,Bare${",".repeat(15)}\n`,
      "events.csv": EVENTS,
    });
    expect(dataset.items).toEqual({
      ids: ["a", "b"],
      titles: ["Iliad, The", "Bare"],
      makers: ["Homer", ""],
      kind: ["book", ""],
      category: ["classic", ""],
      subcategory: ["epic poem", ""],
      genreCode: ["EPI", ""],
      themes: [["war", "heroes", "myth"], []],
      language: ["el", ""],
      country: ["GR", ""],
      urls: ["https://example.org/", ""],
      year: Int32Array.of(-750, UNKNOWN_YEAR),
      price: Float32Array.of(9.5, NaN),
      // The last day is part of the time.
      availableFrom: Float64Array.of(Date.UTC(2026, 2, 1) / 1000, NaN),
      availableUntil: Float64Array.of(Date.UTC(2026, 3, 1) / 1000 - 1, NaN),
      latitude: Float32Array.of(48.5, NaN),
      longitude: Float32Array.of(-2.25, NaN),
    });
    expect(dataset.itemRow("b")).toBe(1);
    expect(dataset.itemRow("c")).toBe(-1);
  });

  it("reports what is wrong with a row and leaves the row out", async () => {
    const { dataset, said } = await read(
      {
        "items.csv":
          "item_id,title,year,price,latitude,available_from\na,A,,,,\n,B,,,,\nb,,,,,\na,A again,,,,\nc,C,MCM,,,\nd,D,,-1,,\ne,E,,,91,\nf,F,,,,2026-13-01\ng,G,1.5,,,\nb,B,2000,0,0,0\n",
        "events.csv": EVENTS,
      },
      1,
    );
    expect(said.filter((line) => line.startsWith("items.csv:"))).toEqual([
      "items.csv:3: item_id is missing",
      "items.csv:4: title is missing",
      'items.csv:5: item_id "a" stands here twice',
      'items.csv:6: year "MCM" is not a number',
      'items.csv:7: price "-1" is not a number from 0 to Infinity',
      'items.csv:8: latitude "91" is not a number from -90 to 90',
      'items.csv:9: available_from "2026-13-01" is not a date',
      'items.csv:10: year "1.5" is not whole',
      "items.csv: 8 of 10 rows left out",
    ]);
    expect(dataset.items.ids).toEqual(["a", "b"]);
    expect(dataset.items.year).toEqual(Int32Array.of(UNKNOWN_YEAR, 2000));
    expect(dataset.badRows).toBe(8);
  });
});

describe("events", () => {
  it("keeps the order of the file and numbers people as they come", async () => {
    const { dataset } = await read({ "items.csv": ITEMS, "events.csv": EVENTS });
    expect(dataset.users).toEqual(["u", "v"]);
    expect(dataset.userRow("v")).toBe(1);
    expect(dataset.events).toEqual({
      user: Uint32Array.of(0, 1, 0),
      item: Uint32Array.of(0, 1, 1),
      event: Uint8Array.from(["click", "rating", "view"] as const, (kind) => EVENT_KINDS.indexOf(kind)),
      timestamp: Float64Array.of(10, 5, NaN),
      value: Float32Array.of(NaN, 4.5, NaN),
    });
    expect(dataset.impressions).toBeNull();
  });

  it("reports unknown items and events, missing ids and words for numbers", async () => {
    const rows = [
      "u,a,click,1,",
      "u,z,click,1,",
      "u,a,purchase,1,",
      ",a,click,1,",
      "u,,click,1,",
      "u,a,click,soon,",
      "u,a,rating,1,good",
    ];
    const { dataset, said } = await read(
      { "items.csv": ITEMS, "events.csv": `user_id,item_id,event,timestamp,value\n${rows.join("\n")}` },
      1,
    );
    expect(said.filter((line) => line.startsWith("events.csv:"))).toEqual([
      'events.csv:3: item_id "z" is not known',
      'events.csv:4: event "purchase" is not known',
      "events.csv:5: user_id is missing",
      "events.csv:6: item_id is missing",
      'events.csv:7: timestamp "soon" is not a number',
      'events.csv:8: value "good" is not a number',
      "events.csv: 6 of 7 rows left out",
    ]);
    expect(dataset.events.user).toHaveLength(1);
    expect(dataset.events.timestamp).toHaveLength(1);
  });

  it("stops over the limit", async () => {
    const files = { "items.csv": ITEMS, "events.csv": "user_id,item_id,event\nu,a,click\nu,z,click\n" };
    await expect(read(files, 0.4)).rejects.toMatchObject({ code: "TOO_MANY_BAD_ROWS" });
    expect((await read(files, 0.5)).dataset.events.user).toHaveLength(1);
  });
});

describe("impressions", () => {
  it("groups rows by list and session, and adds people who were only shown something", async () => {
    const { dataset } = await read({
      "items.csv": ITEMS,
      "events.csv": EVENTS,
      "impressions.csv":
        "impression_id,user_id,session_id,item_id,position,context,timestamp,clicked,booked\nl1,u,1,a,1,home,7,1,0\nl1,u,1,b,2,home,7,0,0\nl2,w,1,a,1,kind,8,true,true\n",
    });
    expect(dataset.users).toEqual(["u", "v", "w"]);
    expect(dataset.impressions).toEqual({
      list: Uint32Array.of(0, 0, 1),
      lists: 2,
      session: Uint32Array.of(0, 0, 1),
      user: Uint32Array.of(0, 0, 2),
      item: Uint32Array.of(0, 1, 0),
      position: Uint32Array.of(1, 2, 1),
      context: Uint16Array.of(0, 0, 1),
      contexts: ["home", "kind"],
      timestamp: Float64Array.of(7, 7, 8),
      clicked: Uint8Array.of(1, 0, 1),
      booked: Uint8Array.of(0, 0, 1),
    });
  });

  it("reports positions and flags that are none", async () => {
    const { said } = await read(
      {
        "items.csv": ITEMS,
        "events.csv": EVENTS,
        "impressions.csv":
          "impression_id,user_id,item_id,position,clicked\nl,u,a,0,1\nl,u,a,1.5,1\nl,u,a,1,maybe\nl,u,a,1,1\n",
      },
      1,
    );
    expect(said.filter((line) => line.startsWith("impressions.csv:"))).toEqual([
      'impressions.csv:2: position "0" is not 1, 2, 3 ...',
      'impressions.csv:3: position "1.5" is not 1, 2, 3 ...',
      'impressions.csv:4: clicked "maybe" is not 0 or 1',
      "impressions.csv: 3 of 4 rows left out",
    ]);
  });
});

describe("dataset.json", () => {
  const files = { "items.csv": ITEMS, "events.csv": EVENTS };

  it("is read", async () => {
    const meta = {
      name: "x",
      timeUnit: "order",
      positiveEvents: ["booking"],
      weights: { booking: 2 },
      simulated: true,
    };
    const { dataset, said } = await read({ ...files, "dataset.json": JSON.stringify(meta) });
    expect(dataset.meta).toEqual(meta);
    expect(said).toEqual([]);
  });

  it("is replaced by what the events say, aloud", async () => {
    const { dataset, said } = await read(files);
    expect(dataset.meta).toMatchObject({
      timeUnit: "s",
      positiveEvents: ["click", "rating"],
      weights: {},
      simulated: false,
    });
    expect(said).toEqual([
      "dataset.json is missing: timestamps are seconds since 1970, click, rating count as interest.",
    ]);
    const views = await read({ ...files, "events.csv": "user_id,item_id,event\nu,a,view\nu,a,dismiss\n" });
    expect(views.dataset.meta).toMatchObject({ timeUnit: "none", positiveEvents: ["view"] });
  });

  it.each([
    ["no JSON", "{", /JSON/],
    ["an unknown event", '{"name":"x","timeUnit":"s","positiveEvents":["buy"]}', /^positiveEvents\.0: /],
    ["an unknown unit", '{"name":"x","timeUnit":"ms","positiveEvents":["click"]}', /^timeUnit: /],
    [
      "a negative weight",
      '{"name":"x","timeUnit":"s","positiveEvents":["click"],"weights":{"click":-1}}',
      /^weights\.click: /,
    ],
    ["a slip of the pen", '{"name":"x","timeUnit":"s","positiveEvents":["click"],"weight":{}}', /weight/],
  ])("is refused with %s", async (_, text, reason) => {
    await expect(read({ ...files, "dataset.json": text })).rejects.toMatchObject({
      code: "DATA_INVALID",
      details: { reason: expect.stringMatching(reason) },
    });
  });
});

describe("missing files", () => {
  it.each(["items.csv", "events.csv"])("names %s and the remedy", async (name) => {
    const files: Record<string, string> = { "items.csv": ITEMS, "events.csv": EVENTS };
    delete files[name];
    await expect(read(files)).rejects.toMatchObject({
      code: "DATA_MISSING",
      details: { path: expect.stringContaining(name), remedy: expect.stringContaining("affiche world") },
    });
  });

  it("names a folder that is not there", async () => {
    const reader = readDataset(join(await folder(), "nowhere"), listening(0));
    await expect(reader).rejects.toMatchObject({ code: "DATA_MISSING" });
  });
});

describe("splits", () => {
  it("are read against the data set, other columns passed over", async () => {
    const split = "user_id,item_id,part,order,note\nv,b,test_out,7,x\nu,a,train,,y\n";
    const { dir, dataset } = await read({
      "items.csv": ITEMS,
      "events.csv": EVENTS,
      "splits/b.csv": split,
      "splits/a.csv": split,
    });
    expect(await splitNames(dir)).toEqual(["a", "b"]);
    expect(await readSplit(dir, "a", dataset, listening(0))).toEqual({
      user: Uint32Array.of(1, 0),
      item: Uint32Array.of(1, 0),
      part: Uint8Array.of(SPLIT_PARTS.indexOf("test_out"), SPLIT_PARTS.indexOf("train")),
      order: Float64Array.of(7, NaN),
    });
    await expect(readSplit(dir, "c", dataset, listening(0))).rejects.toMatchObject({
      code: "DATA_MISSING",
      details: { remedy: "The splits there are a, b." },
    });
  });

  it("report unknown people, items and parts", async () => {
    const split = "user_id,item_id,part\nz,b,train\nu,z,train\nu,a,dev\n";
    const { dir, dataset } = await read({ "items.csv": ITEMS, "events.csv": EVENTS, "splits/a.csv": split });
    const reading = listening(1);
    expect((await readSplit(dir, "a", dataset, reading)).user).toHaveLength(0);
    expect(reading.lines.slice(0, 3).map((line) => line.slice(line.indexOf("a.csv")))).toEqual([
      'a.csv:2: user_id "z" is not known',
      'a.csv:3: item_id "z" is not known',
      'a.csv:4: part "dev" is not known',
    ]);
  });

  it("have no order without a fourth column, and a bad one is reported", async () => {
    const { dir, dataset } = await read({
      "items.csv": ITEMS,
      "events.csv": EVENTS,
      "splits/a.csv": "user_id,item_id,part\nu,a,train\n",
      "splits/b.csv": "user_id,item_id,part,order\nu,a,train,first\n",
    });
    expect((await readSplit(dir, "a", dataset, listening(0))).order).toBeNull();
    const reading = listening(1);
    expect((await readSplit(dir, "b", dataset, reading)).user).toHaveLength(0);
    expect(reading.lines[0]).toContain("order");
  });

  it("are none without a folder", async () => {
    expect(await splitNames(await folder())).toEqual([]);
  });
});

describeReal("ml-1m", (dir) => {
  it("is read whole, with its splits", async () => {
    const reading = listening(0);
    const dataset = await readDataset(dir, reading);
    expect([dataset.users.length, dataset.items.ids.length, dataset.events.user.length]).toEqual([
      6040, 3883, 1_000_209,
    ]);
    expect(reading.lines).toEqual([]);
    expect((await readSplit(dir, "strong", dataset, reading)).user).toHaveLength(1_000_191);
  });
});
