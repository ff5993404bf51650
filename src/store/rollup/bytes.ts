/** Numbers of seven bits a byte, the smallest first; the eighth bit says that there is more. */
const LOW = 0x80;

/** Writes whole numbers from 0 on; small ones take one byte. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  number(value: number): void {
    let rest = value;
    while (rest >= LOW) {
      this.#byte((rest % LOW) + LOW);
      rest = Math.floor(rest / LOW);
    }
    this.#byte(rest);
  }

  /** A copy. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #byte(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Reads what a `ByteWriter` wrote; behind the end everything is 0. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= LOW) {
      const byte = this.#bytes[this.#at++] ?? 0;
      if (byte < LOW) return value + byte * factor;
      value += (byte - LOW) * factor;
    }
  }
}
