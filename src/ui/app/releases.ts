/**
 * The releases of the app itself: which one is kept on the device, and whether another waits. The
 * service worker keeps them; a release changes when the person says so, never by itself.
 */
import { trustedScript } from "../parts/trusted-script.ts";

/** "waiting": a new release is kept and waits for a word; "replaced": another tab has gone over to it. */
export type ReleaseState = "current" | "waiting" | "replaced";

/** A page that is looked at again after so long looks for a new release, ms. By the clock alone. */
const LOOK_EVERY_MS = 3_600_000;

/** `affiche-release` tells of every change. */
export class Releases extends EventTarget {
  readonly #container: ServiceWorkerContainer | undefined;
  readonly #reloadPage: () => void;
  #registration: ServiceWorkerRegistration | null = null;
  #state: ReleaseState = "current";
  #started = false;
  #accepted = false;
  #lookedAtMs = 0;

  /** @param container undefined: the app is not kept, say in a frame or in a private window */
  constructor(container: ServiceWorkerContainer | undefined, reloadPage: () => void) {
    super();
    this.#container = container;
    this.#reloadPage = reloadPage;
  }

  /** Whether a release is kept on the device. */
  get kept(): boolean {
    return (this.#registration?.active ?? this.#container?.controller ?? null) !== null;
  }

  get state(): ReleaseState {
    return this.#state;
  }

  /** Has the app kept. Called when the page stands: it needs the network first. */
  async start(): Promise<void> {
    const container = this.#container;
    if (container === undefined || this.#started) return;
    this.#started = true;
    let { controller } = container;
    container.addEventListener("controllerchange", () => {
      // A page without a controller came from the network: nothing is replaced under it.
      const replaced = controller !== null;
      ({ controller } = container);
      if (this.#accepted) this.#reloadPage();
      else if (replaced) this.#change("replaced");
    });
    try {
      const script = trustedScript("affiche-service-worker", new URL("sw.js", document.baseURI).href);
      this.#registration = await container.register(script);
    } catch {
      // Without it the app works as long as there is a network.
      return;
    }
    this.#lookedAtMs = Date.now();
    this.#registration.addEventListener("updatefound", () => this.#follow());
    document.addEventListener("visibilitychange", () => this.#lookAgain());
    this.#follow();
  }

  /** Reloads this tab, into the release that waits. Other tabs go on and are told. */
  reload(): void {
    const waiting = this.#registration?.waiting;
    this.#accepted = true;
    if (waiting) waiting.postMessage("skip-waiting");
    else this.#reloadPage();
  }

  /** Hears what becomes of the release that is being downloaded. */
  #follow(): void {
    this.#registration!.installing?.addEventListener("statechange", () => this.#look());
    this.#look();
  }

  #look(): void {
    const { active, waiting } = this.#registration!;
    if (this.#state !== "replaced") this.#change(active !== null && waiting !== null ? "waiting" : "current");
  }

  #lookAgain(): void {
    const now = Date.now();
    if (document.visibilityState === "hidden" || now - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = now;
    // Offline there is nothing new.
    this.#registration!.update().catch(() => {});
  }

  #change(state: ReleaseState): void {
    this.#state = state;
    this.dispatchEvent(new Event("affiche-release"));
  }
}
