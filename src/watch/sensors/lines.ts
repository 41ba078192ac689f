/**
 * A stream of bytes as lines of bounded length.
 *
 * @module
 */
import { StringDecoder } from 'node:string_decoder';

/** Characters; a longer line is cut off from memory and told as lost. */
export const LONGEST_LINE = 1 << 20;

/** A line, or that one was too long to be read. */
export type Line = { number: number; text: string } | { number: number; text: undefined };

export async function* readLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let number = 1;
  let skipping = false;
  for await (const chunk of stream) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)))).split(
      '\n',
    );
    rest = parts.pop() as string;
    for (const part of parts) {
      yield skipping || part.length > LONGEST_LINE ? { number, text: undefined } : { number, text: part };
      skipping = false;
      number += 1;
    }
    if (rest.length > LONGEST_LINE) {
      skipping = true;
      rest = '';
    }
  }
  if (skipping) yield { number, text: undefined };
  else if (rest !== '') yield { number, text: rest };
}
