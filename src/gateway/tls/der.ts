/**
 * The little of DER (X.690) that certificates of the run's own authority need: writing values, and finding fields of
 * a certificate that we made ourselves.
 *
 * @module
 */

/** One value: its tag, and where its content and its whole encoding lie. */
export interface DerValue {
  tag: number;
  content: Buffer;
  whole: Buffer;
}

/** Encodes a value with its tag and length. */
export function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

export const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
export const octets = (...parts: Uint8Array[]): Buffer => der(0x04, ...parts);
export const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
export const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'latin1'));

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
