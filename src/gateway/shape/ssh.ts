/**
 * What an SSH connection is used for, from the lengths and the order of its encrypted messages. Whoever opens a channel
 * sends a CHANNEL_OPEN and gets a CHANNEL_OPEN_CONFIRMATION of exactly 17 bytes of payload (RFC 4254 §5.1): for a session, a
 * command, a copy and for local forwarding the client opens, for remote forwarding (`ssh -R`) the *server* does.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';
import type { Shape, ShapeReader } from './shape.ts';
import { Authentication, isShortest } from './ssh-authentication.ts';
import { Grants } from './ssh-grant.ts';
import { SshDirection } from './ssh-packets.ts';
import { type KeyExchange, readKexInit, type SshWire, sshWire } from './ssh-wire.ts';

/** Payload lengths, RFC 4254: CHANNEL_OPEN of "session"; its confirmation; EOF, CLOSE, SUCCESS. */
const SESSION = 24;
/** The same of a session, compressed: measured */
const SESSION_COMPRESSED = { least: 20, most: 27 };
/** A request to listen, compressed, and its answer: measured */
const REQUEST_COMPRESSED = 43;
const GRANT_COMPRESSED = 7;
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
  /** it is as long as what the client asked to be told of */
  asked: boolean;
}

export class SshReader implements ShapeReader {
  readonly #directions: Record<Direction, SshDirection>;
  readonly #exchanges: Partial<Record<Direction, KeyExchange>> = {};
  readonly #wires: Partial<Record<Direction, SshWire>> = {};
  readonly #authentication = new Authentication();
  #authenticated = false;
  #grants: Grants | undefined;
  /** a channel of the client's was confirmed */
  #session = false;
  readonly #openings: Partial<Record<Direction, Opening | undefined>> = {};
  /** which sides closed the channel that the server seems to have opened beside others: an answer to a prompt is no channel */
  #suspected: { up: boolean; down: boolean } | undefined;
  /** the server granted something that the client asked for beside channels, as remote forwarding is */
  #granted = false;
  /** since the client’s last message, the server said what may hold a confirmation */
  #heard = false;
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
      const wires = this.#wires as Record<Direction, SshWire>;
      const since = this.#authentication.feed(direction, size, wires);
      this.#authenticated = since !== 'no';
      if (since !== 'no') this.#grants = new Grants(wires);
      if (since !== 'before') return;
    }
    this.#messages[direction] += 1;
    this.#grants?.feed(direction, size, this.#at);
    if (direction === 'up' && this.#messages.up === 1) this.#begin(size);
    const { down } = this.#wires as Record<Direction, SshWire>;
    if (direction === 'down' && !down.compressed && isShortest(size, down)) this.#granted = true;
    if (this.#closes(direction, size)) return;
    if (this.#ambiguous && this.#wasSession(direction, size)) return;
    if (this.#answers(direction, size, quiet)) return;
    const opening = this.#mayOpen(direction, size, quiet);
    // what a server says besides does not take an opening back while its confirmation may come, nor does that no more will follow
    const ends = size === (this.#wires.up as SshWire).size(NO_MORE_SESSIONS);
    if (opening || (direction === 'up' && !ends)) this.#openings[direction] = opening;
    const wire = this.#wires.down as SshWire;
    this.#heard =
      direction === 'down' && (this.#heard || (!wire.lengthInClear && size > wire.size(CONFIRMATION)));
  }

  /** Whether a message confirms what the other side opened; what it says else of that. */
  #answers(direction: Direction, size: number, quiet: boolean): boolean {
    const other = direction === 'up' ? 'down' : 'up';
    const wire = this.#wires[direction] as SshWire;
    const opening = this.#openings[other];
    if (opening && direction === 'down' && this.#grantsCompressed(opening, size)) {
      this.#openings.up = undefined;
      this.#granted = true;
      return true;
    }
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
    // a client goes on with a session when it was confirmed: that came together with something else
    const { up } = this.#wires as Record<Direction, SshWire>;
    const ends = size === up.size(NO_MORE_SESSIONS);
    const told = up.size(SESSION) !== up.size(NO_MORE_SESSIONS);
    const goesOn = direction === 'up' && !ends && this.#awaitsSession();
    if (goesOn && (!quiet || (told && this.#heard))) this.#beginSession();
    return false;
  }

  /** Whether the client opened a session that nobody was seen to confirm. */
  #awaitsSession(): boolean {
    const own = this.#openings.up;
    return own !== undefined && this.#isSession(own.size, this.#wires.up as SshWire);
  }

  /** What a client that compresses says first tells what it wants: a session’s opening is the shortest. */
  #begin(size: number): void {
    const { up } = this.#wires as Record<Direction, SshWire>;
    if (!up.compressed) return;
    const last = up.size(NO_MORE_SESSIONS);
    const session =
      size <= up.size(SESSION_COMPRESSED.most) || size === up.size(SESSION_COMPRESSED.least) + last;
    if (session) this.#beginSession();
    else this.#granted = this.#isRequest(size);
  }

  #isRequest(size: number): boolean {
    const { up } = this.#wires as Record<Direction, SshWire>;
    const longest = up.size(REQUEST_COMPRESSED);
    return size <= longest || size === up.size(NO_MORE_SESSIONS) + longest;
  }

  /** Compressed, an answer to a request beside channels is shorter than a confirmation, or the request shorter than an opening. */
  #grantsCompressed({ size: asked }: Opening, size: number): boolean {
    const { down } = this.#wires as Record<Direction, SshWire>;
    return down.compressed && !this.#session && size <= down.size(GRANT_COMPRESSED) && this.#isRequest(asked);
  }

  #beginSession(): void {
    this.#session = true;
    // what the server said before were its host keys
    this.#openings.down = undefined;
    this.#say('ssh-session', 0.9, 'the client opened a session');
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
    if (opening.by === 'up' || wire.lengthInClear) return false;
    // beside a session, what its end says is as long
    if (this.#session) return false;
    if (!opening.alone && !this.#granted) return false;
    const own = this.#openings.up;
    if (wire.compressed) {
      // as long as the client may wait for a session of its own, that is what it is
      const waits = own !== undefined && this.#isSession(own.size, wire);
      const prompt = opening.alone || this.#at - opening.at <= QUIET;
      return prompt && !waits && size >= wire.size(8);
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
    const asked = direction === 'down' && (this.#grants?.fits(size) ?? false);
    // what was not asked for does not take the place of what was
    const before = this.#openings.down;
    if (direction === 'down' && !asked && before?.asked && this.#at - before.at <= PATIENCE) return before;
    return { by: direction, at: this.#at, size, alone: quiet, asked };
  }

  #isSession(size: number, wire: SshWire): boolean {
    const session = wire.size(SESSION);
    return size === session || size === session + wire.size(NO_MORE_SESSIONS);
  }

  #opened(opening: Opening): void {
    const took = this.#at - opening.at;
    // a busy server takes its time, and a session that is missed makes all that follows look like the server's
    if (opening.by === 'up' && this.#isSession(opening.size, this.#wires.up as SshWire)) {
      if (!this.#session) this.#beginSession();
      return;
    }
    if (took > PATIENCE) return;
    if (opening.by === 'up') {
      if (this.#session) return;
      this.#session = true;
      this.#say(
        'ssh-forward',
        0.9,
        'the client’s first channel is longer than that of a session: direct-tcpip (-L, -D, -W)',
      );
      return;
    }
    const { up } = this.#wires as Record<Direction, SshWire>;
    // compressed, a session is known by what the client began with
    if (!this.#session && !up.compressed && this.#isSession(up.size(CONFIRMATION), up)) {
      this.#ambiguous = opening;
      return;
    }
    this.#reverse(opening, took);
  }

  #wasSession(direction: Direction, size: number): boolean {
    const opening = this.#ambiguous as Opening;
    this.#ambiguous = undefined;
    if (direction === 'down' && this.#confirms('down', size)) {
      this.#beginSession();
      return true;
    }
    this.#reverse(opening, 0);
    return false;
  }

  #reverse(opening: Opening, took: number): void {
    const { granted, visible } = this.#grants as Grants;
    const { compressed } = this.#wires.up as SshWire;
    if (!this.#session && compressed) {
      // lengths of compressed messages say less
      if (opening.alone || this.#granted)
        this.#say('reverse-ssh', 0.85, 'the server opened the first channel: remote forwarding (-R)');
      return;
    }
    if (!this.#session) {
      if (granted === 'no' && this.#awaitsSession()) this.#beginSession();
      else this.#say('reverse-ssh', 0.95, 'the server opened the first channel: remote forwarding (-R)');
      return;
    }
    if (opening.asked && granted === 'certain') {
      const detail = 'the client asked the server to listen, and the server opened a channel';
      this.#say('reverse-ssh', 0.95, detail);
      return;
    }
    // where requests cannot be told from what else is said, it counts what comes alone and is answered at once
    const fast = opening.alone && took <= REFLEX && !compressed;
    if (visible ? opening.asked : fast) this.#suspect();
  }

  #suspect(): void {
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
      if (confidence <= this.#said || (shape === 'ssh-forward' && this.#said > UNREADABLE)) return;
      this.#said = confidence;
    }
    const { cipher, mac } = this.#wires.up as SshWire;
    this.#news = { shape, confidence, detail: `${detail}; ${[cipher, mac].filter(Boolean).join(' ')}` };
  }
}
