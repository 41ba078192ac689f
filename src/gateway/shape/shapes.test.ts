import { describe, expect, test } from 'vitest';
import { names, noise, record, type Said, shapesOf } from './conversation.fixture.ts';
import { DnsShape } from './dns.ts';

const hello = Buffer.from('1603010006010000020000', 'hex'); // a hello of no known form: no ALPN

describe('shells', () => {
  test.each<[string, Said[]]>([
    [
      'a bare shell',
      [
        ['down', 'id\n', 900],
        ['up', 'uid=1000(agent) gid=1000(agent)\n', 4],
      ],
    ],
    [
      'with a prompt',
      [
        ['up', 'bash: no job control in this shell\nbash-5.2$ '],
        ['down', 'cat x\n', 900],
        ['up', 'cat x\nsecret\nbash-5.2$ '],
      ],
    ],
    [
      'with a terminal',
      [
        ['up', 'user@box:~/w$ '],
        ['down', 'mytool --now\n', 700],
        ['up', 'mytool --now\r\nfine\r\nuser@box:~/w$ '],
      ],
    ],
    [
      'a command that is not there',
      [
        ['up', 'sh-5.2$ '],
        ['down', 'frob\n', 500],
        ['up', 'sh: 1: frob: not found\nsh-5.2$ '],
      ],
    ],
  ])('%s', (_, said) => {
    expect(shapesOf(said).map(({ shape, confidence }) => [shape, confidence])).toEqual([
      ['interactive', 0.95],
    ]);
  });

  test('commands in a protocol that nobody knows, by who breaks the silence', () => {
    const said = Array.from({ length: 4 }, (_, n): Said[] => [
      ['down', noise(20 + n, n + 1), 800],
      ['up', noise(300 + 31 * n, n + 9), 12],
    ]).flat();
    expect(shapesOf(said)).toMatchObject([{ shape: 'interactive', confidence: 0.6 }]);
  });

  test('inside TLS', () => {
    const said: Said[] = [
      ['up', hello],
      ['down', record(90)],
      ['up', record(36)],
      ...[40, 300, 90].flatMap((answer): Said[] => [
        ['down', record(9), 900],
        ['up', record(answer), 8],
      ]),
    ];
    expect(shapesOf(said)).toMatchObject([{ shape: 'interactive', confidence: 0.7 }]);
  });
});

