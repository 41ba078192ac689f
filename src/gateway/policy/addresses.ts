/**
 * IP addresses as bytes: parsing, one canonical spelling, and the classes that are never reached by accident.
 * Ranges: IANA special-purpose registries (RFC 6890), RFC 4291, RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
 *
 * @module
 */
import { isIPv4, isIPv6 } from 'node:net';

/** An address; `text` is its canonical spelling (RFC 5952 for IPv6, IPv4-mapped in dotted form). */
export interface Address {
  family: 4 | 6;
  bytes: Uint8Array;
  text: string;
}

/** What an address is good for. `public` is the only class that an upstream resolver may answer with. */
export type AddressClass =
  | 'public'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'metadata'
  | 'multicast'
  | 'reserved'
  | 'mapped';

function parse4(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}

function parse6(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  let body = text;
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(body);
  if (dotted?.[1]) {
    const [a = 0, b = 0, c = 0, d = 0] = parse4(dotted[1]);
    const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    body = body.slice(0, -dotted[1].length) + hex;
  }
  const [head = '', tail] = body.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const write = (group: number, index: number) => {
    bytes[2 * index] = group >> 8;
    bytes[2 * index + 1] = group & 255;
  };
  front.forEach(write);
  for (const [index, group] of back.entries()) write(group, 8 - back.length + index);
  return bytes;
}

function format6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number),
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

/** From raw bytes (4 or 16); an IPv4-mapped IPv6 address (::ffff:0:0/96) stays IPv6. */
export function addressFromBytes(bytes: Uint8Array): Address | undefined {
  if (bytes.length === 4) return { family: 4, bytes, text: bytes.join('.') };
  if (bytes.length !== 16) return undefined;
  const text = isMapped(bytes) ? `::ffff:${bytes.subarray(12).join('.')}` : format6(bytes);
  return { family: 6, bytes, text };
}

/** Dotted IPv4 or IPv6 without zone; short forms such as `127.1` are not addresses. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return addressFromBytes(parse4(text));
  if (isIPv6(text) && !text.includes('%')) return addressFromBytes(parse6(text));
  return undefined;
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
}

/** `::ffff:192.0.2.1` → `192.0.2.1`; anything else unchanged. The kernel sends both to the same place. */
export function unmap(address: Address): Address {
  if (address.family === 6 && isMapped(address.bytes)) {
    return addressFromBytes(address.bytes.slice(12)) as Address;
  }
  return address;
}

/** Canonical spelling for comparing socket addresses; `undefined` when it is not an address. */
export function canonical(text: string): string | undefined {
  const address = parseAddress(text);
  return address && unmap(address).text;
}

/** Cloud metadata services outside 169.254/16 and fd00::/8: Alibaba, Oracle, Azure's wire server. */
const METADATA_4 = [
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
];
const METADATA_6 = ['fd00:ec2::254', 'fd00:ec2::253', 'fd00:ec2::23', 'fd20:ce::254'];

function classify4(bytes: Uint8Array): AddressClass {
  const [a = 0, b = 0, c = 0] = bytes;
  if (METADATA_4.includes(bytes.join('.'))) return 'metadata';
  if (a === 0) return 'unspecified';
  if (a === 127) return 'loopback';
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private';
  if (a === 100 && b >= 64 && b < 128) return 'private';
  if (a === 198 && (b === 18 || b === 19)) return 'private';
  if (a === 169 && b === 254) return 'link-local';
  if (a === 192 && b === 0 && c === 0) return 'reserved';
  if (a >= 224 && a < 240) return 'multicast';
  if (a >= 240) return 'reserved';
  return 'public';
}

function classify6(bytes: Uint8Array): AddressClass {
  const zero = (from: number, to: number) => bytes.subarray(from, to).every((byte) => byte === 0);
  const group = (index: number) => ((bytes[2 * index] as number) << 8) | (bytes[2 * index + 1] as number);
  if (zero(0, 16)) return 'unspecified';
  if (zero(0, 15) && bytes[15] === 1) return 'loopback';
  if (zero(0, 12) || isMapped(bytes)) return 'mapped';
  if (METADATA_6.includes(format6(bytes))) return 'metadata';
  const first = group(0);
  if (first === 0x64 && group(1) === 0xff9b) return zero(4, 12) ? classify4(bytes.subarray(12)) : 'private';
  if (first === 0x2002) return classify4(bytes.subarray(2, 6));
  if (first === 0x2001 && group(1) === 0) {
    const client = classify4(bytes.subarray(12).map((byte) => byte ^ 255));
    return client === 'public' ? classify4(bytes.subarray(4, 8)) : client;
  }
  if ((first & 0xffc0) === 0xfe80) return 'link-local';
  if ((first & 0xffc0) === 0xfec0 || (first & 0xfe00) === 0xfc00) return 'private';
  if ((first & 0xff00) === 0xff00) return 'multicast';
  if ((first & 0xe000) !== 0x2000) return 'reserved';
  // ISATAP (RFC 5214): an IPv4 address in the interface identifier of any prefix
  if ((group(4) === 0 || group(4) === 0x200) && group(5) === 0x5efe) return classify4(bytes.subarray(12));
  return 'public';
}

/** The class of an address; transition addresses take the class of the IPv4 address inside them. */
export function classify(address: Address): AddressClass {
  return address.family === 4 ? classify4(address.bytes) : classify6(address.bytes);
}
