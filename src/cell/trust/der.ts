/**
 * DER (X.690), as much as the run's own certificates need: writing values, and finding fields of a certificate that we
 * made ourselves. The start of a run pays for every module; tests compare with a general library.
 *
 * @module
 */
const CLASS = { sequence: 0x30, set: 0x31 } as const;

/** One element: tag, length, content. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(CLASS.sequence, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(CLASS.set, ...parts);

/** A positive INTEGER from its bytes, most significant first. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const shortest = bytes.subarray(start);
  const sign = ((shortest[0] ?? 0) & 0x80) === 0 ? [] : [0];
  return element(0x02, Buffer.from(sign), shortest);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second].concat(
    rest.flatMap((arc) => {
      const groups = [arc & 0x7f];
      for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
      return groups;
    }),
  );
  return element(0x06, Buffer.from(bytes));
}

export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
export const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.from([unused]), bytes);
export const TRUE = element(0x01, Buffer.from([0xff]));

/** Validity dates are UTCTime through 2049 and GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

/** A PEM block (RFC 7468). */
export function pem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** One value: its tag, and where its content and its whole encoding lie. */
export interface DerValue {
  tag: number;
  content: Buffer;
  whole: Buffer;
}

/** Splits the content of a constructed value; throws where a length points outside. */
export function readValues(content: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < content.length; ) {
    const tag = content.readUInt8(at);
    let length = content.readUInt8(at + 1);
    let start = at + 2;
    if (length > 0x80) {
      const size = length & 0x7f;
      length = content.readUIntBE(start, size);
      start += size;
    }
    if (start + length > content.length) throw new RangeError('DER value longer than what holds it');
    values.push({
      tag,
      content: content.subarray(start, start + length),
      whole: content.subarray(at, start + length),
    });
    at = start + length;
  }
  return values;
}
