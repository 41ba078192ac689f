import { describe, expect, test } from 'vitest';
import { names, shapesOf } from './conversation.fixture.ts';
import { type Message, SUITES, ssh } from './ssh.fixture.ts';

/** Host keys, then the debug message of a server with restricted keys: neither is asked for. */
const chatter: Message[] = [
  ['down', 230],
  ['down', 120, 45],
];
const session: Message[] = [
  ['up', 34],
  ['up', 24],
  ['down', 17],
  ['up', 40],
  ['down', 5],
];

describe.each(SUITES)('$cipher $mac', (suite) => {
  test.each<[string, Message[]]>([
    [
      'behind a quiet time',
      [...chatter, ['up', 36], ['down', 1], ['down', 66, 900], ['up', 17, 3], ['down', 90, 1]],
    ],
    ['at once', [...chatter, ['up', 36], ['down', 1], ['down', 66, 5], ['up', 17, 3], ['up', 50, 1]]],
    ['for a socket', [...chatter, ['up', 51], ['down', 1], ['down', 73, 400], ['up', 17, 3], ['up', 50, 1]]],
  ])('a server that opens the first channel, %s, is reverse SSH', (_, messages) => {
    expect(shapesOf(ssh(suite, messages))).toMatchObject([{ shape: 'reverse-ssh', confidence: 0.95 }]);
  });

  test('beside a session it is suspected, and certain when it comes again', () => {
    const channel: Message[] = [
      ['down', 66, 1900],
      ['up', 17, 3],
      ['down', 90],
      ['up', 400],
      ['up', 5],
      ['down', 5],
    ];
    const found = shapesOf(ssh(suite, [...session, ...channel, ...channel]));
    const reverse = found.filter(({ shape }) => shape === 'reverse-ssh');
    expect(reverse.map(({ confidence }) => confidence)).toEqual([0.6, 0.85]);
  });

  test('a prompt that a program answers, and the end of the session, are no more than a suspicion', () => {
    const found = shapesOf(
      ssh(suite, [...session, ['down', 66, 1900], ['up', 13, 3], ['down', 90], ['down', 5], ['up', 5]]),
    );
    expect(
      Math.max(...found.filter(({ shape }) => shape === 'reverse-ssh').map(({ confidence }) => confidence)),
    ).toBe(0.6);
  });

  test('a client whose first channel is none of a session reaches further', () => {
    expect(names(ssh(suite, [['up', 34], ...chatter, ['up', 66, 800], ['down', 17, 9], ['up', 90]]))).toEqual(
      ['ssh-forward'],
    );
  });

  test.each<[string, Message[]]>([
    ['a command', [...chatter, ...session, ['down', 900, 300], ['down', 5]]],
    ['a session much later', [['up', 34], ...chatter, ['up', 24, 60_000], ['down', 17], ['up', 60]]],
    [
      'a session right behind the server’s chatter',
      [
        ['up', 34],
        ['down', 230],
        ['down', 120, 190],
        ['up', 24, 20],
        ['down', 17],
      ],
    ],
    ['output that trickles and is not answered', [...session, ...Array(30).fill(['down', 80, 500])]],
    [
      'a person at a terminal',
      [
        ...session,
        ...Array(30)
          .fill([
            ['up', 10, 300],
            ['down', 10],
            ['down', 90],
          ])
          .flat(),
      ],
    ],
    [
      'keep-alives of the server',
      [
        ...session,
        ...Array(9)
          .fill([
            ['down', 29, 5000],
            ['up', 1],
          ])
          .flat(),
      ],
    ],
    ['an agent that is forwarded', [...session, ['down', 39, 900], ['up', 17, 1], ['down', 30], ['up', 300]]],
    ['a copy upwards', [...session, ...Array(40).fill(['up', 32_000]), ['down', 9]]],
    [
      'a copy downwards in pieces',
      [
        ...session,
        ...Array(40)
          .fill([
            ['up', 38],
            ['down', 32_000],
          ])
          .flat(),
      ],
    ],
  ])('%s is a session and nothing else', (_, messages) => {
    const found = names(ssh(suite, messages));
    expect(found.filter((name) => name !== 'ssh-session')).toEqual([]);
  });
});

test('a confirmation may come together with what the target says at once', () => {
  const [suite = { cipher: '', mac: '' }] = SUITES;
  const said = ssh(suite, [
    ...chatter,
    ['up', 36],
    ['down', 1],
    ['down', 66, 900],
    ['up', 17, 3],
    ['up', 16, 0],
  ]);
  const [first, second] = said.slice(-2);
  const together = Buffer.concat([first?.[1] as Uint8Array, second?.[1] as Uint8Array]);
  expect(names([...said.slice(0, -2), ['up', together, 3]])).toEqual(['reverse-ssh']);
});

test('what is no SSH behind its identification is left alone', () => {
  expect(
    names([
      ['up', 'SSH-2.0-x\r\n'],
      ['down', 'SSH-2.0-y\r\n'],
      ['up', Buffer.alloc(400, 255)],
    ]),
  ).toEqual([]);
});
