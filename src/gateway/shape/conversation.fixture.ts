/**
 * Conversations for tests of shapes: who says what when.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';
import { FlowShape } from './flow-shape.ts';
import type { Shape } from './shape.ts';

/** Direction, bytes, and milliseconds since what came before. */
export type Said = readonly [Direction, string | Uint8Array, number?];

export function shapesOf(conversation: readonly Said[]): Shape[] {
  const flow = new FlowShape();
  let at = 1000;
  const shapes: Shape[] = [];
  for (const [direction, said, later = 1] of conversation) {
    at += later;
    const shape = flow.feed(direction, typeof said === 'string' ? Buffer.from(said, 'latin1') : said, at);
    if (shape) shapes.push(shape);
  }
  return shapes;
}

export const names = (conversation: readonly Said[]): string[] =>
  shapesOf(conversation).map(({ shape }) => shape);

/** `length` bytes that look encrypted and are the same in every run. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761;
  for (let i = 0; i < length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A TLS record of application data with so many bytes of plaintext. */
export function record(plaintext: number): Uint8Array {
  const length = plaintext + 17;
  return Buffer.concat([Buffer.from([23, 3, 3, length >> 8, length & 255]), noise(length, plaintext + 1)]);
}
