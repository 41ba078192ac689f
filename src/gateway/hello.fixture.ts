/**
 * Writes ClientHello messages for tests, good ones and every kind of bad, and cuts bytes into chunks.
 *
 * @module
 */

export interface HelloOptions {
  /** server_name entries: type and bytes */
  names?: [number, string][];
  alpn?: string[];
  /** more extensions: type and data */
  extensions?: [number, Buffer][];
  /** bytes of handshake message per record */
  fragment?: number;
  trailing?: Buffer;
}

const sized = (size: 1 | 2 | 3, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(size);
  length.writeUIntBE(body.length, 0, size);
  return Buffer.concat([length, body]);
};

const extension = (type: number, data: Uint8Array) =>
  Buffer.concat([Buffer.from([type >> 8, type & 255]), sized(2, data)]);

/** A ClientHello in TLS records. Without `names` it has no server_name. */
export function clientHello(options: HelloOptions = {}): Buffer {
  const extensions: Buffer[] = [];
  if (options.names) {
    const entries = options.names.map(([type, name]) =>
      Buffer.concat([Buffer.of(type), sized(2, Buffer.from(name, 'latin1'))]),
    );
    extensions.push(extension(0, sized(2, ...entries)));
  }
  if (options.alpn)
    extensions.push(extension(16, sized(2, ...options.alpn.map((name) => sized(1, Buffer.from(name))))));
  extensions.push(extension(43, sized(1, Buffer.from([3, 4, 3, 3]))));
  for (const [type, data] of options.extensions ?? []) extensions.push(extension(type, data));
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    sized(1, Buffer.alloc(32, 9)),
    sized(2, Buffer.from([0x13, 0x01, 0x13, 0x02])),
    sized(1, Buffer.of(0)),
    sized(2, ...extensions),
  ]);
  const message = Buffer.concat([Buffer.of(1), sized(3, body), options.trailing ?? Buffer.alloc(0)]);
  const size = options.fragment ?? message.length;
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    records.push(Buffer.concat([Buffer.from([22, 3, 1]), sized(2, message.subarray(at, at + size))]));
  }
  return Buffer.concat(records);
}

/** For one name. */
export const helloFor = (name: string, more: HelloOptions = {}): Buffer =>
  clientHello({ names: [[0, name]], ...more });

/** Cuts bytes at the given places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}
