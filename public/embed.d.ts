/** Types of `embed.js`: copy this file beside your code, or refer to it with a triple-slash directive. */

/** An offer was opened. Only where the element has the attribute `select`. */
export interface AfficheSelection {
  readonly itemId: string;
  readonly title: string;
  /** The offer's address on the web; "" where the catalogue names none. */
  readonly url: string;
}

export interface AfficheFailure {
  readonly code: AfficheErrorCode;
  /** For developers, in English; it names the remedy. */
  readonly message: string;
}

export type AfficheErrorCode =
  /** The frame did not answer: this site is no partner, or its policy forbids the frame. */
  | "FRAME_SILENT"
  /** The catalogue has no such `item`; the personal shelf is shown instead. */
  | "ITEM_UNKNOWN"
  | "BUNDLE_ABSENT"
  | "BUNDLE_UNREACHABLE"
  | "BUNDLE_NOT_A_BUNDLE"
  | "BUNDLE_MANIFEST_INVALID"
  | "BUNDLE_UNSUPPORTED"
  | "BUNDLE_FILE_CORRUPT"
  | "BUNDLE_OLDER"
  | "ENGINE_STOPPED";

/** `<affiche-shelf item kind limit locale theme select>` */
export interface AfficheShelfElement extends HTMLElement {
  /** Reads the attributes and the `--affiche-*` properties anew. */
  refresh(): void;
}

export interface AfficheShelfEventMap {
  "affiche-ready": CustomEvent<Readonly<Record<string, never>>>;
  "affiche-select": CustomEvent<AfficheSelection>;
  "affiche-error": CustomEvent<AfficheFailure>;
}

declare global {
  interface HTMLElementTagNameMap {
    "affiche-shelf": AfficheShelfElement;
  }
  interface HTMLElementEventMap extends AfficheShelfEventMap {}
  interface DocumentEventMap extends AfficheShelfEventMap {}
}
