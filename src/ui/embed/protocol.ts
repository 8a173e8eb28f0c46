/** The frame's side of the channel: whom it listens to, and what it takes from them. */
import * as v from "valibot";
import { COLOURS, LENGTHS, LOAD_ERRORS, LOCALES, SHELF_LIMIT, THEMES } from "./channel.ts";
import type { ColourName, Connect, FromFrame, LengthName, LoadError, Settings } from "./channel.ts";

/** Characters of an item's id or of a kind. */
const MAX_NAME = 200;
/** Characters of a colour or a length. */
const MAX_VALUE = 100;

const connectSchema = v.strictObject({
  type: v.literal("affiche-connect"),
  version: v.literal(1),
  select: v.boolean(),
}) satisfies v.GenericSchema<unknown, Connect>;

const name = v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME)));
const value = v.exactOptional(v.pipe(v.string(), v.maxLength(MAX_VALUE)));
const valuesOf = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, value])) as Record<Name, typeof value>;

const settingsSchema = v.strictObject({
  type: v.literal("settings"),
  item: name,
  kind: name,
  limit: v.pipe(v.number(), v.integer(), v.minValue(SHELF_LIMIT.least), v.maxValue(SHELF_LIMIT.most)),
  locale: v.nullable(v.picklist(LOCALES)),
  theme: v.picklist(THEMES),
  look: v.strictObject(valuesOf<ColourName | LengthName>([...COLOURS, ...(Object.keys(LENGTHS) as LengthName[])])),
}) satisfies v.GenericSchema<unknown, Settings>;

/** @returns null for anything else */
export function readConnect(message: unknown): Connect | null {
  return parsed(connectSchema, message);
}

/** @returns null for anything else */
export function readSettings(message: unknown): Settings | null {
  return parsed(settingsSchema, message);
}

function parsed<T>(schema: v.GenericSchema<unknown, T>, message: unknown): T | null {
  const result = v.safeParse(schema, message, { abortEarly: true });
  return result.success ? result.output : null;
}

/**
 * Whether an origin is among the partners: behind `frame-ancestors`, and where a host forgot that header.
 * @param partners origins; on this machine the port may be "*"
 */
export function isPartner(origin: string, partners: readonly string[]): boolean {
  const anyPort = origin.replace(/:\d+$/u, ":*");
  return (
    partners.includes(origin) || (/^http:\/\/(?:localhost|127\.0\.0\.1):/u.test(origin) && partners.includes(anyPort))
  );
}

/** What the host may learn of an error: that the shelf could not be loaded. */
export function loadErrorOf(code: string): LoadError {
  return LOAD_ERRORS.find((one) => one === code) ?? "ENGINE_STOPPED";
}

/** The one port to the host. What arrives malformed is dropped without a word. */
export class HostChannel {
  /** The host's address as people read it: "library.example". */
  readonly host: string;
  readonly select: boolean;
  readonly #port: MessagePort;
  #ready = false;
  #height = 0;

  constructor(port: MessagePort, origin: string, { select }: Connect) {
    this.#port = port;
    this.host = new URL(origin).host;
    this.select = select;
  }

  listen(onSettings: (settings: Settings) => void): void {
    this.#port.addEventListener("message", ({ data }) => {
      const settings = readSettings(data);
      if (settings !== null) onSettings(settings);
    });
    this.#port.start();
  }

  /** Said once. */
  ready(): void {
    if (!this.#ready) this.#say({ type: "ready" });
    this.#ready = true;
  }

  /** @param height px */
  height(height: number): void {
    if (height !== this.#height) this.#say({ type: "height", height });
    this.#height = height;
  }

  error(code: LoadError, message: string): void {
    this.#say({ type: "error", code, message });
  }

  selected(itemId: string, title: string, url: string): void {
    if (this.select) this.#say({ type: "select", itemId, title, url });
  }

  #say(message: FromFrame): void {
    this.#port.postMessage(message);
  }
}

/** Waits for the first proper connection from the parent, and for no second one. */
export function awaitHost(partners: readonly string[], onHost: (channel: HostChannel) => void): void {
  const listening = new AbortController();
  addEventListener(
    "message",
    ({ data, origin, ports, source }) => {
      if (source !== window.parent || !isPartner(origin, partners) || ports.length !== 1) return;
      const connect = readConnect(data);
      if (connect === null) return;
      listening.abort();
      onHost(new HostChannel(ports[0]!, origin, connect));
    },
    { signal: listening.signal },
  );
}
