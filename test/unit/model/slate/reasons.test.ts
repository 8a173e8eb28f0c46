import { describe, expect, test } from "vitest";
import { dequantiseRows, quantiseItems } from "../../../../src/model/retrieval/quantise.ts";
import { explainerOf } from "../../../../src/model/slate/reasons.ts";
import { foldInExact } from "../../../../src/model/tower/fold-in.ts";
import { neighbourValue } from "../../../../src/model/tower/neighbours.ts";
import type { ScoringModel } from "../../../../src/model/tower/scorer.ts";
import { scoringOf, tableOf } from "../../../support/scoring.ts";

let seed = 11;
const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;

const D = 6;
const L = 9;
const N = 200;
const items = quantiseItems(Float32Array.from({ length: N * D }, random), D);
/** The history is the first rows; the fifth is a dismissal. */
const input = {
  rows: Uint32Array.from({ length: L }, (_, l) => l),
  weights: Float32Array.from({ length: L }, () => random() + 1),
  targets: Float32Array.from({ length: L }, (_, l) => (l === 4 ? 0 : 1)),
};
const INTERESTS = [0, 1, 2, 3, 5, 6, 7, 8];
const entries = (share: number) =>
  Array.from({ length: L * N }, (_, at) => [Math.floor(at / N), at % N, random()] as const).filter(
    () => random() + 0.5 < share,
  );
const tables = { residual: tableOf(N, entries(0.2)), transitions: tableOf(N, entries(0.2)) };

/** The slow twin: fold in again without each interest, and take away what its entries add. */
function strongestByRemoval({ residual, transitions, params }: ScoringModel, row: number): number {
  const [vector, vectors] = [dequantiseRows(items, [row]), dequantiseRows(items, input.rows)];
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
  const parts = INTERESTS.map((l, at) => {
    const order = params.orderDecay ** (INTERESTS.length - 1 - at);
    return (
      whole -
      score(all.filter((other) => other !== l)) +
      Math.min(1, input.weights[l]!) * neighbourValue(residual, l, row) +
      (transitions ? order * neighbourValue(transitions, l, row) : 0)
    );
  });
  const most = Math.max(...parts);
  return most > 0 ? INTERESTS[parts.indexOf(most)]! : -1;
}

describe("reasons", () => {
  test.each([
    ["the dot product alone", scoringOf(items)],
    ["with a residual table", scoringOf(items, { residual: tables.residual })],
    ["with both tables", scoringOf(items, tables)],
  ])("the closed form finds the interest that carries a score most: %s", (_, model) => {
    const explainer = explainerOf(model, input);
    const found = new Set<number>();
    for (let row = L; row < N; row++) {
      const strongest = explainer.strongest(row);
      expect(strongest, `row ${row}`).toBe(strongestByRemoval(model, row));
      found.add(strongest);
    }
    expect(found.size).toBeGreaterThan(4);
    expect(found).not.toContain(4);
  });

  test("an entry that carries more than any dot product is the reason", () => {
    for (const l of INTERESTS) {
      const residual = tableOf(N, [[l, 50, 100]]);
      expect(explainerOf(scoringOf(items, { residual }), input).strongest(50)).toBe(l);
      const transitions = tableOf(N, [[l, 50, 1e5]]);
      expect(explainerOf(scoringOf(items, { transitions }), input).strongest(50)).toBe(l);
    }
    // What a dismissal would add is not there to carry anything.
    const dismissed = scoringOf(items, { residual: tableOf(N, [[4, 50, 100]]) });
    expect(explainerOf(dismissed, input).strongest(50)).toBe(explainerOf(scoringOf(items), input).strongest(50));
  });

  test("no history explains nothing", () => {
    const nobody = { rows: new Uint32Array(0), weights: new Float32Array(0), targets: new Float32Array(0) };
    expect(explainerOf(scoringOf(items, tables), nobody).strongest(3)).toBe(-1);
  });
});
