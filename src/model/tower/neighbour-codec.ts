/**
 * Neighbour tables as a bundle holds them: the weights and one byte of scale a target as they are, the targets as
 * Rice-coded gaps. N items, E entries.
 *
 * The targets of a source ascend, so that each is the distance to the one before it: near geometric, for which the
 * Golomb code (Golomb, "Run-length encodings", 1966) with a power of two (Rice & Plaunt, "Adaptive variable-length
 * coding", 1971) is within 3 % of the entropy at its best parameter. The stream holds for each source its number of
 * targets and then their gaps, the first bit of a byte the highest. A value v with parameter k is v >> k ones, a zero
 * and the k low bits of v. Sources of many targets have small gaps: the numbers of targets have one parameter, the gaps
 * one for each binary length of that number, all chosen by what they cost and written in the file.
 */
import * as v from "valibot";
import { tensorOf } from "../bundle/tensor-file.ts";
import type { Tensor, TensorFile } from "../bundle/tensor-file.ts";
import { EngineError } from "../errors.ts";
import { scaleOf, STEPS_PER_OCTAVE } from "./neighbours.ts";
import type { NeighbourTable } from "./neighbours.ts";

/** See ScoringModel in scorer.ts. */
export interface NeighbourTables {
  readonly residual: NeighbourTable;
  readonly transitions: NeighbourTable | null;
}

/** Of a code, bits: 2^24 items are far more than a device holds. */
const MAX_PARAMETER = 24;
/** One parameter for the numbers of targets, then one for the gaps by the binary length of that number. */
const PARAMETERS = 1 + 32;

const metaSchema = v.strictObject({ transitions: v.boolean() });

const fail = (reason: string): never => {
  throw new EngineError("FILE_FORMAT", { file: "neighbours", reason });
};

/** @throws FILE_FORMAT when a table's scales are not steps below their largest, as `neighbourTable` makes them */
export function neighboursToFile({ residual, transitions }: NeighbourTables): TensorFile {
  return {
    meta: { transitions: transitions !== null } satisfies v.InferInput<typeof metaSchema>,
    tensors: {
      ...tensorsOf("residual", residual),
      ...(transitions && tensorsOf("transitions", transitions)),
    },
  };
}

/**
 * @param items N
 * @throws FILE_FORMAT
 */
export function neighboursFromFile(file: TensorFile, items: number): NeighbourTables {
  const meta = v.safeParse(metaSchema, file.meta);
  if (!meta.success) return fail(meta.issues[0].message);
  return {
    residual: tableOf(file, "residual", items),
    transitions: meta.output.transitions ? tableOf(file, "transitions", items) : null,
  };
}

function tensorsOf(name: string, table: NeighbourTable): Record<string, Tensor> {
  const { scales, weights } = table;
  const largest = scales.reduce((max, scale) => Math.max(max, scale), 0);
  const steps = Uint8Array.from(scales, (scale) => Math.round(Math.log2(largest / scale) * STEPS_PER_OCTAVE));
  if (!scales.every((scale, target) => scale > 0 && scaleOf(steps[target]!, largest) === scale)) {
    fail(`a scale of the ${name} table is not a number of steps below the largest`);
  }
  const { parameters, bits } = encodeTargets(table);
  return {
    [`${name}.largest`]: { dtype: "float32", shape: [1], data: Float32Array.of(largest) },
    [`${name}.steps`]: { dtype: "uint8", shape: [scales.length], data: steps },
    [`${name}.weights`]: { dtype: "int8", shape: [weights.length], data: weights },
    [`${name}.parameters`]: { dtype: "uint8", shape: [PARAMETERS], data: parameters },
    [`${name}.targets`]: { dtype: "uint8", shape: [bits.length], data: bits },
  };
}

