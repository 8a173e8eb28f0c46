import { describe, expect, test } from "vitest";
import { decodeTensorFile, encodeTensorFile } from "../../../../src/model/bundle/tensor-file.ts";
import type { Tensor, TensorFile } from "../../../../src/model/bundle/tensor-file.ts";
import { neighboursFromFile, neighboursToFile } from "../../../../src/model/tower/neighbour-codec.ts";
import type { NeighbourTables } from "../../../../src/model/tower/neighbour-codec.ts";
import type { NeighbourTable } from "../../../../src/model/tower/neighbours.ts";
import { tableOf } from "../../../support/scoring.ts";

let seed = 5;
const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
const below = (end: number): number => Math.floor(random() * end);

/** @param share of all pairs */
function randomTable(items: number, share: number, skew = 1): NeighbourTable {
  const pairs = new Map<number, readonly [number, number, number]>();
  for (let at = 0; at < items * items * share; at++) {
    const [source, target] = [Math.floor(items * random() ** skew), below(items)];
    pairs.set(source * items + target, [source, target, (random() - 0.4) * 10 ** below(4)]);
  }
  return tableOf(items, [...pairs.values()]);
}

const encode = (tables: NeighbourTables): Uint8Array => encodeTensorFile(neighboursToFile(tables));
const decode = (bytes: Uint8Array, items: number): NeighbourTables =>
  neighboursFromFile(decodeTensorFile(bytes, "neighbours"), items);

/** Its arrays as text, for `toEqual` takes long over large ones. */
const textOf = (array: ArrayBufferView): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
const textsOf = ({ residual, transitions }: NeighbourTables): unknown =>
  [residual, transitions].map(
    (table) => table && [table.indptr, table.targets, table.weights, table.scales].map(textOf),
  );

describe("neighbour tables come back exactly", () => {
  test.for([
    ["no item", tableOf(0)],
    ["one item", tableOf(1)],
    ["one item with itself", tableOf(1, [[0, 0, 0.3]])],
    ["no entry", tableOf(50)],
    [
      "one source with every target",
      tableOf(
        90,
        Array.from({ length: 90 }, (_, to) => [7, to, to - 40.5] as const),
      ),
    ],
    [
      "one target of every source",
      tableOf(
        90,
        Array.from({ length: 90 }, (_, from) => [from, 89, 1] as const),
      ),
    ],
    ["the last target of the last source", tableOf(5000, [[4999, 4999, -2]])],
    ["all pairs", randomTable(40, 5)],
  ] as const)("%s", ([, residual]) => {
    const tables = { residual, transitions: null };
    expect(textsOf(decode(encode(tables), residual.scales.length))).toEqual(textsOf(tables));
  });

  test("tables of any size and shape, with transitions beside them", () => {
    for (let trial = 0; trial < 200; trial++) {
      const items = 1 + below(trial < 150 ? 30 : 400);
      const residual = randomTable(items, random() ** 3, 1 + below(4));
      const tables = { residual, transitions: trial % 2 ? randomTable(items, 0.1) : null };
      const bytes = encode(tables);
      const back = decode(bytes, items);
      expect(textsOf(back)).toEqual(textsOf(tables));
      expect(textOf(encode(back))).toBe(textOf(bytes));
    }
  });

  test("a value takes as many bits as its code, and its parameter is the cheapest", () => {
    // Numbers of targets 0, 2, 0: 1 + 3 + 1 bits with parameter 0. Gaps 1 and 0: 2 + 1 bits.
    const { tensors } = neighboursToFile({
      residual: tableOf(3, [
        [1, 1, 1],
        [1, 2, 1],
      ]),
      transitions: null,
    });
    expect([...tensors["residual.parameters"]!.data].every((parameter) => parameter === 0)).toBe(true);
    expect([...tensors["residual.targets"]!.data]).toEqual([0b0_110_10_0_0]);
    // One gap of 1,000: 1,001 bits with parameter 0, 11 with 9.
    const far = neighboursToFile({ residual: tableOf(1001, [[0, 1000, 1]]), transitions: null }).tensors;
    expect(far["residual.parameters"]!.data[1]).toBe(9);
  });

  test("near the entropy of scattered targets, in all", () => {
    const items = 4000;
    const each = 16;
    const entries = Array.from(
      { length: items * each },
      (_, at) => [below(items), Math.floor(at / each), 1 + random()] as const,
    );
    const unique = new Map(entries.map((entry) => [entry[0] * items + entry[1], entry]));
    const { weights } = tableOf(items, [...unique.values()]);
    const bytes = encode({ residual: tableOf(items, [...unique.values()]), transitions: null }).length;
    const share = weights.length / items ** 2;
    const entropy = -Math.log2(share) - ((1 - share) / share) * Math.log2(1 - share);
    expect((8 * bytes) / weights.length).toBeLessThan(1.05 * (entropy + 8 + 8 / each));
  });

  test("scales of another making are refused at writing", () => {
    const table = tableOf(2, [[0, 1, 1]]);
    const scales = Float32Array.of(1, 0.99);
    expect(() => encode({ residual: { ...table, scales }, transitions: null })).toThrow("steps");
  });
});

