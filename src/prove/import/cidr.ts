/**
 * Ranges of addresses, by addresses that stand for them.
 *
 * Source: RFC 4632, section 3.1; RFC 4291, section 2.3.
 *
 * @module
 */
import { BlockList, isIP } from 'node:net';

/** Of special addresses those whose reach is of interest by itself: the metadata service of clouds. */
const SPECIAL = ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254'];

/**
 * `*` for all of them; else the range's first address that a machine can have, and the special ones in it. `undefined`: not a range.
 *
 * @example
 * addressesIn('198.51.100.0/24') // ['198.51.100.1']
 */
export function addressesIn(cidr: string): string[] | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(cidr);
  if (match === null) return undefined;
  const [, address, digits] = match as unknown as [string, string, string];
  const family = isIP(address);
  const length = Number(digits);
  const whole = family === 4 ? 32 : 128;
  if (family === 0 || length > whole) return undefined;
  if (length === 0) return ['*'];
  if (length === whole) return [address];
  const range = new BlockList();
  range.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  const special = SPECIAL.filter((each) => range.check(each, isIP(each) === 4 ? 'ipv4' : 'ipv6'));
  return [family === 4 ? firstOf(address, length) : `${address.replace(/::.*$/, '')}::1`, ...special];
}

function firstOf(address: string, length: number): string {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - length);
  const first = Math.floor(value / size) * size + (length < 31 ? 1 : 0);
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}
