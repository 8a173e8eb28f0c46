import { describe, expect, test } from "vitest";
import { bundleFromFiles, bundleToFiles, clusterOfRows, scoringModelOf } from "../../../../src/model/bundle/bundle.ts";
import { decodeTensorFile, encodeTensorFile } from "../../../../src/model/bundle/tensor-file.ts";
import type { Tensor } from "../../../../src/model/bundle/tensor-file.ts";
import { parseManifest } from "../../../../src/model/bundle/manifest.ts";
import type { FileRole } from "../../../../src/model/bundle/manifest.ts";
import { FEATURE_NAMES } from "../../../../src/model/ranking/features.ts";
import { decodeItems } from "../../../../src/model/retrieval/item-codes.ts";
import { quantiseItems } from "../../../../src/model/retrieval/quantise.ts";
import { tableOf } from "../../../support/scoring.ts";
import { tinyBundle } from "../../../support/tiny-bundle.ts";

const size = FEATURE_NAMES.length;
const ranker = {
  mean: new Float32Array(size).fill(0.5),
  deviation: new Float32Array(size).fill(2),
  click: { weights: new Float32Array(size).fill(0.25), bias: -1 },
  booking: { weights: new Float32Array(size).fill(0.125), bias: -3 },
};

describe("bundles", () => {
  test("a bundle comes back whole, with and without a ranker, and writing is deterministic", async () => {
    const { byRole } = await tinyBundle("tiny", 1);
    const bundle = bundleFromFiles(byRole);
    expect(bundle.catalogue.rowOf("item-3")).toBe(3);
    expect(bundle.catalogue.rowOf("nothing")).toBe(-1);
    expect(bundle.catalogue.card(1, 0)).toMatchObject({ kind: "film", themes: ["sea"], year: null, price: null });
    expect([...clusterOfRows(bundle.clusters)]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(bundle.items).toEqual(quantiseItems(decodeItems(bundle.codes), 4));
    expect([...bundle.residual.targets]).toEqual([1, 5, 2]);
    expect(bundle.transitions).toBeNull();
    const transitions = tableOf(6, [[5, 0, 1]]);
    const ranked = bundleToFiles({ ...bundle, transitions, ranker });
    expect(bundleFromFiles(ranked)).toMatchObject({ ranker, transitions, residual: bundle.residual });
    expect(bundleToFiles(bundleFromFiles(ranked))).toEqual(ranked);
    expect(bundleToFiles(bundle)).toEqual(byRole);
  });

  test.each<[FileRole, string, (tensors: Record<string, Tensor>) => void]>([
    ["items", "scales", (tensors) => delete tensors["scales"]],
    [
      "items",
      "dimension",
      (tensors) => (tensors["codes"] = { dtype: "uint8", shape: [6, 0], data: new Uint8Array(0) }),
    ],
    ["items", "codes", (tensors) => (tensors["codes"] = { dtype: "uint8", shape: [5, 2], data: new Uint8Array(10) })],
    ["neighbours", "weights", (tensors) => tensors["residual.targets"]!.data.fill(0)],
    ["clusters", "starts", (tensors) => (tensors["starts"]!.data[1] = 9)],
    ["clusters", "starts", (tensors) => (tensors["starts"]!.data[2] = 5)],
    ["catalogue", "offsets", (tensors) => (tensors["titles.offsets"]!.data[1] = 1e6)],
    ["catalogue", "code", (tensors) => (tensors["kind"]!.data[0] = 40)],
    ["catalogue", "year", (tensors) => delete tensors["year"]],
  ])("a %s file with wrong %s is refused", async (role, reason, spoil) => {
    const { byRole } = await tinyBundle("tiny", 1);
    const file = decodeTensorFile(byRole.get(role)!.slice(), role);
    const tensors = { ...file.tensors };
    spoil(tensors);
    const spoilt = new Map(byRole).set(role, encodeTensorFile({ meta: file.meta, tensors }));
    expect(() => bundleFromFiles(spoilt)).toThrow(reason);
  });

  test("scores come from the bundle's items, tables and popularity", async () => {
    const bundle = bundleFromFiles((await tinyBundle("tiny", 1)).byRole);
    const model = scoringModelOf({ ...bundle, tower: { ...bundle.tower, popularityExponent: 0.5 } });
    expect(model).toMatchObject({ items: bundle.items, residual: bundle.residual, transitions: null });
    expect(model.params.orderDecay).toBe(bundle.tower.orderDecay);
    expect(model.popularityFactor).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5).map((n) => Math.max(1, n) ** -0.5));
  });

  test("a scale of items that is no number, or dimensions that are odd, are refused", async () => {
    const { byRole } = await tinyBundle("tiny", 1);
    const file = decodeTensorFile(byRole.get("items")!, "items");
    for (const meta of [null, {}, { largest: -1 }, { largest: 1, other: 2 }]) {
      const items = encodeTensorFile({ ...file, meta });
      expect(() => bundleFromFiles(new Map(byRole).set("items", items)), JSON.stringify(meta)).toThrow(
        expect.objectContaining({ code: "FILE_FORMAT" }),
      );
    }
    const bundle = bundleFromFiles(byRole);
    expect(() => bundleToFiles({ ...bundle, codes: { ...bundle.codes, dimensions: 5 } })).toThrow(/items|codes/u);
  });

  test("a tower or ranker that is not ours is refused", async () => {
    const { byRole } = await tinyBundle("tiny", 1);
    const tower = encodeTensorFile({ meta: { recencyDecay: 2 }, tensors: {} });
    expect(() => bundleFromFiles(new Map(byRole).set("tower", tower))).toThrow(/tower/u);
    const files = bundleToFiles({ ...bundleFromFiles(byRole), ranker });
    const file = decodeTensorFile(files.get("ranker")!, "ranker");
    const meta = { ...(file.meta as object), features: ["another"] };
    expect(() => bundleFromFiles(new Map(files).set("ranker", encodeTensorFile({ ...file, meta })))).toThrow(
      /features/u,
    );
    files.delete("items");
    expect(() => bundleFromFiles(files)).toThrow(/missing/u);
  });
});

describe("manifests", () => {
  test("a valid one is kept, anything else names what is wrong", async () => {
    const { manifest } = await tinyBundle("tiny", 1);
    expect(parseManifest(structuredClone(manifest))).toEqual(manifest);
    const code = (value: unknown): unknown => {
      try {
        return parseManifest(value);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code({ ...manifest, formatVersion: 1 })).toBe("BUNDLE_UNSUPPORTED");
    for (const wrong of [
      null,
      [],
      { ...manifest, version: 0 },
      { ...manifest, dimensions: 5 },
      { ...manifest, name: "../up" },
      { ...manifest, files: manifest.files.toReversed() },
      { ...manifest, ranker: "trained" },
      { ...manifest, files: manifest.files.map((file) => ({ ...file, path: "../x.bin" })) },
      { ...manifest, extra: 1 },
    ]) {
      expect(code(wrong)).toBe("BUNDLE_MANIFEST_INVALID");
    }
  });
});
