/**
 * The server's half of the DNS format (RFC 1035, EDNS: RFC 6891): a strict reader for queries, and a writer for
 * answers that echoes the question byte for byte. Nothing that is not understood is passed on.
 *
 * @module
 */
import type { Address } from '../policy/addresses.ts';

export const TYPE = { A: 1, CNAME: 5, AAAA: 28, OPT: 41, ANY: 255 } as const;
const TYPE_NAMES: Record<number, string> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  10: 'NULL',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
};

/** `28` → `AAAA`, unknown ones as `TYPE99` (RFC 3597). */
export const typeName = (type: number): string => TYPE_NAMES[type] ?? `TYPE${type}`;

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = (typeof RCODE)[keyof typeof RCODE];

const HEADER = 12;
const MIN_UDP = 512;
/** What we send and accept over UDP: no fragmentation on any common path (DNS flag day 2020). */
export const UDP_SIZE = 1232;

export interface Query {
  id: number;
  recursionDesired: boolean;
  /** name, type and class exactly as they came */
  question: Uint8Array;
  /** lower case, without the final dot; labels contain only letters, digits, `-` and `_`, else `undefined` */
  name: string | undefined;
  /** for people: other bytes escaped as `\DDD`, cut to 255 characters */
  shown: string;
  type: number;
  class: number;
  /** the asker's EDNS: version and largest UDP answer */
  edns?: { version: number; size: number };
}

/** `drop`: not even an answer; otherwise the code to answer a malformed query with. */
export type QueryResult =
  | { ok: true; query: Query }
  | { ok: false; drop: true }
  | { ok: false; drop: false; id: number; rcode: Rcode };

/** Reads a query. Anything but one plain question (and one OPT record) is refused; never throws. */
export function readQuery(bytes: Uint8Array): QueryResult {
  if (bytes.length < HEADER) return { ok: false, drop: true };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const id = view.getUint16(0);
  const flags = view.getUint16(2);
  if ((flags & 0x8000) !== 0) return { ok: false, drop: true };
  const bad = (rcode: Rcode): QueryResult => ({ ok: false, drop: false, id, rcode });
  if ((flags & 0x7800) !== 0) return bad(RCODE.NOTIMP);
  if (view.getUint16(4) !== 1 || view.getUint16(6) !== 0 || view.getUint16(8) !== 0)
    return bad(RCODE.FORMERR);
  const name = readName(bytes, HEADER);
  if (!name || name.end + 4 > bytes.length) return bad(RCODE.FORMERR);
  const end = name.end + 4;
  const additional = view.getUint16(10);
  if (additional > 1) return bad(RCODE.FORMERR);
  const edns = additional === 1 ? readOpt(view, end) : undefined;
  if (additional === 1 && !edns) return bad(RCODE.FORMERR);
  const query: Query = {
    id,
    recursionDesired: (flags & 0x0100) !== 0,
    question: bytes.slice(HEADER, end),
    name: name.plain ? name.text.toLowerCase() : undefined,
    shown: name.text.slice(0, 255),
    type: view.getUint16(name.end),
    class: view.getUint16(name.end + 2),
  };
  if (edns) query.edns = edns;
  return { ok: true, query };
}

function readName(
  bytes: Uint8Array,
  start: number,
): { text: string; plain: boolean; end: number } | undefined {
  const labels: string[] = [];
  let plain = true;
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    if (at + length > bytes.length || at + length - start > 254) return undefined;
    let label = '';
    for (const byte of bytes.subarray(at, at + length)) {
      const text = String.fromCharCode(byte);
      if (/[A-Za-z0-9_-]/.test(text)) label += text;
      else {
        plain = false;
        label += `\\${String(byte).padStart(3, '0')}`;
      }
    }
    labels.push(label);
    at += length;
  }
  return { text: labels.join('.'), plain, end: at };
}

function readOpt(view: DataView, at: number): { version: number; size: number } | undefined {
  if (at + 11 > view.byteLength || view.getUint8(at) !== 0 || view.getUint16(at + 1) !== TYPE.OPT)
    return undefined;
  const length = view.getUint16(at + 9);
  if (at + 11 + length !== view.byteLength) return undefined;
  return { size: Math.max(MIN_UDP, view.getUint16(at + 3)), version: view.getUint8(at + 6) };
}

export interface Answer {
  rcode: Rcode;
  addresses: readonly Address[];
  /** seconds */
  ttl: number;
}

/** Largest answer the asker takes over UDP. */
export const udpLimit = (query: Query): number => Math.min(query.edns?.size ?? MIN_UDP, UDP_SIZE);

/** Writes an answer of at most `limit` bytes; one that does not fit is empty with TC set, so the asker comes by TCP. */
export function writeAnswer(query: Query, answer: Answer, limit: number): Uint8Array {
  const badVersion = (query.edns?.version ?? 0) !== 0;
  const addresses = badVersion ? [] : answer.addresses;
  const tail = query.edns ? 11 : 0;
  const size = addresses.reduce(
    (sum, { bytes }) => sum + 12 + bytes.length,
    HEADER + query.question.length + tail,
  );
  const truncated = size > limit;
  const sent = truncated ? [] : addresses;
  const out = new Uint8Array(truncated ? HEADER + query.question.length + tail : size);
  const view = new DataView(out.buffer);
  view.setUint16(0, query.id);
  const rcode = badVersion ? 0 : answer.rcode;
  view.setUint16(2, 0x8080 | (query.recursionDesired ? 0x0100 : 0) | (truncated ? 0x0200 : 0) | rcode);
  view.setUint16(4, 1);
  view.setUint16(6, sent.length);
  view.setUint16(10, query.edns ? 1 : 0);
  out.set(query.question, HEADER);
  let at = HEADER + query.question.length;
  for (const { family, bytes } of sent) {
    view.setUint16(at, 0xc000 | HEADER);
    view.setUint16(at + 2, family === 4 ? TYPE.A : TYPE.AAAA);
    view.setUint16(at + 4, 1);
    view.setUint32(at + 6, answer.ttl);
    view.setUint16(at + 10, bytes.length);
    out.set(bytes, at + 12);
    at += 12 + bytes.length;
  }
  if (query.edns) {
    view.setUint16(at + 1, TYPE.OPT);
    view.setUint16(at + 3, UDP_SIZE);
    // BADVERS is the extended response code 16: its upper eight bits stand here
    view.setUint8(at + 5, badVersion ? 1 : 0);
  }
  return out;
}

/** The bare answer to a query that could not be read. */
export function writeError(id: number, rcode: Rcode): Uint8Array {
  const out = new Uint8Array(HEADER);
  const view = new DataView(out.buffer);
  view.setUint16(0, id);
  view.setUint16(2, 0x8080 | rcode);
  return out;
}
