/** Language, theme, the retrieval engine, and whether the invitation to install was declined. */
import { RETRIEVAL_ENGINES } from "../../model/contract.ts";
import type { RetrievalEngine } from "../../model/contract.ts";
import { kept } from "./kept.ts";
import { LANGUAGES } from "./messages.ts";
import type { Language } from "./messages.ts";

export const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  /** null: the fastest. */
  readonly retrieval: RetrievalEngine | null;
  readonly installDeclined: boolean;
}

const KEYS = {
  language: "affiche-language",
  theme: "affiche-theme",
  retrieval: "affiche-retrieval",
  install: "affiche-install",
} as const;
const DECLINED = "declined";

/** Without a choice of the person's: the browser's language, English where we lack it, and its theme. */
export function readPreferences(): Preferences {
  const stored = {
    language: kept.read(KEYS.language),
    theme: kept.read(KEYS.theme),
    retrieval: kept.read(KEYS.retrieval),
  };
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return {
    language:
      LANGUAGES.find((language) => language === stored.language) ??
      wanted.map((tag) => LANGUAGES.find((language) => language === tag)).find((language) => language !== undefined) ??
      "en",
    theme: THEMES.find((theme) => theme === stored.theme) ?? "auto",
    retrieval: RETRIEVAL_ENGINES.find((engine) => engine === stored.retrieval) ?? null,
    installDeclined: kept.read(KEYS.install) === DECLINED,
  };
}

export function writePreferences({ language, theme, retrieval, installDeclined }: Preferences): void {
  kept.write(KEYS.language, language);
  kept.write(KEYS.theme, theme);
  if (retrieval === null) kept.remove(KEYS.retrieval);
  else kept.write(KEYS.retrieval, retrieval);
  if (installDeclined) kept.write(KEYS.install, DECLINED);
}

export function clearPreferences(): void {
  for (const key of Object.values(KEYS)) kept.remove(key);
}
