/** The DOM events of the interface, typed once. All of them bubble. */
import type { ItemCard, RetrievalEngine, StageTimings } from "../../model/contract.ts";

/** What a person can say about an item. */
export type Verdict = "favourite" | "booking" | "dismiss";

export interface AfficheEvents {
  /** The person said something about an item. */
  "affiche-verdict": { readonly item: ItemCard; readonly event: Verdict };
  /** A page stands with its content; null: no engine computed it. */
  "affiche-shown": StageTimings | null;
  /** The text in the search field changed. */
  "affiche-query": string;
  /** The person chose a retrieval engine; null: the fastest. */
  "affiche-retrieval": RetrievalEngine | null;
  /** A page asks the app for something. */
  "affiche-command": "retry" | "undo" | "export" | "erase" | "install" | "reload";
}

declare global {
  interface HTMLElementEventMap extends AfficheEventMap {}
}
type AfficheEventMap = { [Name in keyof AfficheEvents]: CustomEvent<AfficheEvents[Name]> };

export function emit<Name extends keyof AfficheEvents>(
  from: EventTarget,
  name: Name,
  detail: AfficheEvents[Name],
): void {
  from.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}
