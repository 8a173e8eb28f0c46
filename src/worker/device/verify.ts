import { dispose, getBackend, matMul, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { BackendName } from "../../model/contract.ts";

/** A backend that answers later than this is not used: a lost GPU device never answers. Milliseconds. */
const DEADLINE_MS = 10_000;

/** Large enough (over 1000 values) that tfjs does not quietly forward a GPU's work to the CPU. */
const SIZE = 64;

/**
 * Computes a product of small integers, exact in float32 in any order of summation, and compares it.
 * tfjs falls back silently: to another backend, and to zeros where a GPU refused to bind a buffer.
 * @throws where the current backend is not `expected`, is wrong or does not answer
 */
export async function verifyBackend(expected: BackendName): Promise<void> {
  if (getBackend() !== expected) throw new Error(`tfjs runs on ${getBackend()} instead`);
  const a = Float32Array.from({ length: SIZE * SIZE }, (_, i) => ((i * 7) % 13) - 6);
  const b = Float32Array.from({ length: SIZE * SIZE }, (_, i) => ((i * 5) % 11) - 5);
  const product = tidy(() => matMul(tensor2d(a, [SIZE, SIZE]), tensor2d(b, [SIZE, SIZE])));
  const got = await withDeadline(product.data());
  dispose(product);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      let sum = 0;
      for (let i = 0; i < SIZE; i++) sum += a[row * SIZE + i]! * b[i * SIZE + column]!;
      if (got[row * SIZE + column] !== sum) throw new Error("its arithmetic is wrong");
    }
  }
}

async function withDeadline<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
