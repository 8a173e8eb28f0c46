import { getBackend, memory } from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, test } from "vitest";
import { BACKEND_NAMES } from "../../../src/model/contract.ts";
import { foldInExact } from "../../../src/model/tower/fold-in.ts";
import { foldInTower } from "../../../src/model/tower/user-tower.ts";
import { chooseDevice } from "../../../src/worker/device/device.ts";
import { gpuDevice } from "../worker/device-support.ts";

/** Of the exact vector's norm, at 4 steps: what the steps leave out and float32 adds. Seen: 5.5e-4. */
const EXACT_TOLERANCE = 1e-3;
/** Of the norm of the same steps in float64: what float32 adds. Seen: 5.8e-5 (wasm), 6.8e-6 elsewhere. */
const TWIN_TOLERANCE = 2e-4;

const DIMENSIONS = 64;

interface History {
  readonly vectors: Float32Array;
  readonly weights: Float32Array;
  readonly targets: Float32Array;
}

/** Deterministic standard normals (mulberry32, Box-Muller). */
function normals(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/**
 * Whitened items of one taste: a common direction and noise, of a norm of about 0.3; weights fall by
 * .98 an event from 4 down; every `dismissEvery`-th event is a dismissal.
 */
function history(length: number, dismissEvery = Infinity, seed = length + 1): History {
  const normal = normals(seed);
  const taste = Float32Array.from({ length: DIMENSIONS }, () => 0.02 * normal());
  return {
    vectors: Float32Array.from({ length: length * DIMENSIONS }, (_, i) => taste[i % DIMENSIONS]! + 0.03 * normal()),
    weights: Float32Array.from({ length }, (_, l) => 4 * 0.98 ** (length - 1 - l)),
    targets: Float32Array.from({ length }, (_, l) => (l % dismissEvery === dismissEvery - 1 ? 0 : 1)),
  };
}

/** The tower's steps in float64: conjugate gradients on (I + Z'WZ) x = Z'Wt. */
function foldInSteps({ vectors, weights, targets }: History, steps: number): Float64Array {
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
  const weighted = (coefficient: (row: Float32Array, l: number) => number): Float64Array => {
    const out = new Float64Array(DIMENSIONS);
    weights.forEach((weight, l) => {
      const row = vectors.subarray(l * DIMENSIONS, (l + 1) * DIMENSIONS);
      const scale = weight * coefficient(row, l);
      row.forEach((value, d) => (out[d]! += scale * value));
    });
    return out;
  };
  let residual = weighted((_, l) => targets[l]!);
  let direction = residual;
  let x: Float64Array = new Float64Array(DIMENSIONS);
  for (let step = 0; step < steps && dot(residual, residual) > 0; step++) {
    const p = direction;
    const image = weighted((row) => row.reduce((sum, value, d) => sum + value * p[d]!, 0)).map((v, d) => v + p[d]!);
    const rho = dot(residual, residual);
    const size = rho / dot(p, image);
    x = x.map((value, d) => value + size * p[d]!);
    residual = residual.map((value, d) => value - size * image[d]!);
    const next = residual;
    direction = next.map((value, d) => value + (dot(next, next) / rho) * p[d]!);
  }
  return x;
}

const norm = (vector: ArrayLike<number>): number => Math.hypot(...Array.from(vector));

function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  return norm(Array.from(got, (value, d) => value - expected[d]!)) / norm(expected);
}

const tower = ({ vectors, weights, targets }: History, steps: number): Promise<Float32Array> =>
  foldInTower(vectors, weights, targets, DIMENSIONS, steps);
const exact = ({ vectors, weights, targets }: History): Float32Array =>
  foldInExact(vectors, weights, targets, DIMENSIONS);

describe.for(BACKEND_NAMES)("the user tower on %s", (backend) => {
  beforeEach(async (context) => {
    if (getBackend() !== backend) await (backend === "webgpu" ? gpuDevice(context) : chooseDevice(backend));
    if (getBackend() !== backend) throw new Error(`tfjs runs on ${getBackend()} instead of ${backend}`);
  });

  // Each side of the padded lengths 16, 64 and 256; every third event a dismissal, or none.
  test.for(
    [1, 2, 15, 16, 17, 63, 64, 65, 200, 256, 257, 300].flatMap((length) => [
      [length, Infinity] as const,
      [length, 3] as const,
    ]),
  )("%i events, dismissed every %i: the exact fold-in", async ([length, dismissEvery]) => {
    const given = history(length, dismissEvery);
    const user = await tower(given, 4);
    expect(user).toHaveLength(DIMENSIONS);
    expect(relativeError(user, foldInSteps(given, 4))).toBeLessThan(TWIN_TOLERANCE);
    expect(relativeError(user, exact(given))).toBeLessThan(EXACT_TOLERANCE);
  });

  test("each step comes nearer to the exact fold-in", async () => {
    const given = history(100, 3);
    const errors: number[] = [];
    for (const steps of [1, 2, 4, 8]) errors.push(relativeError(await tower(given, steps), exact(given)));
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(errors[0]!).toBeGreaterThan(EXACT_TOLERANCE);
    expect(errors[3]!).toBeLessThan(TWIN_TOLERANCE);
  });

  test("more steps than one event needs change nothing", async () => {
    const given = history(1);
    expect(relativeError(await tower(given, 20), exact(given))).toBeLessThan(TWIN_TOLERANCE);
  });

  test("the item of one event is scored as the closed form says", async () => {
    const { vectors, weights, targets } = history(1);
    const squared = norm(vectors) ** 2;
    const user = await foldInTower(vectors, weights, targets, DIMENSIONS, 4);
    const score = user.reduce((sum, value, d) => sum + value * vectors[d]!, 0);
    // x = w z / (1 + w |z|^2) by Sherman and Morrison.
    expect(score).toBeCloseTo((4 * squared) / (1 + 4 * squared), 5);
  });

  test("a dismissal lowers the score of what it resembles", async () => {
    const given = history(20);
    const dismissed = { ...given, targets: given.targets.with(19, 0) };
    const last = given.vectors.subarray(19 * DIMENSIONS);
    const score = (user: Float32Array): number => user.reduce((sum, value, d) => sum + value * last[d]!, 0);
    expect(score(await tower(dismissed, 4))).toBeLessThan(score(await tower(given, 4)));
  });

  test("no history, no weight and nothing but dismissals: the zero vector", async () => {
    const zero = new Float32Array(DIMENSIONS);
    const none = new Float32Array(0);
    const given = history(5);
    expect(await tower({ vectors: none, weights: none, targets: none }, 4)).toEqual(zero);
    expect(await tower({ ...given, weights: new Float32Array(5) }, 4)).toEqual(zero);
    expect(await tower({ ...given, targets: new Float32Array(5) }, 4)).toEqual(zero);
  });

  test("leaves no tensor behind", async () => {
    const before = memory().numTensors;
    await tower(history(20), 4);
    expect(memory().numTensors).toBe(before);
  });
});
