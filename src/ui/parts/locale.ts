/** A language with its words, numbers, dates and names. Titles and names of the catalogue are shown as they are. */
import type { EngineErrorData, Reason, ShelfTopic } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import { MESSAGES } from "./messages.ts";
import type { Language, Messages } from "./messages.ts";
import { VOCABULARY_FR } from "./vocabulary-fr.ts";

/** Prices of the catalogue carry no currency of their own. */
const CURRENCY = "EUR";

export class Locale {
  readonly language: Language;
  readonly t: Messages;
  readonly #rules: Intl.PluralRules;
  readonly #numbers: Intl.NumberFormat;
  readonly #percents: Intl.NumberFormat;
  readonly #prices: Intl.NumberFormat;
  readonly #times: Intl.DateTimeFormat;
  readonly #list: Intl.ListFormat;
  readonly #countries: Intl.DisplayNames;
  readonly #languages: Intl.DisplayNames;

  constructor(language: Language) {
    this.language = language;
    this.t = MESSAGES[language];
    this.#rules = new Intl.PluralRules(language);
    this.#numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    this.#percents = new Intl.NumberFormat(language, { style: "percent", maximumSignificantDigits: 2 });
    this.#prices = new Intl.NumberFormat(language, { style: "currency", currency: CURRENCY });
    this.#times = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    this.#list = new Intl.ListFormat(language, { type: "conjunction" });
    this.#countries = new Intl.DisplayNames(language, { type: "region" });
    this.#languages = new Intl.DisplayNames(language, { type: "language" });
  }

  number(value: number): string {
    return this.#numbers.format(value);
  }

  /** @param value 0 to 1 */
  percent(value: number): string {
    return this.#percents.format(value);
  }

  /** "3 results" in the right form. */
  count(value: number, forms: { readonly one: string; readonly other: string }): string {
    return `${this.number(value)} ${this.#rules.select(value) === "one" ? forms.one : forms.other}`;
  }

  /** Decimal units, as storage is sold: "3.2 MB". */
  bytes(value: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
    const power = Math.min(units.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3));
    return new Intl.NumberFormat(this.language, {
      style: "unit",
      unit: units[power]!,
      unitDisplay: power === 0 ? "long" : "short",
      maximumFractionDigits: power === 0 ? 0 : 1,
    }).format(value / 1000 ** power);
  }

  milliseconds(value: number): string {
    return new Intl.NumberFormat(this.language, {
      style: "unit",
      unit: "millisecond",
      maximumFractionDigits: 1,
    }).format(value);
  }

  price(value: number): string {
    return value === 0 ? this.t.free : this.#prices.format(value);
  }

  /** Catalogues write 750 BC as -750. */
  year(value: number): string {
    return value < 0 ? this.t.beforeChrist(String(-value)) : String(value);
  }

  /** @param atMs milliseconds since 1970 */
  time(atMs: number): string {
    return this.#times.format(atMs);
  }

  list(parts: readonly string[]): string {
    return this.#list.format(parts);
  }

  /** ISO 3166 codes by name; anything else as it is. */
  country(code: string): string {
    return nameOr(this.#countries, code);
  }

  /** BCP 47 tags by name; anything else as it is. */
  itemLanguage(tag: string): string {
    return nameOr(this.#languages, tag);
  }

  /** A known kind in this language, else its own name; "" stays "". */
  kind(kind: string, form: "one" | "other" = "one"): string {
    return Object.hasOwn(this.t.kinds, kind) ? this.t.kinds[kind as keyof Messages["kinds"]][form] : kind;
  }

  kindTitle(kind: string, form: "one" | "other" = "one"): string {
    return capitalised(this.kind(kind, form), this.language);
  }

  /** A theme, category or subcategory: in this language where the word is known, else as it is. */
  term(word: string): string {
    return (this.language === "fr" && VOCABULARY_FR.get(word)) || word;
  }

  error({ code, details }: EngineErrorData): string {
    return Object.hasOwn(this.t.errors, code)
      ? this.t.errors[code as keyof Messages["errors"]]
      : new EngineError(code, details).message;
  }

  reason(reason: Reason): string {
    switch (reason.type) {
      case "because":
        return `${this.t.because[reason.event](reason.title)}.`;
      case "similar":
        return this.t.whySimilar(reason.title);
      case "popular":
        return this.t.whyPopular;
      case "new":
        return this.t.whyNew;
      case "discover":
        return this.t.whyDiscover;
    }
  }

  /** @param historyLength events that count as interest; 0 at a first visit */
  topic(topic: ShelfTopic, historyLength: number): { readonly title: string; readonly note: string } {
    const { t } = this;
    switch (topic.type) {
      case "for-you":
        return historyLength === 0
          ? { title: t.shelfStart, note: t.startNote }
          : { title: t.shelfForYou, note: t.fromChoices(this.count(historyLength, t.choices)) };
      case "because":
        return { title: t.because[topic.event](topic.title), note: t.becauseNote };
      case "kind":
        return { title: this.kindTitle(topic.kind, "other"), note: "" };
      case "popular":
        return { title: t.shelfPopular, note: t.popularNote };
      case "new":
        return { title: t.shelfNew, note: t.newNote };
      case "discover":
        return { title: t.shelfDiscover, note: t.discoverNote };
      case "similar":
        return { title: t.shelfSimilar(topic.title), note: t.becauseNote };
    }
  }
}

function nameOr(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

function capitalised(text: string, language: Language): string {
  const [first = "", ...rest] = text;
  return first.toLocaleUpperCase(language) + rest.join("");
}
