/**
 * When the authentication of an SSH connection is over. USERAUTH_SUCCESS has one byte of payload, and nothing else of a
 * server's is as short until then (RFC 4252 §5.1); where the lengths of packets are hidden it may come in one piece with the
 * server's host keys, and what the client says next tells.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';
import type { SshWire } from './ssh-wire.ts';

/** Payload lengths: CHANNEL_OPEN of "session", "no-more-sessions@openssh.com", and requests for remote forwarding. */
const SESSION = 24;
const NO_MORE_SESSIONS = 34;
/** the shortest of them when it is compressed */
const COMPRESSED = 20;
const REQUEST = 43;
/** "hostkeys-00@openssh.com" with the shortest of keys */
const HOST_KEYS = 60;

export class Authentication {
  /** requests of the client's until now; the first asks for the service */
  #requests = 0;
  /** the last that the server said may begin with a success */
  #maybe = false;

  /** `now`: with this message; `before`: with one before it, so that this is the first behind it. */
  feed(direction: Direction, size: number, wires: Record<Direction, SshWire>): 'no' | 'now' | 'before' {
    const { up, down } = wires;
    if (direction === 'down') {
      if (isShortest(size, down, down.compressedAtOnce)) return 'now';
      const more = size - down.size(1) >= down.size(HOST_KEYS);
      this.#maybe = more && this.#requests > 1 && !down.lengthInClear && !down.compressedAtOnce;
      return 'no';
    }
    this.#requests += 1;
    if (!this.#maybe) return 'no';
    this.#maybe = false;
    return isBehind(size, up) ? 'before' : 'no';
  }
}

/** A message of one byte of payload. */
export function isShortest(size: number, wire: SshWire, compressed = wire.compressed): boolean {
  const shortest = wire.size(1);
  // clients that pad to RFC 4253's least packet of 16 bytes
  return size === shortest || (compressed && size <= wire.size(11)) || size === shortest + 8;
}

/** Whether a client that still authenticates says nothing of this length: a request with a key or a password is longer. */
function isBehind(size: number, wire: SshWire): boolean {
  const session = wire.size(SESSION);
  const last = wire.size(NO_MORE_SESSIONS);
  if (size <= wire.size(REQUEST) || size === session + last) return true;
  for (let payload = COMPRESSED; payload <= REQUEST; payload += 1) {
    const request = wire.size(payload);
    if (size === request + last || size === request + session || size === request + session + last)
      return true;
  }
  return false;
}
