/**
 * Server-sent events (WHATWG HTML §9.2), read piece by piece, with a bound to what one event may hold.
 *
 * @module
 */
import { StringDecoder } from 'node:string_decoder';

export interface SseEvent {
  event: string;
  data: string;
  id?: string;
}

/** @returns what takes pieces; it throws where an event is longer than `most` characters */
export function sseReader(most: number, onEvent: (event: SseEvent) => void): (piece: Uint8Array) => void {
  const decoder = new StringDecoder('utf8');
  let held = '';
  let data: string[] = [];
  let size = 0;
  let name = '';
  let id: string | undefined;
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0)
        onEvent({ event: name || 'message', data: data.join('\n'), ...(id !== undefined && { id }) });
      data = [];
      size = 0;
      name = '';
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      size += value.length + 1;
      if (size > most) throw new Error('an event is too long');
      data.push(value);
    } else if (field === 'event') name = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };
  return (piece) => {
    held += decoder.write(Buffer.from(piece));
    const lines = held.split(/\r\n|\n|\r(?!$)/);
    held = lines.pop() ?? '';
    if (held.length > most) throw new Error('an event is too long');
    lines.forEach(line);
  };
}

/** An event as it is sent. JSON has no line breaks. */
export const sseText = (data: string, id?: string): string =>
  `event: message\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
