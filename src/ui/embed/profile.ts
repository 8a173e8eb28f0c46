/**
 * "Use my profile here". A frame's storage is the partner's own partition; with the browser's leave,
 * asked for after a click, the engine runs with the storage of Affiche's own site instead. The page
 * around learns nothing of either.
 */
import { html } from "lit";
import { engineSpawner, profileEngineSpawner } from "../engine-worker.ts";
import type { Spawn, StorageAccessHandle } from "../engine-worker.ts";
import { define, LightElement } from "../parts/light-element.ts";
import type { Locale } from "../parts/locale.ts";
import { kept } from "../parts/kept.ts";

/** The choice, kept in the partition of the partner whom it is for. */
const KEY = "affiche-profile";

/** The parts of the Storage Access API that TypeScript's DOM library does not name. */
interface StorageAccessDocument {
  hasStorageAccess(): Promise<boolean>;
  requestStorageAccess(types: { SharedWorker: true }): Promise<StorageAccessHandle>;
}

/** The engine's place at the start: the person's own profile where they chose it and the browser still allows it. */
export async function rememberedSpawn(): Promise<{ own: boolean; spawn: Spawn }> {
  if (kept.read(KEY) === "own") {
    const spawn = await ownSpawn().catch(() => null);
    if (spawn !== null) return { own: true, spawn };
  }
  return { own: false, spawn: engineSpawner() };
}

/** @throws where the browser or the person refuses */
async function ownSpawn(): Promise<Spawn> {
  return profileEngineSpawner(await storageAccess().requestStorageAccess({ SharedWorker: true }));
}

const storageAccess = (): StorageAccessDocument => document as unknown as StorageAccessDocument;

/** Whether this frame's storage is a partition, and the browser has a way out of it. */
async function canAsk(): Promise<boolean> {
  // Named by the same specification as handles for storage other than cookies.
  if (!("hasUnpartitionedCookieAccess" in document)) return false;
  return !(await storageAccess().hasStorageAccess());
}

/** `affiche-profile` asks for an engine elsewhere. */
export class AfficheProfile extends LightElement {
  static override properties = {
    own: { attribute: false },
    locale: { attribute: false },
    offered: { state: true },
    refused: { state: true },
  };
  /** Whether the engine runs with the person's own profile. */
  declare own: boolean;
  declare locale: Locale;
  declare offered: boolean;
  declare refused: boolean;

  constructor() {
    super();
    this.own = false;
    this.offered = false;
    this.refused = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void canAsk().then((can) => (this.offered = can));
  }

  protected override render() {
    const { t } = this.locale;
    if (this.own) {
      return html`<span class="small">${t.profileOwn}</span>
        <button type="button" class="link" @click=${() => this.#takeBack()}>${t.profileTakeBack}</button>`;
    }
    if (!this.offered) return html``;
    return html`<button type="button" class="link" popovertarget="affiche-profile">${t.profileUse}</button>
      <div id="affiche-profile" class="panel" popover role="dialog" aria-labelledby="affiche-profile-title">
        <h2 id="affiche-profile-title">${t.profileUse}</h2>
        <p>${t.profileMeaning}</p>
        <p role="status">${this.refused ? t.profileRefused : ""}</p>
        <div class="row-buttons">
          <button type="button" class="button" @click=${() => this.#ask()}>${t.profileAsk}</button>
          <button type="button" class="button" popovertarget="affiche-profile" popovertargetaction="hide">
            ${t.close}
          </button>
        </div>
      </div>`;
  }

  async #ask(): Promise<void> {
    try {
      const spawn = await ownSpawn();
      kept.write(KEY, "own");
      this.refused = false;
      this.#tell({ own: true, spawn });
    } catch {
      this.refused = true;
    }
  }

  #takeBack(): void {
    kept.remove(KEY);
    this.#tell({ own: false, spawn: engineSpawner() });
  }

  #tell(detail: ProfileChange): void {
    this.dispatchEvent(new CustomEvent<ProfileChange>("affiche-profile", { bubbles: true, detail }));
  }
}

export interface ProfileChange {
  readonly own: boolean;
  readonly spawn: Spawn;
}

define("affiche-profile", AfficheProfile);
declare global {
  interface HTMLElementTagNameMap {
    "affiche-profile": AfficheProfile;
  }
  interface HTMLElementEventMap {
    "affiche-profile": CustomEvent<ProfileChange>;
  }
}
