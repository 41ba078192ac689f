/**
 * What kind of address an address is, after the IANA special-purpose registries (RFC 6890 and its updates).
 *
 * @module
 */
import { BlockList, isIP } from 'node:net';

export type AddressKind =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'metadata'
  | 'shared'
  | 'multicast'
  | 'unspecified'
  | 'mapped'
  | 'reserved';

const RANGES: readonly (readonly [AddressKind, string, number])[] = [
  // Cloud metadata services; the IPv6 one and Alibaba's lie in ranges that other kinds would claim.
  ['metadata', '169.254.169.254', 32],
  ['metadata', 'fd00:ec2::254', 128],
  ['metadata', '100.100.100.200', 32],
  ['loopback', '127.0.0.0', 8],
  ['loopback', '::1', 128],
  ['private', '10.0.0.0', 8],
  ['private', '172.16.0.0', 12],
  ['private', '192.168.0.0', 16],
  ['private', 'fc00::', 7],
  ['link-local', '169.254.0.0', 16],
  ['link-local', 'fe80::', 10],
  ['shared', '100.64.0.0', 10],
  ['unspecified', '0.0.0.0', 8],
  ['unspecified', '::', 128],
  ['multicast', '224.0.0.0', 4],
  ['multicast', 'ff00::', 8],
  ['reserved', '240.0.0.0', 4],
];

/** The kind of an IPv4 or IPv6 address; `undefined` when the text is neither. Zone identifiers (`%eth0`) are not addresses here. */
export function addressKind(address: string): AddressKind | undefined {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  // IPv4 in IPv6 (mapped, translated): one destination must not have two spellings (RFC 4291 §2.5.5.2, RFC 6052).
  if (family === 'ipv6') {
    const embedded = new BlockList();
    embedded.addSubnet('64:ff9b::', 96, 'ipv6');
    if (embedded.check(address, 'ipv6') || /^::ffff:0*[0-9a-f]+:[0-9a-f]+$/i.test(canonicalAddress(address)))
      return 'mapped';
  }
  for (const [kind, start, prefix] of RANGES) {
    if (start.includes(':') !== (family === 'ipv6')) continue;
    const range = new BlockList();
    range.addSubnet(start, prefix, family);
    if (range.check(address, family)) return kind;
  }
  return 'public';
}

/** One spelling for each address (RFC 5952 for IPv6). The text must be an address. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** Whether an address is denied unless the contract writes it out. */
export function mustBeWrittenOut(kind: AddressKind): boolean {
  return kind !== 'public';
}
