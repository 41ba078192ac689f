/**
 * SSH connections as an observer sees them: identification and KEXINIT in the clear, then packets of the right lengths.
 *
 * @module
 */
import type { Said } from './conversation.fixture.ts';
import { noise } from './conversation.fixture.ts';
import { readKexInit, type SshWire, sshWire } from './ssh-wire.ts';

export interface Suite {
  cipher: string;
  mac: string;
  compression?: string;
}

export const SUITES: readonly Suite[] = [
  { cipher: 'chacha20-poly1305@openssh.com', mac: 'hmac-sha2-256' },
  { cipher: 'aes128-gcm@openssh.com', mac: 'hmac-sha2-256' },
  { cipher: 'aes256-ctr', mac: 'hmac-sha2-512-etm@openssh.com' },
  { cipher: 'aes128-ctr', mac: 'hmac-sha1' },
];

export function kexInit({ cipher, mac, compression = 'none' }: Suite): Buffer {
  const lists = [
    'curve25519-sha256',
    'ssh-ed25519',
    cipher,
    cipher,
    mac,
    mac,
    compression,
    compression,
    '',
    '',
  ];
  return Buffer.concat([
    Buffer.from([20]),
    Buffer.alloc(16),
    ...lists.map((list) => Buffer.concat([length(list.length), Buffer.from(list)])),
    Buffer.alloc(5),
  ]);
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function clear(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  return Buffer.concat([
    length(1 + payload.length + padding),
    Buffer.from([padding]),
    payload,
    Buffer.alloc(padding),
  ]);
}

/** Payload lengths by direction, milliseconds before each. */
export type Message = readonly ['up' | 'down', number, number?];

/** A connection that is set up and authenticated, then goes on with these messages. */
export function ssh(suite: Suite, messages: readonly Message[]): Said[] {
  const exchange = readKexInit(kexInit(suite));
  const wire = exchange && sshWire(exchange, exchange, 'up');
  if (!wire) throw new Error(`no wire for ${suite.cipher}`);
  const said: Said[] = [
    ['up', 'SSH-2.0-Client\r\n'],
    ['down', 'SSH-2.0-Server\r\n'],
    ['up', clear(kexInit(suite))],
    ['down', clear(kexInit(suite))],
    ['up', clear(Buffer.from([30, ...noise(36)]))],
    ['down', Buffer.concat([clear(Buffer.from([31, ...noise(200)])), clear(Buffer.from([21]))])],
    ['up', clear(Buffer.from([21]))],
  ];
  const setUp: Message[] = [
    ['up', 17],
    ['down', 17],
    ['up', 45],
    ['down', 40],
    ['up', 300],
    ['down', 1],
  ];
  return [...said, ...[...setUp, ...messages].map((message) => sealed(wire, message))];
}

function sealed(wire: SshWire, [direction, payload, later]: Message): Said {
  const size = wire.size(payload);
  const bytes = Buffer.from(noise(size, size + payload));
  if (wire.lengthInClear) bytes.writeUInt32BE(size - 4 - wire.tag);
  return [direction, bytes, later ?? 1];
}
