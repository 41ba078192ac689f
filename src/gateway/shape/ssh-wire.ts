/**
 * How long SSH's messages are on the wire: algorithms are negotiated in the clear (RFC 4253 §7.1), and padding is the
 * least that fits in every client that was measured, so a payload's length gives the packet's.
 *
 * @module
 */

/** One direction after its SSH_MSG_NEWKEYS. */
export interface SshWire {
  readonly cipher: string;
  readonly mac: string;
  /** true: payloads are compressed, so their lengths say less */
  readonly compressed: boolean;
  /** true: they are from the first on, not only once the client is authenticated ("zlib@openssh.com") */
  readonly compressedAtOnce: boolean;
  /** true: the length of a packet is readable: AES-GCM (RFC 5647) and encrypt-then-mac */
  readonly lengthInClear: boolean;
  /** bytes behind a packet: its authentication tag */
  readonly tag: number;
  /** Bytes that a payload of this length takes. */
  size(payload: number): number;
}

export interface KeyExchange {
  /** the ten name-lists, in the order of RFC 4253 §7.1 */
  readonly lists: readonly (readonly string[])[];
}

const KEXINIT = 20;
const COOKIE = 16;
const LISTS = 10;

/** Reads the payload of SSH_MSG_KEXINIT; `undefined`: it is none. */
export function readKexInit(payload: Uint8Array): KeyExchange | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  if (bytes[0] !== KEXINIT) return undefined;
  const lists: string[][] = [];
  let at = 1 + COOKIE;
  for (let i = 0; i < LISTS; i += 1) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    lists.push(bytes.toString('latin1', at + 4, end).split(','));
    at = end;
  }
  return { lists };
}

/** The first of the client's that the server has, too (RFC 4253 §7.1). */
function agreed(client: KeyExchange, server: KeyExchange, list: number): string | undefined {
  const theirs = new Set(server.lists[list]);
  return client.lists[list]?.find((name) => theirs.has(name));
}

const MACS: readonly [RegExp, number][] = [
  [/^hmac-sha2-256/, 32],
  [/^hmac-sha2-512/, 64],
  [/^hmac-sha1-96/, 12],
  [/^hmac-sha1/, 20],
  [/^hmac-md5-96/, 12],
  [/^hmac-md5/, 16],
  [/^umac-64/, 8],
  [/^umac-128/, 16],
  [/^hmac-ripemd160/, 20],
];

/** How the packets of a direction look once both KEXINITs are known; `undefined`: by algorithms that are not known here. */
export function sshWire(
  client: KeyExchange,
  server: KeyExchange,
  direction: 'up' | 'down',
): SshWire | undefined {
  const other = direction === 'up' ? 0 : 1;
  const cipher = agreed(client, server, 2 + other);
  const mac = agreed(client, server, 4 + other) ?? '';
  const compression = agreed(client, server, 6 + other);
  if (cipher === undefined) return undefined;
  const sealed = /gcm@openssh\.com$|^AEAD_AES_/.test(cipher);
  const chacha = cipher.startsWith('chacha20-poly1305');
  const tag = sealed || chacha ? 16 : MACS.find(([name]) => name.test(mac))?.[1];
  if (tag === undefined) return undefined;
  const behind = sealed || chacha || mac.includes('-etm@'); // the length is not part of what is padded
  const block = chacha || /3des|blowfish/.test(cipher) ? 8 : 16;
  return {
    cipher,
    mac: sealed || chacha ? '' : mac,
    compressed: compression !== undefined && compression !== 'none',
    compressedAtOnce: compression === 'zlib',
    lengthInClear: behind && !chacha,
    tag,
    size: (payload) => {
      const padded = 1 + payload + (behind ? 0 : 4);
      const rest = block - (padded % block);
      const padding = rest < 4 ? rest + block : rest;
      return padded + padding + (behind ? 4 : 0) + tag;
    },
  };
}
