/**
 * The TLS ClientHello (RFC 8446 §4.1.2, RFC 6066 §3), across records and in any pieces. Strict: what two parsers
 * could read differently is an error, because the server's parser is another one.
 *
 * @module
 */

/** Longest hello accepted, bytes of handshake message; post-quantum key shares need about 2 KiB. */
export const MAX_HELLO = 32 * 1024;
const MAX_FRAGMENTS = 64;
const MAX_RECORD = 16_384;

export interface ClientHello {
  /** the one host_name entry as sent, when there is one */
  sni?: string;
  alpn: string[];
  /** encrypted_client_hello was offered (real or GREASE): the true inner name cannot be seen */
  ech: boolean;
  /** highest version offered, such as 0x0304 */
  version: number;
}

/** `size`: bytes of the input up to the end of the hello's last record. */
export type HelloResult =
  | { state: 'more' }
  | { state: 'bad'; why: string }
  | { state: 'done'; size: number; hello: ClientHello };

const bad = (why: string): HelloResult => ({ state: 'bad', why });

/** Reads the hello at the start of what a client sent so far. Its answer never changes when more bytes follow. */
export function readClientHello(bytes: Uint8Array): HelloResult {
  const fragments: Uint8Array[] = [];
  let collected = 0;
  let needed = 4;
  let at = 0;
  while (collected < needed) {
    const problem = checkRecordHeader(bytes, at);
    if (problem) return bad(problem);
    if (bytes.length < at + 5) return { state: 'more' };
    const length = ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number);
    const fragment = bytes.subarray(at + 5, at + 5 + length);
    fragments.push(fragment);
    if (fragments.length > MAX_FRAGMENTS) return bad('hello in too many records');
    collected += fragment.length;
    if (needed === 4 && collected > 0) {
      const [type, high = 0, middle = 0, low = 0] = joined(fragments);
      if (type !== 1) return bad('first handshake message is not a ClientHello');
      if (collected >= 4) needed = 4 + ((high << 16) | (middle << 8) | low);
      if (needed > MAX_HELLO) return bad('hello too long');
    }
    if (fragment.length < length) {
      return collected > needed ? bad('bytes after the ClientHello in its record') : { state: 'more' };
    }
    at += 5 + length;
  }
  if (collected > needed) return bad('bytes after the ClientHello in its record');
  const hello = parseBody(new Reader(joined(fragments).subarray(4)));
  return typeof hello === 'string' ? bad(hello) : { state: 'done', size: at, hello };
}

const joined = (fragments: readonly Uint8Array[]): Uint8Array =>
  fragments.length === 1 ? (fragments[0] as Uint8Array) : Buffer.concat(fragments);

function checkRecordHeader(bytes: Uint8Array, at: number): string | undefined {
  const [type, major, minor, high, low] = bytes.subarray(at, at + 5);
  if (type !== undefined && type !== 22) return 'not a TLS handshake record';
  if (major !== undefined && major !== 3) return 'not a TLS record version';
  if (minor !== undefined && minor > 4) return 'not a TLS record version';
  if (high !== undefined && low !== undefined) {
    const length = (high << 8) | low;
    if (length === 0 || length > MAX_RECORD) return 'TLS record of impossible length';
  }
  return undefined;
}

/** Reads length-prefixed fields; `undefined` past the end. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(count: number): Uint8Array | undefined {
    if (this.#at + count > this.#bytes.length) return undefined;
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(size: number): number | undefined {
    return this.take(size)?.reduce((value, byte) => value * 256 + byte, 0);
  }

  vector(lengthSize: number): Uint8Array | undefined {
    const length = this.number(lengthSize);
    return length === undefined ? undefined : this.take(length);
  }
}

function parseBody(reader: Reader): ClientHello | string {
  const legacyVersion = reader.number(2);
  const random = reader.take(32);
  const session = reader.vector(1);
  const ciphers = reader.vector(2);
  const compression = reader.vector(1);
  if (legacyVersion === undefined || !random || !session || !ciphers || !compression)
    return 'ClientHello cut short';
  if (legacyVersion >> 8 !== 3 || session.length > 32) return 'malformed ClientHello';
  if (ciphers.length < 2 || ciphers.length % 2 !== 0 || compression.length < 1)
    return 'malformed ClientHello';
  const hello: ClientHello = { alpn: [], ech: false, version: legacyVersion };
  if (reader.done) return hello;
  const block = reader.vector(2);
  if (!block || !reader.done) return 'malformed ClientHello extensions';
  const extensions = new Reader(block);
  const seen = new Set<number>();
  while (!extensions.done) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type === undefined || !data) return 'malformed ClientHello extensions';
    if (seen.has(type)) return 'an extension appears twice';
    seen.add(type);
    const problem = readExtension(type, new Reader(data), hello);
    if (problem) return problem;
  }
  return hello;
}

function readExtension(type: number, data: Reader, hello: ClientHello): string | undefined {
  if (type === 0) return readServerName(data, hello);
  if (type === 16) return readAlpn(data, hello);
  if (type === 43) return readVersions(data, hello);
  if (type === 0xfe0d) hello.ech = true;
  return undefined;
}

function readServerName(data: Reader, hello: ClientHello): string | undefined {
  const list = data.vector(2);
  if (!list || !data.done) return 'malformed server_name';
  const entries = new Reader(list);
  const kind = entries.number(1);
  const name = entries.vector(2);
  if (kind !== 0 || !name || name.length === 0) return 'malformed server_name';
  if (!entries.done) return 'more than one server_name';
  if (name.some((byte) => byte <= 0x20 || byte >= 0x7f)) return 'server_name is not a host name';
  hello.sni = Buffer.from(name).toString('latin1');
  return undefined;
}

function readAlpn(data: Reader, hello: ClientHello): string | undefined {
  const list = data.vector(2);
  if (!list || !data.done) return 'malformed ALPN';
  const entries = new Reader(list);
  while (!entries.done) {
    const name = entries.vector(1);
    if (!name || name.length === 0) return 'malformed ALPN';
    hello.alpn.push(Buffer.from(name).toString('latin1'));
  }
  return undefined;
}

function readVersions(data: Reader, hello: ClientHello): string | undefined {
  const list = data.vector(1);
  if (!list || !data.done || list.length % 2 !== 0) return 'malformed supported_versions';
  const versions = new Reader(list);
  while (!versions.done) {
    const version = versions.number(2) as number;
    // 0x0a0a, 0x1a1a, …: GREASE (RFC 8701), not versions
    if (version >> 8 === 3) hello.version = Math.max(hello.version, version);
  }
  return undefined;
}
