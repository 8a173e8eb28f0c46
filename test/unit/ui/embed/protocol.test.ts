import { describe, expect, it } from "vitest";
import { LOAD_ERRORS } from "../../../../src/ui/embed/channel.ts";
import type { Settings } from "../../../../src/ui/embed/channel.ts";
import { HostChannel, isPartner, loadErrorOf, readConnect, readSettings } from "../../../../src/ui/embed/protocol.ts";
import { ERROR_CODES } from "../../../../src/model/errors.ts";

const CONNECT = { type: "affiche-connect", version: 1, select: false } as const;
const SETTINGS: Settings = {
  type: "settings",
  item: "book-iliade",
  kind: null,
  limit: 12,
  locale: null,
  theme: "auto",
  look: { text: "#000", card: "120px" },
};

describe("partners", () => {
  const partners = [
    "https://library.example",
    "https://cinema.example:8443",
    "http://127.0.0.1:*",
    "http://localhost:81",
  ];

  it.each(["https://library.example", "https://cinema.example:8443", "http://127.0.0.1:4174", "http://localhost:81"])(
    "%s is one",
    (origin) => expect(isPartner(origin, partners)).toBe(true),
  );

  it.each([
    "http://library.example",
    "https://library.example:8443",
    "https://library.example.evil.example",
    "https://evil.library.example",
    "https://cinema.example",
    "https://127.0.0.1:4174",
    "http://127.0.0.1.evil.example:80",
    "http://localhost:82",
    "null",
    "",
  ])("%s is none", (origin) => expect(isPartner(origin, partners)).toBe(false));

  it("the open port is for this machine alone", () => {
    expect(isPartner("https://library.example:1", ["https://library.example:*"])).toBe(false);
  });
});

describe("messages of the host", () => {
  it("reads what is well formed", () => {
    expect(readConnect(CONNECT)).toEqual(CONNECT);
    expect(readSettings(SETTINGS)).toEqual(SETTINGS);
    expect(
      readSettings({ ...SETTINGS, item: null, kind: "film", locale: "fr", theme: "dark", look: {} }),
    ).not.toBeNull();
  });

  it.each([
    null,
    undefined,
    0,
    "affiche-connect",
    [],
    {},
    { ...CONNECT, version: 2 },
    { ...CONNECT, version: "1" },
    { ...CONNECT, select: "no" },
    { ...CONNECT, more: 1 },
    { type: CONNECT.type, version: 1 },
    new Map(Object.entries(CONNECT)),
  ])("drops a connection %#", (message) => expect(readConnect(message)).toBeNull());

  it.each([
    ["item", ""],
    ["item", 7],
    ["item", "x".repeat(201)],
    ["item", undefined],
    ["kind", ["film"]],
    ["kind", "x".repeat(1_000_000)],
    ["limit", 0],
    ["limit", 21],
    ["limit", 2.5],
    ["limit", Number.NaN],
    ["limit", "12"],
    ["limit", 12n],
    ["locale", "de"],
    ["theme", "blue"],
    ["look", null],
    ["look", { font: "serif" }],
    ["look", { text: 7 }],
    ["look", { text: undefined }],
    ["look", { text: "x".repeat(101) }],
    ["look", JSON.parse('{"__proto__": {"text": "red"}}')],
    ["type", "record"],
    ["history", []],
    ["toString", () => "x"],
  ])("drops settings with a bad %s: %s", (name, value) => {
    expect(readSettings({ ...SETTINGS, [name]: value })).toBeNull();
  });

  it("a missing part is not taken from a prototype", () => {
    const { kind: _, ...rest } = SETTINGS;
    expect(readSettings(rest)).toBeNull();
    expect(readSettings(JSON.parse(JSON.stringify(rest).replace("{", '{"__proto__":{"kind":"film"},')))).toBeNull();
    expect(({} as Record<string, unknown>)["kind"]).toBeUndefined();
  });
});

describe("messages to the host", () => {
  const open = (select: boolean) => {
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    port1.addEventListener("message", ({ data }) => heard.push(data));
    port1.start();
    const channel = new HostChannel(port2, "https://library.example", { ...CONNECT, select });
    const settled = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      port1.close();
      return heard;
    };
    return { channel, port1, settled };
  };

  it("says ready once and a height when it changes", async () => {
    const { channel, settled } = open(false);
    channel.height(440);
    channel.ready();
    channel.height(440);
    channel.ready();
    channel.height(391);
    expect(await settled()).toEqual([
      { type: "height", height: 440 },
      { type: "ready" },
      { type: "height", height: 391 },
    ]);
  });

  it("says what was opened only where the host asked for it", async () => {
    for (const select of [false, true]) {
      const { channel, settled } = open(select);
      channel.selected("book-iliade", "Iliade", "");
      expect(await settled()).toHaveLength(select ? 1 : 0);
    }
  });

  it("hears settings and nothing else", async () => {
    const { channel, port1, settled } = open(false);
    const taken: Settings[] = [];
    channel.listen((settings) => taken.push(settings));
    for (const message of [null, { type: "undo" }, SETTINGS, { ...SETTINGS, limit: 99 }]) port1.postMessage(message);
    await settled();
    expect(taken).toEqual([SETTINGS]);
  });

  it("only errors of loading have a name of their own", () => {
    for (const code of ERROR_CODES) expect(LOAD_ERRORS).toContain(loadErrorOf(code));
    expect(["STORAGE_FULL", "STORAGE_FAILED", "EVENT_INVALID", "DEADLINE_EXCEEDED"].map(loadErrorOf)).toEqual(
      Array(4).fill("ENGINE_STOPPED"),
    );
  });
});
