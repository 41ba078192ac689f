/**
 * Certificate authorities and server certificates for tests, right and wrong ones.
 *
 * @module
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import * as der from '../../cell/trust/der.ts';

const DAY_MS = 86_400_000;

export interface TestAuthority {
  /** PEM */
  certificate: string;
  key: string;
  /** a certificate for these names, in PEM, and its key; `days`: from and to, relative to now */
  issue(names: readonly string[], days?: readonly [number, number]): { cert: string; key: string };
}

const ECDSA = der.sequence(der.identifier('1.2.840.10045.4.3.2'));
const nameOf = (name: string) =>
  der.sequence(der.set(der.sequence(der.identifier('2.5.4.3'), der.utf8(name))));
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const generate = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const time = (days: number): Buffer => der.time(new Date(Date.now() + days * DAY_MS));

interface Wanted {
  serial: number;
  issuer: string;
  subject: string;
  days: readonly [number, number];
  spki: Buffer;
  extensions: Buffer[];
}

function certificate(key: KeyObject, wanted: Wanted): string {
  const { serial, issuer, subject, days, spki, extensions } = wanted;
  const body = der.sequence(
    der.element(0xa0, der.integer(Buffer.of(2))),
    der.integer(Buffer.of(serial)),
    ECDSA,
    nameOf(issuer),
    der.sequence(time(days[0]), time(days[1])),
    nameOf(subject),
    spki,
    der.element(0xa3, der.sequence(...extensions)),
  );
  return der.pem('CERTIFICATE', der.sequence(body, ECDSA, der.bits(sign('sha256', body, key))));
}

/** A fresh authority. */
export function testAuthority(name: string): TestAuthority {
  const own = generate();
  const spki = own.publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest();
  const extensions = [
    der.sequence(der.identifier('2.5.29.19'), der.TRUE, der.octets(der.sequence(der.TRUE))),
    der.sequence(der.identifier('2.5.29.15'), der.TRUE, der.octets(der.bits(Buffer.of(0x06), 1))),
    der.sequence(der.identifier('2.5.29.14'), der.octets(der.octets(keyId))),
  ];
  let serial = 1;
  return {
    certificate: certificate(own.privateKey, {
      serial,
      issuer: name,
      subject: name,
      days: [-30, 30],
      spki,
      extensions,
    }),
    key: pemOf(own.privateKey),
    issue: (names, days = [-1, 20]) => {
      const leaf = generate();
      serial += 1;
      const alternatives = der.sequence(...names.map((value) => der.element(0x82, Buffer.from(value))));
      return {
        cert: certificate(own.privateKey, {
          serial,
          issuer: name,
          subject: names[0] ?? '',
          days,
          spki: leaf.publicKey.export({ type: 'spki', format: 'der' }),
          extensions: [der.sequence(der.identifier('2.5.29.17'), der.octets(alternatives))],
        }),
        key: pemOf(leaf.privateKey),
      };
    },
  };
}
