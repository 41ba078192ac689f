/**
 * Messages as lines, MCP's stdio transport: JSON and a line break, both ways.
 *
 * @module
 */
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type Json, type JsonObject, parseJson, writeJson } from './json.ts';
import type { Wire, WireEvents } from './wire.ts';

/** @returns what takes pieces; `onLine` gets what is between line breaks, `tooLong` is called once, and then nothing */
export function lineReader(
  most: number,
  onLine: (line: string) => void,
  tooLong: () => void,
): (piece: Uint8Array) => void {
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  let length = 0;
  let isOver = false;
  return (piece) => {
    if (isOver) return;
    const parts = decoder.write(Buffer.from(piece)).split('\n');
    parts.forEach((part, index) => {
      pieces.push(part);
      length += part.length;
      if (length > most && !isOver) {
        isOver = true;
        pieces = [];
        tooLong();
      }
      if (isOver || index === parts.length - 1) return;
      const line = pieces.join('').replace(/\r$/, '');
      pieces = [];
      length = 0;
      if (line.trim() !== '') onLine(line);
    });
  };
}

/** A server's two streams. What it says that is not JSON is told as a problem, and passed over. */
export class LinesWire implements Wire {
  readonly #read: Readable;
  readonly #write: Writable;

  constructor(read: Readable, write: Writable, most: number, events: WireEvents) {
    this.#read = read;
    this.#write = write;
    let isClosed = false;
    const close = (why: string) => {
      if (isClosed) return;
      isClosed = true;
      read.destroy();
      write.destroy();
      events.closed(why);
    };
    const take = (line: string) => {
      const parsed = parseJson(line);
      if (parsed.ok) events.message(parsed.value);
      else events.problem(`a line on its stdout is ${parsed.why}`);
    };
    read.on(
      'data',
      lineReader(most, take, () => close(`a message of more than ${most} characters`)),
    );
    for (const stream of [read, write]) {
      stream.on('error', (error: Error) => close(error.message));
      stream.on('close', () => close('its stream ended'));
    }
    read.on('end', () => close('its stdout ended'));
  }

  send(message: JsonObject): void {
    this.#write.write(`${writeJson(message as Json)}\n`);
  }

  close(): void {
    this.#read.destroy();
    this.#write.destroy();
  }
}
