import { describe, expect, test } from "vitest";
import { EngineError, ERROR_CODES } from "../../../src/model/errors.ts";

describe("EngineError", () => {
  test.each(ERROR_CODES)("%s has a message that names a remedy", (code) => {
    const { message } = new EngineError(code, { remedy: "Build it.", reason: "Wrong." });
    // An imperative that begins a sentence or a clause.
    expect(message).toMatch(
      /(?:[.:;] |, or |, |and )(?:Ask|Build|build|Call|Check|Choose|Close|Connect|Correct|Free|Go|Leave|Pass|Publish|Rebuild|Reload|See|Send|Sign|Stop|Try|try)\b/u,
    );
    expect(message).toMatch(/\.$/u);
  });

  test("survives as data, and other throws become INTERNAL", () => {
    const error = new EngineError("ITEM_UNKNOWN", { itemId: "x" });
    expect(EngineError.fromData(structuredClone(error.toData()))).toMatchObject({
      code: "ITEM_UNKNOWN",
      details: { itemId: "x" },
      message: error.message,
    });
    expect(EngineError.from(new TypeError("broken"))).toMatchObject({
      code: "INTERNAL",
      details: { reason: "broken" },
    });
    expect(EngineError.from(error)).toBe(error);
  });
});
