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
    if (this.#length < 8 * KEPT) return;
    const kept = Buffer.concat(this.#chunks).subarray(-4 * KEPT);
    this.#dropped += this.#length - kept.length;
    this.#chunks = [Buffer.from(kept)];
    this.#length = kept.length;
  }

  /**
   * As text; says how much is missing before it.
   *
   * @param redact takes secrets out. It sees whole lines: of a secret that a cut leaves a part of nothing would be known.
   */
  text(redact: (text: string) => string = (text) => text): string {
    const all = Buffer.concat(this.#chunks);
    const start = this.#dropped === 0 ? 0 : all.indexOf(0x0a) + 1;
    if (this.#dropped > 0 && start === 0)
      return `(${this.#dropped + all.length} bytes without a line break are not kept)\n`;
    const shown = Buffer.from(redact(all.subarray(start).toString()));
    if (start === 0 && shown.length <= KEPT) return shown.toString();
    const kept = shown.subarray(-KEPT);
    return `(${this.#dropped + start + shown.length - kept.length} bytes before this are not kept)\n${kept.toString()}`;
  }
}
