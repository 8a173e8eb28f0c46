import { describe, expect, test } from "vitest";
import { candidateFeatures, FEATURE_NAMES, profileOf } from "../../../../src/model/ranking/features.ts";
import type { FeatureSource } from "../../../../src/model/ranking/features.ts";
import { scorerOf } from "../../../../src/model/tower/scorer.ts";
import { catalogueOf } from "../../../support/catalogue.ts";
import { scoringOf, tableOf } from "../../../support/scoring.ts";

/** Rows 0 and 1 share a cluster. */
const source: FeatureSource = {
  catalogue: catalogueOf([
    { maker: "Ozu", kind: "film", subcategory: "drama", themes: ["family", "time"], popularity: 3, year: 1953 },
    { maker: "Ozu", kind: "film", subcategory: "comedy", themes: ["family"], popularity: 1, year: 2000, price: 7 },
    { kind: "book", themes: ["sea", "time"], popularity: 0 },
    {},
  ]),
  clusterOf: Uint16Array.of(0, 0, 1, 1),
};

/** Two dimensions, scale 1/2. */
const scoring = scoringOf(
  {
    values: Int8Array.of(2, 0, 2, 2, 0, 4, -2, 0),
    scales: Float32Array.of(0.5, 0.5),
    count: 4,
    dimensions: 2,
  },
  { residual: tableOf(4, [[2, 1, 127]]), popularityFactor: Float32Array.of(1, 0.5, 1, 1) },
);

const named = (row: Float32Array): Record<string, number> =>
  Object.fromEntries(FEATURE_NAMES.map((name, g) => [name, row[g]!]));

/** A golden vector: every value worked by hand from the definitions. */
describe("candidate features", () => {
  const input = { rows: Uint32Array.of(0, 2, 3), weights: Float32Array.of(3, 1, 2), targets: Float32Array.of(1, 1, 0) };
  const profile = profileOf(source, input, scorerOf(scoring, Float32Array.of(1, 0.25), input));
  const features = candidateFeatures(source, profile, [1, 3]);

  test("feature by feature", () => {
    const expected = {
      retrievalScore: (1 * 1 + 1 * 0.25 + 127) * 0.5,
      popularity: Math.log(2),
      clusterAffinity: 3 / 4,
      kindAffinity: 3 / 4,
      subcategoryAffinity: 0,
      makerAffinity: 3 / 4,
      themeAffinity: 3 / 4,
      clusterAversion: 0,
      historyLength: Math.log(3),
      popularityWhenNew: Math.log(2) / 3,
      year: 0,
      price: Math.log(8),
    };
    const got = named(features.subarray(0, FEATURE_NAMES.length));
    for (const name of FEATURE_NAMES) expect(got[name], name).toBeCloseTo(expected[name], 4);
  });

  test("unknown values are 0, and a dismissed cluster is an aversion", () => {
    expect(named(features.subarray(FEATURE_NAMES.length))).toMatchObject({
      retrievalScore: -1,
      popularity: 0,
      clusterAffinity: 0.25,
      kindAffinity: 0,
      makerAffinity: 0,
      themeAffinity: 0,
      clusterAversion: 1,
      year: 0,
      price: 0,
    });
  });

  test("no history: no affinity; no candidates: nothing", () => {
    const nobody = { rows: new Uint32Array(0), weights: new Float32Array(0), targets: new Float32Array(0) };
    const blank = profileOf(source, nobody, scorerOf(scoring, new Float32Array(2), nobody));
    const [first] = [named(candidateFeatures(source, blank, [0]))];
    expect(first).toMatchObject({ retrievalScore: 0, clusterAffinity: 0, themeAffinity: 0, historyLength: 0 });
    expect(first!["popularityWhenNew"]).toBeCloseTo(Math.log(4), 6);
    expect(candidateFeatures(source, blank, [])).toHaveLength(0);
  });
});
