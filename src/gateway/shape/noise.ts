/**
 * Stratum version 2 begins with Noise_NX (its specification, "Protocol Security"): the client sends one ephemeral key, the
 * server's answer has one length, and from then on everything is random bytes. Nothing but these lengths is in the clear.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';

/** A key in ElligatorSwift encoding, and an answer with such a key, a sealed one and a signature; the older form with plain keys. */
const HANDSHAKES: readonly [number, number][] = [
  [64, 234],
  [32, 170],
];
/** Of `n` random bytes at most so many are the same, but for one flow in a million. */
const REPEATED = 5;

export class NoiseHandshake {
  #up = 0;
  #down = 0;
  #state: 'open' | 'found' | 'none' = 'open';

  get done(): boolean {
    return this.#state !== 'open';
  }

  /** true: this was its last part. */
  feed(direction: Direction, chunk: Uint8Array): boolean {
    if (this.#state !== 'open') return false;
    if (!random(chunk)) this.#state = 'none';
    else if (direction === 'down') this.#down += chunk.length;
    else if (this.#down === 0) this.#up += chunk.length;
    else {
      const known = HANDSHAKES.some(([up, down]) => up === this.#up && down === this.#down);
      // a sealed header of a frame is 22 bytes
      this.#state = known && chunk.length >= 22 ? 'found' : 'none';
    }
    if (this.#up > 64 || this.#down > 234) this.#state = 'none';
    return this.#state === 'found';
  }
}

function random(bytes: Uint8Array): boolean {
  const seen = new Uint8Array(256);
  const part = bytes.subarray(0, 64);
  for (const byte of part) {
    seen[byte] = (seen[byte] as number) + 1;
    if ((seen[byte] as number) > REPEATED) return false;
  }
  // text has few different bytes
  return part.length < 32 || seen.filter((count) => count > 0).length > 22;
}
