import { describe, expect, test } from "vitest";
import { choleskyFactor, choleskySolve, foldInExact, normalEquations } from "../../../../src/model/tower/fold-in.ts";

function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

interface History {
  readonly vectors: Float32Array;
  readonly weights: Float32Array;
  readonly targets: Float32Array;
  readonly dimensions: number;
}

function history(length: number, dimensions: number): History {
  return {
    vectors: numbers(length * dimensions, length + dimensions),
    weights: numbers(length, 3).map((value) => 2 + 2 * value),
    targets: Float32Array.from({ length }, (_, l) => (l % 3 === 2 ? 0 : 1)),
    dimensions,
  };
}

const foldIn = ({ vectors, weights, targets, dimensions }: History): Float32Array =>
  foldInExact(vectors, weights, targets, dimensions);

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, d) => sum + value * b[d]!, 0);

/** Half the gradient of sum_l w (t - z.x)^2 + |x|^2, term by term. */
function gradient({ vectors, weights, targets, dimensions }: History, x: Float32Array): number[] {
  const out = Array.from(x);
  weights.forEach((weight, l) => {
    const row = vectors.subarray(l * dimensions, (l + 1) * dimensions);
    const error = dot(row, x) - targets[l]!;
    row.forEach((value, d) => (out[d]! += weight * error * value));
  });
  return out;
}

describe("foldInExact", () => {
  test.for([
    [1, 1],
    [1, 8],
    [5, 8],
    [8, 8],
    [40, 8],
    [63, 64],
    [300, 64],
  ] as const)("%i events in %i dimensions: the gradient of the ridge regression is zero", ([length, dimensions]) => {
    const given = history(length, dimensions);
    const x = foldIn(given);
    const scale = gradient(given, new Float32Array(dimensions)).reduce(
      (max, value) => Math.max(max, Math.abs(value)),
      0,
    );
    for (const value of gradient(given, x)) expect(Math.abs(value)).toBeLessThan(1e-5 * scale);
  });

  test("one event has the closed form w z / (1 + w |z|^2)", () => {
    const z = Float32Array.of(0.5, -0.25, 1);
    const x = foldInExact(z, Float32Array.of(4), Float32Array.of(1), 3);
    const factor = 4 / (1 + 4 * dot(z, z));
    x.forEach((value, d) => expect(value).toBeCloseTo(factor * z[d]!, 6));
  });

  test("no history, no weight and nothing but dismissals: the zero vector", () => {
    const given = history(6, 4);
    const zero = new Float32Array(4);
    expect(foldInExact(new Float32Array(0), new Float32Array(0), new Float32Array(0), 4)).toEqual(zero);
    expect(foldIn({ ...given, weights: new Float32Array(6) })).toEqual(zero);
    expect(foldIn({ ...given, targets: new Float32Array(6) })).toEqual(zero);
  });

  test("a dismissal lowers the score of what was liked, and the more it weighs the more", () => {
    const random = history(12, 8);
    const vectors = random.vectors.map((value, i) => 0.2 * value + (i % 8 < 2 ? 0.3 : 0));
    const liked = { ...random, vectors, targets: new Float32Array(12).fill(1) };
    const item = vectors.subarray(11 * 8);
    const score = (target: number, weight: number): number =>
      dot(foldIn({ ...liked, targets: liked.targets.with(11, target), weights: liked.weights.with(11, weight) }), item);
    const scores = [score(1, 1), score(0, 0), score(0, 1), score(0, 4)];
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(new Set(scores).size).toBe(4);
    expect(scores[3]!).toBeGreaterThan(0);
  });

  test("an item twice is an item of twice the weight", () => {
    const z = numbers(8, 5);
    const twice = foldInExact(Float32Array.of(...z, ...z), Float32Array.of(1, 1), Float32Array.of(1, 1), 8);
    const heavy = foldInExact(z, Float32Array.of(2), Float32Array.of(1), 8);
    twice.forEach((value, d) => expect(value).toBeCloseTo(heavy[d]!, 6));
  });
});

describe("normalEquations", () => {
  test("are I + Z'WZ, symmetric, and Z'Wt", () => {
    const { matrix, rightHandSide } = normalEquations(
      Float32Array.of(1, 2, 3, -1),
      Float32Array.of(2, 0.5),
      Float32Array.of(1, 0),
      2,
    );
    expect([...matrix]).toEqual([1 + 2 + 4.5, 4 - 1.5, 4 - 1.5, 1 + 8 + 0.5]);
    expect([...rightHandSide]).toEqual([2, 4]);
  });
});

describe("Cholesky", () => {
  test("the factor's square is the matrix, and the solution solves", () => {
    const { matrix, rightHandSide } = normalEquations(...normalArguments(history(20, 6)));
    const factor = matrix.slice();
    choleskyFactor(factor, 6);
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k <= j; k++) sum += factor[i * 6 + k]! * factor[j * 6 + k]!;
        expect(sum).toBeCloseTo(matrix[i * 6 + j]!, 10);
      }
    }
    const kept = rightHandSide.slice();
    const x = choleskySolve(factor, rightHandSide, 6);
    expect(rightHandSide).toEqual(kept);
    for (let i = 0; i < 6; i++) {
      expect(dot(matrix.subarray(i * 6, (i + 1) * 6), x)).toBeCloseTo(rightHandSide[i]!, 10);
    }
  });
});

function normalArguments(given: History): Parameters<typeof normalEquations> {
  return [given.vectors, given.weights, given.targets, given.dimensions];
}
