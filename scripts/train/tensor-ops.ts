/** What training in tfjs-core needs beyond its ops. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { EngineError } from "../../src/model/errors.ts";

/** Loads the wasm backend. @throws INTERNAL where it does not run */
export async function openBackend(): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm");
  // Unasked, tfjs would go on with whatever other backend there is.
  if (await tf.setBackend("wasm")) return;
  throw new EngineError("INTERNAL", { reason: "the wasm backend of tfjs does not run" });
}

/** A sparse matrix [R, C] of K entries; three columns of length K. */
export interface SparseMatrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/**
 * The product of a sparse matrix [R, C] and a dense one [C, D], shape [R, D]. No op of tfjs: gather, multiply and
 * UnsortedSegmentSum, which the wasm backend lacks besides, would write and read K x D numbers three times.
 */
export function sparseProduct({ shape, rows, columns, values }: SparseMatrix, dense: Tensor2D): Tensor2D {
  const source = dense.dataSync<"float32">();
  const width = dense.shape[1];
  const product = new Float32Array(shape[0] * width);
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    const from = columns[k]! * width;
    const to = rows[k]! * width;
    for (let d = 0; d < width; d++) product[to + d]! += value * source[from + d]!;
  }
  return tf.tensor2d(product, [shape[0], width]);
}

export const sparseTransposed = ({ shape, rows, columns, values }: SparseMatrix): SparseMatrix => {
  return { shape: [shape[1], shape[0]], rows: columns, columns: rows, values };
};
