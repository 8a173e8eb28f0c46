/** Every word of the interface, in each of its languages. */
import { en } from "./messages-en.ts";
import type { Messages } from "./messages-en.ts";
import { fr } from "./messages-fr.ts";

export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

export const MESSAGES: Readonly<Record<Language, Messages>> = { en, fr };

export type { Messages };
