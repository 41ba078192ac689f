/**
 * What WebSocket messages carry (RFC 6455 §5.2): the first bytes of each direction's payload, unmasked.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';
import { recognise } from '../sniff/sniffer.ts';

const KEPT = 512;
/** Longest head of an upgrade. */
const HEAD = 16_384;

interface Side {
  header: number[];
  missing: number;
  mask: number[];
  position: number;
  control: boolean;
  kept: number[];
}

const side = (): Side => ({ header: [], missing: 0, mask: [], position: 0, control: false, kept: [] });

/** Protocols that nobody speaks inside a WebSocket but to get somewhere else. */
const TUNNELLED = new Set(['ssh', 'socks4', 'socks5', 'connect', 'tls', 'stratum', 'vnc', 'openvpn', 'http']);

export class Frames {
  readonly #sides = { up: side(), down: side() };
  readonly #head = { up: '', down: '' };
  readonly #upgraded = { up: false, down: false };
  /** the protocol inside */
  found: string | undefined;
  #none = 0;

  get done(): boolean {
    const { up, down } = this.#head;
    const endless = Math.max(up.length, down.length) >= HEAD;
    return this.found !== undefined || this.#none === 2 || endless;
  }

  /** bytes that it keeps */
  get held(): number {
    const { up, down } = this.#sides;
    return this.#head.up.length + this.#head.down.length + up.kept.length + down.kept.length;
  }

  feed(direction: Direction, chunk: Uint8Array): void {
    if (this.done) return;
    let bytes = chunk;
    if (!this.#upgraded[direction]) {
      const head = this.#head[direction] + Buffer.from(chunk).toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      this.#head[direction] = end < 0 ? head.slice(0, HEAD) : '';
      if (end < 0) return;
      this.#upgraded[direction] = true;
      bytes = Buffer.from(head.slice(end + 4), 'latin1');
    }
    this.#unframe(this.#sides[direction], bytes);
    this.#look(direction);
  }

  #unframe(one: Side, bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (one.kept.length >= KEPT) return;
      if (one.missing > 0) {
        const plain = byte ^ (one.mask.length === 4 ? (one.mask[one.position & 3] as number) : 0);
        one.position += 1;
        one.missing -= 1;
        if (!one.control) one.kept.push(plain);
        continue;
      }
      one.header.push(byte);
      this.#header(one);
    }
  }

  #header(one: Side): void {
    const [first = 0, second] = one.header;
    if (second === undefined) return;
    const short = second & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    const masked = (second & 0x80) !== 0;
    if (one.header.length < 2 + extra + (masked ? 4 : 0)) return;
    let length = extra === 0 ? short : 0;
    for (const byte of one.header.slice(2, 2 + extra)) length = length * 256 + byte;
    one.mask = masked ? one.header.slice(2 + extra) : [];
    one.control = (first & 0x08) !== 0;
    one.missing = length;
    one.position = 0;
    one.header = [];
  }

  #look(direction: Direction): void {
    const { kept } = this.#sides[direction];
    if (kept.length === 0) return;
    const bytes = Uint8Array.from(kept);
    // the outside may be the client of what is inside
    const named = [recognise('up', bytes), direction === 'down' ? recognise('down', bytes) : undefined];
    const found = named.find((verdict) => verdict && TUNNELLED.has(verdict.protocol));
    if (found) this.found = found.protocol;
    else if (kept.length >= KEPT) this.#none += 1;
  }
}
