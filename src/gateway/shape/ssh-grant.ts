/**
 * Whether a client asked the server to listen for it (RFC 4254 §7.1) and was answered: a request beside channels, whose answer
 * has one byte of payload. Everything else that a server answers has five bytes or more, which ciphers with blocks of 16
 * bytes do not tell from one: there it is likely only, and only where no channel is being set up.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';
import type { SshWire } from './ssh-wire.ts';

/** Payload lengths of a request to listen: for any address or a long name; "keepalive@openssh.com" is as long as the shortest. */
const REQUEST = { least: 28, most: 90 };
const KEEP_ALIVE = { least: 20, most: 27 };
/** The server's CHANNEL_OPEN for it: by how much it is longer than the request, or at all. */
const LONGER = { least: 15, most: 62 };
const OPEN = { least: 48, most: 360 };
/** CHANNEL_OPEN of a session, “no-more-sessions”, the confirmation, and CHANNEL_SUCCESS */
const SESSION = 24;
const NO_MORE_SESSIONS = 34;
const CONFIRMATION = 17;
const SUCCESS = 5;
/** Packets of ciphers that tell one byte from five are multiples of it, but for their lengths. */
const BLOCK = 8;
/** What is answered when a channel is set up: what runs in it, and how much may be sent. */
const ANSWERS = 2;
/** An answer takes a round trip. Unit: milliseconds. */
const PATIENCE = 2000;
/** Milliseconds without a message in which a channel is set up, or never was one. */
const SET_UP = 1000;

/** Messages of the client's among which requests may come together with what else it begins with. */
const BEGINNING = 2;

/**
 * Messages, from its first word on, in which what runs in a channel and its client greet each other, one right behind the
 * other. rsync's list of filters is the fourth, is as long as a request, and what answers it looks like a grant and a channel;
 * two that begin at once in one connection need ten.
 */
const GREETING = 10;
/** Milliseconds without a message behind which one comes by itself. */
const BY_ITSELF = 150;

export type Granted = 'no' | 'likely' | 'certain';

export class Grants {
  readonly #wires: Record<Direction, SshWire>;
  /** answers of one byte are told from those of five */
  readonly #exact: boolean;
  #asked: { size: number; at: number; byItself: boolean } | undefined;
  #alive = false;
  /** keep-alives were answered, which come together with other messages, too */
  #keeps = false;
  /** requests are answered within a channel that is being set up */
  #setUp: 'no' | 'opened' | 'confirmed' = 'no';
  #fits: { from: number; to: number } | undefined;
  /** short answers since the channel was confirmed */
  #answers = 0;
  /** of the client's */
  #messages = 0;
  /** messages of both since the first word of what runs in the channel that was set up last; 0: it said none yet */
  #greeted = GREETING;
  #last = 0;

  /** How sure it is that the server listens. */
  granted: Granted = 'no';

  constructor(wires: Record<Direction, SshWire>) {
    this.#wires = wires;
    this.#exact = wires.down.size(1) !== wires.down.size(SUCCESS) && !wires.down.compressed;
  }

  /** Where it would have been seen that the server was asked. */
  get visible(): boolean {
    return this.#exact || this.#wires.down.lengthInClear;
  }

