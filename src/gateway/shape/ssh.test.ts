import { describe, expect, test } from 'vitest';
import { names, type Said, shapesOf } from './conversation.fixture.ts';
import { type Message, SUITES, type Suite, ssh } from './ssh.fixture.ts';

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
  ['down', 9],
];
/** The client asks the server to listen, as a second client of the same connection has it do. */
const listen: Message[] = [
  ['up', 36, 300],
  ['down', 1, 20],
];
const entered = (after: number, took: number): Message[] => [
  ['down', 66, after],
  ['up', 17, took],
  ['down', 90],
  ['up', 400],
  ['up', 5],
  ['down', 5],
];
const confidences = (suite: Suite, messages: readonly Message[]) =>
  shapesOf(ssh(suite, messages))
    .filter(({ shape }) => shape === 'reverse-ssh')
    .map(({ confidence }) => confidence);
/** Answers of one byte of payload are told from those of five. */
const isExact = ({ cipher }: Suite) => cipher.startsWith('chacha20');

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

  test.each([
    ['later', 1900, 3],
    ['at once', 2, 3],
    ['on a busy machine', 40, 900],
  ])('beside a session it is suspected at least, and certain when it comes again: %s', (_, after, took) => {
    const channel = entered(after, took);
    const found = confidences(suite, [...session, ['down', 300], ...listen, ...channel, ...channel]);
    // there only what comes alone and is answered at once counts
    const hidden = suite.mac === 'hmac-sha1' && (after < 1000 || took > 90);
    expect(found).toEqual(hidden ? [] : isExact(suite) ? [0.95] : [0.6, 0.85]);
  });

  test.skipIf(suite.mac === 'hmac-sha1')('beside a session that speaks all the time it is told, too', () => {
    const step: Message = ['down', 70, 120];
    const found = confidences(suite, [
      ...session,
      ...Array<Message>(5).fill(step),
      ...listen,
      step,
      ['down', 66, 30],
      step,
      ['up', 17, 3],
    ]);
    expect(found).toEqual([isExact(suite) ? 0.95 : 0.6]);
  });

  test.skipIf(suite.mac === 'hmac-sha1')(
    'a request is told that is the first behind a session’s set-up',
    () => {
      const found = confidences(suite, [
        ...session,
        ['up', 36, 20],
        ['down', 1, 20],
        ...entered(5, 3),
        ...entered(5, 3),
      ]);
      expect(found).toEqual(isExact(suite) ? [0.95] : [0.6, 0.85]);
    },
  );

  test('prompts that a program answers at once are at most a suspicion', () => {
    const prompts = Array.from({ length: 20 }, (_, n): Message[] => [
      ['down', 50 + 7 * n, 1900],
      ['up', 13, 3],
    ]).flat();
    const found = confidences(suite, [...session, ...prompts, ['down', 5], ['up', 5]]);
    // where messages that come together cannot be told apart, the request may have been missed
    expect(found).toEqual(suite.mac === 'hmac-sha1' ? [0.6] : []);
  });

  test.each<[string, Message[]]>([
    [
      'keep-alives',
      [
        ['up', 27, 5000],
        ['down', 1, 3],
      ],
    ],
    [
      'another session of the same connection',
      [
        ['up', 24, 400],
        ['down', 17, 9],
        ['up', 36, 1],
        ['down', 5, 9],
        ['down', 9],
        ['down', 25],
      ],
    ],
    [
      'lines, and acknowledgements of two bytes and a name',
      [
        ['up', 19],
        ['down', 14, 3],
      ],
    ],
  ])('prompts behind %s are at most a suspicion', (_, before) => {
    const found = confidences(suite, [
      ...session,
      ['down', 200],
      ...before,
      ['down', 66, 300],
      ['up', 17, 3],
    ]);
    expect(found).toEqual([]);
  });

  test('a client whose first channel is none of a session reaches further', () => {
    expect(names(ssh(suite, [['up', 34], ...chatter, ['up', 66, 800], ['down', 17, 9], ['up', 90]]))).toEqual(
      ['ssh-forward'],
    );
  });

  test.each<[string, Message[]]>([
    ['a command', [...chatter, ...session, ['down', 900, 300], ['down', 5]]],
    [
      'rsync on a busy machine, whose halves greet each other',
      [
        ...session,
        ['up', 13, 1],
        ['down', 13, 1140],
        ['down', 10],
        ['up', 10, 9],
        ['up', 40],
        ['down', 10, 9],
        ['down', 50],
        ['down', 13],
        ['up', 14],
        ['down', 2600],
      ],
    ],
    [
      'a session of a server that takes its time',
      [
        ['up', 34],
        ['up', 24],
        ['down', 17, 2500],
        ['up', 40],
        ['down', 5],
        ['down', 9],
        ['down', 66, 900],
        ['up', 17, 3],
      ],
    ],
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

describe('messages that come together', () => {
  const together = (said: readonly Said[], from: number, count: number): Said[] => {
    const pieces = said.slice(from, from + count).map(([, bytes]) => bytes as Uint8Array);
    const [direction, , later] = said[from] as Said;
    return [
      ...said.slice(0, from),
      [direction, Buffer.concat(pieces), later ?? 1],
      ...said.slice(from + count),
    ];
  };
  /** where authentication succeeds in what `ssh` makes */
  const SUCCESS = 12;

  test.each(SUITES)('the end of authentication and host keys: a session is one, $cipher $mac', (suite) => {
    const said = ssh(suite, [['down', 230], ...session, ['down', 900, 300]]);
    expect(names(together(said, SUCCESS, 2))).toEqual(['ssh-session']);
  });

  test.each(SUITES)('the end of authentication and host keys: reverse SSH is told, $cipher $mac', (suite) => {
    const request: Message[] = [
      ['down', 230],
      ['up', 36, 20],
      ['down', 1, 20],
    ];
    const said = ssh(suite, [...request, ['down', 66, 900], ['up', 17, 3], ['down', 90]]);
    expect(names(together(said, SUCCESS, 2))).toEqual(['reverse-ssh']);
  });

  const hidden = SUITES.filter(({ cipher, mac }) => cipher.startsWith('chacha20') || mac === 'hmac-sha1');
  test.each(hidden)('the answer to a request and the channel that it leads to, $cipher $mac', (suite) => {
    const said = ssh(suite, [
      ['up', 36],
      ['down', 230],
      ['down', 1, 20],
      ['down', 66],
      ['up', 17, 3],
      ['down', 20],
      ['up', 30],
    ]);
    expect(names(together(said, SUCCESS + 3, 2))).toEqual(['reverse-ssh']);
  });

  test.each(SUITES)('rsync’s greeting, $cipher $mac', (suite) => {
    const greeting: Message[] = [
      ['up', 13],
      ['down', 13, 140],
      ['down', 10],
      ['up', 40, 1],
      ['down', 10, 1],
      ['down', 50],
      ['up', 14, 1],
      ['down', 2600],
    ];
    const said = ssh(suite, [...session, ...greeting]);
    expect(names(together(said, SUCCESS + 1 + session.length + 4, 2))).toEqual(['ssh-session']);
  });

  test('the answer and the channel beside a session, when the request came by itself', () => {
    const [chacha = { cipher: '', mac: '' }] = SUITES;
    const asked = (pause: number) => {
      const request: Message[] = [
        ['up', 36, pause],
        ['down', 1, 20],
      ];
      const said = ssh(chacha, [...session, ['down', 300], ...request, ['down', 66], ['up', 17, 3]]);
      return names(together(said, SUCCESS + 1 + session.length + 2, 2));
    };
    expect(asked(300)).toEqual(['ssh-session', 'reverse-ssh']);
    // right behind what the server said, answers of programs look the same
    expect(asked(20)).toEqual(['ssh-session']);
  });

  test.each(hidden)('a keep-alive and what else a client says are no request, $cipher $mac', (suite) => {
    const said = ssh(suite, [
      ...session,
      ['down', 200],
      ['up', 27, 1000],
      ['up', 9, 0],
      ['down', 1, 3],
      ['down', 66, 900],
      ['up', 17, 200],
    ]);
    expect(names(together(said, SUCCESS + 1 + session.length + 1, 2))).toEqual(['ssh-session']);
  });

  test.each(SUITES)('host keys behind the opening of a session are no channel, $cipher $mac', (suite) => {
    const said = ssh(suite, [
      ['up', 24],
      ['down', 230, 200],
      ['down', 17, 200],
      ['down', 9],
      ['up', 40],
      ['up', 13],
    ]);
    expect(names(said)).toEqual(['ssh-session']);
    expect(names(together(said, SUCCESS + 3, 2))).toEqual(['ssh-session']);
  });
});

/** What dropbear does unless it is told otherwise; lengths are those that were measured. */
describe('compressed as soon as the client is authenticated', () => {
  const others = SUITES.slice(0, 3);
  const suites = [...others, { cipher: 'aes256-ctr', mac: 'hmac-sha1' }].map((suite) => ({
    ...suite,
    compression: 'zlib@openssh.com',
  }));

  test.each(suites)('a session with host keys and output is one, $cipher $mac', (suite) => {
    const said: Message[] = [
      ['up', 24],
      ['down', 205, 30],
      ['down', 10, 40],
      ['down', 5],
      ['up', 38],
      ['down', 5],
      ['up', 20, 500],
      ['down', 200, 1200],
      ['up', 10, 3],
      ['down', 60, 1200],
      ['up', 10, 3],
    ];
    expect(names(ssh(suite, said))).toEqual(['ssh-session']);
  });

  test.each(suites)(
    'what the server opens behind a request is reverse SSH and nothing else, $cipher $mac',
    (suite) => {
      const said: Message[] = [
        ['up', 42],
        ['down', 6, 20],
        ['down', 46, 50],
        ['up', 14, 3],
        ['down', 6],
      ];
      expect(shapesOf(ssh(suite, said))).toMatchObject([{ shape: 'reverse-ssh', confidence: 0.85 }]);
    },
  );

  test.each(suites)('what the client opens first reaches further, $cipher $mac', (suite) => {
    expect(
      names(
        ssh(suite, [
          ['up', 48, 800],
          ['down', 12, 9],
          ['up', 12],
        ]),
      ),
    ).toEqual(['ssh-forward']);
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
