/**
 * `tcp`: any bytes pass, at once; the verdict is for the record. And the choice among several protocols that
 * the contract declares for one address and port.
 *
 * @module
 */
import type { Protocol } from '../../contract/index.ts';
import { ByteQueue } from '../bytes.ts';
import { type Direction, Sniffer } from '../sniff/sniffer.ts';
import { type Candidates, type Guard, nothing, type Release, violates } from './guard.ts';

/** Bytes looked at per flow before the record says `unknown`. */
const LOOKED_AT = 8192;

export class AnyGuard implements Guard {
  readonly unfinished = false;
  readonly #candidates: Candidates;
  readonly #sniffer = new Sniffer();
  #seen = 0;

  constructor(candidates: Candidates) {
    this.#candidates = candidates;
  }

  feed(direction: Direction, chunk: Uint8Array): Release {
    const release: Release = direction === 'up' ? { up: [chunk], down: [] } : { up: [], down: [chunk] };
    this.#seen += chunk.length;
    let verdict = this.#sniffer.feed(direction, chunk);
    if (!verdict && this.#seen >= LOOKED_AT) verdict = this.#sniffer.conclude();
    if (verdict) {
      release.allowed = { candidate: this.#candidates[0], verdict };
      release.raw = true;
    }
    return release;
  }
}

/** Which of the declared protocols the first bytes of a direction begin; `more` while too few have come. */
export function chooseProtocol(
  declared: ReadonlySet<Protocol>,
  direction: Direction,
  bytes: Uint8Array,
): Protocol[] | 'more' {
  const among = (...wanted: Protocol[]) => wanted.filter((protocol) => declared.has(protocol));
  const fallback = among('tcp');
  const text = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (direction === 'down') return declared.has('ssh') ? ['ssh'] : fallback;
  if (bytes[0] === 22) return or(among('https', 'tls', 'websocket'), or(among('postgres'), fallback));
  if (bytes[0] === 0) return or(among('postgres'), fallback);
  if (declared.has('ssh') && 'SSH-'.startsWith(text)) return text === 'SSH-' ? ['ssh'] : 'more';
  if (/^[A-Z]/.test(text)) return or(among('http', 'websocket'), fallback);
  return fallback;
}

const or = (first: Protocol[], second: Protocol[]) => (first.length > 0 ? first : second);

/** Waits for the first bytes, then becomes the guard of the protocol that they begin. */
export class ChoosingGuard implements Guard {
  readonly #candidates: Candidates;
  readonly #declared: ReadonlySet<Protocol>;
  readonly #make: (candidates: Candidates) => Guard;
  readonly #up = new ByteQueue();
  #chosen: Guard | undefined;

  constructor(candidates: Candidates, make: (candidates: Candidates) => Guard) {
    this.#candidates = candidates;
    this.#declared = new Set(candidates.map(({ match }) => match.rule.protocol));
    this.#make = make;
  }

  get unfinished(): boolean {
    return this.#chosen ? this.#chosen.unfinished : this.#up.length > 0;
  }

  feed(direction: Direction, chunk: Uint8Array): Release {
    if (this.#chosen) return this.#chosen.feed(direction, chunk);
    if (direction === 'up') this.#up.push(chunk);
    const choice = chooseProtocol(this.#declared, direction, direction === 'up' ? this.#up.bytes : chunk);
    if (choice === 'more') return nothing();
    const [first, ...others] = this.#candidates.filter(({ match }) => choice.includes(match.rule.protocol));
    if (!first) return violates('the first bytes are of none of the declared protocols');
    this.#chosen = this.#make([first, ...others]);
    if (direction === 'up') return this.#chosen.feed('up', this.#up.take());
    const release = this.#chosen.feed('down', chunk);
    if (release.violation || this.#up.length === 0) return release;
    const later = this.#chosen.feed('up', this.#up.take());
    return { ...later, up: [...release.up, ...later.up], down: [...release.down, ...later.down] };
  }
}
