/**
 * The ends of what was last sent to whom, so that what is split over several messages is read as one.
 *
 * @module
 */

/** Characters that are kept for each recipient, and recipients. */
const KEPT = 1200;
const MOST = 256;

export class Said {
  readonly #last = new Map<string, string>();

  /** What these people were told last, each text once. */
  before(to: readonly string[]): string {
    const texts = to.flatMap((one) => this.#last.get(one.toLowerCase()) ?? []);
    return [...new Set(texts)].join('\n');
  }

  /** It was sent. What a person saw and let through is not held against what follows: that is only called with the rest. */
  sent(to: readonly string[], text: string): void {
    for (const one of to.slice(0, MOST)) {
      const key = one.toLowerCase();
      const known = this.#last.get(key) ?? '';
      this.#last.delete(key);
      this.#last.set(key, `${known}\n${text}`.slice(-KEPT));
      const [oldest] = this.#last.keys();
      if (this.#last.size > MOST && oldest !== undefined) this.#last.delete(oldest);
    }
  }
}
