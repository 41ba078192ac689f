/**
 * Shells and tunnels that hide: behind the first bytes of another protocol, behind much data, behind repetition.
 */
import { describe, expect, test } from 'vitest';
import { names, type Said, shapesOf } from './conversation.fixture.ts';
import { DnsShape } from './dns.ts';
import { FlowShape } from './flow-shape.ts';
import { type Message, SUITES, ssh } from './ssh.fixture.ts';

const shell: Said[] = [
  ['up', '$ ', 600],
  ['down', 'id\n', 700],
  ['up', 'uid=0(root) gid=0(root)\n$ ', 5],
  ['down', 'cat canary.txt\n', 700],
  ['up', 'canary-1\n$ ', 5],
];

describe('a shell is told', () => {
  test.each<[string, Said[]]>([
    [
      'behind what SSH begins with',
      [
        ['up', 'SSH-2.0-OpenSSH_9\r\n'],
        ['down', 'SSH-2.0-OpenSSH_9\r\n'],
        ['up', 'no packet of SSH at all'],
      ],
    ],
    ['behind what TLS begins with', [['up', Buffer.from([22, 3, 1, 0, 1, 0, 99, 99, 99, 99, 99])]]],
    ['behind a request of HTTP', [['up', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n']]],
    [
      'behind what looks like a transfer',
      Array.from({ length: 40 }, (): Said => ['up', Buffer.alloc(65_536, 1), 1]),
    ],
    [
      'behind a binary protocol',
      [
        ['up', Buffer.from([0, 1, 2, 3])],
        ['down', Buffer.from([0, 1, 2, 3])],
        ['down', Buffer.alloc(1024 * 1024 + 1)],
      ],
    ],
  ])('%s', (_, before) => {
    expect(names([...before, ...shell])).toEqual(['interactive']);
  });
});

describe.each(SUITES)('SSH, $cipher $mac', (suite) => {
  const open: Message[] = [
    ['up', 34],
    ['up', 24],
    ['down', 17],
  ];

  test('behind many messages, a channel that the server opens is told', () => {
    const fill = Array<Message>(20_500).fill(['up', 300, 0]);
    const channel: Message[] = [
      ['up', 36, 1900],
      ['down', 1, 3],
      ['down', 66, 1900],
      ['up', 17, 3],
    ];
    const found = shapesOf(ssh(suite, [...open, ...fill, ...channel]));
    expect(found.map(({ shape }) => shape)).toContain('reverse-ssh');
  });
});

test('SSH whose lengths become none is told as such, not forgotten', () => {
  const suite = SUITES.find(({ cipher }) => cipher.includes('gcm')) ?? { cipher: '', mac: '' };
  const said = ssh(suite, [['up', 24]]);
  expect(shapesOf([...said, ['down', Buffer.alloc(64, 0xff)]]).at(-1)).toMatchObject({
    shape: 'reverse-ssh',
    confidence: 0.3,
  });
});

test('SSH with an endless exchange of keys is told, and not held in memory', () => {
  const long = Buffer.alloc(60_000, 65);
  long.writeUInt32BE(200_000);
  long[4] = 8;
  long[5] = 20;
  expect(
    shapesOf([
      ['up', 'SSH-2.0-x\r\n'],
      ['down', 'SSH-2.0-y\r\n'],
      ['up', long],
    ]),
  ).toMatchObject([{ shape: 'reverse-ssh', confidence: 0.3 }]);
});

/** A packet in the clear that says it is longer than what comes of it. */
function packet(says: number, type: number): Buffer {
  const bytes = Buffer.alloc(60_000, 65);
  bytes.writeUInt32BE(says);
  bytes[4] = 8;
  bytes[5] = type;
  return bytes;
}

describe('what a flow holds is bounded', () => {
  // records of a handshake message as long as any may be
  const piece = Buffer.concat([Buffer.from([22, 3, 1, 0x40, 0, 1, 0, 0x7e, 0]), Buffer.alloc(16_380, 3)]);
  const hello = Buffer.concat([piece, piece, piece]);
  test.each<[string, string | Buffer, Buffer]>([
    ['packets of SSH that are long', 'SSH-2.0-x\r\n', packet(250_000, 2)],
    ['packets of SSH that never end', 'SSH-2.0-x\r\n', packet(0x7fffffff, 20)],
    ['an exchange of keys that never ends', 'SSH-2.0-x\r\n', packet(16_000, 20)],
    ['lines before SSH that never end', 'SSH-', Buffer.alloc(60_000, 65)],
    ['a hello of TLS that never ends', piece, hello],
    ['a head of HTTP that never ends', 'GET / HTTP/1.1\r\n', Buffer.from('X-Y: z\r\n'.repeat(7000))],
    [
      'an upgrade that never ends',
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n',
      Buffer.from('X-Y: z\r\n'.repeat(7000)),
    ],
    [
      'frames that never end',
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      Buffer.concat([Buffer.from([0x82, 0x7f, 0, 0, 0, 0xff, 0, 0, 0, 0]), Buffer.alloc(60_000, 65)]),
    ],
    ['bytes that are nothing', Buffer.from([0, 1]), Buffer.alloc(60_000, 7)],
  ])('by %s', (_, first, rest) => {
    for (const pieces of [60_000, 1000, 7]) {
      const flow = new FlowShape();
      let held = 0;
      const feed = (direction: 'up' | 'down', bytes: Buffer) => {
        for (let at = 0; at < bytes.length; at += pieces) {
          flow.feed(direction, bytes.subarray(at, at + pieces), 0);
          held = Math.max(held, flow.held);
        }
      };
      for (const direction of ['up', 'down'] as const) feed(direction, Buffer.from(first));
      for (let part = 0; part < 4; part += 1)
        for (const direction of ['up', 'down'] as const) feed(direction, rest);
      expect(held).toBeLessThan(64 * 1024);
    }
  });
});

describe('data in DNS names', () => {
  const tell = (times: number) => {
    const shape = new DnsShape();
    let found = 0;
    for (let n = 0; n < 200; n += 1)
      for (let again = 0; again < times; again += 1)
        if (shape.query(`${n}-0123456789012345678901234567890123456789.example.com`, 1, 0, n * 100))
          found += 1;
    return found;
  };

  test.each([1, 2, 3, 10])('are told where each is asked for %i times', (times) => {
    expect(tell(times)).toBe(1);
  });

  test('a few names that are asked for again and again are nothing', () => {
    const shape = new DnsShape();
    const found = Array.from({ length: 5000 }, (_, n) =>
      shape.query(`host-${n % 60}-in-a-place-far-away-from-here.example.com`, 1, 0, n * 10),
    );
    // the first round of new names is as new as any
    expect(found.slice(60).filter(Boolean)).toEqual([]);
  });
});
