/**
 * Message heads of HTTP/1.1 (RFC 9112), read strictly: wherever two parsers could disagree about where a message
 * ends or whom it is for, the answer is an error, since the server's parser is another one.
 *
 * @module
 */
import type { ByteQueue } from '../bytes.ts';

/** Longest head, bytes; servers take 8 to 64 KiB. */
export const MAX_HEAD = 64 * 1024;
/** Longest request line, bytes. */
const MAX_LINE = 16 * 1024;
const MAX_FIELDS = 256;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^[\x21-\x7e\x80-\xff]+$/;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([^ ]+) HTTP\/1\.([01])$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/** How the body's end is known. */
export type Framing =
  | { kind: 'none' }
  | { kind: 'length'; length: number }
  | { kind: 'chunked' }
  | { kind: 'close' };

/** Header fields by lower-case name, in the order in which names first came; values without the space around them. */
export type Fields = ReadonlyMap<string, readonly string[]>;

export interface RequestHead {
  method: string;
  target: string;
  minor: 0 | 1;
  host: string;
  /** lower-case value of Upgrade, when there is one */
  upgrade?: string;
  framing: Framing;
  fields: Fields;
}

export interface ResponseHead {
  status: number;
  minor: 0 | 1;
  reason: string;
  fields: Fields;
  upgrade?: string;
  framing: Framing;
  close: boolean;
}

export type HeadResult<T> = { ok: true; head: T } | { ok: false; why: string };

const fail = (why: string): { ok: false; why: string } => ({ ok: false, why });

/** Splits a head (without the final empty line) into its first line and fields; or says what is wrong. */
function readFields(lines: readonly string[]): Fields | string {
  const fields = new Map<string, string[]>();
  if (lines.length > MAX_FIELDS) return 'too many header fields';
  for (const line of lines) {
    if (/^[ \t]/.test(line)) return 'folded header line';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!TOKEN.test(name)) return 'malformed header name';
    const value = line.slice(colon + 1);
    if (!VALUE.test(value)) return 'control character in a header value';
    const key = name.toLowerCase();
    const values = fields.get(key) ?? [];
    values.push(value.replace(/^[ \t]+|[ \t]+$/g, ''));
    fields.set(key, values);
  }
  return fields;
}

function splitHead(text: string): string[] | undefined {
  const lines = text.split('\r\n');
  return lines.some((line) => line.includes('\r') || line.includes('\n')) ? undefined : lines;
}

/** Content-Length and Transfer-Encoding; both at once, twice, or anything but plain digits or `chunked` is an error. */
function readLength(fields: Fields, response: boolean): Framing | string | undefined {
  const encodings = fields.get('transfer-encoding');
  const lengths = fields.get('content-length');
  if (encodings && lengths) return 'both Transfer-Encoding and Content-Length';
  if (encodings) {
    const value = encodings.join(', ').toLowerCase();
    const allowed = response ? /^([a-z]+[ \t]*,[ \t]*)*chunked$/ : /^chunked$/;
    if (encodings.length > 1 || !allowed.test(value)) return 'Transfer-Encoding is not chunked';
    return { kind: 'chunked' };
  }
  if (!lengths) return undefined;
  const [value = '', ...others] = lengths;
  if (others.length > 0 || !/^[0-9]{1,15}$/.test(value)) return 'malformed or repeated Content-Length';
  return { kind: 'length', length: Number(value) };
}

/** Reads a request head: everything up to and without the empty line. */
export function readRequestHead(text: string): HeadResult<RequestHead> {
  const [first = '', ...rest] = splitHead(text) ?? [];
  if (first === '') return fail('bare CR or LF in the request head');
  const line = first.length > MAX_LINE ? undefined : REQUEST_LINE.exec(first);
  if (!line) return fail('not an HTTP/1.1 request line');
  const [, method = '', target = '', minorText] = line;
  if (!TARGET.test(target)) return fail('control character in the request target');
  const minor = minorText === '1' ? 1 : 0;
  const fields = readFields(rest);
  if (typeof fields === 'string') return fail(fields);
  const [host, ...otherHosts] = fields.get('host') ?? [];
  if (host === undefined) return fail('no Host header');
  if (otherHosts.length > 0) return fail('more than one Host header');
  const length = readLength(fields, false);
  if (typeof length === 'string') return fail(length);
  if (length?.kind === 'chunked' && minor === 0) return fail('Transfer-Encoding in HTTP/1.0');
  const upgrades = fields.get('upgrade');
  const head: RequestHead = { method, target, minor, host, framing: length ?? { kind: 'none' }, fields };
  if (upgrades) head.upgrade = upgrades.join(', ').toLowerCase();
  if (upgrades?.length === 1 && head.upgrade === 'websocket') {
    const problem = checkWebSocket(head, fields);
    if (problem) return fail(problem);
  }
  return { ok: true, head };
}

