/**
 * The certificate authority of one run. Its key exists in the memory of the controller and of the gateway alone, and
 * it can vouch for nothing but the hosts that the contract lets the gateway look into: name constraints (RFC 5280
 * §4.2.1.10) make it worthless for any other, whoever should get hold of it.
 *
 * @module
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.ts';

export interface Authority {
  /** PEM */
  certificate: string;
  /** PEM, PKCS #8; never written anywhere */
  key: string;
  /** name of its link in a hashed folder of OpenSSL, without the `.0`: 8 hex digits */
  hash: string;
}

export interface AuthorityInput {
  run: string;
  /** hosts of the rules that terminate: names, `*.` wildcards, addresses */
  hosts: readonly string[];
  /** milliseconds that the run may take */
  time: number;
  now?: Date;
}

/** Clocks of containers and virtual machines differ, and a run that was frozen goes on later: milliseconds. */
const EARLY = 60 * 60_000;
const LATE = 24 * 60 * 60_000;

const EXTENSION = {
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  extendedKeyUsage: '2.5.29.37',
};
const COMMON_NAME = '2.5.4.3';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';

/** Makes a new one: ECDSA P-256, about half a millisecond. */
export function makeAuthority({ run, hosts, time, now = new Date() }: AuthorityInput): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const name = `Ringfence run ${run}`;
  const subject = der.sequence(relativeName(name));
  const algorithm = der.sequence(der.identifier(ECDSA_SHA256));
  // positive, at most 20 octets and never the same twice (RFC 5280 §4.1.2.2)
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const tbs = der.sequence(
    der.element(0xa0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    algorithm,
    subject,
    der.sequence(der.time(new Date(now.getTime() - EARLY)), der.time(new Date(now.getTime() + time + LATE))),
    subject,
    spki,
    der.element(0xa3, der.sequence(...extensions(spki, hosts))),
  );
  const certificate = der.sequence(tbs, algorithm, der.bits(sign('sha256', tbs, privateKey)));
  return {
    certificate: der.pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    hash: subjectHash(name),
  };
}

const relativeName = (common: string): Buffer =>
  der.set(der.sequence(der.identifier(COMMON_NAME), der.utf8(common)));

function extensions(spki: Buffer, hosts: readonly string[]): Buffer[] {
  const extension = (id: string, value: Buffer, critical: boolean) =>
    der.sequence(der.identifier(id), ...(critical ? [der.TRUE] : []), der.octets(value));
  return [
    // an authority that makes leaves only: pathLenConstraint 0
    extension(EXTENSION.basicConstraints, der.sequence(der.TRUE, der.integer(Buffer.from([0]))), true),
    // keyCertSign, bit 5
    extension(EXTENSION.keyUsage, der.bits(Buffer.from([0x04]), 2), true),
    extension(EXTENSION.extendedKeyUsage, der.sequence(der.identifier(SERVER_AUTHENTICATION)), false),
    extension(EXTENSION.subjectKey, der.octets(createHash('sha1').update(spki).digest()), false),
    extension(EXTENSION.nameConstraints, nameConstraints(hosts), true),
  ];
}

/** A kind of name that no subtree of its own permits is free: what is not meant is therefore excluded. */
function nameConstraints(hosts: readonly string[]): Buffer {
  const names = [
    ...new Set(hosts.filter((host) => isIP(host) === 0).map((host) => host.replace(/^\*\./, ''))),
  ];
  const addresses = [...new Set(hosts.filter((host) => isIP(host) !== 0))];
  const dns = (name: string) => der.sequence(der.element(0x82, Buffer.from(name)));
  const subnet = (address: Uint8Array, mask: Uint8Array) => der.sequence(der.element(0x87, address, mask));
  const permitted = [
    ...names.map(dns),
    ...addresses.map((address) => {
      const bytes = addressBytes(address);
      return subnet(bytes, Buffer.alloc(bytes.length, 0xff));
    }),
  ];
  const excluded = [
    ...(names.length === 0 ? [dns('')] : []),
    ...(addresses.length === 0 ? [4, 16].map((size) => subnet(Buffer.alloc(size), Buffer.alloc(size))) : []),
  ];
  return der.sequence(
    ...(permitted.length > 0 ? [der.element(0xa0, ...permitted)] : []),
    ...(excluded.length > 0 ? [der.element(0xa1, ...excluded)] : []),
  );
}

/** The 4 or 16 octets of an address in its usual form. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const gap = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const all = [...before, ...gap, ...after].map((group) => group.padStart(4, '0'));
  return Buffer.from(all.join(''), 'hex');
}

/**
 * The hash that c_rehash(1) names links by: the first four octets, in reverse, of the SHA-1 of the name's canonical
 * form, in which each value is UTF-8 in lower case and the outer SEQUENCE is left out (X509_NAME_hash_ex(3)).
 */
function subjectHash(common: string): string {
  const digest = createHash('sha1').update(relativeName(common.toLowerCase())).digest();
  return digest.subarray(0, 4).reverse().toString('hex');
}
