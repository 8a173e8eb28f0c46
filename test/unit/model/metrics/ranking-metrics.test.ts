import { describe, expect, test } from "vitest";
import {
  areaUnderCurve,
  averagePrecisionAt,
  hitAt,
  hitsAt,
  hitsRecallAt,
  ndcgAt,
  precisionAt,
  recallAt,
  reciprocalRankAt,
} from "../../../../src/model/metrics/ranking-metrics.ts";

describe("metrics of a list, worked by hand", () => {
  const ranked = [5, 3, 9, 1];
  const targets = new Set([3, 1, 7]);

  test("hits, recall, precision", () => {
    expect(hitsAt(ranked, targets, 2)).toBe(1);
    expect(hitsAt(ranked, targets, 20)).toBe(2);
    expect(recallAt(ranked, targets, 2)).toBe(1 / 2);
    expect(recallAt(ranked, targets, 20)).toBe(2 / 3);
    expect(hitsRecallAt(ranked, targets, 2)).toBe(1 / 3);
    expect(precisionAt(ranked, targets, 10)).toBe(0.2);
  });

  test("NDCG: hits at ranks 2 and 4 of three targets", () => {
    const gain = 1 / Math.log2(3) + 1 / Math.log2(5);
    const ideal = 1 + 1 / Math.log2(3) + 1 / 2;
    expect(ndcgAt(ranked, targets, 100)).toBeCloseTo(gain / ideal, 12);
    expect(ndcgAt(ranked, targets, 2)).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12);
    expect(ndcgAt([3, 1, 7], targets, 100)).toBe(1);
    expect(ndcgAt([], targets, 100)).toBe(0);
  });
});

describe("average precision, reciprocal rank, hit, worked by hand", () => {
  // Hits at ranks 2 and 4 of three targets.
  const ranked = [5, 3, 9, 1];
  const targets = new Set([3, 1, 7]);

  test("average precision over min(k, T)", () => {
    expect(averagePrecisionAt(ranked, targets, 10)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12);
    expect(averagePrecisionAt(ranked, targets, 2)).toBeCloseTo(1 / 2 / 2, 12);
    expect(averagePrecisionAt([3, 1, 7], targets, 10)).toBe(1);
    expect(averagePrecisionAt([5, 9], targets, 10)).toBe(0);
    expect(averagePrecisionAt([], targets, 10)).toBe(0);
  });

  test("reciprocal rank and hit, cut at k", () => {
    expect(reciprocalRankAt(ranked, targets, 100)).toBe(1 / 2);
    expect(reciprocalRankAt(ranked, targets, 1)).toBe(0);
    expect(reciprocalRankAt([7], targets, 1)).toBe(1);
    expect(hitAt(ranked, targets, 1)).toBe(0);
    expect(hitAt(ranked, targets, 4)).toBe(1);
  });
});

describe("area under the curve", () => {
  test("ties count half, masked items are left out, an unknown target loses", () => {
    expect(areaUnderCurve(Float32Array.of(3, 1, 2), new Set([0]))).toBe(1);
    expect(areaUnderCurve(Float32Array.of(1, 1, 2), new Set([0]))).toBe(0.25);
    expect(areaUnderCurve(Float32Array.of(1, -Infinity, 0), new Set([0]))).toBe(1);
    expect(areaUnderCurve(Float32Array.of(-Infinity, 5, 6), new Set([0]))).toBe(0);
    expect(areaUnderCurve(Float32Array.of(3, 1, 2), new Set([0, 1]))).toBe(0.5);
    expect(areaUnderCurve(Float32Array.of(3), new Set([0]))).toBeNaN();
  });

  test("equals the count over all pairs", () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const scores = Float32Array.from({ length: 80 }, () => Math.floor(random() * 10));
    const targets = new Set([3, 17, 44, 60]);
    let wins = 0;
    let pairs = 0;
    for (const target of targets) {
      scores.forEach((score, row) => {
        if (targets.has(row)) return;
        pairs++;
        wins += scores[target]! > score ? 1 : scores[target] === score ? 0.5 : 0;
      });
    }
    expect(areaUnderCurve(scores, targets)).toBeCloseTo(wins / pairs, 12);
    // Two masked items drop out, one of them a target: the rest of the targets keep their wins.
    scores[3] = -Infinity;
    scores[4] = -Infinity;
    const naive = [...targets].reduce(
      (sum, target) =>
        sum +
        scores.reduce((won, score, row) => {
          if (targets.has(row) || score === -Infinity) return won;
          return won + (scores[target]! > score ? 1 : scores[target] === score ? 0.5 : 0);
        }, 0),
      0,
    );
    expect(areaUnderCurve(scores, targets)).toBeCloseTo(naive / (4 * 75), 12);
  });
});
