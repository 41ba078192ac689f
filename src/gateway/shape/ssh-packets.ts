/**
 * One direction of an SSH connection as packets: the identification string, then packets in the clear, then, behind
 * SSH_MSG_NEWKEYS, only their lengths — exact ones where the cipher leaves them readable, else those of what came at once.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import type { SshWire } from './ssh-wire.ts';

/** Longest packet that is believed (OpenSSH's own limit). Unit: bytes. */
const MAX_PACKET = 256 * 1024;
/** Longest SSH_MSG_KEXINIT that is read; clients that were measured send less than 2000 bytes. */
const MAX_KEXINIT = 16 * 1024;
/** Identification and lines before it. Unit: bytes. */
const MAX_GREETING = 8192;

const KEXINIT = 20;
const NEWKEYS = 21;
const IDENTIFICATION = Buffer.from('SSH-');

export interface SshPackets {
  /** payload of an SSH_MSG_KEXINIT in the clear */
  clear(payload: Buffer): void;
  /** length of a packet, or of several that came at once */
  sealed(size: number): void;
}

export class SshDirection {
  readonly #on: SshPackets;
  readonly #held = new ByteQueue();
  #state: 'identification' | 'clear' | 'sealed' | 'lost' = 'identification';
  #wire: SshWire | undefined;
  /** bytes of the packet under way that are still to come */
  #missing = 0;
  #header = 0;
  #headerBytes = 0;
  #size = 0;
  #unreadable = false;

  constructor(on: SshPackets) {
    this.#on = on;
  }

  /** true: nothing can be told any more */
  get lost(): boolean {
    return this.#state === 'lost';
  }

  /** true: it is SSH all the same, and what is done in it cannot be told */
  get unreadable(): boolean {
    return this.#unreadable;
  }

  /** memory that its packet under way takes; unit: bytes */
  get held(): number {
    return this.#held.reserved;
  }

  get sealed(): boolean {
    return this.#state === 'sealed';
  }

  /** How packets behind NEWKEYS look, once both KEXINITs are known. */
  use(wire: SshWire): void {
    this.#wire = wire;
  }

  feed(chunk: Uint8Array): void {
    if (this.#state === 'sealed') {
      this.#count(chunk);
      return;
    }
    if (this.#state === 'lost') return;
    const skipped = Math.min(this.#missing, chunk.length);
    this.#missing -= skipped;
    if (skipped === chunk.length) return;
    this.#held.push(chunk.subarray(skipped));
    while (this.#step());
  }

  #hidden(): false {
    this.#state = 'lost';
    this.#unreadable = true;
    this.#held.take();
    return false;
  }

  /** Takes one thing off what is held; false: more must come. */
  #step(): boolean {
    const { bytes } = this.#held;
    if (this.#state === 'identification') {
      const end = bytes.indexOf(0x0a);
      if (end < 0) {
        if (bytes.length > MAX_GREETING) this.#state = 'lost';
        return false;
      }
      const line = this.#held.take(end + 1);
      if (line.subarray(0, 4).equals(IDENTIFICATION)) this.#state = 'clear';
      return true;
    }
    if (this.#state !== 'clear' || bytes.length < 6) return false;
    const length = bytes.readUInt32BE(0);
    const padding = bytes[4] as number;
    if (length < 5 || length > MAX_PACKET || padding > length - 2) {
      this.#state = 'lost';
      return false;
    }
    const type = bytes[5];
    if (type !== KEXINIT && type !== NEWKEYS) {
      const taken = this.#held.take(Math.min(4 + length, bytes.length));
      this.#missing = 4 + length - taken.length;
      return true;
    }
    if (length > MAX_KEXINIT) return this.#hidden();
    if (bytes.length < 4 + length) return false;
    const payload = this.#held.take(4 + length).subarray(5, 4 + length - padding);
    if (type === KEXINIT) {
      this.#on.clear(payload);
      return true;
    }
    if (!this.#wire) return this.#hidden();
    this.#state = 'sealed';
    const rest = this.#held.take();
    if (rest.length > 0) this.#count(rest);
    return false;
  }

  #count(chunk: Uint8Array): void {
    const wire = this.#wire as SshWire;
    if (!wire.lengthInClear) {
      this.#on.sealed(chunk.length);
      return;
    }
    for (let at = 0; at < chunk.length; ) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, chunk.length - at);
        at += taken;
        this.#missing -= taken;
        if (this.#missing === 0) this.#on.sealed(this.#size);
        continue;
      }
      this.#header = this.#header * 256 + (chunk[at] as number);
      this.#headerBytes += 1;
      at += 1;
      if (this.#headerBytes < 4) continue;
      const length = this.#header;
      this.#header = 0;
      this.#headerBytes = 0;
      if (length === 0 || length > MAX_PACKET) {
        this.#hidden();
        return;
      }
      this.#missing = length + wire.tag;
      this.#size = 4 + this.#missing;
    }
  }
}
