import type { ReactiveController, ReactiveControllerHost } from "lit";
import { Locale } from "../parts/locale.ts";
import { clearPreferences, readPreferences, writePreferences } from "../parts/preferences.ts";
import type { Preferences } from "../parts/preferences.ts";

/** What the person prefers, in force: kept on the device, set on the document, and with the words that go with it. */
export class ActivePreferences implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #value = readPreferences();
  #locale = new Locale(this.#value.language);

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get value(): Preferences {
    return this.#value;
  }

  get locale(): Locale {
    return this.#locale;
  }

  hostConnected(): void {
    this.#apply();
  }

  readonly prefer = (change: Partial<Preferences>): void => {
    this.#value = { ...this.#value, ...change };
    writePreferences(this.#value);
    this.#apply();
  };

  /** Back to what the browser prefers. */
  clear(): void {
    clearPreferences();
    this.#value = readPreferences();
    this.#apply();
  }

  #apply(): void {
    const { language, theme } = this.#value;
    if (language !== this.#locale.language) this.#locale = new Locale(language);
    document.documentElement.lang = language;
    document.documentElement.dataset["theme"] = theme;
    this.#host.requestUpdate();
  }
}
