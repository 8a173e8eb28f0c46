/**
 * Columns: a catalogue of N items without N objects.
 */

/** N texts in one buffer; decoded on demand. */
export class TextColumn {
  readonly #offsets: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #decoder = new TextDecoder();

  /** @param offsets shape [N + 1], ascending, into `bytes` */
  constructor(offsets: Uint32Array, bytes: Uint8Array) {
    this.#offsets = offsets;
    this.#bytes = bytes;
  }

  static from(texts: readonly string[]): TextColumn {
    const encoder = new TextEncoder();
    const encoded = texts.map((text) => encoder.encode(text));
    const offsets = new Uint32Array(texts.length + 1);
    encoded.forEach((bytes, row) => (offsets[row + 1] = offsets[row]! + bytes.length));
    const bytes = new Uint8Array(offsets[texts.length]!);
    encoded.forEach((part, row) => bytes.set(part, offsets[row]!));
    return new TextColumn(offsets, bytes);
  }

  get length(): number {
    return this.#offsets.length - 1;
  }
  get offsets(): Uint32Array {
    return this.#offsets;
  }
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  at(row: number): string {
    return this.#decoder.decode(this.#bytes.subarray(this.#offsets[row], this.#offsets[row + 1]));
  }
}

/** N values out of a small vocabulary; `values[0]` is "" and means unknown. */
export class CodeColumn {
  readonly codes: Uint16Array;
  readonly values: readonly string[];

  constructor(codes: Uint16Array, values: readonly string[]) {
    this.codes = codes;
    this.values = values;
  }

  static from(texts: readonly string[]): CodeColumn {
    const { values, codeOf } = vocabulary(texts);
    return new CodeColumn(
      Uint16Array.from(texts, (text) => codeOf.get(text)!),
      values,
    );
  }

  at(row: number): string {
    return this.values[this.codes[row]!]!;
  }
}

/** N lists of values out of a small vocabulary. */
export class CodeListColumn {
  /** shape [N + 1], into `codes`. */
  readonly offsets: Uint32Array;
  readonly codes: Uint16Array;
  readonly values: readonly string[];

  constructor(offsets: Uint32Array, codes: Uint16Array, values: readonly string[]) {
    this.offsets = offsets;
    this.codes = codes;
    this.values = values;
  }

  static from(lists: readonly (readonly string[])[]): CodeListColumn {
    const { values, codeOf } = vocabulary(lists.flat());
    const offsets = new Uint32Array(lists.length + 1);
    lists.forEach((list, row) => (offsets[row + 1] = offsets[row]! + list.length));
    const codes = Uint16Array.from(lists.flat(), (text) => codeOf.get(text)!);
    return new CodeListColumn(offsets, codes, values);
  }

  codesAt(row: number): Uint16Array {
    return this.codes.subarray(this.offsets[row], this.offsets[row + 1]);
  }

  at(row: number): string[] {
    return Array.from(this.codesAt(row), (code) => this.values[code]!);
  }
}

/** Sorted by code unit, so that the same catalogue gives the same codes; "" comes first. */
function vocabulary(texts: readonly string[]): { values: string[]; codeOf: Map<string, number> } {
  const values = ["", ...new Set(texts)]
    .filter((text, at) => at === 0 || text !== "")
    .toSorted((a, b) => (a < b ? -1 : 1));
  return { values, codeOf: new Map(values.map((value, code) => [value, code])) };
}
