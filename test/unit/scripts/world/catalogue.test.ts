import { describe, expect, it } from "vitest";
import { offerOf, readCatalogue } from "../../../../scripts/world/catalogue.ts";
import { folders, listening } from "../import/folder.ts";

const folder = folders();
const HEADER = "item_id,title,maker,year,country,language,category,subcategory,genre_code,themes\n";
const GOOD = ["a", "b", "c"].map((id) => `${id},Title,Maker,1999,FR,fr,novel,,,sea|war\n`).join("");

it("has at least 500 works of at least 8 kinds, and nothing wrong with any", async () => {
  const reading = listening(0);
  const works = await readCatalogue(reading.log);
  expect(reading.lines).toEqual([]);
  expect(works.length).toBeGreaterThanOrEqual(500);
  expect(new Set(works.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(8);
  expect(new Set(works.map(({ id }) => id)).size).toBe(works.length);
  const titles = works.map(({ kind, title, maker }) => `${kind}: ${title}, ${maker}`);
  expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
});

describe("a catalogue", () => {
  it("takes its kinds from the names of its files", async () => {
    const path = await folder({ "film.csv": HEADER + GOOD, "README.md": "" });
    expect((await readCatalogue(() => {}, path))[0]).toEqual({
      id: "a",
      title: "Title",
      maker: "Maker",
      year: 1999,
      kind: "film",
      country: "FR",
      language: "fr",
      category: "novel",
      subcategory: "",
      genreCode: "",
      themes: ["sea", "war"],
    });
  });

  it.each([
    ["an id twice", "a,T,M,1999,FR,fr,c,,,sea", /"a" stands here twice/],
    ["an id that is no slug", "A b,T,M,1999,FR,fr,c,,,sea", /not a slug/],
    ["no title", "d,,M,1999,FR,fr,c,,,sea", /title is missing/],
    ["no maker", "d,T,,1999,FR,fr,c,,,sea", /maker is missing/],
    ["a year that is none", "d,T,M,MCM,FR,fr,c,,,sea", /year "MCM"/],
    ["a year to come", "d,T,M,3000,FR,fr,c,,,sea", /year "3000"/],
    ["a country that is no code", "d,T,M,1999,France,fr,c,,,sea", /country "France"/],
    ["a language that is no code", "d,T,M,1999,FR,français,c,,,sea", /language "français"/],
    ["no theme", "d,T,M,1999,FR,fr,c,,,", /themes ""/],
    ["a theme twice", "d,T,M,1999,FR,fr,c,,,sea|sea", /themes "sea\|sea"/],
  ])("is refused with %s", async (_, row, reason) => {
    const reading = listening(0);
    const path = await folder({ "film.csv": `${HEADER}${GOOD}${row}\n` });
    await expect(readCatalogue(reading.log, path)).rejects.toMatchObject({ code: "TOO_MANY_BAD_ROWS" });
    expect(reading.lines[0]).toMatch(reason);
    expect(reading.lines[0]).toContain("film.csv:5: ");
  });

  it("is refused with a theme that hardly any work has", async () => {
    const path = await folder({ "film.csv": `${HEADER}${GOOD}d,T,M,1999,FR,fr,c,,,sea|waar\n` });
    await expect(readCatalogue(() => {}, path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      details: { reason: 'the theme "waar" has 1 works' },
    });
  });
});

it("prices every work, and gives some performances a season", async () => {
  const works = await readCatalogue(() => {});
  const [start, end] = [Date.UTC(2026, 0, 1) / 1000, Date.UTC(2026, 6, 1) / 1000];
  const offers = works.map((work) => ({ work, offer: offerOf(work, 1, start, end) }));
  expect(offers.every(({ offer }) => offer.price >= 0 && offer.price <= 110 && Number.isInteger(offer.price * 2))).toBe(
    true,
  );
  const seasonal = offers.filter(({ offer }) => offer.availableFrom !== null || offer.availableUntil !== null);
  expect(seasonal.length).toBeGreaterThan(10);
  expect(new Set(seasonal.map(({ work }) => work.kind))).toEqual(new Set(["dance", "opera", "theatre"]));
  expect(offerOf(works[0]!, 1, start, end)).toEqual(offers[0]!.offer);
});
