import { describe, expect, test } from "vitest";
import {
  checkFeedback,
  confidenceOf,
  feedbackOf,
  IMPLICIT,
  pairKey,
  pairStrength,
  scalingOf,
} from "../../../../scripts/evaluate/feedback.ts";
import type { Feedback } from "../../../../scripts/evaluate/feedback.ts";
import { datasetOf, foldOf } from "./helpers.ts";

const ARGS = { feedback: "implicit", combine: "strongest", values: "none", normalise: "none" };

describe("the options", () => {
  test("by default every interaction is interest, by its strongest event", () => {
    expect(feedbackOf(ARGS)).toEqual(IMPLICIT);
  });

  test("are read", () => {
    const args = { ...ARGS, feedback: "explicit", combine: "sum", values: "log", normalise: "both" };
    expect(feedbackOf({ ...args, weights: "click=1, favourite=3,booking=4.5", "positive-from": "4" })).toEqual({
      feedback: "explicit",
      combine: "sum",
      values: "log",
      normalise: "both",
      weights: { click: 1, favourite: 3, booking: 4.5 },
      positiveFrom: 4,
    });
  });

  test.each([
    ["--combine best", { combine: "best" }],
    ["--weights click", { weights: "click" }],
    ["--weights click=0", { weights: "click=0" }],
    ["--weights like=1", { weights: "like=1" }],
    ["--positive-from many", { "positive-from": "many" }],
  ])("refuse %s and say what is meant", (said, args) => {
    expect(() => feedbackOf({ ...ARGS, ...args })).toThrow(said);
  });

  test("need what the data has", () => {
    const counted = datasetOf(1, 1, [{ user: 0, item: 0, value: 3 }]);
    const bare = datasetOf(1, 1, [{ user: 0, item: 0 }]);
    expect(() => checkFeedback({ ...IMPLICIT, values: "log" }, bare)).toThrow(/--values/u);
    expect(() => checkFeedback({ ...IMPLICIT, positiveFrom: 4 }, bare)).toThrow(/--positive-from/u);
    expect(() => checkFeedback({ ...IMPLICIT, feedback: "explicit" }, counted)).toThrow(/ratings/u);
    expect(() => checkFeedback({ ...IMPLICIT, values: "log" }, counted)).not.toThrow();
    expect(() => checkFeedback(IMPLICIT, bare)).not.toThrow();
  });
});

describe("the strength of a pair", () => {
  const dataset = datasetOf(1, 3, [
    { user: 0, item: 0, event: "click", time: 1, value: 2 },
    { user: 0, item: 0, event: "booking", time: 2 },
    { user: 0, item: 0, event: "click", time: 3, value: 5 },
    { user: 0, item: 1, event: "rating", time: 1, value: 5 },
    { user: 0, item: 1, event: "rating", time: 2, value: 2 },
  ]);
  const pairs = new Map([
    [pairKey(dataset, 0, 0), 0],
    [pairKey(dataset, 0, 1), 1],
    [pairKey(dataset, 0, 2), 2],
  ]);
  const strength = (feedback: Partial<Feedback>, before = Infinity) => {
    const { weight, value } = pairStrength(dataset, { ...IMPLICIT, ...feedback }, pairs, 3, before);
    return { weight: [...weight], value: [...value] };
  };

  test("is its strongest event's weight; counts add up, the last rating stands; no event is 1", () => {
    expect(strength({})).toEqual({ weight: [4, 1, 1], value: [7, 2, NaN] });
  });

  test("is the sum over its events where asked, by the weights given", () => {
    expect(strength({ combine: "sum" }).weight).toEqual([6, 2, 1]);
    expect(strength({ combine: "sum", weights: { booking: 10, rating: 0.5 } }).weight).toEqual([12, 1, 1]);
    expect(strength({ weights: { booking: 0.5 } }).weight).toEqual([1, 1, 1]);
  });

  test("knows nothing of what comes later", () => {
    expect(strength({}, 2)).toEqual({ weight: [1, 1, 1], value: [2, 5, NaN] });
  });
});

describe("confidence", () => {
  // Their mean is 4.
  const trained = Float32Array.of(2, 6, NaN);

  test("grows with the value over the mean value", () => {
    const linear = confidenceOf({ ...IMPLICIT, values: "linear" }, trained);
    expect(linear(1, 4)).toBe(2);
    expect(linear(3, 8)).toBe(9);
    const log = confidenceOf({ ...IMPLICIT, values: "log" }, trained);
    expect(log(1, 4)).toBeCloseTo(1 + Math.LN2, 12);
    expect([linear(3, NaN), log(3, NaN), log(3, 0)]).toEqual([3, 3, 3]);
  });

  test("is the weight alone by default, and the rating itself where it is fitted", () => {
    expect(confidenceOf(IMPLICIT, trained)(3, 8)).toBe(3);
    const explicit = confidenceOf({ ...IMPLICIT, feedback: "explicit" }, trained);
    expect([explicit(3, 2.5), explicit(3, NaN)]).toEqual([2.5, 3]);
  });
});

describe("normalisation", () => {
  // Item 0 has four people, item 1 one; person 0 has both.
  const { matrix } = foldOf(3, [[0, 1], [0], [0], [0]], []).data;
  const scaling = (normalise: Feedback["normalise"]) => scalingOf({ ...IMPLICIT, normalise }, matrix);

  test("scales by 1 / sqrt(n) and keeps the mean entry", () => {
    // Entries 1/2, 1, 1/2, 1/2, 1/2: their mean is 3/5.
    const item = scaling("item");
    expect(item(0, 9)).toBeCloseTo(1 / 2 / (3 / 5), 12);
    expect(item(1, 9)).toBeCloseTo(1 / (3 / 5), 12);
    // An item that nobody has, in the history of a new person.
    expect(item(2, 9)).toBeCloseTo(1 / (3 / 5), 12);
    const mean = (2 / Math.sqrt(2) + 3) / 5;
    expect(scaling("user")(0, 4)).toBeCloseTo(1 / 2 / mean, 12);
    const both = scaling("both");
    expect(both(0, 4) / both(1, 1)).toBeCloseTo(1 / 4, 12);
    expect(scaling("none")(0, 4)).toBe(1);
  });
});
