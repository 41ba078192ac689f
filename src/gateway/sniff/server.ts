/**
 * What a server's first bytes are, for the protocols where the server shows itself.
 *
 * @module
 */
import { MAX_JSON, type Recognition, startsWith } from './client.ts';

type Recogniser = (bytes: Uint8Array) => Recognition;

function fixed(protocol: string, text: string): Recogniser {
  return (bytes) => {
    const match = startsWith(bytes, text);
    return match === 'yes' ? { protocol } : match;
  };
}

/** A TLS record with a ServerHello, or an alert that refuses. */
export const serverTls: Recogniser = (bytes) => {
  const [type = 22, major = 3, minor = 3, , , handshake] = bytes;
  if ((type !== 22 && type !== 21) || major !== 3 || minor > 4) return 'no';
  if (bytes.length < 6) return 'maybe';
  return type === 21 || handshake === 2 ? { protocol: 'tls' } : 'no';
};

const MAX_GREETING = 1024;

/** `220` greets for SMTP and FTP; the line says which. */
const greeting220: Recogniser = (bytes) => {
  const start = startsWith(bytes, '220');
  if (start !== 'yes') return start;
  const [, , , separator = 0x20] = bytes;
  if (separator !== 0x20 && separator !== 0x2d) return 'no';
  const end = bytes.indexOf(0x0a);
  if (end < 0 || end >= MAX_GREETING) return bytes.length < MAX_GREETING ? 'maybe' : { protocol: 'ftp' };
  const line = Buffer.from(bytes.subarray(0, end)).toString('latin1');
  return { protocol: /smtp/i.test(line) ? 'smtp' : 'ftp' };
};

/** MySQL's greeting: length, sequence 0, protocol 10, a version string. */
const mysql: Recogniser = (bytes) => {
  const [, , high = 0, sequence = 0, version = 10] = bytes;
  if (high !== 0 || sequence !== 0 || version !== 10) return 'no';
  return bytes.length >= 5 ? { protocol: 'mysql' } : 'maybe';
};

const stratum: Recogniser = (bytes) => {
  if (bytes.length > 0 && bytes[0] !== 0x7b) return 'no';
  const text = Buffer.from(bytes.subarray(0, MAX_JSON)).toString('latin1');
  if (/"method"\s*:\s*"(mining\.|job")/.test(text)) return { protocol: 'stratum' };
  return bytes.length < MAX_JSON ? 'maybe' : 'no';
};

/** Every recogniser, the more particular first. */
export const SERVER_RECOGNISERS: readonly Recogniser[] = [
  serverTls,
  fixed('ssh', 'SSH-'),
  fixed('http', 'HTTP/1.'),
  greeting220,
  fixed('pop3', '+OK'),
  fixed('imap', '* OK'),
  fixed('vnc', 'RFB '),
  stratum,
  mysql,
];
