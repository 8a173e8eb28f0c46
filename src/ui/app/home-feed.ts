import type { ReactiveControllerHost } from "lit";
import type { EngineErrorData, EngineState, HomePage } from "../../model/contract.ts";
import type { EngineClient } from "../client.ts";
import { Request } from "../parts/request.ts";
import type { Landing } from "./landing.ts";
import type { Router } from "./router.ts";

type Host = ReactiveControllerHost & { readonly client: EngineClient };

/** The home page as the engine last computed it: asked for where it is on show and no longer true. */
export class HomeFeed {
  readonly #host: Host;
  readonly #router: Router;
  readonly #landing: Landing;
  readonly #request: Request<HomePage>;
  /** False when the history or the catalogue has changed since the page was asked for. */
  #fresh = false;
  /** The bundle's version as last heard; 0: none. */
  #version = 0;

  constructor(host: Host, router: Router, landing: Landing) {
    this.#host = host;
    this.#router = router;
    this.#landing = landing;
    this.#request = new Request(host);
  }

  /** null: none has come yet. */
  get page(): HomePage | null {
    return this.#request.value;
  }

  get error(): EngineErrorData | null {
    return this.#request.error;
  }

  get pending(): boolean {
    return this.#request.pending;
  }

  /** What is shown is no longer true; it stands until somebody asks. */
  outdate(): void {
    this.#fresh = false;
  }

  /** Nothing of it may be shown any more. */
  clear(): void {
    this.#request.value = null;
    this.#fresh = false;
  }

  async ask(): Promise<void> {
    if (!this.#onShow || this.#fresh) return;
    this.#fresh = true;
    await this.#request.run(async (signal) => {
      await this.#host.client.recorded();
      const page = await this.#host.client.home(signal);
      if (this.#onShow) this.#landing.hold();
      return page;
    });
    if (this.#request.error !== null) this.#fresh = false;
  }

  /** Another bundle makes another page; the first is the one that was asked for. */
  onBundle(bundle: EngineState["bundle"]): void {
    const version = bundle.status === "ready" ? bundle.info.version : 0;
    if (version === 0 || version === this.#version) return;
    this.#fresh &&= this.#version === 0;
    this.#version = version;
    void this.ask();
  }

  get #onShow(): boolean {
    return this.#router.route.page.name === "home";
  }
}
