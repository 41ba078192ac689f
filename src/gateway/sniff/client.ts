/**
 * What a client's first bytes are: one recogniser per protocol over the prefix sent so far. A recogniser says
 * `no`, `maybe` (a longer prefix may decide) or the verdict, and never changes a decided answer when bytes follow.
 *
 * @module
 */
import { readClientHello } from './client-hello.ts';

export interface Verdict {
  /** `tls`, `http`, `ssh`, `stratum`, `socks5`, …, `unknown` */
  protocol: string;
  sni?: string;
  alpn?: string[];
  ech?: boolean;
  /** Host header or CONNECT target, as sent */
  host?: string;
}

export type Recognition = 'no' | 'maybe' | Verdict;
type Recogniser = (bytes: Uint8Array) => Recognition;

/** A prefix longer than this decides: nobody's greeting is longer. */
export const MAX_PREFIX = 16 * 1024;

const latin1 = (bytes: Uint8Array, end = bytes.length) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 0, end);

/** Compares against a fixed beginning: `maybe` while it is only partly there. */
export function startsWith(bytes: Uint8Array, text: string): 'no' | 'maybe' | 'yes' {
  const length = Math.min(bytes.length, text.length);
  for (let i = 0; i < length; i += 1) if (bytes[i] !== text.charCodeAt(i)) return 'no';
  return bytes.length >= text.length ? 'yes' : 'maybe';
}

function fixed(protocol: string, text: string): Recogniser {
  return (bytes) => {
    const match = startsWith(bytes, text);
    return match === 'yes' ? { protocol } : match;
  };
}

const tls: Recogniser = (bytes) => {
  const result = readClientHello(bytes);
  if (result.state === 'more') return 'maybe';
  if (result.state === 'bad') return 'no';
  const { sni, alpn, ech } = result.hello;
  return { protocol: 'tls', ...(sni === undefined ? {} : { sni }), alpn, ech };
};

/** SSLv2-compatible hello (RFC 5246 appendix E.2): obsolete, carries no name. */
const sslv2: Recogniser = (bytes) => {
  const [high = 0x80, length = 46, type = 1, major = 3, minor = 0] = bytes;
  if ((high & 0x80) === 0 || type !== 1 || major !== 3 || minor > 3) return 'no';
  if (bytes.length >= 2 && (((high & 0x7f) << 8) | length) < 9) return 'no';
  return bytes.length >= 5 ? { protocol: 'sslv2' } : 'maybe';
};

const METHODS = /^[A-Z][A-Z-]{0,19}$/;

/** HTTP/1: request line and head; CONNECT and WebSocket upgrades are protocols of their own. */
const http: Recogniser = (bytes) => {
  const limit = Math.min(bytes.length, MAX_PREFIX);
  const text = latin1(bytes, limit);
  const lineEnd = text.indexOf('\n');
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd).replace(/\r$/, '');
  const [method = '', ...others] = line.split(' ');
  if (others.length === 0) {
    const prefix = method.endsWith('\r') ? '' : method;
    return lineEnd < 0 && (text === '' || METHODS.test(prefix)) ? 'maybe' : 'no';
  }
  if (!METHODS.test(method)) return 'no';
  if (lineEnd < 0) return limit < MAX_PREFIX && isText(line.replace(/\r$/, '')) ? 'maybe' : 'no';
  if (!isText(line) || !/^[A-Z-]+ \S+ HTTP\/1\.[01]$/.test(line)) return 'no';
  if (method === 'CONNECT') return { protocol: 'connect', host: others[0] ?? '' };
  const headEnd = /\r?\n\r?\n/.exec(text);
  if (!headEnd) return limit < MAX_PREFIX ? 'maybe' : { protocol: 'http' };
  const head = text.slice(lineEnd, headEnd.index + 1);
  const host = /\nhost[ \t]*:[ \t]*([^\r\n]*)/i.exec(head)?.[1]?.trimEnd();
  const upgrade = /\nupgrade[ \t]*:[ \t]*websocket/i.test(head);
  return { protocol: upgrade ? 'websocket' : 'http', ...(host === undefined ? {} : { host }) };
};

function isText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return !/[\x00-\x08\x0a-\x1f\x7f]/.test(text);
}

/** Bytes of JSON in which the method must appear. */
export const MAX_JSON = 4096;

const MINING_METHODS =
  /^(mining\.[a-z_]+|eth_(submitLogin|getWork|submitWork|submitHashrate)|login|job|submit|getjob|keepalived)$/;

