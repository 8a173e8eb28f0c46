import { describe, expect, test } from "vitest";
import { decodeTensorFile, encodeTensorFile, tensorOf } from "../../../../src/model/bundle/tensor-file.ts";

const FILE = {
  meta: { about: "é" },
  tensors: {
    a: { dtype: "int8", shape: [3, 1], data: Int8Array.of(-1, 2, 3) },
    empty: { dtype: "uint16", shape: [0], data: new Uint16Array(0) },
    b: { dtype: "float64", shape: [2], data: Float64Array.of(Math.PI, NaN) },
  },
} as const;

describe("tensor files", () => {
  test("round trip, also from an unaligned view", () => {
    const bytes = encodeTensorFile(FILE);
    expect(decodeTensorFile(bytes, "test")).toEqual(FILE);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeTensorFile(shifted.subarray(1), "test")).toEqual(FILE);
  });

  test("every cut is refused", () => {
    const bytes = encodeTensorFile(FILE);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeTensorFile(bytes.slice(0, length), "test")).toThrow(/cannot be read/u);
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => decodeTensorFile(longer, "test")).toThrow(/bytes, expected/u);
  });

  test("another magic, version or header is refused", () => {
    const change = (at: number, value: number): Uint8Array => {
      const bytes = encodeTensorFile(FILE);
      bytes[at] = value;
      return bytes;
    };
    expect(() => decodeTensorFile(change(0, 0x42), "test")).toThrow(/magic/u);
    expect(() => decodeTensorFile(change(4, 2), "test")).toThrow("got v2, expected v1");
    expect(() => decodeTensorFile(change(12, 0x7d), "test")).toThrow(/header/u);
    const at = Buffer.from(encodeTensorFile(FILE)).indexOf("int8");
    expect(() => decodeTensorFile(change(at, 0x78), "test")).toThrow(/tensor list/u);
  });

  test("a shape that does not hold the data is refused on both sides", () => {
    const wrong = { meta: null, tensors: { a: { dtype: "int8", shape: [2], data: new Int8Array(3) } } } as const;
    expect(() => encodeTensorFile(wrong)).toThrow(/does not hold 3 values/u);
    const file = decodeTensorFile(encodeTensorFile(FILE), "test");
    expect(tensorOf(file, "a", "int8", [-1, 1]).data).toHaveLength(3);
    expect(() => tensorOf(file, "a", "int8", [2, 1])).toThrow("got int8 [3, 1], expected int8 [2, 1]");
    expect(() => tensorOf(file, "a", "uint8", [3, 1])).toThrow("expected uint8");
    expect(() => tensorOf(file, "missing", "int8", [1])).toThrow("got nothing");
  });
});
