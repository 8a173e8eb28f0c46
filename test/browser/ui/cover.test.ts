import "../../../src/ui/app/styles.css";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { AfficheCover } from "../../../src/ui/elements/cover.ts";
import { titleSetting } from "../../../src/ui/parts/covers.ts";
import { loadFonts } from "../../../src/ui/parts/fonts.ts";
import { MOTIFS } from "../../../src/ui/parts/motifs.ts";
import { ITEMS } from "../../support/fake-engine.ts";
import { until } from "./harness.ts";

const TITLES = [
  ...ITEMS.map(({ title }) => title),
  "MMMM WWWW MMMM WWWW",
  "Mammal Wammal Gommage",
  "One Hundred Years of Solitude",
  "The Assassination of Jesse James by the Coward Robert Ford",
  "Le Fabuleux Destin d’Amélie Poulain",
  "Wuthering Heights",
  "Eyes Wide Shut",
  "À la recherche du temps perdu",
  "Spider-Man: Into the Spider-Verse",
  "Mrs Dalloway",
  "2001: A Space Odyssey",
  "Les Demoiselles de Rochefort",
];

/** The demo catalogue's tables, by file name. */
const TABLES: Record<string, string> = import.meta.glob("../../../scripts/world/catalogue/*.csv", {
  query: "?raw",
  import: "default",
  eager: true,
});
/** The second column, where titles stand. */
const titlesOf = (table: string): string[] =>
  [...table.matchAll(/^[^,\n]*,(?:"((?:[^"]|"")*)"|([^,\n]*))/gm)]
    .slice(1)
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);

const covers: AfficheCover[] = [];
afterEach(() => covers.splice(0).forEach((cover) => cover.remove()));

async function show(title: string, kind: string): Promise<AfficheCover> {
  const cover = new AfficheCover();
  cover.item = { ...ITEMS[0]!, id: title, title, kind };
  cover.style.setProperty("width", "176px");
  document.body.append(cover);
  covers.push(cover);
  await cover.updateComplete;
  return cover;
}

beforeAll(async () => {
  loadFonts();
  await until(() => [...document.fonts].every(({ status }) => status === "loaded"), "a font did not load");
});

describe("covers", () => {
  it("loads every face of both families at the start, used or not", () => {
    const families = [...document.fonts].map(({ family }) => family.replaceAll('"', ""));
    expect(families.filter((family) => family.startsWith("Bricolage"))).toHaveLength(3);
    expect(families.filter((family) => family.startsWith("Fraunces"))).toHaveLength(3);
  });

  /** Titles that count as whole and are cut, or reach far into the motif. */
  async function wronged(titles: readonly string[], kind: string): Promise<string[]> {
    const wrong: string[] = [];
    for (const title of titles) {
      if (!titleSetting(title, kind).whole) continue;
      const cover = await show(title, kind);
      const text = cover.querySelector("b")!;
      const cut = text.scrollHeight > text.clientHeight + 1 || text.scrollWidth > text.clientWidth;
      const range = document.createRange();
      range.selectNodeContents(text);
      const depth = (range.getBoundingClientRect().bottom - cover.getBoundingClientRect().top) / cover.offsetHeight;
      if (cut || depth > 0.46) wrong.push(`${title}: ${cut ? "cut" : depth}`);
    }
    return wrong;
  }

  it.each(Object.keys(MOTIFS))("%s: a title that counts as whole is shown whole, above the motif", async (kind) => {
    expect(await wronged(TITLES, kind)).toEqual([]);
  });

  it("and so is every title of the demo catalogue", async () => {
    const tables = Object.entries(TABLES).map(
      ([file, table]) => [/(\w+)\.csv$/.exec(file)![1]!, titlesOf(table)] as const,
    );
    expect(tables.flatMap(([, titles]) => titles).length).toBeGreaterThan(500);
    for (const [kind, titles] of tables) expect(await wronged(titles, kind)).toEqual([]);
  });

  it("most titles of a catalogue count as whole", () => {
    const whole = ITEMS.filter(({ title, kind }) => titleSetting(title, kind).whole);
    expect(whole.length / ITEMS.length).toBeGreaterThan(0.85);
  });

  it("are the same elements drawn again", async () => {
    const [one, two] = [await show("Dracula", "book"), await show("Dracula", "book")];
    expect(one.querySelector("svg")!.outerHTML.replaceAll(/<!--.*?-->/g, "")).toBe(
      two.querySelector("svg")!.outerHTML.replaceAll(/<!--.*?-->/g, ""),
    );
  });

  it("are silent to assistive technology", async () => {
    const cover = await show("Dracula", "book");
    expect([...cover.children].every((child) => child.getAttribute("aria-hidden") === "true")).toBe(true);
  });
});
