/**
 * The shape of one UDP flow: a tunnel through DNS, or a VPN by its handshake in both directions.
 *
 * @module
 */
import { readQuery } from '../dns/wire.ts';
import type { Direction } from '../sniff/sniffer.ts';
import { DnsShape } from './dns.ts';
import type { Shape } from './shape.ts';

/** Message type and length of WireGuard's initiation and response (its paper, §5.4). */
const WIREGUARD = { initiation: [1, 148], response: [2, 92] } as const;
/** Opcodes of OpenVPN's hard resets, key id 0: from the client (version 2, 3) and from the server. */
const OPENVPN = { client: [0x38, 0x50], server: [0x40] };
/** One server's names: fewer than the cell's own resolver counts, as there may be many flows. */
const BASES = 16;
/** Datagrams that are looked at for a VPN. */
const BEGINNING = 16;

export class UdpShape {
  readonly #dns = new DnsShape(BASES);
  #datagrams = 0;
  #vpn: 'wireguard' | 'openvpn' | undefined;
  #told = false;

  feed(direction: Direction, bytes: Uint8Array, at: number): Shape | undefined {
    this.#datagrams += 1;
    const dns = this.#fromDns(direction, bytes, at);
    if (dns) return dns;
    if (this.#told || this.#datagrams > BEGINNING) return undefined;
    return this.#fromVpn(direction, bytes);
  }

  #fromDns(direction: Direction, bytes: Uint8Array, at: number): Shape | undefined {
    if (direction === 'up') {
      const read = readQuery(bytes);
      return read.ok ? this.#dns.query(read.query.shown, read.query.type, 0, at) : undefined;
    }
    const asked = question(bytes);
    if (asked) this.#dns.answered(asked.name, bytes.length - asked.end);
    return undefined;
  }

  #fromVpn(direction: Direction, bytes: Uint8Array): Shape | undefined {
    const [first = 0] = bytes;
    if (direction === 'up') {
      const [type, length] = WIREGUARD.initiation;
      if (first === type && bytes.length === length) this.#vpn = 'wireguard';
      else if (OPENVPN.client.includes(first) && bytes.length >= 14) this.#vpn = 'openvpn';
      return undefined;
    }
    const [type, length] = WIREGUARD.response;
    const answered =
      this.#vpn === 'wireguard'
        ? first === type && bytes.length === length
        : this.#vpn === 'openvpn' && OPENVPN.server.includes(first) && bytes.length >= 14;
    if (!answered) return undefined;
    this.#told = true;
    return { shape: 'vpn', confidence: 0.95, detail: `a handshake of ${this.#vpn} was answered` };
  }
}

/** The question of an answer: its name, and where the rest begins. */
function question(bytes: Uint8Array): { name: string; end: number } | undefined {
  if (bytes.length < 17 || ((bytes[2] as number) & 0x80) === 0) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > 63) return undefined;
    if (length === 0) break;
    labels.push(Buffer.from(bytes.subarray(at + 1, at + 1 + length)).toString('latin1'));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: Math.min(bytes.length, at + 5) };
}
