/**
 * Certificate authorities and server certificates for tests, right and wrong ones.
 *
 * @module
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { der, objectId, octets, sequence, text } from './der.ts';

const DAY_MS = 86_400_000;

export interface TestAuthority {
  /** PEM */
  certificate: string;
  key: string;
  /** a certificate for these names, in PEM, and its key; `days`: from and to, relative to now */
  issue(names: readonly string[], days?: readonly [number, number]): { cert: string; key: string };
}

const ECDSA = sequence(objectId('2a8648ce3d040302'));
const nameOf = (name: string) => sequence(der(0x31, sequence(objectId('550403'), text(0x0c, name))));
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const generate = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

function time(days: number): Buffer {
  const digits = new Date(Date.now() + days * DAY_MS).toISOString().replace(/[-:T]/g, '');
  return text(0x17, `${digits.slice(2, 14)}Z`);
}

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
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(serial)),
    ECDSA,
    nameOf(issuer),
    sequence(time(days[0]), time(days[1])),
    nameOf(subject),
    spki,
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(body, ECDSA, der(0x03, Buffer.of(0), sign('sha256', body, key)));
  const lines = whole.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}

/** A fresh authority. */
export function testAuthority(name: string): TestAuthority {
  const own = generate();
  const spki = own.publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest();
  const critical = Buffer.of(0x01, 0x01, 0xff);
  const extensions = [
    sequence(objectId('551d13'), critical, octets(sequence(critical))),
    sequence(objectId('551d0f'), critical, octets(Buffer.of(0x03, 0x02, 0x01, 0x06))),
    sequence(objectId('551d0e'), octets(octets(keyId))),
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
      const alternatives = sequence(...names.map((value) => text(0x82, value)));
      return {
        cert: certificate(own.privateKey, {
          serial,
          issuer: name,
          subject: names[0] ?? '',
          days,
          spki: leaf.publicKey.export({ type: 'spki', format: 'der' }),
          extensions: [sequence(objectId('551d11'), octets(alternatives))],
        }),
        key: pemOf(leaf.privateKey),
      };
    },
  };
}
