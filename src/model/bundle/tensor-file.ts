/**
 * One container for every binary file of a bundle: a JSON header and named typed arrays.
 *
 *   bytes 0-3    magic "AFTF"
 *   bytes 4-7    u32 LE, version (1)
 *   bytes 8-11   u32 LE, header length H in bytes
 *   bytes 12-    header, UTF-8 JSON: {"meta": ..., "tensors": [{name, dtype, shape, offset}]}
 *   then         zeros to a multiple of 16, then each tensor at its offset (from the start of
 *                the data part, a multiple of 16), little-endian
 *
 * Writing is deterministic: tensors in the given order, keys in a fixed order.
 */
import { EngineError } from "../errors.ts";

const MAGIC = "AFTF";
const VERSION = 1;
const ALIGNMENT = 16;

const DTYPES = {
  int8: Int8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<DType, unknown>;

interface ArrayByDType {
  int8: Int8Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  float32: Float32Array;
  float64: Float64Array;
}

export type DType = keyof ArrayByDType;

export interface Tensor<T extends DType = DType> {
  readonly dtype: T;
  readonly shape: readonly number[];
  readonly data: ArrayByDType[T];
}

export interface TensorFile {
  readonly meta: unknown;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

const align = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

export function encodeTensorFile(file: TensorFile): Uint8Array {
  let offset = 0;
  const entries = Object.entries(file.tensors).map(([name, tensor]) => {
    if (tensor.data.length !== sizeOf(tensor.shape)) {
      throw new EngineError("FILE_FORMAT", {
        file: name,
        reason: `shape [${tensor.shape.join(", ")}] does not hold ${tensor.data.length} values`,
      });
    }
    const entry = { name, dtype: tensor.dtype, shape: tensor.shape, offset };
    offset = align(offset + tensor.data.byteLength);
    return entry;
  });
  const header = new TextEncoder().encode(JSON.stringify({ meta: file.meta, tensors: entries }));
  const dataStart = align(12 + header.byteLength);
  const bytes = new Uint8Array(dataStart + offset);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, header.byteLength, true);
  bytes.set(header, 12);
  for (const entry of entries) {
    const { data } = file.tensors[entry.name]!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dataStart + entry.offset);
  }
  return bytes;
}

/**
 * Tensors are views on `bytes` where its alignment allows, else copies.
 * @param file the name for messages
 * @throws FILE_FORMAT on a wrong magic, version, header or length
 */
export function decodeTensorFile(bytes: Uint8Array, file: string): TensorFile {
  const fail = (reason: string): never => {
    throw new EngineError("FILE_FORMAT", { file, reason });
  };
  if (bytes.byteLength < 12) fail(`${bytes.byteLength} bytes are too few for a header`);
  const magic = new TextDecoder().decode(bytes.subarray(0, 4));
  if (magic !== MAGIC) fail(`magic is ${JSON.stringify(magic)}, expected "${MAGIC}"`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(4, true);
  if (version !== VERSION) fail(`got v${version}, expected v${VERSION}`);
  const headerLength = view.getUint32(8, true);
  if (12 + headerLength > bytes.byteLength) fail("the header is cut off");
  const header = parseHeader(bytes.subarray(12, 12 + headerLength), fail);
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const dataStart = align(12 + headerLength);
  const tensors: Record<string, Tensor> = {};
  let expectedOffset = 0;
  for (const { name, dtype, shape, offset } of header.tensors) {
    const Data = DTYPES[dtype];
    const length = sizeOf(shape);
    if (offset !== expectedOffset) fail(`tensor ${name} is at ${offset}, expected ${expectedOffset}`);
    const end = dataStart + offset + length * Data.BYTES_PER_ELEMENT;
    if (end > bytes.byteLength) fail(`tensor ${name} is cut off`);
    tensors[name] = {
      dtype,
      shape,
      data: new Data(aligned.buffer as ArrayBuffer, aligned.byteOffset + dataStart + offset, length),
    };
    expectedOffset = align(offset + length * Data.BYTES_PER_ELEMENT);
  }
  if (bytes.byteLength !== dataStart + expectedOffset) {
    fail(`${bytes.byteLength} bytes, expected ${dataStart + expectedOffset}`);
  }
  return { meta: header.meta, tensors };
}

interface Header {
  meta: unknown;
  tensors: { name: string; dtype: DType; shape: number[]; offset: number }[];
}

function parseHeader(bytes: Uint8Array, fail: (reason: string) => never): Header {
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Header;
  } catch {
    return fail("the header is not JSON");
  }
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  const valid =
    Array.isArray(header?.tensors) &&
    header.tensors.every(
      (entry) =>
        typeof entry?.name === "string" &&
        Object.hasOwn(DTYPES, entry.dtype) &&
        Array.isArray(entry.shape) &&
        entry.shape.every(isCount) &&
        isCount(entry.offset),
    );
  return valid ? header : fail("the header's tensor list is not valid");
}

/**
 * The tensor of that name, checked.
 * @param shape expected lengths; -1 takes any
 * @throws FILE_FORMAT when it is missing, or of another dtype or shape
 */
export function tensorOf<T extends DType>(
  file: TensorFile,
  name: string,
  dtype: T,
  shape: readonly number[],
): Tensor<T> {
  const tensor = file.tensors[name];
  const matches =
    tensor?.dtype === dtype &&
    tensor.shape.length === shape.length &&
    shape.every((length, axis) => length === -1 || length === tensor.shape[axis]);
  if (!matches) {
    const got = tensor ? `${tensor.dtype} [${tensor.shape.join(", ")}]` : "nothing";
    throw new EngineError("FILE_FORMAT", {
      file: name,
      reason: `got ${got}, expected ${dtype} [${shape.join(", ")}]`,
    });
  }
  return tensor as Tensor<T>;
}
