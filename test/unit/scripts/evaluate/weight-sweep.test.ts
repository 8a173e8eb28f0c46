import { describe, expect, it } from "vitest";
import { climb } from "../../../../scripts/evaluate/weight-sweep.ts";
import { ialsEntry } from "../../../../scripts/train/ials.ts";
import { TOWERS_DEFAULTS } from "../../../../scripts/train/towers.ts";
import type { TowersParams } from "../../../../scripts/train/towers.ts";

const params: TowersParams = { ...TOWERS_DEFAULTS, ...ialsEntry.defaults };
const steps = [0, 1, 2, 3, 4, 5].map((residualWeight) => ({ ...params, residualWeight }));

/** Climbs over these measures of the steps and tells which were asked for. */
async function climbed(measures: readonly number[], from: number) {
  const asked: number[] = [];
  const start = { params: steps[from]!, ndcgAt100: measures[from]! };
  const best = await climb(steps, from, start, async (tried) =>
    tried.map(({ residualWeight }) => {
      asked.push(residualWeight);
      return measures[residualWeight]!;
    }),
  );
  return { best: best.params.residualWeight, ndcgAt100: best.ndcgAt100, asked };
}

describe("the climb over a weight's steps", () => {
  it("tries the neighbours of where it stands, and goes on while it is better", async () => {
    expect(await climbed([0.1, 0.2, 0.3, 0.4, 0.5, 0.4], 1)).toEqual({
      best: 4,
      ndcgAt100: 0.5,
      asked: [0, 2, 3, 4, 5],
    });
  });

  it("stays where its neighbours are no better, and measures nothing twice", async () => {
    expect(await climbed([0.9, 0.2, 0.3, 0.3, 0.3, 0.9], 2)).toEqual({ best: 2, ndcgAt100: 0.3, asked: [1, 3] });
  });

  it("ends at the edge", async () => {
    expect(await climbed([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], 2)).toEqual({ best: 0, ndcgAt100: 0.6, asked: [1, 3, 0] });
  });

  it("keeps a start that stands on no step where no step is better", async () => {
    const start = { params: { ...params, residualWeight: 2.2 }, ndcgAt100: 0.7 };
    const best = await climb(steps, 2, start, async (tried) => tried.map(() => 0.6));
    expect(best).toEqual(start);
  });
});