function tableOf(file: TensorFile, name: string, items: number): NeighbourTable {
  const weights = tensorOf(file, `${name}.weights`, "int8", [-1]).data;
  if (weights.includes(-128)) fail(`a weight of the ${name} table is -128`);
  const largest = tensorOf(file, `${name}.largest`, "float32", [1]).data[0]!;
  const steps = tensorOf(file, `${name}.steps`, "uint8", [items]).data;
  const scales = Float32Array.from(steps, (step) => scaleOf(step, largest));
  if (!scales.every((scale) => Number.isFinite(scale) && scale > 0)) {
    fail(`a scale of the ${name} table is not a positive number`);
  }
  const parameters = tensorOf(file, `${name}.parameters`, "uint8", [PARAMETERS]).data;
  if (parameters.some((parameter) => parameter > MAX_PARAMETER)) fail(`a parameter of the ${name} table is too large`);
  const bits = tensorOf(file, `${name}.targets`, "uint8", [-1]).data;
  return { ...decodeTargets(bits, parameters, items, weights.length), weights, scales };
}

/** The place in `parameters` for the gaps of a source of so many targets, 1 or more. */
const placeOf = (count: number): number => 32 - Math.clz32(count);

function encodeTargets({ indptr, targets }: NeighbourTable): { parameters: Uint8Array; bits: Uint8Array } {
  const codes = Array.from({ length: PARAMETERS }, () => new Float64Array(MAX_PARAMETER + 1));
  eachCode(indptr, targets, (value, place) => {
    const costs = codes[place]!;
    for (let parameter = 0; parameter <= MAX_PARAMETER; parameter++) {
      costs[parameter]! += (value >>> parameter) + 1 + parameter;
    }
  });
  const parameters = Uint8Array.from(codes, (costs) => costs.indexOf(Math.min(...costs)));
  const length = codes.reduce((sum, costs, place) => sum + costs[parameters[place]!]!, 0);
  const bits = new Uint8Array(Math.ceil(length / 8));
  let at = 0;
  eachCode(indptr, targets, (value, place) => {
    const parameter = parameters[place]!;
    const put = (bit: number): void => {
      bits[at >>> 3]! |= bit << (7 - (at & 7));
      at++;
    };
    for (let ones = value >>> parameter; ones > 0; ones--) put(1);
    put(0);
    for (let bit = parameter - 1; bit >= 0; bit--) put((value >>> bit) & 1);
  });
  return { parameters, bits };
}

/** The values of the stream in their order, each with the place of its parameter. */
function eachCode(indptr: Uint32Array, targets: Uint32Array, visit: (value: number, place: number) => void): void {
  for (let source = 0; source + 1 < indptr.length; source++) {
    const count = indptr[source + 1]! - indptr[source]!;
    visit(count, 0);
    let next = 0;
    for (let p = indptr[source]!; p < indptr[source + 1]!; p++) {
      visit(targets[p]! - next, placeOf(count));
      next = targets[p]! + 1;
    }
  }
}

/** Ends after the bits that are there at the latest: each value takes one or more. */
function decodeTargets(
  bits: Uint8Array,
  parameters: Uint8Array,
  items: number,
  entries: number,
): Pick<NeighbourTable, "indptr" | "targets"> {
  const length = 8 * bits.length;
  let at = 0;
  const bit = (): number => {
    if (at === length) fail("the targets are cut off");
    const value = (bits[at >>> 3]! >> (7 - (at & 7))) & 1;
    at++;
    return value;
  };
  /** @param end the value is below it */
  const read = (place: number, end: number): number => {
    const parameter = parameters[place]!;
    let value = 0;
    while (bit() === 1) if (++value > end >>> parameter) fail("a number is out of range");
    for (let low = 0; low < parameter; low++) value = 2 * value + bit();
    return value < end ? value : fail("a number is out of range");
  };
  const indptr = new Uint32Array(items + 1);
  const targets = new Uint32Array(entries);
  for (let source = 0, p = 0; source < items; source++) {
    const count = read(0, Math.min(items, entries - p) + 1);
    const place = placeOf(count);
    let next = 0;
    for (const end = p + count; p < end; p++) {
      targets[p] = next + read(place, items - next);
      next = targets[p]! + 1;
    }
    indptr[source + 1] = p;
  }
  if (indptr[items] !== entries) fail(`${indptr[items]} targets for ${entries} weights`);
  if (length - at >= 8) fail("bytes are left over");
  for (let left = length - at; left > 0; left--) if (bit() === 1) fail("the last bits are not zero");
  return { indptr, targets };
}
