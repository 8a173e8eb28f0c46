import { describe, expect, test } from "vitest";
import { decodeItems, encodeItems, itemsOfCodes } from "../../../../src/model/retrieval/item-codes.ts";
import { quantiseItems } from "../../../../src/model/retrieval/quantise.ts";

let seed = 17;
const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());

describe("items in four bits", () => {
  test("two dimensions a byte, the first in the low half; the scale is that of least squares", () => {
    // Deviation 1: 1 is nearest to .9424, level 11, and -1 to its mirror image, 4.
    const codes = encodeItems(Float32Array.of(1, -1, -3, -3), 2);
    expect([...codes.codes]).toEqual([(4 << 4) | 11, (4 << 4) | 4]);
    expect(codes.largest).toBeCloseTo(3 / 0.9424, 6);
    expect([...codes.scales]).toEqual([Math.round(65_535 / 3), 65_535]);
    expect([...decodeItems(codes)].map((value) => Math.round(1e4 * value) / 1e4)).toEqual([1, -1, -3, -3]);
  });

  test("leaves of a normal variable what Max's 16 levels leave, .0095 of its square", () => {
    const vectors = Float32Array.from({ length: 500 * 256 }, normal);
    const back = decodeItems(encodeItems(vectors, 256));
    const square = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
    const left = square(vectors.map((value, at) => value - back[at]!)) / square(vectors);
    expect(left).toBeGreaterThan(0.009);
    expect(left).toBeLessThan(0.0097);
  });

  test("the int8 table is that of the decoded vectors", () => {
    for (const [count, dimensions] of [
      [0, 4],
      [1, 2],
      [300, 10],
    ] as const) {
      const codes = encodeItems(
        Float32Array.from({ length: count * dimensions }, (_, at) => normal() * (at % 7)),
        dimensions,
      );
      expect(itemsOfCodes(codes)).toEqual(quantiseItems(decodeItems(codes), dimensions));
    }
  });

  test("zeros stay zeros, also where there is nothing else", () => {
    const back = decodeItems(encodeItems(Float32Array.of(0, 0, 1, 2), 2));
    expect(Array.from(back, (value) => value !== 0)).toEqual([false, false, true, true]);
    expect(itemsOfCodes(encodeItems(new Float32Array(6), 2)).values).toEqual(new Int8Array(6));
  });

  test("an odd number of dimensions has no codes", () => {
    expect(() => encodeItems(new Float32Array(6), 3)).toThrow(expect.objectContaining({ code: "FILE_FORMAT" }));
  });
});
