/**
 * What a server says over WebSocket (RFC 6455), where a secret could be in it: frames are read and written anew, and
 * each message is masked as a whole, however it was cut. No extension is agreed on, so what they hold is what was said.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import { maskText, StreamMask } from './mask.ts';
import type { HostSecrets } from './secrets.ts';

const FINAL = 0x80;
const MASKED = 0x80;
const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FIRST_CONTROL = 8;
const MAX_CONTROL = 125;
const MAX_HEADER = 10;

export type FramesResult = { ok: true } | { ok: false; why: string };

const fail = (why: string): FramesResult => ({ ok: false, why });

interface Frame {
  final: boolean;
  opcode: number;
  left: number;
}

/** Length of a frame's header, as far as its first two bytes tell. */
const headerLength = (second: number): number => 2 + ({ 126: 2, 127: 8 }[second & 0x7f] ?? 0);

function header(final: boolean, opcode: number, length: number): Buffer {
  const first = (final ? FINAL : 0) | opcode;
  if (length <= MAX_CONTROL) return Buffer.of(first, length);
  if (length <= 0xffff) return Buffer.of(first, 126, length >> 8, length & 0xff);
  const bytes = Buffer.alloc(MAX_HEADER);
  bytes[0] = first;
  bytes[1] = 127;
  bytes.writeUIntBE(length, 4, 6);
  return bytes;
}

export class ServerFrames {
  readonly #secrets: HostSecrets;
  readonly #begun = new ByteQueue();
  #frame: Frame | undefined;
  readonly #control = new ByteQueue();
  /** the message under way, and the opcode that its next frame goes out with */
  #message: { mask: StreamMask; opcode: number } | undefined;

  constructor(secrets: HostSecrets) {
    this.#secrets = secrets;
  }

  /** Reads what the server sent, in any pieces; `into` gets what the agent may have of it. */
  feed(bytes: Uint8Array, into: Uint8Array[]): FramesResult {
    const found: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length || this.#frame?.left === 0) {
      if (!this.#frame) {
        this.#begun.push(bytes.subarray(at, at + 1));
        at += 1;
        const [, second] = this.#begun.bytes;
        if (second === undefined || this.#begun.length < headerLength(second)) continue;
        const begun = this.#begin(this.#begun.take());
        if (!begun.ok) return begun;
        continue;
      }
      const piece = bytes.subarray(at, at + this.#frame.left);
      at += piece.length;
      this.#frame.left -= piece.length;
      if (this.#frame.opcode >= FIRST_CONTROL) this.#control.push(piece);
      else found.push(...(this.#message?.mask.feed(piece) ?? []));
      if (this.#frame.left === 0) this.#endFrame(this.#frame, found, into);
    }
    this.#write(found, false, into);
    return { ok: true };
  }

  #begin(head: Buffer): FramesResult {
    const [first = 0, second = 0] = head;
    const opcode = first & 0x0f;
    const final = (first & FINAL) !== 0;
    if ((first & 0x70) !== 0) return fail('a WebSocket frame of an extension that nobody asked for');
    if ((second & MASKED) !== 0) return fail('a WebSocket frame that a server may not send');
    if (!(Object.values(OPCODE) as number[]).includes(opcode)) return fail('an unknown WebSocket frame');
    const short = second & 0x7f;
    const left =
      short === 126 ? head.readUInt16BE(2) : short === 127 ? Number(head.readBigUInt64BE(2)) : short;
    if (!Number.isSafeInteger(left)) return fail('a WebSocket frame too long');
    const control = opcode >= FIRST_CONTROL;
    if (control && (!final || left > MAX_CONTROL)) return fail('a malformed WebSocket control frame');
    if (!control && (opcode === OPCODE.continuation) !== (this.#message !== undefined))
      return fail('a WebSocket message within another');
    if (!control && !this.#message) this.#message = { mask: new StreamMask(this.#secrets.forms), opcode };
    this.#frame = { final, opcode, left };
    return { ok: true };
  }

  #endFrame({ final, opcode }: Frame, found: Uint8Array[], into: Uint8Array[]): void {
    this.#frame = undefined;
    if (opcode >= FIRST_CONTROL) {
      const said = this.#control.take();
      const masked = Buffer.from(maskText(this.#secrets.foldedForms, said.toString('latin1')), 'latin1');
      const kept = masked.subarray(0, MAX_CONTROL);
      // what came before it leaves before it
      this.#write(found, false, into);
      into.push(header(true, opcode, kept.length), kept);
      return;
    }
    if (!final || !this.#message) return;
    found.push(...this.#message.mask.end());
    this.#write(found, true, into);
    this.#message = undefined;
  }

  /** One frame of all that was found. */
  #write(found: Uint8Array[], final: boolean, into: Uint8Array[]): void {
    const message = this.#message;
    const length = found.reduce((sum, piece) => sum + piece.length, 0);
    if (!message || (length === 0 && !final)) return;
    into.push(header(final, message.opcode, length), ...found.splice(0));
    message.opcode = OPCODE.continuation;
  }
}
