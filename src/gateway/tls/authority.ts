/**
 * The run's certificate authority at work: a certificate (RFC 5280) for each name that the agent asks for, made once.
 *
 * @module
 */
import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import * as der from '../../cell/trust/der.ts';
import { parseAddress } from '../policy/addresses.ts';

const DAY_MS = 86_400_000;
/** Clocks inside and outside are one; this is for programs that round. */
const BACKDATED_MS = 3_600_000;
const LIFETIME_MS = 30 * DAY_MS;
/** A wildcard rule lets the agent choose names: it must not fill the memory with certificates. */
const MAX_LEAVES = 256;
/** Longest common name (RFC 5280, ub-common-name). */
const MAX_COMMON_NAME = 64;

const OID = {
  commonName: '2.5.4.3',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** AlgorithmIdentifiers by the type of the authority's key. */
const SIGNATURES: Record<string, () => Buffer> = {
  ec: () => der.sequence(der.identifier('1.2.840.10045.4.3.2')),
  rsa: () => der.sequence(der.identifier('1.2.840.113549.1.1.11'), der.element(0x05)),
};

const extension = (oid: string, critical: boolean, value: Uint8Array): Buffer =>
  der.sequence(der.identifier(oid), ...(critical ? [der.TRUE] : []), der.octets(value));

function alternativeName(name: string): Buffer {
  if (isIP(name) === 0) return der.element(0x82, Buffer.from(name));
  const address = parseAddress(name);
  return der.element(0x87, address?.bytes ?? Buffer.alloc(0));
}

export class CertificateAuthority {
  readonly #certificate: string;
  readonly #key: KeyObject;
  readonly #issuer: Buffer;
  readonly #keyId: Buffer | undefined;
  readonly #notAfter: number;
  readonly #algorithm: Buffer;
  readonly #leafKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #leafPem: string;
  readonly #leaves = new Map<string, SecureContext>();

  /** PEM of the authority's certificate and key; throws where they are not a certificate and its key, EC or RSA. */
  constructor(authority: { certificate: string; key: string }) {
    const certificate = new X509Certificate(authority.certificate);
    this.#certificate = authority.certificate;
    this.#key = createPrivateKey(authority.key);
    const algorithm = SIGNATURES[this.#key.asymmetricKeyType ?? ''];
    if (!algorithm || !certificate.checkPrivateKey(this.#key)) {
      throw new Error('the run’s certificate authority is not usable: its key is not its own, EC or RSA');
    }
    this.#algorithm = algorithm();
    this.#notAfter = Date.parse(certificate.validTo);
    const [whole] = der.readValues(certificate.raw);
    const [tbs] = der.readValues(whole?.content ?? Buffer.alloc(0));
    const fields = der.readValues(tbs?.content ?? Buffer.alloc(0));
    // version, serial, signature, issuer, validity, subject (RFC 5280 §4.1)
    this.#issuer = fields[5]?.whole ?? Buffer.alloc(0);
    this.#keyId = subjectKeyOf(fields.find(({ tag }) => tag === 0xa3)?.content);
    this.#leafPem = this.#leafKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** What a TLS server for this name (or address) presents. */
  contextFor(name: string): SecureContext {
    const known = this.#leaves.get(name);
    if (known) return known;
    const [oldest] = this.#leaves.keys();
    if (this.#leaves.size >= MAX_LEAVES && oldest !== undefined) this.#leaves.delete(oldest);
    const context = createSecureContext({
      key: this.#leafPem,
      cert: `${this.mint(name)}${this.#certificate}`,
      minVersion: 'TLSv1.2',
    });
    this.#leaves.set(name, context);
    return context;
  }

  /** A certificate for exactly this name or address, in PEM. */
  mint(name: string): string {
    const spki = this.#leafKey.publicKey.export({ type: 'spki', format: 'der' });
    const serial = randomBytes(16);
    serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
    // OpenSSL takes a common name of digits and dots for a host's, and the authority is for no such host
    const short = isIP(name) === 0 && name.length <= MAX_COMMON_NAME;
    const subject = short
      ? der.sequence(der.set(der.sequence(der.identifier(OID.commonName), der.utf8(name))))
      : der.sequence();
    const now = Date.now();
    const notAfter = new Date(Math.min(this.#notAfter, now + LIFETIME_MS));
    const extensions = der.sequence(
      extension(OID.basicConstraints, true, der.sequence()),
      // digitalSignature alone: the key signs handshakes, it never decrypts
      extension(OID.keyUsage, true, der.bits(Buffer.of(0x80), 7)),
      extension(OID.extendedKeyUsage, false, der.sequence(der.identifier(OID.serverAuth))),
      extension(OID.alternativeName, !short, der.sequence(alternativeName(name))),
      ...(this.#keyId
        ? [extension(OID.authorityKey, false, der.sequence(der.element(0x80, this.#keyId)))]
        : []),
    );
    const body = der.sequence(
      der.element(0xa0, der.integer(Buffer.of(2))),
      der.integer(serial),
      this.#algorithm,
      this.#issuer,
      der.sequence(der.time(new Date(now - BACKDATED_MS)), der.time(notAfter)),
      subject,
      spki,
      der.element(0xa3, extensions),
    );
    const signature = sign('sha256', body, this.#key);
    return der.pem('CERTIFICATE', der.sequence(body, this.#algorithm, der.bits(signature)));
  }
}

/** The subjectKeyIdentifier among a certificate's extensions; strict verifiers want it repeated in the leaf. */
function subjectKeyOf(extensions: Buffer | undefined): Buffer | undefined {
  if (!extensions) return undefined;
  for (const { content } of der.readValues(der.readValues(extensions)[0]?.content ?? Buffer.alloc(0))) {
    const [oid, ...rest] = der.readValues(content);
    const value = rest.at(-1);
    if (oid?.whole.equals(der.identifier(OID.subjectKey)) && value)
      return der.readValues(value.content)[0]?.content;
  }
  return undefined;
}
