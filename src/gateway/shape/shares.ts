/**
 * Mining by the sizes of its messages, inside TLS or under other names: a client that now and then sends a message of one
 * length (a share: the same fields, hexadecimal, of fixed length), a server that answers each at once with one short length
 * (accepted), and that pushes longer messages nobody asked for (new work) and nobody answers.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';

/** Bytes of plaintext. A share holds worker, job, extranonce, time and nonce; its answer an id and `true`. */
const SHARE = { least: 70, most: 420 };
const ANSWER = { least: 24, most: 130 };
/** New work holds a block's header at least. */
const WORK = 150;
/** How much messages of one kind differ: ids grow by a digit. */
const SPREAD = 8;
const SHARES = 6;
const PUSHES = 2;
/** Heartbeats and measurements keep time; finding a share does not: its gaps spread at least so much around their mean. */
const UNEVEN = 0.3;

export class Shares {
  readonly #gaps: number[] = [];
  #length: { least: number; most: number } | undefined;
  #answer: { least: number; most: number } | undefined;
  #open: number | undefined;
  #lastShare: number | undefined;
  #shares = 0;
  #pushes = 0;
  #messages = 0;
  /** messages that are none of the three */
  #strange = 0;

  /** One message (a record of TLS, or what came at once); `bytes` of plaintext as far as it is known. */
  feed(direction: Direction, bytes: number, at: number): void {
    this.#messages += 1;
    if (this.#messages <= SETUP) return;
    if (direction === 'down') {
      this.#fromServer(bytes);
      return;
    }
    const length = within(this.#length, bytes);
    if (bytes < SHARE.least || bytes > SHARE.most || !length || this.#open !== undefined) {
      this.#strange += 1;
      if (this.#strange > this.#shares) this.#restart();
      return;
    }
    this.#length = length;
    this.#open = at;
    if (this.#lastShare !== undefined && this.#gaps.length < 64) this.#gaps.push(at - this.#lastShare);
    this.#lastShare = at;
  }

  #fromServer(bytes: number): void {
    const answer = within(this.#answer, bytes);
    if (this.#open !== undefined && bytes >= ANSWER.least && bytes <= ANSWER.most && answer) {
      this.#answer = answer;
      this.#open = undefined;
      this.#shares += 1;
    } else if (bytes >= WORK) {
      // what comes before the first share may be of the handshake
      if (this.#shares > 0) this.#pushes += 1;
    } else this.#strange += 1;
  }

  #restart(): void {
    this.#length = undefined;
    this.#answer = undefined;
    this.#open = undefined;
    this.#shares = 0;
    this.#strange = 0;
    this.#gaps.length = 0;
  }

  get mining(): boolean {
    if (this.#shares < SHARES || this.#pushes < PUSHES || this.#strange * 4 > this.#shares) return false;
    const mean = this.#gaps.reduce((sum, gap) => sum + gap, 0) / this.#gaps.length;
    const variance = this.#gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / this.#gaps.length;
    return Math.sqrt(variance) >= UNEVEN * mean;
  }
}

/** Subscription, authorization, first work. */
const SETUP = 4;

function within(
  range: { least: number; most: number } | undefined,
  bytes: number,
): { least: number; most: number } | undefined {
  if (!range) return { least: bytes, most: bytes };
  const least = Math.min(range.least, bytes);
  const most = Math.max(range.most, bytes);
  return most - least <= SPREAD ? { least, most } : undefined;
}
