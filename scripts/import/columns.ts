/** Columns that grow while a file of unknown length is read. */

type NumberArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export class GrowingColumn<Column extends NumberArray> {
  readonly #make: new (length: number) => Column;
  #values: Column;
  #length = 0;

  constructor(make: new (length: number) => Column) {
    this.#make = make;
    this.#values = new make(1024);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new this.#make(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** The values so far in an array of their own; nothing pushed: an empty one. */
  finish(): Column {
    return this.#values.slice(0, this.#length) as Column;
  }
}

/** Texts numbered in the order in which they are first met. */
export class Numbering {
  readonly values: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** -1 for a text that was never added. */
  find(text: string): number {
    return this.#numbers.get(text) ?? -1;
  }

  add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.values.length);
    return this.values.push(text) - 1;
  }
}
