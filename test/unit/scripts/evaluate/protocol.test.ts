import { describe, expect, test } from "vitest";
import { IMPLICIT } from "../../../../scripts/evaluate/feedback.ts";
import { makeProtocol } from "../../../../scripts/evaluate/protocol.ts";
import { datasetOf, splitOf } from "./helpers.ts";

const seed = 1;

describe("the rules", () => {
  const dataset = datasetOf(4, 6, [
    { user: 0, item: 0, event: "click" },
    { user: 0, item: 0, event: "booking" },
    { user: 0, item: 1, event: "click" },
  ]);

  test("people with a folded-in part are new: it is their history, and nothing of theirs is fitted", () => {
    const split = splitOf([
      [0, 0, "train"],
      [0, 1, "train"],
      [1, 2, "val_in"],
      [1, 3, "val_out"],
      [2, 0, "test_in"],
      [2, 4, "test_out"],
      [2, 5, "test_out"],
    ]);
    const { validation, test: fold } = makeProtocol("strong", dataset, split, { seed });
    const { matrix } = fold.data;
    expect(matrix.users).toBe(1);
    expect([...matrix.indices]).toEqual([0, 1]);
    // The strongest event of a pair weighs it; a kind without a weight has 1.
    expect([...matrix.weights]).toEqual([4, 1]);
    expect(fold.users).toEqual([
      {
        user: 2,
        history: { rows: Uint32Array.of(0), weights: Float32Array.of(1), values: Float32Array.of(NaN) },
        targets: new Set([4, 5]),
      },
    ]);
    expect([...validation.users[0]!.targets]).toEqual([3]);
    expect([...fold.candidates]).toEqual([1, 1, 0, 0, 0, 0]);
  });

  test("where few people are new in the validation, people of the training take their place in turn", () => {
    const people = 24;
    const owned = (user: number): number[] => Array.from({ length: 10 }, (_, k) => (user + k) % 30);
    const rows = Array.from({ length: people }, (_, user) =>
      owned(user).map((item, k) => {
        const part = user >= 2 ? "train" : k < 8 ? "val_in" : "val_out";
        return [user, item, part] as const;
      }),
    ).flat();
    const split = splitOf([...rows, [people, 0, "test_in"], [people, 1, "test_out"]]);
    const of = (seeded: number) => makeProtocol("strong", datasetOf(people + 1, 30, []), split, { seed: seeded });
    const { validation, validations, test: fold } = of(seed);
    expect(validations[0]).toBe(validation);
    // Two at a time, until half of the 22 were asked.
    const rotations = validations.slice(1);
    expect(rotations.map(({ users }) => users.length)).toEqual([2, 2, 2, 2, 2, 2]);
    const asked = rotations.flatMap(({ users }) => users.map(({ user }) => user));
    expect(new Set(asked).size).toBe(12);
    expect(asked.every((user) => user >= 2 && user < people)).toBe(true);
    for (const { data, users } of rotations) {
      expect(data.matrix.users).toBe(22);
      for (const { user, history, targets } of users) {
        expect([...history.rows, ...targets].toSorted((a, b) => a - b)).toEqual(owned(user).toSorted((a, b) => a - b));
        expect(targets.size).toBe(2);
      }
    }
    // The test is fitted on the training's people alone, as ever.
    expect(fold.data.matrix.users).toBe(22);
    expect(of(seed).validations).toEqual(validations);
    expect(of(2).validations).not.toEqual(validations);
  });

  test("others are fitted, and the test fits and remembers their validation part too", () => {
    const split = splitOf([
      [0, 0, "train"],
      [0, 1, "val_out"],
      [0, 2, "test_out"],
      [1, 3, "train"],
    ]);
    const { validation, test: fold } = makeProtocol("random", dataset, split, { seed });
    expect([...validation.data.matrix.indices]).toEqual([0, 3]);
    expect([...validation.users[0]!.history.rows]).toEqual([0]);
    expect([...fold.data.matrix.indices]).toEqual([0, 1, 3]);
    expect([...fold.users[0]!.history.rows]).toEqual([0, 1]);
    expect([...fold.users[0]!.targets]).toEqual([2]);
  });

  test("without a validation part a seeded tenth of the training items serves, and the test fits them again", () => {
    const rows = Array.from({ length: 20 }, (_, item) => [0, item, "train"] as const);
    const wide = datasetOf(1, 21, []);
    const make = (of: number) => makeProtocol("published", wide, splitOf([...rows, [0, 20, "test_out"]]), { seed: of });
    const { validation, test: fold } = make(1);
    expect(validation.users[0]!.targets.size).toBe(2);
    expect(validation.data.matrix.indices).toHaveLength(18);
    expect(validation.users[0]!.history.rows).toHaveLength(18);
    expect(fold.data.matrix.indices).toHaveLength(20);
    expect(fold.users[0]!.history.rows).toHaveLength(20);
    expect(make(1).validation.users).toEqual(validation.users);
    expect(
      [1, 2, 3, 4].some(
        (of) => [...make(of).validation.users[0]!.targets].join() !== [...validation.users[0]!.targets].join(),
      ),
    ).toBe(true);
  });

  test("a target pair is hidden wherever else it stands", () => {
    const split = splitOf([
      [0, 0, "train"],
      [0, 1, "train"],
      [0, 0, "train"],
      [0, 1, "test_out"],
      [0, 2, "val_out"],
      [0, 2, "train"],
    ]);
    const { validation, test: fold } = makeProtocol("random", dataset, split, { seed });
    expect([...validation.data.matrix.indices]).toEqual([0]);
    expect([...validation.users[0]!.history.rows]).toEqual([0]);
    // What was a target of the validation is known to the test.
    expect([...fold.data.matrix.indices]).toEqual([0, 2]);
    expect([...fold.users[0]!.targets]).toEqual([1]);
  });

  test("other events of a target pair are hidden, and those of no pair of the split too", () => {
    const events = datasetOf(2, 3, [
      { user: 0, item: 0, event: "view" },
      { user: 0, item: 1, event: "booking" },
      { user: 0, item: 2, event: "view" },
    ]);
    const split = splitOf([
      [0, 0, "train"],
      [0, 1, "test_out"],
      [1, 1, "train"],
    ]);
    const { test: fold } = makeProtocol("random", events, split, { seed });
    expect([...fold.users[0]!.history.rows]).toEqual([0]);
    expect(fold.data.matrix.indices).toHaveLength(2);
  });

  test("people without a history are not measured, and counted", () => {
    const split = splitOf([
      [0, 0, "train"],
      [0, 2, "val_out"],
      [0, 1, "test_out"],
      [1, 1, "test_out"],
    ]);
    const protocol = makeProtocol("random", dataset, split, { seed });
    expect(protocol.test.users).toHaveLength(1);
    expect(protocol.withoutHistory).toBe(1);
  });

  test("cold: the targets' items are ranked, and nothing else", () => {
    const split = splitOf([
      [0, 0, "train"],
      [1, 1, "train"],
      [0, 2, "val_out"],
      [0, 3, "test_out"],
      [1, 4, "test_out"],
    ]);
    const { validation, test: fold } = makeProtocol("cold-items", dataset, split, { seed, cold: true });
    expect([...validation.candidates]).toEqual([0, 0, 1, 0, 0, 0]);
    expect([...fold.candidates]).toEqual([0, 0, 0, 1, 1, 0]);
    expect([...fold.users[0]!.history.rows]).toEqual([0, 2]);
    // Rows may tell of popularity: ties go by a seeded order.
    expect([...fold.tieOrder!].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    const tieOrder = (of: number) => makeProtocol("x", dataset, split, { seed: of, cold: true }).test.tieOrder;
    expect(tieOrder(1)).toEqual(fold.tieOrder);
    expect(tieOrder(2)).not.toEqual(fold.tieOrder);
    expect(makeProtocol("x", dataset, split, { seed }).test.tieOrder).toBeNull();
  });

  test("a split without targets is refused", () => {
    expect(() => makeProtocol("x", dataset, splitOf([[0, 0, "train"]]), { seed })).toThrow(/no test_out/u);
  });
});

describe("what the events add", () => {
  const events = [
    { user: 0, item: 2, event: "rating", time: 10, value: 5 },
    { user: 0, item: 0, event: "rating", time: 30, value: 2 },
    { user: 0, item: 1, event: "rating", time: 20, value: 4 },
    { user: 0, item: 2, event: "booking", time: 40 },
    { user: 0, item: 3, event: "rating", time: 50, value: 3 },
    { user: 0, item: 4, event: "rating", time: 60, value: 4 },
  ] as const;
  const dataset = datasetOf(1, 5, events, { timeUnit: "s" });
  const rows = [
    [0, 0, "train"],
    [0, 1, "train"],
    [0, 2, "train"],
    [0, 3, "val_out"],
    [0, 4, "test_out"],
  ] as const;
  const split = splitOf(rows);

  test("values lie beside the interactions, sequences and histories are oldest first by the first event", () => {
    const { data, users } = makeProtocol("x", dataset, split, { seed }).test;
    expect([...data.matrix.indices]).toEqual([0, 1, 2, 3]);
    expect([...data.values!]).toEqual([2, 4, 5, 3]);
    expect([...data.sequences!]).toEqual([2, 1, 0, 3]);
    expect([...users[0]!.history.rows]).toEqual([2, 1, 0, 3]);
    expect([...users[0]!.history.values]).toEqual([5, 4, 2, 3]);
    expect([...users[0]!.history.weights]).toEqual([4, 1, 1, 1]);
    expect(data.items).toBe(dataset.items);
  });

  test("the split's own order goes before the events'", () => {
    const { data } = makeProtocol("x", dataset, splitOf(rows, [3, 2, 9, 4, 5]), { seed }).test;
    expect([...data.sequences!]).toEqual([1, 0, 3, 2]);
  });

  test("without times or values there are no sequences and no values", () => {
    const bare = datasetOf(
      1,
      5,
      events.map(({ user, item }) => ({ user, item })),
    );
    const { data } = makeProtocol("x", bare, split, { seed }).test;
    expect(data.sequences).toBeNull();
    expect(data.values).toBeNull();
  });

  test("what comes later weighs nothing: the booking of 40 is unknown at 35", () => {
    const { validation, test: fold } = makeProtocol("x", dataset, split, { seed, before: [35, 45] });
    expect([...validation.data.matrix.weights]).toEqual([1, 1, 1]);
    expect([...fold.data.matrix.weights]).toEqual([1, 1, 4, 1]);
  });

  test("lower ratings are no interest where asked; explicit feedback still learns from them", () => {
    const from4 = { ...IMPLICIT, positiveFrom: 4 };
    const wide = splitOf([...rows.slice(0, 3), [0, 4, "val_out"], [0, 3, "test_out"], [0, 4, "test_out"]]);
    const implicit = makeProtocol("x", dataset, wide, { seed, feedback: from4 });
    expect([...implicit.test.data.matrix.indices]).toEqual([1, 2]);
    expect([...implicit.test.users[0]!.history.rows]).toEqual([2, 1]);
    expect([...implicit.test.users[0]!.targets]).toEqual([4]);
    const explicit = makeProtocol("x", dataset, wide, { seed, feedback: { ...from4, feedback: "explicit" } });
    expect([...explicit.test.data.matrix.weights]).toEqual([2, 4, 5]);
    expect([...explicit.test.users[0]!.history.weights]).toEqual([5, 4, 2]);
    expect([...explicit.test.users[0]!.targets]).toEqual([4]);
  });

  test("confidence and normalisation reach training and history alike", () => {
    const feedback = { ...IMPLICIT, values: "linear", normalise: "item" } as const;
    const { data, users } = makeProtocol("x", dataset, split, { seed, feedback }).test;
    // Mean value 3.5; every item has one person, so the scale is 1.
    const expected = [1 + 2 / 3.5, 1 + 4 / 3.5, 4 * (1 + 5 / 3.5), 1 + 3 / 3.5];
    expected.forEach((weight, at) => expect(data.matrix.weights[at]).toBeCloseTo(weight, 5));
    expect(users[0]!.history.weights[0]).toBeCloseTo(expected[2]!, 5);
  });
});
