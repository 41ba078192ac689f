/**
 * The protocol verdict: what first bytes are, however they are cut, and that no bytes break it.
 *
 * @module
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientHello, cut, helloFor } from '../hello.fixture.ts';
import { readClientHello } from './client-hello.ts';
import { recogniseDatagram } from './datagram.ts';
import { type Direction, recognise, Sniffer } from './sniffer.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const dnsQuery = latin1('\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01');
const startup = latin1('\0\0\0\x0e\0\x03\0\0user\0\0');

const SAMPLES: [string, Direction, Buffer, object?][] = [
  [
    'tls',
    'up',
    helloFor('api.example.com', { alpn: ['h2', 'http/1.1'] }),
    { sni: 'api.example.com', alpn: ['h2', 'http/1.1'] },
  ],
  ['tls', 'up', helloFor('api.example.com', { fragment: 20 }), { sni: 'api.example.com' }],
  ['tls', 'up', clientHello({ extensions: [[0xfe0d, Buffer.of(0)]] }), { ech: true }],
  ['sslv2', 'up', latin1('\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10')],
  ['ssh', 'up', latin1('SSH-2.0-OpenSSH_9.2\r\n')],
  ['http2', 'up', latin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['http', 'up', latin1('GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n'), { host: 'api.example.com' }],
  ['http', 'up', latin1('M-SEARCH * HTTP/1.1\r\nhost:x\r\n\r\n'), { host: 'x' }],
  ['websocket', 'up', latin1('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n')],
  ['connect', 'up', latin1('CONNECT c2.example.com:443 HTTP/1.1\r\n'), { host: 'c2.example.com:443' }],
  ['stratum', 'up', latin1('{"id": 1, "method": "mining.subscribe", "params": []}\n')],
  ['stratum', 'up', latin1('{"method":"login","params":{"login":"x"},"id":1}\n')],
  ['stratum', 'up', latin1('{"id":1,"jsonrpc":"2.0","method":"eth_submitLogin"}')],
  ['json-rpc', 'up', latin1('{"jsonrpc":"2.0","method":"tools/list"}')],
  ['socks4', 'up', latin1('\x04\x01\0\x50\xc0\0\x02\x01user\0')],
  ['socks4', 'up', latin1('\x04\x01\0\x50\0\0\0\x01\0c2.example.com\0'), { host: 'c2.example.com' }],
  ['socks5', 'up', latin1('\x05\x02\0\x02')],
  ['postgres', 'up', startup],
  ['postgres', 'up', latin1('\0\0\0\x08\x04\xd2\x16\x2f')],
  ['bittorrent', 'up', latin1('\x13BitTorrent protocol\0\0\0\0\0\0\0\0')],
  ['dns', 'up', dnsQuery],
  ['openvpn', 'up', latin1(`\0\x0e\x38${'\x01'.repeat(13)}`)],
  ['redis', 'up', latin1('*1\r\n$4\r\nPING\r\n')],
  ['smtp', 'up', latin1('EHLO example.com\r\n')],
  ['unknown', 'up', latin1('id; uname -a\n')],
  ['unknown', 'up', latin1('\x17\x03\x03\0\x10hello')],
  ['tls', 'down', latin1('\x16\x03\x03\0\x7a\x02\0\0\x76')],
  ['tls', 'down', latin1('\x15\x03\x01\0\x02\x02\x28')],
  ['ssh', 'down', latin1('SSH-2.0-x\r\n')],
  ['http', 'down', latin1('HTTP/1.1 200 OK\r\n')],
  ['smtp', 'down', latin1('220 mx.example.com ESMTP\r\n')],
  ['ftp', 'down', latin1('220 welcome\r\n')],
  ['pop3', 'down', latin1('+OK ready\r\n')],
  ['imap', 'down', latin1('* OK ready\r\n')],
  ['mysql', 'down', latin1('\x4a\0\0\0\x0a8.0.30\0')],
  ['vnc', 'down', latin1('RFB 003.008\n')],
  ['stratum', 'down', latin1('{"id":null,"method":"mining.notify","params":[]}\n')],
  ['unknown', 'down', latin1('bash-5.2$ ')],
];

describe('recognise', () => {
  test.each(SAMPLES)('%s (%s)', (protocol, direction, bytes, more = {}) => {
    expect(recognise(direction, bytes)).toMatchObject({ protocol, ...more });
  });

  test('every split of a greeting gives the same verdict, and a decided one never changes', () => {
    for (const [, direction, bytes] of SAMPLES) {
      const whole = recognise(direction, bytes);
      let decided: ReturnType<typeof recognise>;
      for (let length = 1; length <= bytes.length; length += 1) {
        const verdict = recognise(direction, bytes.subarray(0, length));
        if (decided) expect(verdict).toEqual(decided);
        decided ??= verdict;
      }
      expect(decided).toEqual(whole);
    }
  });
});

/** Random bytes, samples with bytes changed, and samples glued together. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .tuple(
      fc.constantFrom(...SAMPLES),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 3 }),
      fc.uint8Array({ maxLength: 80 }),
    )
    .map(([[, , sample], changes, tail]) => {
      const bytes = Buffer.concat([sample, tail]);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return new Uint8Array(bytes);
    }),
);

describe('properties', () => {
  test('a verdict for a prefix stands, whatever follows', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.nat(600),
        fc.constantFrom<Direction>('up', 'down'),
        (bytes, length, direction) => {
          const early = recognise(direction, bytes.subarray(0, Math.min(length, bytes.length)));
          if (early) expect(recognise(direction, bytes)).toEqual(early);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('the sniffer concludes the same for every cutting', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.array(fc.nat(700)), (up, down, places) => {
        const whole = new Sniffer();
        whole.feed('up', up);
        whole.feed('down', down);
        const pieces = new Sniffer();
        for (const piece of cut(up, places)) pieces.feed('up', piece);
        for (const piece of cut(down, places)) pieces.feed('down', piece);
        expect(pieces.conclude()).toEqual(whole.conclude());
      }),
      { numRuns: 1000 },
    );
  });

  test('datagrams of any bytes have a name', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1300 }),
        (bytes) => typeof recogniseDatagram(bytes) === 'string',
      ),
    );
  });
});

describe('ClientHello', () => {
  const why = (bytes: Buffer) => {
    const result = readClientHello(bytes);
    return result.state === 'bad' ? result.why : result.state;
  };

  test.each<[string, Buffer]>([
    [
      'more than one server_name',
      clientHello({
        names: [
          [0, 'api.example.com'],
          [0, 'evil.example'],
        ],
      }),
    ],
    ['malformed server_name', clientHello({ names: [[1, 'api.example.com']] })],
    ['malformed server_name', clientHello({ names: [[0, '']] })],
    ['malformed server_name', clientHello({ names: [] })],
    ['server_name is not a host name', clientHello({ names: [[0, 'api.example.com\0.evil.example']] })],
    ['server_name is not a host name', clientHello({ names: [[0, 'api example']] })],
    ['server_name is not a host name', clientHello({ names: [[0, '\xe9.example']] })],
    [
      'an extension appears twice',
      helloFor('a.example', { extensions: [[0, Buffer.from('000a0000077777772e62', 'hex')]] }),
    ],
    [
      'an extension appears twice',
      clientHello({
        extensions: [
          [5, Buffer.of(1)],
          [5, Buffer.of(1)],
        ],
      }),
    ],
    ['bytes after the ClientHello in its record', helloFor('a.example', { trailing: Buffer.of(1) })],
    ['TLS record of impossible length', Buffer.from([22, 3, 1, 0, 0])],
    ['TLS record of impossible length', Buffer.from([22, 3, 1, 0x7f, 0xff])],
    ['not a TLS record version', Buffer.from([22, 2])],
    ['not a TLS handshake record', Buffer.from([23])],
    ['first handshake message is not a ClientHello', Buffer.from([22, 3, 1, 0, 1, 2])],
    ['hello too long', Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255])],
    ['more', helloFor('a.example').subarray(0, -1)],
  ])('%s', (expected, bytes) => {
    expect(why(bytes)).toBe(expected);
  });

  test('truncated and corrupted hellos never throw, and never invent a name', () => {
    const hello = helloFor('api.example.com', { fragment: 30 });
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), fc.nat(hello.length), (at, value, length) => {
        const bytes = Buffer.from(hello.subarray(0, length));
        if (at < bytes.length) bytes[at] = value;
        expect(['more', 'bad', 'done']).toContain(readClientHello(bytes).state);
      }),
      { numRuns: 2000 },
    );
  });
});
