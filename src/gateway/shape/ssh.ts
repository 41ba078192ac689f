/**
 * What an SSH connection is used for, from the lengths and the order of its encrypted messages. Whoever opens a channel
 * sends a CHANNEL_OPEN and gets a CHANNEL_OPEN_CONFIRMATION of exactly 17 bytes of payload (RFC 4254 §5.1): for a session, a
 * command, a copy and for local forwarding the client opens, for remote forwarding (`ssh -R`) the *server* does.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';
import type { Shape, ShapeReader } from './shape.ts';
import { SshDirection } from './ssh-packets.ts';
import { type KeyExchange, readKexInit, type SshWire, sshWire } from './ssh-wire.ts';

/** Payload lengths, RFC 4254: CHANNEL_OPEN of "session"; its confirmation; EOF, CLOSE, SUCCESS. */
const SESSION = 24;
const CONFIRMATION = 17;
const CLOSING = 5;
/** "no-more-sessions@openssh.com", which OpenSSH's client sends before its first channel or beside it */
const NO_MORE_SESSIONS = 34;
/** "forwarded-tcpip" (RFC 4254 §7.2) and "forwarded-streamlocal@openssh.com": a server's open of x11 or of an agent is shorter */
const FORWARDED = { least: 48, most: 360 };
/** "direct-tcpip" and "direct-streamlocal@openssh.com" */
const DIRECT = { least: 52, most: 360 };
/** Milliseconds without a byte either way after which the next message answers nobody. */
const QUIET = 150;
/** A channel is confirmed once its target is connected; longer than this is something else. Unit: milliseconds. */
const PATIENCE = 2000;
/** The same in a connection that has a session, whose programs pause, too. */
const QUIET_BESIDE = 1000;
/** In a connection that has a session already, a person may have answered: nobody does that faster. Unit: milliseconds. */
const REFLEX = 90;
/** Encrypted packets without a pause after which it is a transfer, until it pauses. */
const LOOKED_AT = 20_000;
/** How sure it is that a connection which cannot be followed is used to come in. */
const UNREADABLE = 0.3;

/** The client's first channel is among its first messages behind authentication. */
const FIRST = 4;

interface Opening {
  by: Direction;
  at: number;
  size: number;
  /** it answers nobody */
  alone: boolean;
}

export class SshReader implements ShapeReader {
  readonly #directions: Record<Direction, SshDirection>;
  readonly #exchanges: Partial<Record<Direction, KeyExchange>> = {};
  readonly #wires: Partial<Record<Direction, SshWire>> = {};
  #authenticated = false;
  /** a channel of the client's was confirmed */
  #session = false;
  readonly #openings: Partial<Record<Direction, Opening | undefined>> = {};
  /** which sides closed the channel that the server seems to have opened beside others: an answer to a prompt is no channel */
  #suspected: { up: boolean; down: boolean } | undefined;
  /** the server granted something that the client asked for beside channels, as remote forwarding is */
  #granted = false;
  /** looks like a confirmation to the server, and like the client's opening of a session: what comes next tells */
  #ambiguous: Opening | undefined;
  /** messages since authentication */
  #messages = { up: 0, down: 0 };
  #last: { direction: Direction; at: number } | undefined;
  #at = 0;
  #packets = 0;
  #said = 0;
  #news: Shape | undefined;

  constructor() {
    const direction = (name: Direction) =>
      new SshDirection({
        clear: (payload) => this.#clear(name, payload),
        sealed: (size) => this.#sealed(name, size),
      });
    this.#directions = { up: direction('up'), down: direction('down') };
  }

  get done(): boolean {
    return this.#said >= 0.95 || this.#directions.up.lost || this.#directions.down.lost;
  }

  get held(): number {
    return this.#directions.up.held + this.#directions.down.held;
  }

  /** It is no SSH behind what it began with. */
  get lost(): boolean {
    const { up, down } = this.#directions;
    return (up.lost && !up.unreadable) || (down.lost && !down.unreadable);
  }

