import { describe, expect, test } from "vitest";
import { FEATURE_NAMES } from "../../../../src/model/ranking/features.ts";
import { rank, sigmoid } from "../../../../src/model/ranking/ranker.ts";
import { seededRandom } from "../../../../scripts/train/random.ts";
import { trainRanker } from "../../../../scripts/train/ranker.ts";

const G = FEATURE_NAMES.length;
const COUNT = 20_000;

/** Clicks by a known law: two features matter, and the position hides what stands low. */
function impressions() {
  const random = seededRandom(3);
  const features = Float32Array.from({ length: COUNT * G }, () => 2 * random() - 1);
  // A column that never changes must do no harm.
  for (let k = 0; k < COUNT; k++) features[k * G + 5] = 7;
  const position = Uint32Array.from({ length: COUNT }, (_, k) => 1 + (k % 10));
  const logit = (k: number): number => 2 * features[k * G]! - features[k * G + 1]! - 1 - 0.8 * Math.log(position[k]!);
  const clicked = Uint8Array.from({ length: COUNT }, (_, k) => (random() < sigmoid(logit(k)) ? 1 : 0));
  return { features, position, clicked, booked: new Uint8Array(COUNT) };
}

describe("training the ranker", () => {
  const table = impressions();
  const ranker = trainRanker(table)!;

  test("the law is found again, apart from the position", () => {
    const weight = (g: number): number => ranker.click.weights[g]! / ranker.deviation[g]!;
    expect(weight(0)).toBeCloseTo(2, 0);
    expect(weight(1)).toBeCloseTo(-1, 0);
    expect(Math.abs(weight(2))).toBeLessThan(0.15);
    expect(ranker.click.weights[5]).toBeCloseTo(0, 6);
  });

  test("probabilities are calibrated at the mean position", () => {
    const { click } = rank(ranker, table.features);
    const mean = click.reduce((sum, value) => sum + value, 0) / COUNT;
    const rate = table.clicked.reduce((sum, value) => sum + value, 0) / COUNT;
    expect(Math.abs(mean - rate)).toBeLessThan(0.02);
  });

  test("a label that never occurs stays a small, finite probability", () => {
    const { booking } = rank(ranker, table.features);
    for (const value of booking.subarray(0, 100)) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(0.001);
    }
  });

  test("equal input, equal ranker; no impressions, no ranker", () => {
    expect(trainRanker(impressions())).toEqual(ranker);
    const none = new Uint8Array(0);
    expect(
      trainRanker({ features: new Float32Array(0), position: new Uint32Array(0), clicked: none, booked: none }),
    ).toBeNull();
  });
});
