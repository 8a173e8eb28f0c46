import type { ReactiveControllerHost } from "lit";
import type { NewInteraction } from "../../model/contract.ts";
import type { EngineClient } from "../client.ts";
import { complaint } from "../elements/toast.ts";
import type { Toast } from "../elements/toast.ts";
import type { ActivePreferences } from "./active-preferences.ts";
import type { AfficheEvents } from "./events.ts";
import type { HomeFeed } from "./home-feed.ts";

type Host = ReactiveControllerHost & { readonly client: EngineClient; toast: Toast | null };

/** What the person says about items and takes back: recorded, confirmed by a toast, and told to the pages. */
export class Choices {
  readonly #host: Host;
  readonly #preferences: ActivePreferences;
  readonly #home: HomeFeed;
  #revision = 0;
  /** The engine's count of changes elsewhere, as last heard. */
  #elsewhere = 0;
  #persistenceAsked = false;

  constructor(host: Host, preferences: ActivePreferences, home: HomeFeed) {
    this.#host = host;
    this.#preferences = preferences;
    this.#home = home;
  }

  /** Counts what the person said or took back, so that pages ask anew. */
  get revision(): number {
    return this.#revision;
  }

  /** The person opened an item, which needs no words. */
  open(itemId: string): void {
    this.#host.toast = null;
    void this.#record({ id: crypto.randomUUID(), itemId, event: "click" }, null);
  }

  async say({ item, event }: AfficheEvents["affiche-verdict"]): Promise<void> {
    const { t } = this.#preferences.locale;
    const id = crypto.randomUUID();
    const recorded = await this.#record(
      { id, itemId: item.id, event },
      { text: t.done[event](item.title), action: { label: t.undo, run: () => void this.undo(id) } },
    );
    if (!recorded) return;
    if (event === "dismiss") void this.#home.ask();
    // Asked after the first interest: the browser then has a reason to say yes.
    else this.#askToPersist();
  }

  /** @param id of the event; without it the newest, in whichever tab it was said */
  async undo(id?: string): Promise<void> {
    const { t } = this.#preferences.locale;
    try {
      const undone = await this.#host.client.undo(id);
      this.#host.toast = { text: undone === null ? t.nothingToUndo : t.undone, action: null };
      this.#home.outdate();
      this.#revise();
      void this.#home.ask();
    } catch (error) {
      this.#complain(error, () => void this.undo(id));
    }
  }

  /** @param historyRevision the engine's count of changes elsewhere, in another tab say */
  onHistory(historyRevision: number): void {
    if (historyRevision === this.#elsewhere) return;
    this.#elsewhere = historyRevision;
    this.#home.outdate();
    this.#revise();
    void this.#home.ask();
  }

  /** @param done said once the event is kept; null: nothing is said, and no page asks anew in place */
  async #record(interaction: NewInteraction, done: Toast | null): Promise<boolean> {
    try {
      await this.#host.client.record(interaction);
      this.#home.outdate();
      if (done !== null) {
        this.#host.toast = done;
        this.#revise();
      }
      return true;
    } catch (error) {
      this.#complain(error, () => void this.#record(interaction, done));
      return false;
    }
  }

  #revise(): void {
    this.#revision++;
    this.#host.requestUpdate();
  }

  #askToPersist(): void {
    if (this.#persistenceAsked) return;
    this.#persistenceAsked = true;
    navigator.storage?.persist().catch(() => {});
  }

  #complain(error: unknown, again: () => void): void {
    this.#host.toast = complaint(error, this.#preferences.locale, again);
  }
}
