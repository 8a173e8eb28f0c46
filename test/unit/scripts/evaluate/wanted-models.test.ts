import { describe, expect, it } from "vitest";
import { wantedModels } from "../../../../scripts/evaluate/wanted-models.ts";
import { MODEL_NAMES } from "../../../../scripts/train/models.ts";

const all = (): null => null;
const noSvd = (name: string): string | null => (name === "svd" ? "svd has no use here" : null);

describe("the models of --models", () => {
  it("are those named, in that order, each once", () => {
    expect(wantedModels("ials, ease,ials", all)).toEqual({ names: ["ials", "ease"], refused: [] });
  });

  it("are all that can be had, and the others with their reason", () => {
    expect(wantedModels("all", all)).toEqual({ names: MODEL_NAMES, refused: [] });
    const { names, refused } = wantedModels("all", noSvd);
    expect(names).toEqual(MODEL_NAMES.filter((name) => name !== "svd"));
    expect(refused).toEqual([{ name: "svd", reason: "svd has no use here" }]);
  });

  it.each([
    ["ials,oracle", /no model "oracle": choose popularity/u],
    ["", /no model ""/u],
    ["ials,svd", /svd has no use here/u],
  ])("%j is refused", (list, message) => {
    expect(() => wantedModels(list, noSvd)).toThrow(message);
  });
});
