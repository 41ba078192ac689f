/**
 * Java's trust store: a key store of type JKS with trusted certificates alone. The format is that of the JDK's own
 * `sun.security.provider.JavaKeyStore`: big-endian, and at its end a digest that the password goes into.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Bind } from '../view/index.ts';
import { entriesOf } from './look.ts';

/** Debian; Fedora. A JDK's own `lib/security/cacerts` is usually a link to one of these. */
const STORES = [
  '/etc/ssl/certs/java/cacerts',
  '/etc/pki/ca-trust/extracted/java/cacerts',
  '/etc/pki/java/cacerts',
  '/etc/default/cacerts',
];
const IN_JDK = 'lib/security/cacerts';
/** Folders that hold one JDK in each of theirs. */
const MANY = new Set(['versions', 'opt', 'java', 'jvm']);

const MAGIC = 0xfeed_feed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** The password that every JDK's cacerts has: it guards nothing, and tools give it. */
const PASSWORD = 'changeit';
/** From the JDK's source: it is digested with the password. */
const WHITENER = 'Mighty Aphrodite';

/** A key store that trusts the certificates of a PEM text. */
export function javaTrustStore(blocks: readonly string[], now = Date.now()): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
  };
  const date = Buffer.alloc(8);
  date.writeBigUInt64BE(BigInt(now));
  const entries = blocks.flatMap((block, index) => {
    const certificate = Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64');
    return [
      number(TRUSTED_CERTIFICATE),
      text(`authority-${index}`),
      date,
      text('X.509'),
      number(certificate.length),
      certificate,
    ];
  });
  const store = Buffer.concat([number(MAGIC), number(VERSION), number(blocks.length), ...entries]);
  const digest = createHash('sha1')
    .update(Buffer.from(PASSWORD, 'utf16le').swap16())
    .update(WHITENER)
    .update(store)
    .digest();
  return Buffer.concat([store, digest]);
}

/** Where Java installations of a view may look, in the view; which of these are there is for the caller to find out. */
export function javaStores(binds: readonly Bind[]): string[] {
  const installations = binds
    .filter(({ directory }) => directory)
    .flatMap(({ source, target }) => [
      target,
      ...(MANY.has(basename(target)) ? below(source, target) : []),
      ...(target === '/usr' ? below(`${source}/lib/jvm`, '/usr/lib/jvm') : []),
      ...(basename(target) === 'candidates' ? below(join(source, 'java'), join(target, 'java')) : []),
    ]);
  return [...STORES, ...installations.map((folder) => join(folder, IN_JDK))];
}

const below = (source: string, target: string): string[] =>
  entriesOf(source).map(({ name }) => join(target, name));
