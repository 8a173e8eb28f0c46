import { describe, expect, test } from "vitest";
import { explainerOf } from "../../../../src/model/slate/reasons.ts";
import { foldInExact } from "../../../../src/model/tower/fold-in.ts";

let seed = 11;
const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;

const D = 6;
const L = 9;
const input = {
  rows: Uint32Array.from({ length: L }, (_, l) => 100 + l),
  weights: Float32Array.from({ length: L }, () => random() + 1),
  targets: Float32Array.from({ length: L }, (_, l) => (l === 4 ? 0 : 1)),
};
const vectors = Float32Array.from({ length: L * D }, random);

/** The slow twin: fold in again without each interest. */
function strongestByRemoval(vector: Float32Array): number {
  const score = (kept: number[]): number => {
    const user = foldInExact(
      Float32Array.from(kept.flatMap((l) => [...vectors.subarray(l * D, (l + 1) * D)])),
      Float32Array.from(kept, (l) => input.weights[l]!),
      Float32Array.from(kept, (l) => input.targets[l]!),
      D,
    );
    return user.reduce((sum, value, d) => sum + value * vector[d]!, 0);
  };
  const all = Array.from({ length: L }, (_, l) => l);
  const whole = score(all);
  let best = -1;
  let bestDrop = 0;
  for (const l of all.filter((l) => input.targets[l] === 1)) {
    const drop = whole - score(all.filter((other) => other !== l));
    if (drop > bestDrop) {
      bestDrop = drop;
      best = input.rows[l]!;
    }
  }
  return best;
}

describe("reasons", () => {
  test("the closed form finds the interest whose removal lowers the score most", () => {
    const explainer = explainerOf(input, vectors, D);
    const found = new Set<number>();
    for (let trial = 0; trial < 200; trial++) {
      const vector = Float32Array.from({ length: D }, random);
      const row = explainer.strongest(vector);
      expect(row).toBe(strongestByRemoval(vector));
      found.add(row);
    }
    expect(found.size).toBeGreaterThan(4);
    expect(found).not.toContain(104);
  });

  test("no history explains nothing", () => {
    const nobody = { rows: new Uint32Array(0), weights: new Float32Array(0), targets: new Float32Array(0) };
    expect(explainerOf(nobody, new Float32Array(0), D).strongest(new Float32Array(D).fill(1))).toBe(-1);
  });
});
