/**
 * `<affiche-shelf>` on a partner's page: a frame of Affiche's own origin, and one port to it. It reads
 * nothing of the page but its own attributes and `--affiche-*` properties, and it needs no leave of the
 * page's policies but `script-src` and `frame-src`.
 */
import { COLOURS, LENGTHS, LOCALES, SHELF_LIMIT, THEMES } from "./channel.ts";
import type { Connect, FromFrame, LoadError, Settings } from "./channel.ts";

/**
 * Scripts, storage and a worker, all of them Affiche's own, and the person's click that asks the browser
 * for their own profile; no windows, forms or way to the top.
 */
const SANDBOX = "allow-scripts allow-same-origin allow-storage-access-by-user-activation";
/** A frame that has loaded answers at once; one that the browser refused never does, ms. */
const SILENCE_MS = 10_000;
const TITLES = { en: "Recommendations by Affiche", fr: "Recommandations par Affiche" } as const;
const SILENT =
  "The frame did not answer. Is this page's origin in Affiche's partners.json, and does its policy allow the frame (frame-src)?";
const BASE = import.meta.url;

/** The frame's height until it tells its own: the same figures as in embed.css. */
const STYLE = `
:host { display: block; container-type: inline-size; }
:host([hidden]) { display: none; }
iframe { display: block; width: 100%; height: calc(var(--affiche-card, 176px) * 1.5 + 176px); border: 0; }
:host([select]) iframe { height: calc(var(--affiche-card, 176px) * 1.5 + 196px); }
iframe:not([data-shown]) { opacity: 0; }
@container (max-width: 640px) {
  iframe { height: calc(var(--affiche-card, 138px) * 1.5 + 184px); }
  :host([select]) iframe { height: calc(var(--affiche-card, 138px) * 1.5 + 224px); }
}`;

interface Events {
  "affiche-ready": Record<string, never>;
  "affiche-select": { readonly itemId: string; readonly title: string; readonly url: string };
  "affiche-error": { readonly code: LoadError | "FRAME_SILENT"; readonly message: string };
}

class AfficheShelf extends HTMLElement {
  static readonly observedAttributes = ["item", "kind", "limit", "locale", "theme", "class", "style", "select"];
  #frame: HTMLIFrameElement | null = null;
  #port: MessagePort | null = null;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #telling = false;
  #listeners: AbortController | null = null;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  }

  connectedCallback(): void {
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.refresh(), { signal });
    this.#insert();
  }

  disconnectedCallback(): void {
    this.#listeners?.abort();
    this.#remove();
  }

  /** `moveBefore` keeps the frame as it is; without this method it would be taken out and inserted. */
  connectedMoveCallback(): void {}

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (this.#frame === null || before === after) return;
    // What the frame tells the host is settled at the connection: another answer needs another frame.
    if (name !== "select") this.refresh();
    else if ((before === null) !== (after === null)) {
      this.#remove();
      this.#insert();
    }
  }

  /** Reads the attributes and the `--affiche-*` properties anew: call it when the page's theme has changed. */
  refresh(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      if (this.#frame !== null) this.#frame.title = TITLES[this.#settings().locale ?? "en"];
      this.#port?.postMessage(this.#settings());
    });
  }

  #insert(): void {
    const frame = document.createElement("iframe");
    frame.title = TITLES[this.#settings().locale ?? "en"];
    frame.loading = "lazy";
    frame.setAttribute("sandbox", SANDBOX);
    frame.referrerPolicy = "no-referrer";
    // The same address for every shelf: what is shown is said over the port, which no server hears.
    frame.src = new URL("embed.html", BASE).href;
    frame.addEventListener("load", () => this.#connect(frame));
    this.#frame = frame;
    this.shadowRoot!.append(frame);
  }

  #remove(): void {
    this.#close();
    this.#frame?.remove();
    this.#frame = null;
  }

  #close(): void {
    clearTimeout(this.#silence);
    this.#port?.close();
    this.#port = null;
  }

  /** Again after the person has reloaded the frame. */
  #connect(frame: HTMLIFrameElement): void {
    this.#close();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.addEventListener("message", ({ data }: MessageEvent<FromFrame>) => this.#hear(data));
    port1.start();
    const connect: Connect = { type: "affiche-connect", version: 1, select: this.hasAttribute("select") };
    frame.contentWindow!.postMessage(connect, new URL(BASE).origin, [port2]);
    port1.postMessage(this.#settings());
    this.#silence = setTimeout(() => {
      // What stands there is the browser's own page of refusal.
      this.#remove();
      this.#emit("affiche-error", { code: "FRAME_SILENT", message: SILENT });
    }, SILENCE_MS);
  }

  #hear(message: FromFrame): void {
    clearTimeout(this.#silence);
    switch (message.type) {
      case "height":
        this.#frame!.style.height = `${message.height}px`;
        // Before, a white sheet would stand in a dark page.
        this.#frame!.dataset["shown"] = "";
        break;
      case "ready":
        this.#emit("affiche-ready", {});
        break;
      case "select":
        this.#emit("affiche-select", { itemId: message.itemId, title: message.title, url: message.url });
        break;
      case "error":
        this.#emit("affiche-error", { code: message.code, message: message.message });
        break;
    }
  }

  #emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }

  #settings(): Settings {
    const limit = Number.parseInt(this.getAttribute("limit") ?? "", 10);
    const language = this.getAttribute("locale")?.slice(0, 2).toLowerCase();
    const computed = getComputedStyle(this);
    const look = [...COLOURS, ...Object.keys(LENGTHS)]
      .map((name) => [name, computed.getPropertyValue(`--affiche-${name}`).trim()] as const)
      .filter(([, value]) => value !== "");
    return {
      type: "settings",
      item: this.getAttribute("item") || null,
      kind: this.getAttribute("kind") || null,
      limit: Number.isNaN(limit) ? SHELF_LIMIT.default : Math.min(SHELF_LIMIT.most, Math.max(SHELF_LIMIT.least, limit)),
      locale: LOCALES.find((one) => one === language) ?? null,
      theme: THEMES.find((one) => one === this.getAttribute("theme")) ?? "auto",
      look: Object.fromEntries(look),
    };
  }
}

if (customElements.get("affiche-shelf") === undefined) customElements.define("affiche-shelf", AfficheShelf);
