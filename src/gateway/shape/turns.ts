/**
 * Who breaks the silence. In honest protocols the client asks and the server answers; where somebody outside drives a
 * program inside, the outside speaks after each pause, in few bytes, and the inside answers at once, in more.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';

/** Milliseconds without a byte either way that are a pause: a person reads, a program waits for its next order. */
const PAUSE = 200;
/** An order that is longer is a transfer. Unit: bytes. */
const ORDER = 600;
/** Milliseconds in which an answer begins. */
const PROMPTLY = 3000;

/** What a command prints is longer than the command, most of the time. */
const FULLER = 1.2;
const MOST = 0.75;

export class Turns {
  /** exchanges that the outside began behind a pause and the inside answered */
  ordered = 0;
  /** pauses that the inside ended */
  volunteered = 0;
  /** of those, answered in clearly more bytes than they were asked in: replies of mail servers and the like are not */
  #fuller = 0;
  #full = false;
  /** bytes of those orders and of their answers */
  readonly bytes = { orders: 0, answers: 0 };
  /** orders or their answers differ in length: where none does, the inside reports, and a busy server takes its time to confirm it */
  varied = false;
  #before: { bytes: number; answer: number } | undefined;
  /** the outside spoke first */
  outsideFirst: boolean | undefined;
  #last: { direction: Direction; at: number } | undefined;
  #order: { at: number; bytes: number; answered: boolean; answer: number } | undefined;

  feed(direction: Direction, bytes: number, at: number): void {
    const last = this.#last;
    const pause = last !== undefined && at - last.at >= PAUSE;
    this.outsideFirst ??= direction === 'down';
    this.#last = { direction, at };
    if (direction === 'down') {
      if (pause && this.#order?.answered) this.#compare(this.#order);
      if (pause) this.#order = { at, bytes, answered: false, answer: 0 };
      else if (this.#order && !this.#order.answered) this.#order.bytes += bytes;
      else if (last !== undefined) this.#order = undefined;
      else this.#order = { at, bytes, answered: false, answer: 0 };
      return;
    }
    const order = this.#order;
    if (order && at - order.at <= PROMPTLY && order.bytes <= ORDER) {
      if (!order.answered) {
        order.answered = true;
        this.#full = false;
        this.varied ||= this.#before !== undefined && this.#before.bytes !== order.bytes;
        this.ordered += 1;
        this.bytes.orders += order.bytes;
      }
      this.bytes.answers += bytes;
      order.answer += bytes;
      if (!this.#full && order.answer >= FULLER * order.bytes) {
        this.#full = true;
        this.#fuller += 1;
      }
      return;
    }
    this.#order = undefined;
    if (pause) this.volunteered += 1;
  }

  #compare(order: { bytes: number; answer: number }): void {
    this.varied ||= this.#before !== undefined && this.#before.answer !== order.answer;
    this.#before = order;
  }

  /** Whether the outside drives the inside. `orders`: how many it must have given. */
  driven(orders: number): boolean {
    const { ordered, volunteered, bytes } = this;
    return (
      ordered >= orders &&
      volunteered <= 1 &&
      this.#fuller >= MOST * ordered &&
      bytes.answers >= 1.5 * bytes.orders
    );
  }
}
