/**
 * A provider's answer on its way to the client: its bytes are passed on as they come, no faster than they are taken, and
 * read on the way.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerHeaders } from './headers.ts';
import { tellsUsageAlone } from './protocols/openai-chat.ts';
import type { Collector } from './protocols/protocol.ts';
import { EventReader, type ServerEvent } from './sse.ts';

/** Bytes of a stream in all. */
const LONGEST_STREAM = 256 * 1024 * 1024;
/** Milliseconds that a connection is kept after an answer’s own end, for its own. */
const LINGER_MS = 5000;

export interface Relayed {
  /** why the answer is not all there; `undefined`: it is */
  broken?: string;
  /** an event of it was too long to be read */
  unread: boolean;
}

/**
 * Passes a stream of events on.
 *
 * @param quiet the client did not ask what was used: the event that tells it is left out
 * @param last called with what is known, before the client gets the end
 */
export function relayStream(
  from: IncomingMessage,
  to: ServerResponse,
  collector: Collector,
  { quiet }: { quiet: boolean },
  last: (relayed: Relayed) => void,
): void {
  let told = false;
  let bytes = 0;
  let waits = false;
  const pass = (piece: Uint8Array | string) => {
    if (to.write(piece) || waits) return;
    waits = true;
    from.pause();
    to.once('drain', () => {
      waits = false;
      from.resume();
    });
  };
  const reader = new EventReader((event: ServerEvent) => {
    // what comes after the end would be on no record
    if (told) return;
    collector.event(event);
    if (!quiet) return;
    // what the client does not get yet is not over for it either
    if (collector.ended) finish();
    if (!tellsUsageAlone(event)) pass(event.raw);
  });
  /** The client has all; the provider's connection can be used again where it ends by itself soon. */
  const end = () => {
    to.end();
    const late = setTimeout(() => from.destroy(), LINGER_MS);
    from.once('close', () => clearTimeout(late));
  };
  const finish = (broken?: string) => {
    if (told) return;
    told = true;
    last({ ...(broken !== undefined && { broken }), unread: reader.overflowed });
  };
  to.writeHead(from.statusCode ?? 502, answerHeaders(from.headers));
  to.flushHeaders();
  from.on('data', (chunk: Buffer) => {
    if (told) return;
    bytes += chunk.length;
    if (bytes > LONGEST_STREAM) {
      from.destroy(new Error('it is longer than any answer'));
      return;
    }
    try {
      reader.feed(chunk);
    } catch (error) {
      // nothing passes that could not be read
      from.destroy(error as Error);
      return;
    }
    if (collector.ended) finish();
    if (!quiet) pass(chunk);
    if (told) end();
  });
  from.on('end', () => {
    if (!told && quiet && reader.rest() !== '') pass(reader.rest());
    finish(collector.ended ? undefined : 'the stream ended before its end');
    to.end();
  });
  from.on('error', (error) => {
    finish(error.message);
    if (!to.writableEnded) to.destroy();
  });
  to.on('close', () => {
    if (to.writableFinished) return;
    finish('the client went away');
    from.destroy();
  });
}
