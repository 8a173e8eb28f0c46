/**
 * What a partner's page and the frame say to one another. Without imports: the loader carries it to
 * other people's pages. `protocol.ts` checks at run time what arrives in the frame.
 */

/** Posted to the frame's window with one port; everything after it runs over that port. */
export interface Connect {
  readonly type: "affiche-connect";
  readonly version: 1;
  /** Whether the host is told which offer a person opens: fixed for the frame's life, and said in it. */
  readonly select: boolean;
}

export const SHELF_LIMIT = { least: 1, most: 20, default: 12 } as const;
export const LOCALES = ["en", "fr"] as const;
export const THEMES = ["auto", "light", "dark"] as const;

/** `--affiche-NAME` properties that are colours. */
export const COLOURS = ["accent", "background", "surface", "text", "muted", "line"] as const;
/** `--affiche-NAME` properties that are lengths, with their range, px. */
export const LENGTHS = { radius: [0, 24], gap: [8, 40], card: [104, 240] } as const;
export type ColourName = (typeof COLOURS)[number];
export type LengthName = keyof typeof LENGTHS;

/** From the host. */
export interface Settings {
  readonly type: "settings";
  /** The shelf resembles this item; null: it follows the person's history. */
  readonly item: string | null;
  readonly kind: string | null;
  readonly limit: number;
  /** null: the language of the browser. */
  readonly locale: (typeof LOCALES)[number] | null;
  readonly theme: (typeof THEMES)[number];
  /** As the host wrote it; what cannot be used is passed over. */
  readonly look: Partial<Readonly<Record<ColourName | LengthName, string>>>;
}

/** Why a shelf could not be loaded; never anything that a person did in it. */
export const LOAD_ERRORS = [
  "ITEM_UNKNOWN",
  "BUNDLE_ABSENT",
  "BUNDLE_UNREACHABLE",
  "BUNDLE_NOT_A_BUNDLE",
  "BUNDLE_MANIFEST_INVALID",
  "BUNDLE_UNSUPPORTED",
  "BUNDLE_FILE_CORRUPT",
  "BUNDLE_OLDER",
  "ENGINE_STOPPED",
] as const;
export type LoadError = (typeof LOAD_ERRORS)[number];

/** To the host. */
export type FromFrame =
  | { readonly type: "ready" }
  /** It follows from the width, the settings and the browser's font size, never from what is shown. */
  | { readonly type: "height"; readonly height: number }
  | { readonly type: "error"; readonly code: LoadError; readonly message: string }
  /** Only where the host asked for it at the connection. */
  | { readonly type: "select"; readonly itemId: string; readonly title: string; readonly url: string };
