/** Language and theme, kept in localStorage where there is one. */
import { LANGUAGES } from "./messages.ts";
import type { Language } from "./messages.ts";

export const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
}

const KEYS = { language: "affiche-language", theme: "affiche-theme" } as const;

/** Without a choice of the person's: the browser's language, English where we lack it, and its theme. */
export function readPreferences(): Preferences {
  const stored = { language: read(KEYS.language), theme: read(KEYS.theme) };
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return {
    language:
      LANGUAGES.find((language) => language === stored.language) ??
      wanted.map((tag) => LANGUAGES.find((language) => language === tag)).find((language) => language !== undefined) ??
      "en",
    theme: THEMES.find((theme) => theme === stored.theme) ?? "auto",
  };
}

export function writePreferences({ language, theme }: Preferences): void {
  guarded(() => {
    localStorage.setItem(KEYS.language, language);
    localStorage.setItem(KEYS.theme, theme);
  });
}

export function clearPreferences(): void {
  guarded(() => Object.values(KEYS).forEach((key) => localStorage.removeItem(key)));
}

const read = (key: string): string | null => guarded(() => localStorage.getItem(key)) ?? null;

/** Where site data is forbidden, touching localStorage throws: the choice then lasts as long as the page. */
function guarded<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
