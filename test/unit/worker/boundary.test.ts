import { expose, transferHandlers, wrap } from "comlink";
import type { Endpoint } from "comlink";
import { afterEach, beforeEach, expect, test } from "vitest";
import { throwHandler } from "../../../src/model/boundary.ts";
import { EngineError } from "../../../src/model/errors.ts";

const original = transferHandlers.get("throw")!;
let channel: MessageChannel;

beforeEach(() => {
  channel = new MessageChannel();
  transferHandlers.set("throw", throwHandler(original));
});
afterEach(() => {
  channel.port1.close();
  transferHandlers.set("throw", original);
});

/** What a caller on the other side of a real boundary catches. */
async function thrownAcross(value: unknown): Promise<unknown> {
  const api = {
    async fail(): Promise<void> {
      throw value;
    },
  };
  expose(api, channel.port1 as Endpoint);
  return wrap<typeof api>(channel.port2 as Endpoint)
    .fail()
    .then(
      () => expect.unreachable("nothing was thrown"),
      (error: unknown) => error,
    );
}

test("an EngineError keeps its class, code, details and message", async () => {
  const thrown = new EngineError("BUNDLE_OLDER", { got: 1, stored: 2 }, new Error("cause"));
  const caught = await thrownAcross(thrown);
  expect(caught).toBeInstanceOf(EngineError);
  expect(caught).toMatchObject({ code: "BUNDLE_OLDER", details: { got: 1, stored: 2 }, message: thrown.message });
});

test.each([
  ["an Error", new RangeError("out of range"), "out of range"],
  ["a string", "just text", "just text"],
  ["undefined", undefined, "undefined"],
  ["a value that cannot be cloned", () => 1, "() => 1"],
])("%s arrives as INTERNAL with its reason", async (_, value, reason) => {
  const caught = await thrownAcross(value);
  expect(caught).toBeInstanceOf(EngineError);
  expect(caught).toMatchObject({ code: "INTERNAL", details: { reason } });
});

test("a result that cannot be cloned rejects instead of leaving the call open", async () => {
  const api = { give: async (): Promise<unknown> => ({ method: () => 1 }) };
  expose(api, channel.port1 as Endpoint);
  const caught = await wrap<typeof api>(channel.port2 as Endpoint)
    .give()
    .catch((error: unknown) => error);
  expect(caught).toMatchObject({ code: "INTERNAL", details: { reason: "Unserializable return value" } });
});

test("results that merely look like thrown values are results", async () => {
  const api = { give: async () => ({ value: 1 }) };
  expose(api, channel.port1 as Endpoint);
  expect(await wrap<typeof api>(channel.port2 as Endpoint).give()).toEqual({ value: 1 });
});