function checkWebSocket(head: RequestHead, fields: Fields): string | undefined {
  const connection = (fields.get('connection') ?? []).join(',').toLowerCase().split(',');
  if (!connection.some((option) => option.trim() === 'upgrade')) return 'Upgrade without Connection: upgrade';
  if (head.method !== 'GET' || head.minor !== 1 || head.framing.kind !== 'none')
    return 'malformed WebSocket upgrade';
  if (fields.get('sec-websocket-key')?.length !== 1) return 'WebSocket upgrade without Sec-WebSocket-Key';
  return undefined;
}

/** Reads a response head; `method` is the request's that it answers, which decides whether there is a body. */
export function readResponseHead(text: string, method: string): HeadResult<ResponseHead> {
  const [first = '', ...rest] = splitHead(text) ?? [];
  const line = STATUS_LINE.exec(first);
  if (!line) return fail('not an HTTP/1.1 response');
  const status = Number(line[2]);
  const fields = readFields(rest);
  if (typeof fields === 'string') return fail(`response: ${fields}`);
  const length = readLength(fields, true);
  if (typeof length === 'string') return fail(`response: ${length}`);
  const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  const connection = (fields.get('connection') ?? []).join(',').toLowerCase();
  const head: ResponseHead = {
    status,
    minor: line[1] === '1' ? 1 : 0,
    reason: line[3] ?? '',
    fields,
    framing: bodiless ? { kind: 'none' } : (length ?? { kind: 'close' }),
    close: /\bclose\b/.test(connection),
  };
  const upgrade = fields.get('upgrade');
  if (upgrade) head.upgrade = upgrade.join(', ').toLowerCase();
  return { ok: true, head };
}

/** A trailer section (after the last chunk): plain fields that cannot change framing or routing. */
export function checkTrailers(lines: readonly string[]): string | undefined {
  const fields = readFields(lines);
  if (typeof fields === 'string') return fields;
  const forbidden = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'trailer'];
  return forbidden.some((name) => fields.has(name)) ? 'forbidden field in trailers' : undefined;
}

/** Bytes of one direction on their way to a whole head. `searched`: how many were looked at for its end. */
export interface HeldHead {
  held: ByteQueue;
  searched: number;
}

const SEARCH_BACK = 3;

/** Moves bytes into `held` until a head is whole, and cuts it off. */
export function takeHead(from: HeldHead, bytes: Uint8Array): { head?: Buffer; rest: Uint8Array } {
  const before = from.held.length;
  from.held.push(bytes);
  const end = from.held.bytes.indexOf('\r\n\r\n', Math.max(0, from.searched - SEARCH_BACK), 'latin1');
  from.searched = from.held.length;
  if (end < 0) return { rest: bytes.subarray(bytes.length) };
  const size = end + 4;
  const head = Buffer.from(from.held.bytes.subarray(0, size));
  from.held.take();
  from.searched = 0;
  return { head, rest: bytes.subarray(size - before) };
}

const LINE_BEGINNING = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}( [\x21-\x7e\x80-\xff]*( [A-Z0-9/.]{0,8})?)?\r?$/;

/**
 * Checks the beginning of a head that is not complete yet, so that garbage ends at its first bytes: the request line's
 * shape, and no LF without CR. `checked`: how many of the bytes an earlier call has passed.
 */
export function plausibleRequest(bytes: Buffer, checked: number): boolean {
  const fresh = bytes.toString('latin1', Math.max(0, checked - 1));
  if (/[^\r]\n|\r[^\n]/.test(fresh) || (checked === 0 && fresh.startsWith('\n'))) return false;
  const end = bytes.indexOf('\r\n', 0, 'latin1');
  if (end < 0) return bytes.length <= MAX_LINE && LINE_BEGINNING.test(bytes.toString('latin1'));
  return end < checked - 1 || REQUEST_LINE.test(bytes.toString('latin1', 0, end));
}