describe("what is malformed is FILE_FORMAT", () => {
  const tables = { residual: randomTable(60, 0.2), transitions: randomTable(60, 0.05) };
  const file = neighboursToFile(tables);

  function spoilt(change: (tensors: Record<string, Tensor>) => void): TensorFile {
    const tensors = Object.fromEntries(
      Object.entries(file.tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
    );
    change(tensors);
    return { meta: file.meta, tensors };
  }
  const bytes = (values: readonly number[]): Tensor => ({
    dtype: "uint8",
    shape: [values.length],
    data: Uint8Array.from(values),
  });
  const targetsOf = (tensors: Record<string, Tensor>): number[] => [...tensors["residual.targets"]!.data];

  test.for<[string, string, (tensors: Record<string, Tensor>) => void]>([
    ["cut targets", "cut off", (t) => (t["residual.targets"] = bytes(targetsOf(t).slice(0, -1)))],
    ["no targets", "cut off", (t) => (t["residual.targets"] = bytes([]))],
    ["targets too many", "left over", (t) => (t["residual.targets"] = bytes([...targetsOf(t), 0]))],
    ["only ones", "out of range", (t) => t["residual.targets"]!.data.fill(255)],
    ["only zeros", "weights", (t) => t["residual.targets"]!.data.fill(0)],
    ["large parameters", "parameter", (t) => t["residual.parameters"]!.data.fill(25)],
    ["a weight too small", "-128", (t) => (t["transitions.weights"]!.data[3] = -128)],
    ["no largest scale", "scale", (t) => (t["residual.largest"]!.data[0] = NaN)],
    ["a zero scale", "scale", (t) => (t["residual.largest"]!.data[0] = 0)],
    ["a missing table", "nothing", (t) => delete t["transitions.weights"]],
  ])("%s", ([, reason, change]) => {
    expect(() => neighboursFromFile(spoilt(change), 60)).toThrow(
      expect.objectContaining({ code: "FILE_FORMAT", message: expect.stringContaining(reason) as string }),
    );
  });

  test("tables of another number of items", () => {
    for (const items of [0, 59, 61]) expect(() => neighboursFromFile(file, items)).toThrow("expected uint8");
    expect(() => neighboursFromFile({ ...file, meta: null }, 60)).toThrow(
      expect.objectContaining({ code: "FILE_FORMAT" }),
    );
  });

  test("last bits that are not zero", () => {
    // 1 + 3 + 1 + 2 + 1 bits of 2 bytes would be whole: one source fewer leaves bits over.
    const small = neighboursToFile({ residual: tableOf(2, [[0, 1, 1]]), transitions: null });
    // Numbers of targets 1 and 0, the gap 1: 10 10 0, then three bits of nothing.
    expect([...small.tensors["residual.targets"]!.data]).toEqual([0b10_10_0_000]);
    small.tensors["residual.targets"]!.data[0] = 0b10_10_0_010;
    expect(() => neighboursFromFile(small, 2)).toThrow("last bits");
  });

  test("any flipped bit gives a valid table or FILE_FORMAT", () => {
    const names = ["residual.targets", "residual.parameters", "transitions.targets", "transitions.parameters"];
    const outcomes = new Map<string, number>();
    for (let trial = 0; trial < 3000; trial++) {
      const changed = spoilt((tensors) => {
        const { data } = tensors[names[trial % names.length]!]!;
        for (let flips = 1 + below(3); flips > 0; flips--) data[below(data.length)]! ^= 1 << below(8);
      });
      const outcome = outcomeOf(changed, 60);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()].toSorted()).toEqual(["FILE_FORMAT", "valid"]);
    expect(outcomes.get("FILE_FORMAT")).toBeGreaterThan(1000);
  });
});

function outcomeOf(file: TensorFile, items: number): string {
  try {
    const { residual, transitions } = neighboursFromFile(file, items);
    return isValid(residual, items) && isValid(transitions!, items) ? "valid" : "a table that is not valid";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

function isValid({ indptr, targets, weights, scales }: NeighbourTable, items: number): boolean {
  const rows = Array.from({ length: items }, (_, source) => [...targets.subarray(indptr[source], indptr[source + 1])]);
  return (
    indptr[0] === 0 &&
    indptr[items] === weights.length &&
    scales.length === items &&
    rows.flat().length === weights.length &&
    rows.every((row) => row.every((to, at) => to < items && (at === 0 || to > row[at - 1]!)))
  );
}
