/**
 * What a grader printed: the last lines, however much it was.
 *
 * @module
 */

/** Bytes that are kept of one grading; the verdict of a test runner stands at its end. */
const KEPT = 8192;

export class Tail {
  #chunks: Buffer[] = [];
  #length = 0;
  #dropped = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < 4 * KEPT) return;
    const kept = Buffer.concat(this.#chunks).subarray(-KEPT);
    this.#dropped += this.#length - kept.length;
    this.#chunks = [Buffer.from(kept)];
    this.#length = kept.length;
  }

  /** As text; says how much is missing before it. */
  text(): string {
    const all = Buffer.concat(this.#chunks);
    const kept = all.subarray(-KEPT);
    const dropped = this.#dropped + all.length - kept.length;
    const text = kept.toString();
    return dropped === 0 ? text : `(${dropped} bytes before this are not kept)\n${text}`;
  }
}
