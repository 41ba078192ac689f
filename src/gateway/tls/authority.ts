/**
 * The run's certificate authority at work: a certificate (RFC 5280) for each name that the agent asks for, made once.
 * Written as DER by hand because the gateway's start pays for every module, and a certificate library costs 40 ms.
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
import { parseAddress } from '../policy/addresses.ts';
import { der, objectId, octets, readValues, sequence, text } from './der.ts';

const DAY_MS = 86_400_000;
/** Clocks inside and outside are one; this is for programs that round. */
const BACKDATED_MS = 3_600_000;
const LIFETIME_MS = 30 * DAY_MS;
/** A wildcard rule lets the agent choose names: it must not fill the memory with certificates. */
const MAX_LEAVES = 256;
/** Longest common name (RFC 5280, ub-common-name). */
const MAX_COMMON_NAME = 64;

const OID = {
  commonName: '550403',
  subjectKey: '551d0e',
  keyUsage: '551d0f',
  alternativeName: '551d11',
  basicConstraints: '551d13',
  authorityKey: '551d23',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
} as const;

/** AlgorithmIdentifiers by the type of the authority's key. */
const SIGNATURES: Record<string, () => Buffer> = {
  ec: () => sequence(objectId('2a8648ce3d040302')),
  rsa: () => sequence(objectId('2a864886f70d01010b'), Buffer.of(0x05, 0x00)),
};

const TRUE = Buffer.of(0x01, 0x01, 0xff);

const extension = (oid: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(objectId(oid), ...(critical ? [TRUE] : []), octets(value));

/** GeneralizedTime from 2050 on, UTCTime before (RFC 5280 §4.1.2.5). */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return Number(digits.slice(0, 4)) >= 2050 ? text(0x18, `${digits}Z`) : text(0x17, `${digits.slice(2)}Z`);
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 0) return text(0x82, name);
  const address = parseAddress(name);
  return der(0x87, address?.bytes ?? Buffer.alloc(0));
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
    const fields = readValues(
      readValues(readValues(certificate.raw)[0]?.content ?? Buffer.alloc(0))[0]?.content ?? Buffer.alloc(0),
    );
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
    const short = name.length <= MAX_COMMON_NAME;
    const subject = short
      ? sequence(der(0x31, sequence(objectId(OID.commonName), text(0x0c, name))))
      : sequence();
    const now = Date.now();
    const extensions = sequence(
      extension(OID.basicConstraints, true, sequence()),
      // digitalSignature alone: the key signs handshakes, it never decrypts
      extension(OID.keyUsage, true, Buffer.of(0x03, 0x02, 0x07, 0x80)),
      extension(OID.extendedKeyUsage, false, sequence(objectId(OID.serverAuth))),
      extension(OID.alternativeName, !short, sequence(alternativeName(name))),
      ...(this.#keyId ? [extension(OID.authorityKey, false, sequence(der(0x80, this.#keyId)))] : []),
    );
    const body = sequence(
      der(0xa0, der(0x02, Buffer.of(2))),
      der(0x02, serial),
      this.#algorithm,
      this.#issuer,
      sequence(time(now - BACKDATED_MS), time(Math.min(this.#notAfter, now + LIFETIME_MS))),
      subject,
      spki,
      der(0xa3, extensions),
    );
    const signature = sign('sha256', body, this.#key);
    const whole = sequence(body, this.#algorithm, der(0x03, Buffer.of(0), signature));
    const lines = whole.toString('base64').replace(/.{1,64}/g, '$&\n');
    return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
  }
}

/** The subjectKeyIdentifier among a certificate's extensions; strict verifiers want it repeated in the leaf. */
function subjectKeyOf(extensions: Buffer | undefined): Buffer | undefined {
  if (!extensions) return undefined;
  for (const { content } of readValues(readValues(extensions)[0]?.content ?? Buffer.alloc(0))) {
    const [oid, ...rest] = readValues(content);
    const value = rest.at(-1);
    if (oid?.content.toString('hex') === OID.subjectKey && value)
      return readValues(value.content)[0]?.content;
  }
  return undefined;
}