/** Stratum v1 and kin: JSON-RPC, one object a line; Monero's `login` and Ethereum's `eth_*` included. */
const stratum: Recogniser = (bytes) => {
  const first = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d);
  if (first >= 0 && bytes[first] !== 0x7b && bytes[first] !== 0x5b) return 'no';
  const text = latin1(bytes, Math.min(bytes.length, MAX_JSON));
  const named = /"method"\s*:\s*"([^"\\]{0,64})"/.exec(text);
  const method = named?.[1] ?? '';
  if (MINING_METHODS.test(method)) return { protocol: 'stratum' };
  if (named) return { protocol: 'json-rpc' };
  return bytes.length < MAX_JSON ? 'maybe' : 'no';
};

const socks4: Recogniser = (bytes) => {
  const [version = 4, command = 1] = bytes;
  if (version !== 4 || (command !== 1 && command !== 2)) return 'no';
  if (bytes.length < 9) return 'maybe';
  const userEnd = bytes.indexOf(0, 8);
  if (userEnd < 0) return bytes.length < 512 ? 'maybe' : 'no';
  if (userEnd >= 512) return 'no';
  const named = bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] !== 0;
  if (!named) return { protocol: 'socks4' };
  const hostEnd = bytes.indexOf(0, userEnd + 1);
  if (hostEnd < 0) return bytes.length < 1024 ? 'maybe' : { protocol: 'socks4' };
  if (hostEnd >= 1024) return { protocol: 'socks4' };
  return { protocol: 'socks4', host: latin1(bytes.subarray(userEnd + 1, hostEnd)) };
};

const socks5: Recogniser = (bytes) => {
  const [version = 5, methods = 1] = bytes;
  if (version !== 5 || methods === 0) return 'no';
  return bytes.length >= 2 && bytes.length >= 2 + methods ? { protocol: 'socks5' } : 'maybe';
};

/** Postgres start-up (protocol 3.x), SSLRequest, GSSENCRequest, CancelRequest: length, then a code. */
const postgres: Recogniser = (bytes) => {
  const [a = 0, b = 0, c = 0, d = 8, e, f, g, h] = bytes;
  if (a !== 0 || b !== 0) return 'no';
  if (bytes.length >= 4 && ((c << 8) | d) < 8) return 'no';
  if (e !== undefined && e !== 0 && e !== 4) return 'no';
  if (f !== undefined && f !== (e === 0 ? 3 : 0xd2)) return 'no';
  if (g !== undefined && g !== (e === 0 ? 0 : 0x16)) return 'no';
  if (h === undefined) return 'maybe';
  if (e === 0 ? h > 2 : h < 0x2e || h > 0x30) return 'no';
  return { protocol: 'postgres' };
};

const dnsOverTcp: Recogniser = (bytes) => {
  const [high = 0, low = 29, , , flags = 1, lower = 0, q1 = 0, q2 = 1, a1 = 0, a2 = 0] = bytes;
  if (bytes.length >= 2 && ((high << 8) | low) < 17) return 'no';
  if (high > 4 || (flags & 0xf8) !== 0 || (lower & 0x4f) !== 0) return 'no';
  if (q1 !== 0 || q2 !== 1 || a1 !== 0 || a2 !== 0) return 'no';
  if (bytes.length < 15) return 'maybe';
  return (bytes[14] as number) <= 63 ? { protocol: 'dns' } : 'no';
};

/** OpenVPN over TCP: a hard reset from the client, key id 0 (version 2, or 3 with tls-crypt-v2). */
const openvpn: Recogniser = (bytes) => {
  const [high = 0, low = 14, opcode = 0x38] = bytes;
  if (high > 3 || (opcode !== 0x38 && opcode !== 0x50)) return 'no';
  if (bytes.length >= 2 && ((high << 8) | low) < 14) return 'no';
  return bytes.length >= 16 ? { protocol: 'openvpn' } : 'maybe';
};

/** Every recogniser, the more particular first. */
export const CLIENT_RECOGNISERS: readonly Recogniser[] = [
  tls,
  sslv2,
  fixed('ssh', 'SSH-'),
  fixed('http2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  http,
  stratum,
  socks4,
  socks5,
  postgres,
  fixed('bittorrent', '\x13BitTorrent protocol'),
  dnsOverTcp,
  openvpn,
  fixed('rdp', '\x03\x00\x00'),
  fixed('redis', '*1\r\n$'),
  fixed('smtp', 'EHLO '),
  fixed('smtp', 'HELO '),
];
