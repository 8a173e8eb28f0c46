import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../../src/model/errors.ts";
import { EVENT_KINDS } from "../../../src/model/interactions/interaction.ts";
import { Locale } from "../../../src/ui/parts/locale.ts";
import { LANGUAGES, MESSAGES } from "../../../src/ui/parts/messages.ts";

/** Every path with the kind of its leaf; functions are called, so that their words count too. */
function leaves(value: unknown, path = ""): Map<string, string> {
  if (typeof value === "string") return new Map([[path, value]]);
  if (typeof value === "function") {
    const words = (value as (...parts: string[]) => string)("{0}", "{1}", "{2}", "{3}");
    return new Map([[path, words]]);
  }
  return new Map(Object.entries(value as object).flatMap(([key, inner]) => [...leaves(inner, `${path}.${key}`)]));
}

const placeholders = (words: string): string[] => [...words.matchAll(/\{\d\}/g)].map(([one]) => one).toSorted();

describe("messages", () => {
  const [english, french] = [leaves(MESSAGES.en), leaves(MESSAGES.fr)];

  it("say the same things in both languages, none of them empty", () => {
    expect([...french.keys()]).toEqual([...english.keys()]);
    const separators = new Set([MESSAGES.en.notation.group, MESSAGES.fr.notation.group]);
    const words = [...english.values(), ...french.values()].filter((each) => !separators.has(each));
    for (const each of words) expect(each.trim()).not.toBe("");
  });

  it("use the same values in both languages", () => {
    for (const [path, words] of english)
      expect([path, placeholders(french.get(path)!)]).toEqual([path, placeholders(words)]);
  });

  it("French sentences are not left in English", () => {
    const same = [...english].filter(([path, words]) => words.length > 24 && french.get(path) === words);
    expect(same).toEqual([]);
  });
});

describe.each(LANGUAGES)("locale %s", (language) => {
  const locale = new Locale(language);

  it("has words for every error code", () => {
    for (const code of ERROR_CODES) expect(locale.error({ code, details: {} }).length).toBeGreaterThan(10);
  });

  it("has words for every reason", () => {
    for (const event of EVENT_KINDS) {
      expect(locale.reason({ type: "because", itemId: "1", title: "Aida", event })).toContain("Aida");
    }
    for (const type of ["popular", "new", "discover"] as const) expect(locale.reason({ type })).not.toBe("");
  });
});

describe("locale", () => {
  const [en, fr] = [new Locale("en"), new Locale("fr")];

  it("counts in the right form", () => {
    expect(en.count(1, en.t.results)).toBe("1 result");
    expect(en.count(2, en.t.results)).toBe("2 results");
    expect(fr.count(0, fr.t.results)).toBe("0 résultat");
    expect(fr.count(1234, fr.t.results).replaceAll(/\s/g, " ")).toBe("1 234 résultats");
  });

  it("writes numbers and lists as the browser's own formatters do", () => {
    for (const locale of [en, fr]) {
      const numbers = new Intl.NumberFormat(locale.language, { maximumFractionDigits: 1 });
      for (const value of [0, 0.04, 7.25, 999, 1000, 12_345.67, 1_234_567]) {
        expect(locale.number(value)).toBe(numbers.format(value));
      }
      const lists = new Intl.ListFormat(locale.language, { type: "conjunction" });
      for (const parts of [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]) {
        expect(locale.list(parts)).toBe(lists.format(parts));
      }
      const sizes = new Intl.NumberFormat(locale.language, {
        style: "unit",
        unit: "megabyte",
        maximumFractionDigits: 1,
      });
      expect(locale.bytes(12_345_678).replaceAll(/\s/gu, " ")).toBe(sizes.format(12.345_678).replaceAll(/\s/gu, " "));
    }
  });

  it("shows bytes in decimal units", () => {
    expect(en.bytes(1)).toBe("1 byte");
    expect(fr.bytes(999)).toBe("999 octets");
    expect(en.bytes(5e13)).toBe("50,000 GB");
    expect(en.bytes(0)).toBe("0 bytes");
    expect(en.bytes(999)).toBe("999 bytes");
    expect(en.bytes(1_234_567)).toBe("1.2 MB");
    expect(fr.bytes(1_234_567).replaceAll(/\s/g, " ")).toBe("1,2 Mo");
  });

  it("names countries and languages, and leaves what is no code as it is", () => {
    expect(fr.country("DE")).toBe("Allemagne");
    expect(en.country("Soviet Union")).toBe("Soviet Union");
    expect(en.country("")).toBe("");
    expect(fr.itemLanguage("en")).toBe("anglais");
    expect(fr.itemLanguage("old norse")).toBe("old norse");
  });

  it("writes years before our era", () => {
    expect([en.year(-750), fr.year(-750), fr.year(1897)]).toEqual(["750 BC", "750 av. J.-C.", "1897"]);
  });

  it("names known kinds and capitalises unknown ones", () => {
    expect(fr.kindTitle("book", "other")).toBe("Livres");
    expect(en.kindTitle("lecture")).toBe("Lecture");
    expect(en.kindTitle("constructor")).toBe("Constructor");
    expect(en.kindTitle("")).toBe("");
  });

  it("the first shelf says whether anything is known", () => {
    expect(en.topic({ type: "for-you" }, 0).title).toBe("A place to start");
    expect(en.topic({ type: "for-you" }, 14)).toEqual({ title: "Chosen for you", note: "from 14 choices of yours" });
    expect(fr.topic({ type: "for-you" }, 1).note).toBe("d’après 1 choix");
  });
});
