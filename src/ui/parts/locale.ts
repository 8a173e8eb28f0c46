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
  // Made when first used: the browser takes milliseconds for some of them, and most pages use few.
  readonly #rules = once(() => new Intl.PluralRules(this.language));
  readonly #percents = once(
    () => new Intl.NumberFormat(this.language, { style: "percent", maximumSignificantDigits: 2 }),
  );
  readonly #prices = once(() => new Intl.NumberFormat(this.language, { style: "currency", currency: CURRENCY }));
  readonly #times = once(() => new Intl.DateTimeFormat(this.language, { dateStyle: "medium", timeStyle: "short" }));
  readonly #countries = once(() => new Intl.DisplayNames(this.language, { type: "region" }));
  readonly #languages = once(() => new Intl.DisplayNames(this.language, { type: "language" }));
  readonly #milliseconds = once(
    () => new Intl.NumberFormat(this.language, { style: "unit", unit: "millisecond", maximumFractionDigits: 1 }),
  );

  constructor(language: Language) {
    this.language = language;
    this.t = MESSAGES[language];
  }

  /**
   * At most one decimal. Written by hand, as lists are: the browser's own formatter takes 30 ms to load,
   * and these stand on the way to the first page.
   */
  number(value: number): string {
    const { group, decimal } = this.t.notation;
    const [whole = "", tenths] = String(Math.round(value * 10) / 10).split(".");
    const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, group);
    return tenths === undefined ? grouped : grouped + decimal + tenths;
  }

  /** @param value 0 to 1 */
  percent(value: number): string {
    return this.#percents().format(value);
  }

  /** "3 results" in the right form. */
  count(value: number, forms: { readonly one: string; readonly other: string }): string {
    return `${this.number(value)} ${this.#rules().select(value) === "one" ? forms.one : forms.other}`;
  }

  /** Decimal units, as storage is sold: "3.2 MB". */
  bytes(value: number): string {
    if (value < 1000) return this.count(Math.round(value), this.t.bytes);
    const { units } = this.t.notation;
    const power = Math.min(units.length, Math.floor(Math.log10(value) / 3));
    return this.number(value / 1000 ** power) + units[power - 1]!;
  }

  milliseconds(value: number): string {
    return this.#milliseconds().format(value);
  }

  price(value: number): string {
    return value === 0 ? this.t.free : this.#prices().format(value);
  }

  /** Catalogues write 750 BC as -750. */
  year(value: number): string {
    return value < 0 ? this.t.beforeChrist(String(-value)) : String(value);
  }

  /** @param atMs milliseconds since 1970 */
  time(atMs: number): string {
    return this.#times().format(atMs);
  }

  list(parts: readonly string[]): string {
    const last = parts.at(-1) ?? "";
    const before = parts.slice(0, -1);
    if (before.length === 0) return last;
    return before.length === 1 ? this.t.listOfTwo(before[0]!, last) : this.t.listOfMore(before.join(", "), last);
  }

  /** ISO 3166 codes by name; anything else as it is. */
  country(code: string): string {
    return nameOr(this.#countries(), code);
  }

  /** BCP 47 tags by name; anything else as it is. */
  itemLanguage(tag: string): string {
    return nameOr(this.#languages(), tag);
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

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
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
