import { readPlace, restorePlace } from "./place.ts";
import type { Router } from "./router.ts";

/** Brings the person to their place on a page that they arrive at, and holds it while the page changes. */
export class Landing {
  readonly #root: HTMLElement;
  readonly #router: Router;
  /** "placed": the place of this arrival has been restored, or the heading focused. */
  #arrival: "under way" | "shown" | "placed" = "under way";

  /** @param root holds the page */
  constructor(root: HTMLElement, router: Router) {
    this.#root = root;
    this.#router = router;
  }

  /** The person is on the way to another page. */
  begin(): void {
    this.#arrival = "under way";
  }

  /** The page stands with its content; only the first time of an arrival counts. */
  onShown(): void {
    if (this.#arrival !== "under way") return;
    this.#arrival = "shown";
    const heading = this.#root.querySelector<HTMLElement>("main h1");
    // By the next frame the shelves and their cards stand too.
    this.#onNextFrame(() => {
      const { arrival } = this.#router;
      this.#arrival = "placed";
      if (arrival.by === "history") {
        if (arrival.place !== null) restorePlace(this.#root, arrival.place);
        return;
      }
      window.scrollTo({ top: 0, behavior: "instant" });
      const field = this.#root.querySelector<HTMLElement>("main input[type=search]");
      (field ?? heading)?.focus({ preventScroll: true });
    });
  }

  /** Holds still what the person looks at while the page changes around it; nothing before they have landed. */
  hold(): void {
    if (this.#arrival !== "placed") return;
    const place = readPlace(this.#root);
    this.#onNextFrame(() => restorePlace(this.#root, place));
  }

  /** Unless the person has gone on by then. */
  #onNextFrame(act: () => void): void {
    const { key } = this.#router;
    requestAnimationFrame(() => {
      if (key === this.#router.key) act();
    });
  }
}
