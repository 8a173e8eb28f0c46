/** Installing the app: by the browser's own prompt, or by hand where it has none. */

/** Whose steps to show where the browser has no prompt. */
export type Steps = "ios" | "mac" | "firefox-android";

/** "unoffered": the browser could, but does not offer it now; "impossible": it cannot install pages. */
export type InstallState = "installed" | "prompt" | "steps" | "unoffered" | "impossible";

/** Chromium's event, which TypeScript's DOM library does not name. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<{ readonly outcome: "accepted" | "dismissed" }>;
}

/** `affiche-installation` tells of every change. Listens from the start: the browser offers only once. */
export class Installation extends EventTarget {
  #offer: InstallPromptEvent | null = null;
  #installed =
    matchMedia("(display-mode: standalone)").matches || ("standalone" in navigator && navigator.standalone === true);

  constructor() {
    super();
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#offer = event as InstallPromptEvent;
      this.#changed();
    });
    addEventListener("appinstalled", () => {
      this.#installed = true;
      this.#changed();
    });
  }

  get state(): InstallState {
    if (this.#installed) return "installed";
    if (this.#offer !== null) return "prompt";
    if (this.steps !== null) return "steps";
    return "onbeforeinstallprompt" in window ? "unoffered" : "impossible";
  }

  /** null: the browser has a prompt of its own, or no way at all. */
  get steps(): Steps | null {
    return "onbeforeinstallprompt" in window ? null : installSteps(navigator.userAgent, navigator.maxTouchPoints);
  }

  /** Shows the browser's prompt, which it allows once. Resolves to whether the person said yes. */
  async prompt(): Promise<boolean> {
    const offer = this.#offer;
    this.#offer = null;
    this.#changed();
    return (await offer?.prompt())?.outcome === "accepted";
  }

  #changed(): void {
    this.dispatchEvent(new Event("affiche-installation"));
  }
}

/** Of browsers without a prompt; null: they cannot install a page. */
export function installSteps(userAgent: string, maxTouchPoints: number): Steps | null {
  // An iPad calls itself a Mac; no Mac has a touch screen.
  if (/iPhone|iPad|iPod/u.test(userAgent) || (/Macintosh/u.test(userAgent) && maxTouchPoints > 1)) return "ios";
  if (/Macintosh.*Version\/[\d.]+ Safari/u.test(userAgent)) return "mac";
  return /Android.*Firefox/u.test(userAgent) ? "firefox-android" : null;
}
