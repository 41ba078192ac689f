/**
 * A bounded, growing buffer for the bytes that are held back until they have been judged.
 *
 * @module
 */

export class ByteQueue {
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** Copies `chunk`; the caller may reuse its memory. */
  push(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length, 512));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  /** What is held; valid until the next push or take. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Memory that it has taken; never less than `length`. Unit: bytes. */
  get reserved(): number {
    return this.#buffer.length;
  }

  /** Removes and returns the first `count` bytes (all, unless told). The result is the caller's. */
  take(count = this.#length): Buffer {
    const taken = this.#buffer.subarray(0, count);
    const rest = this.#buffer.subarray(count, this.#length);
    this.#buffer = Buffer.from(rest);
    this.#length = rest.length;
    return taken;
  }
}
