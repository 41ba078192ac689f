import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventReader, type ServerEvent } from './sse.ts';

function read(pieces: readonly Uint8Array[]): { events: ServerEvent[]; reader: EventReader } {
  const events: ServerEvent[] = [];
  const reader = new EventReader((event) => events.push(event));
  for (const piece of pieces) reader.feed(piece);
  return { events, reader };
}
const bytes = (text: string) => new TextEncoder().encode(text);

test('lines end in three ways, comments say nothing, data has several lines', () => {
  const { events, reader } = read([
    bytes('event: a\r\ndata: 1\r\ndata:2\r\n\r\n: x\rdata\r\rid: 4\n\ndata: left'),
  ]);
  expect(events).toEqual([
    { raw: 'event: a\r\ndata: 1\r\ndata:2\r\n\r\n', event: 'a', data: '1\n2' },
    { raw: ': x\rdata\r\r', event: '', data: '' },
    { raw: 'id: 4\n\n', event: '', data: '' },
  ]);
  expect(reader.rest()).toBe('data: left');
});

const EVENTS = bytes('event: é\r\ndata: {"a":"€"}\n\ndata: 𝄞\r\rdata: x\r\n\r\n');

test('pieces make no difference', () => {
  const pieced = fc.array(fc.nat(EVENTS.length), { maxLength: 12 });
  fc.assert(
    fc.property(pieced, (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), EVENTS.length];
      const { events } = read(places.slice(1).map((end, index) => EVENTS.subarray(places[index], end)));
      expect(events.map(({ event, data }) => [event, data])).toEqual([
        ['é', '{"a":"€"}'],
        ['', '𝄞'],
        ['', 'x'],
      ]);
      expect(events.map(({ raw }) => raw).join('')).toBe(new TextDecoder().decode(EVENTS));
    }),
  );
});

test('an event without end is given up', () => {
  const { events, reader } = read([bytes('data: '), ...Array(20).fill(new Uint8Array(1 << 20).fill(0x78))]);
  expect(events).toEqual([]);
  expect(reader.overflowed).toBe(true);
  reader.feed(bytes('\n\ndata: on\n\n'));
  expect(events.at(-1)?.data).toBe('on');
});

test('a long line in many small pieces is one line', () => {
  const { events, reader } = read([
    bytes('data: '),
    ...Array(200_000).fill(bytes('0123456789')),
    bytes('\r'),
    bytes('\n'),
    bytes('\n'),
  ]);
  expect(events.map(({ data }) => data.length)).toEqual([2_000_000]);
  expect(reader.overflowed).toBe(false);
});