  feed(direction: Direction, chunk: Uint8Array, at: number): Shape | undefined {
    this.#at = at;
    this.#news = undefined;
    this.#directions[direction].feed(chunk);
    if (this.#directions[direction].unreadable && this.#said === 0) {
      this.#said = UNREADABLE;
      const detail = 'its algorithms or the lengths of its messages are none that are known';
      return { shape: 'reverse-ssh', confidence: UNREADABLE, detail };
    }
    const news = this.#news as Shape | undefined;
    return news;
  }

  #clear(direction: Direction, payload: Buffer): void {
    const exchange = readKexInit(payload);
    if (!exchange) return;
    this.#exchanges[direction] = exchange;
    const { up, down } = this.#exchanges;
    if (!up || !down) return;
    for (const name of ['up', 'down'] as const) {
      const wire = sshWire(up, down, name);
      if (!wire) continue;
      this.#wires[name] = wire;
      this.#directions[name].use(wire);
    }
  }

  #sealed(direction: Direction, size: number): void {
    const last = this.#last;
    const pause = last === undefined ? QUIET_BESIDE : this.#at - last.at;
    const quiet = pause >= (this.#session ? QUIET_BESIDE : QUIET);
    this.#last = { direction, at: this.#at };
    this.#packets = pause >= QUIET ? 1 : this.#packets + 1;
    if (this.#packets > LOOKED_AT) return;
    if (!this.#authenticated) {
      // USERAUTH_SUCCESS has one byte of payload, and nothing else of a server's during authentication is as short
      if (direction === 'down' && this.#isShortest(size)) this.#authenticated = true;
      return;
    }
    this.#messages[direction] += 1;
    if (direction === 'down' && this.#isShortest(size)) this.#granted = true;
    if (this.#closes(direction, size)) return;
    if (this.#ambiguous && this.#wasSession(direction, size)) return;
    if (this.#answers(direction, size, quiet)) return;
    const opening = this.#mayOpen(direction, size, quiet);
    // what a server says besides does not take an opening back while its confirmation may come
    if (opening || direction === 'up') this.#openings[direction] = opening;
  }

  /** Whether a message confirms what the other side opened; what it says else of that. */
  #answers(direction: Direction, size: number, quiet: boolean): boolean {
    const other = direction === 'up' ? 'down' : 'up';
    const wire = this.#wires[direction] as SshWire;
    const opening = this.#openings[other];
    if (opening) {
      if (this.#confirms(direction, size) || this.#confirmsWithMore(opening, size)) {
        this.#openings[other] = undefined;
        this.#opened(opening);
        return true;
      }
      // host keys and their proofs may come between, and are longer than any answer; beside a session nothing may
      const shorter = size < wire.size(CONFIRMATION);
      if (direction === 'down' ? shorter : this.#session) this.#openings[other] = undefined;
    }
    const own = this.#openings[direction];
    // a client goes on with a session at once when it was confirmed: that came together with something else
    if (own && direction === 'up' && !quiet && this.#isSession(own.size, this.#wires.up as SshWire)) {
      this.#session = true;
    }
    return false;
  }

  #isShortest(size: number): boolean {
    const wire = this.#wires.down as SshWire;
    const shortest = wire.size(1);
    // clients that pad to RFC 4253's least packet of 16 bytes
    return size === shortest || (wire.compressed && size <= wire.size(11)) || size === shortest + 8;
  }

  #confirms(direction: Direction, size: number): boolean {
    const wire = this.#wires[direction] as SshWire;
    const exact = wire.size(CONFIRMATION);
    if (wire.compressed) return size >= wire.size(8) && size <= wire.size(26);
    return size === exact;
  }

  /** A target that speaks at once: its words come together with the confirmation, where packets cannot be told apart. */
  #confirmsWithMore(opening: Opening, size: number): boolean {
    const wire = this.#wires.up as SshWire;
    if (opening.by === 'up' || this.#session || wire.lengthInClear) return false;
    if (!opening.alone && !this.#granted) return false;
    const own = this.#openings.up;
    if (wire.compressed) {
      // as long as the client may wait for a session of its own, that is what it is
      return opening.alone && !(own && this.#isSession(own.size, wire)) && size >= wire.size(8);
    }
    const rest = size - wire.size(CONFIRMATION);
    return rest >= wire.size(CLOSING) && size !== wire.size(NO_MORE_SESSIONS) + wire.size(SESSION);
  }

  /** Whether a message can be the opening of a channel. */
  #mayOpen(direction: Direction, size: number, quiet: boolean): Opening | undefined {
    const wire = this.#wires[direction] as SshWire;
    const { least, most } = direction === 'down' ? FORWARDED : DIRECT;
    const floor = wire.compressed ? wire.size(24) : wire.size(least);
    const session = direction === 'up' && !this.#session && this.#isSession(size, wire);
    if (!session && (size < floor || size > wire.size(most))) return undefined;
    if (direction === 'up' && (this.#session || this.#messages.up > FIRST)) return undefined;
    // what a server sends before the client asked for anything (its host keys) opens nothing
    if (direction === 'down' && this.#messages.up === 0) return undefined;
    return { by: direction, at: this.#at, size, alone: quiet };
  }

  #isSession(size: number, wire: SshWire): boolean {
    const session = wire.size(SESSION);
    return size === session || size === session + wire.size(NO_MORE_SESSIONS);
  }

  #opened(opening: Opening): void {
    const took = this.#at - opening.at;
    if (took > PATIENCE) return;
    if (opening.by === 'up') {
      if (this.#session) return;
      const wire = this.#wires.up as SshWire;
      this.#session = true;
      if (this.#isSession(opening.size, wire)) {
        this.#say('ssh-session', 0.9, 'the client opened a session');
      } else
        this.#say(
          'ssh-forward',
          0.9,
          'the client’s first channel is longer than that of a session: direct-tcpip (-L, -D, -W)',
        );
      return;
    }
    if (
      !this.#session &&
      this.#isSession((this.#wires.up as SshWire).size(CONFIRMATION), this.#wires.up as SshWire)
    ) {
      this.#ambiguous = opening;
      return;
    }
    this.#reverse(opening, took);
  }

  #wasSession(direction: Direction, size: number): boolean {
    const opening = this.#ambiguous as Opening;
    this.#ambiguous = undefined;
    if (direction === 'down' && this.#confirms('down', size)) {
      this.#session = true;
      this.#say('ssh-session', 0.9, 'the client opened a session');
      return true;
    }
    this.#reverse(opening, 0);
    return false;
  }

  #reverse(opening: Opening, took: number): void {
    if (!this.#session) {
      const { compressed } = this.#wires.up as SshWire;
      // lengths of compressed messages say less
      if (compressed && !opening.alone && !this.#granted) return;
      const confidence = compressed ? 0.85 : 0.95;
      this.#say('reverse-ssh', confidence, 'the server opened the first channel: remote forwarding (-R)');
      return;
    }
    if (!opening.alone || took > REFLEX) return;
    const before = this.#suspected;
    this.#suspected = { up: false, down: false };
    if (before?.up && before.down) {
      this.#say('reverse-ssh', 0.85, 'the server opens one channel after the other beside the client’s own');
      return;
    }
    this.#say('reverse-ssh', 0.6, 'the server seems to have opened a channel beside the client’s own');
  }

  /** Whether it closes the channel that was suspected, as both sides do. */
  #closes(direction: Direction, size: number): boolean {
    const suspected = this.#suspected;
    if (!suspected || suspected[direction]) return false;
    const closing = (this.#wires[direction] as SshWire).size(CLOSING);
    if (size !== closing && size !== 2 * closing) return false;
    suspected[direction] = true;
    return true;
  }

  #say(shape: Shape['shape'], confidence: number, detail: string): void {
    if (shape !== 'ssh-session') {
      if (confidence <= this.#said) return;
      this.#said = confidence;
    }
    const { cipher, mac } = this.#wires.up as SshWire;
    this.#news = { shape, confidence, detail: `${detail}; ${[cipher, mac].filter(Boolean).join(' ')}` };
  }
}