  /** Whether a server's message is as long as its CHANNEL_OPEN for what was asked. */
  fits(size: number): boolean {
    if (!this.#fits) return false;
    const { from, to } = this.#fits;
    const alone = size - this.#wires.down.size(1);
    return (size >= from && size <= to) || (!this.#wires.down.lengthInClear && alone >= from && alone <= to);
  }

  feed(direction: Direction, size: number, at: number): void {
    const pause = at - this.#last;
    if (pause >= SET_UP) this.#setUp = 'no';
    this.#last = at;
    if (this.#wires.down.compressed) return;
    if (direction === 'up') this.#ask(size, at, pause >= BY_ITSELF);
    else this.#answer(size, at);
    // what sets a channel up is answered in few bytes
    const says = direction === 'down' && size !== this.#wires.down.size(1);
    if (this.#setUp !== 'no') this.#greeted = 0;
    else if (this.#greeted > 0 || says) this.#greeted += 1;
  }

  #ask(size: number, at: number, byItself: boolean): void {
    const { up } = this.#wires;
    const opens = size === up.size(SESSION) || size === up.size(SESSION) + up.size(NO_MORE_SESSIONS);
    // with some ciphers a request is as long as the opening of a session: what is answered, and how, tells
    const greets = this.#greeted > 0 && this.#greeted < GREETING && !byItself;
    const free = (this.#setUp === 'no' && !greets) || this.#setUp === 'opened';
    // what is asked of a channel just confirmed may be as long, too
    if (opens && (this.#setUp !== 'confirmed' || this.#answers > 0)) this.#setUp = 'opened';
    this.#messages += 1;
    const isAlive = size >= up.size(KEEP_ALIVE.least) && size <= up.size(KEEP_ALIVE.most);
    if (isAlive) this.#alive = true;
    const one = (size - up.size(1)) % BLOCK === 0;
    const isRequest = one && size >= up.size(REQUEST.least) && size <= up.size(REQUEST.most);
    this.#asked = isRequest && (this.#exact ? !isAlive : free) ? { size, at, byItself } : undefined;
  }

  #answer(size: number, at: number): void {
    const { down } = this.#wires;
    const asked = this.#asked;
    if (size === down.size(1)) {
      this.#asked = undefined;
      this.#answers += 1;
      if (this.#setUp === 'confirmed' && this.#answers === ANSWERS) this.#setUp = 'no';
      if (this.#exact && this.#alive) {
        this.#alive = false;
        this.#keeps = true;
      } else if (asked && at - asked.at <= PATIENCE) this.#grant(asked.size);
      else if (this.#exact && this.granted === 'no' && this.#messages <= BEGINNING) this.#grantAnything();
      return;
    }
    this.#alive = false;
    const free = this.#setUp === 'no' || (this.#setUp === 'opened' && !this.#exact);
    if (this.#setUp !== 'no') {
      if (this.#setUp === 'confirmed') this.#setUp = 'no';
      else if (this.#confirms(size)) {
        this.#setUp = 'confirmed';
        this.#answers = 0;
      }
    }
    if (free && asked && this.granted === 'no' && at - asked.at <= PATIENCE) this.#together(asked, size);
  }

  /** The answer and what it leads to at once, as two packets in one piece. */
  #together(asked: { size: number; byItself: boolean }, size: number): void {
    const { down } = this.#wires;
    // within a channel, lines and answers of two packets are as long: what asks beside it comes by itself
    if (this.#messages > 1 && !(this.#exact && asked.byItself)) return;
    const rest = size - down.size(1);
    if (down.lengthInClear || (rest - down.size(1)) % BLOCK !== 0) return;
    this.#grant(asked.size);
    // what a client asks before it opens anything is no channel's; host keys may come with the answer
    const first = this.#exact && this.#messages === 1;
    this.granted = first || this.fits(rest) ? 'likely' : 'no';
  }

  /** A session’s confirmation; where packets are not told apart, perhaps with a short answer behind. */
  #confirms(size: number): boolean {
    const { down } = this.#wires;
    const rest = size - down.size(CONFIRMATION);
    return rest === 0 || (!down.lengthInClear && rest === down.size(1));
  }

  /** What was asked came together with something else. */
  #grantAnything(): void {
    const { down } = this.#wires;
    this.granted = 'likely';
    this.#fits = { from: down.size(OPEN.least), to: down.size(OPEN.most) };
  }

  #grant(size: number): void {
    const { up, down } = this.#wires;
    let { least, most } = REQUEST;
    while (up.size(least) < size) least += 1;
    while (up.size(most) > size) most -= 1;
    this.#fits = { from: down.size(least + LONGER.least), to: down.size(most + LONGER.most) };
    this.granted = this.#exact && !this.#keeps ? 'certain' : 'likely';
  }
}
