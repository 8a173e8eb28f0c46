import { expect, test } from "vitest";
import { FEATURE_NAMES } from "../../../../src/model/ranking/features.ts";
import { rank, sigmoid } from "../../../../src/model/ranking/ranker.ts";

const size = FEATURE_NAMES.length;

test("the two heads are logistic regressions on standardised features", () => {
  const weights = Float32Array.from({ length: size }, (_, g) => (g === 0 ? 2 : 0));
  const ranker = {
    mean: new Float32Array(size).fill(1),
    deviation: new Float32Array(size).fill(4),
    click: { weights, bias: -1 },
    booking: { weights: weights.map((weight) => -weight), bias: 0 },
  };
  const features = new Float32Array(2 * size).fill(1);
  features[size] = 3;
  const { click, booking } = rank(ranker, features);
  expect(click[0]).toBeCloseTo(sigmoid(-1), 6);
  expect(click[1]).toBeCloseTo(sigmoid(-1 + 2 * 0.5), 6);
  expect(booking[1]).toBeCloseTo(sigmoid(-1), 6);
  expect(rank(ranker, new Float32Array(0)).click).toHaveLength(0);
});

test("sigmoid stays finite", () => {
  expect(sigmoid(1000)).toBe(1);
  expect(sigmoid(-1000)).toBe(0);
});
