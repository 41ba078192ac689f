/**
 * The DNS reader and writer: hostile bytes never throw, answers are what another implementation reads.
 *
 * @module
 */
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../policy/addresses.ts';
import { parseResolver, readResponse } from './upstream.ts';
import { RCODE, readQuery, UDP_SIZE, udpLimit, writeAnswer } from './wire.ts';

const query = (name: string, more: Partial<dnsPacket.Packet> = {}) =>
  dnsPacket.encode({
    type: 'query',
    id: 7,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type: 'A', name, class: 'IN' }],
    ...more,
  });

function changed(at: number, ...values: number[]): Buffer {
  const bytes = query('api.example.com');
  for (const [index, value] of values.entries()) bytes[at + index] = value;
  return bytes;
}

describe('readQuery', () => {
  test.each<[string, Buffer, object]>([
    ['a response', changed(2, 0x80), { drop: true }],
    ['a cut header', query('a.example').subarray(0, 11), { drop: true }],
    ['another opcode', changed(2, 0x28), { rcode: RCODE.NOTIMP }],
    ['no question', changed(4, 0, 0), { rcode: RCODE.FORMERR }],
    ['two questions', changed(4, 0, 2), { rcode: RCODE.FORMERR }],
    ['an answer in a query', changed(6, 0, 1), { rcode: RCODE.FORMERR }],
    ['an authority in a query', changed(8, 0, 1), { rcode: RCODE.FORMERR }],
    ['a promised additional', changed(10, 0, 1), { rcode: RCODE.FORMERR }],
    ['a compressed name', changed(12, 0xc0, 0x0c), { rcode: RCODE.FORMERR }],
    ['an extended label', changed(12, 0x41), { rcode: RCODE.FORMERR }],
    ['a label past the end', changed(12, 60), { rcode: RCODE.FORMERR }],
  ])('%s', (_, bytes, expected) => {
    expect(readQuery(bytes)).toMatchObject({ ok: false, ...expected });
  });

  test('bytes that no host name has make the name unusable, not equal to another', () => {
    for (const byte of [0, 0x20, 0x2e, 0x5c, 0x80, 0xff]) {
      const bytes = changed(13, byte);
      const result = readQuery(bytes);
      expect(result.ok && result.query.name).toBeUndefined();
    }
  });

  test('random and corrupted bytes never throw', () => {
    const corrupted = fc
      .tuple(fc.nat(60), fc.nat(255), fc.nat(60))
      .map(([at, value, length]) => new Uint8Array(changed(at % 33, value).subarray(0, length)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), corrupted), (bytes) => {
        const result = readQuery(bytes);
        if (result.ok) writeAnswer(result.query, { rcode: 0, addresses: [], ttl: 0 }, udpLimit(result.query));
      }),
      { numRuns: 5000 },
    );
  });
});

test('an answer is read by dns-packet as it was meant, and never longer than the limit', () => {
  const addresses = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 60 });
  fc.assert(
    fc.property(addresses, fc.integer({ min: 0, max: 300 }), fc.boolean(), (texts, ttl, edns) => {
      const bytes = query(
        'Api.example.com',
        edns
          ? {
              additionals: [
                {
                  type: 'OPT',
                  name: '.',
                  udpPayloadSize: 4096,
                  flags: 0,
                  extendedRcode: 0,
                  ednsVersion: 0,
                  flag_do: false,
                  options: [],
                },
              ],
            }
          : {},
      );
      const result = readQuery(bytes);
      if (!result.ok) throw new Error('a good query was refused');
      const parsed = texts.flatMap((text) => parseAddress(text) ?? []);
      const limit = udpLimit(result.query);
      expect(limit).toBe(edns ? UDP_SIZE : 512);
      const answer = writeAnswer(result.query, { rcode: 0, addresses: parsed, ttl }, limit);
      expect(answer.length).toBeLessThanOrEqual(limit);
      const packet = dnsPacket.decode(Buffer.from(answer));
      expect(packet.questions?.[0]?.name).toBe('Api.example.com');
      if (!packet.flag_tc) expect(packet.answers).toHaveLength(parsed.length);
      else expect(packet.answers).toHaveLength(0);
    }),
  );
});

test('hostile upstream bytes are as if they never came', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(65_535), (bytes, id) => {
      const response = Buffer.from(bytes);
      if (response.length > 4) response.writeUInt16BE(id, 0);
      expect(readResponse(response, id, 'api.example.com', 'A')).toBeUndefined();
    }),
    { numRuns: 3000 },
  );
});

test('an answer to another question, id or type is not taken', () => {
  const response = dnsPacket.encode({
    type: 'response',
    id: 9,
    questions: [{ type: 'A', name: 'api.example.com', class: 'IN' }],
    answers: [],
  });
  expect(readResponse(response, 9, 'api.example.com', 'A')).toBeDefined();
  expect(readResponse(response, 8, 'api.example.com', 'A')).toBeUndefined();
  expect(readResponse(response, 9, 'www.example.com', 'A')).toBeUndefined();
  expect(readResponse(response, 9, 'api.example.com', 'AAAA')).toBeUndefined();
});

test.each([
  ['192.0.2.1', { host: '192.0.2.1', port: 53, family: 4 }],
  ['192.0.2.1:5353', { host: '192.0.2.1', port: 5353, family: 4 }],
  ['2001:db8::1', { host: '2001:db8::1', port: 53, family: 6 }],
  ['[2001:db8::1]:5353', { host: '2001:db8::1', port: 5353, family: 6 }],
  ['resolver.example.com', undefined],
])('resolver %s', (text, expected) => {
  expect(parseResolver(text)).toEqual(expected);
});