describe('tunnels and pools', () => {
  const upgrade: Said[] = [
    ['up', 'GET /t HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['down', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
  ];
  const frame = (text: string, mask = false) =>
    Buffer.concat([
      Buffer.from([0x82, (mask ? 0x80 : 0) | text.length, ...(mask ? [1, 2, 3, 4] : [])]),
      Buffer.from(text).map((byte, at) => (mask ? byte ^ ((at & 3) + 1) : byte)),
    ]);

  test.each<[string, Said[], string]>([
    ['SOCKS from the outside', [['down', Buffer.from([5, 1, 0]), 50]], 'reverse-tunnel'],
    ['HTTP from the outside', [['down', 'GET /secret HTTP/1.1\r\nHost: x\r\n\r\n', 50]], 'reverse-tunnel'],
    ['SSH in WebSocket', [...upgrade, ['up', frame('SSH-2.0-x\r\n', true)]], 'websocket-tunnel'],
    ['SOCKS from outside in WebSocket', [...upgrade, ['down', frame('\x05\x01\x00')]], 'websocket-tunnel'],
    [
      'mining in WebSocket',
      [...upgrade, ['up', frame('{"id":1,"method":"mining.subscribe","params":[]}\n', true)]],
      'stratum',
    ],
    ['Stratum', [['up', '{"id":1,"method":"mining.subscribe","params":["x"]}\n']], 'stratum'],
    [
      'Stratum version 2',
      [
        ['up', noise(64, 3)],
        ['down', noise(234, 5)],
        ['up', noise(90, 7)],
      ],
      'stratum-v2',
    ],
  ])('%s', (_, said, shape) => {
    expect(names(said)).toEqual([shape]);
  });

  test('shares inside TLS', () => {
    const gaps = [700, 4200, 300, 9000, 1500, 2600, 150, 6000];
    const said: Said[] = [
      ['up', hello],
      ['down', record(900)],
      ['up', record(36)],
      ['up', record(88)],
      ['down', record(180)],
      ...gaps.flatMap((gap, n): Said[] => [
        ['up', record(142 + (n % 2)), gap],
        ['down', record(44), 30],
        ...(n % 3 === 0 ? [['down', record(620), 500] as Said] : []),
      ]),
    ];
    expect(names(said)).toEqual(['stratum']);
  });
});

describe('what is none of them', () => {
  const times = (count: number, ...said: Said[]): Said[] => Array.from({ length: count }, () => said).flat();
  test.each<[string, Said[]]>([
    [
      'mail',
      [
        ['down', '220 mx ESMTP\r\n', 50],
        ...times(5, ['up', 'MAIL FROM:<a@example.com>\r\n'], ['down', '250 2.1.0 Ok\r\n', 300]),
      ],
    ],
    [
      'HTTP with a slow server',
      times(
        9,
        ['up', `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n${'x'.repeat(500)}`],
        ['down', 'HTTP/1.1 204 No Content\r\n\r\n', 700],
      ),
    ],
    ['an echo server', times(9, ['up', 'GET / HTTP/1.1\r\n\r\n', 300], ['down', 'GET / HTTP/1.1\r\n\r\n'])],
    ['Redis', times(20, ['up', '*2\r\n$3\r\nGET\r\n$1\r\na\r\n', 250], ['down', '$5\r\nhello\r\n'])],
    ['a chat', [...times(8, ['down', 'alice: hello there\n', 900], ['up', 'ok\n', 1500])]],
    ['JSON lines that are pushed', times(20, ['down', '{"tick":1}\n', 500])],
    [
      'heartbeats of one length',
      [
        ['up', hello],
        ['down', record(900)],
        ['up', record(36)],
        ...times(20, ['up', record(90), 1000], ['down', record(40)]),
        ...times(4, ['down', record(400), 400]),
      ],
    ],
    [
      'metrics of one length, to a busy server',
      [
        ['up', hello],
        ['down', record(900)],
        ['up', record(36)],
        ...times(9, ['up', record(77), 120], ['down', record(35), 250]),
      ],
    ],
    [
      'requests in TLS',
      [
        ['up', hello],
        ['down', record(90)],
        ['up', record(36)],
        ...times(9, ['up', record(300), 400], ['down', record(5000), 300]),
      ],
    ],
    [
      'WebSocket text',
      [
        ['up', 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n'],
        ['down', 'HTTP/1.1 101 Ok\r\n\r\n'],
        ['up', Buffer.from([0x81, 0x85, 0, 0, 0, 0, 104, 101, 108, 108, 111])],
      ],
    ],
    ['random bytes', times(30, ['up', noise(700)], ['down', noise(900)])],
  ])('%s', (_, said) => {
    expect(names(said)).toEqual([]);
  });
});

describe('DNS', () => {
  const ask = (name: (n: number) => string, type: number, answer: number, count = 200) => {
    const shape = new DnsShape();
    const found = Array.from({ length: count }, (_, n) => shape.query(name(n), type, answer, n * 100)).filter(
      Boolean,
    );
    return found.map((tunnel) => tunnel?.base);
  };
  test('many new names that carry data below one base are a tunnel, told once', () => {
    expect(ask((n) => `${'ab3de'.repeat(8)}${n}.t.example.com`, 1, 16)).toEqual(['example.com']);
    expect(ask((n) => `q${n}.t.example.com`, 16, 180)).toEqual(['example.com']);
    expect(ask((n) => `${n}abcdefgh012345.t.example.co.uk`, 10, 90)).toEqual(['example.co.uk']);
  });
  test('bursts of ordinary look-ups are none', () => {
    expect(ask((n) => `host${n}.example${n % 40}.com`, 1, 16)).toEqual([]);
    expect(ask((n) => `d${n}.cdn.example.net`, 1, 16)).toEqual([]);
    expect(ask((n) => `mx${n % 12}.example.net`, 15, 60)).toEqual([]);
    expect(ask(() => 'registry.example.org', 1, 64)).toEqual([]);
  });
});
