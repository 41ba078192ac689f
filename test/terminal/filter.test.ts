/**
 * What of a program's output reaches the operator's terminal: drawing does, what makes a terminal act does not, however it
 * is spelled, and wherever a read cuts it in two.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../run/place.ts';

const LAUNCHER = join(ROOT, 'native/build/ringfence-cell');
const filter = (bytes: string, ...words: string[]): string => {
  const { stdout, status } = spawnSync(LAUNCHER, ['filter', ...words], {
    input: Buffer.from(bytes, 'latin1'),
  });
  expect(status).toBe(0);
  return stdout.toString('latin1');
};
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

describe('passes', () => {
  it.each([
    ['text', utf8('plain ünïcödé 漢字 🙂\r\n\ttab')],
    ['colours', '\u001b[1;38;2;1;2;3mx\u001b[0m'],
    ['cursor report and device attributes', '\u001b[6n\u001b[c\u001b[>c\u001b[?25$p'],
    ['titles', utf8('\u001b]0;títle\u0007\u001b]2;b\u001b\\')],
    ['links', '\u001b]8;;http://example.com\u001b\\link\u001b]8;;\u001b\\'],
    ['colour questions', '\u001b]11;?\u001b\\\u001b]4;1;?\u0007\u001b]104\u0007'],
    ['size in pixels', '\u001b[14t\u001b[18t\u001b[22;0t'],
    ['character sets and saved cursors', '\u001b(B\u001b7\u001b8\u001b=\u001b>\u001bM'],
    ['sixel and capability questions', '\u001bPq#0;2;0;0;0~-\u001b\\\u001bP+q544e\u001b\\'],
    ['bytes of characters that look like controls', utf8('\u2bdb \u6d9b \u6f5b \u{1f69b}')],
  ])('%s', (_name, bytes) => expect(filter(bytes)).toBe(bytes));
});

/** What a terminal would act on, as parameter and payload of each introducer. */
const ACTS: [string, string][] = [
  ['report of the title', '\u001b[21t'],
  ['report of the icon', '\u001b[20t'],
  ['report of the title, padded', `\u001b[${'0'.repeat(200)}21t`],
  ['report of the title, with a line end in it', '\u001b[2\n1t'],
  ['printing', '\u001b[5i'],
  ['printing, private', '\u001b[?5i'],
  ['reading the screen', '\u001b[1;1;1;1;9;9*y'],
  ['clipboard', '\u001b]52;c;YQ==\u0007'],
  ['clipboard, read', '\u001b]52;c;?\u001b\\'],
  ['clipboard, padded', '\u001b]0052;c;?\u001b\\'],
  ['clipboard, of no kind', '\u001b]52;;?\u0007'],
  ['clipboard, with a strange number', '\u001b]5\u00002;c;?\u0007'],
  ['fonts', '\u001b]50;?\u0007'],
  ['files', '\u001b]1337;File=name=YQ==:YQ==\u0007'],
  ['settings', '\u001bP$q"p\u001b\\'],
  ['keys', '\u001bP0;1|17/6c73\u001b\\'],
  ['pass-through', '\u001bPtmux;\u001b\u001b]52;c;YQ==\u0007\u001b\\'],
  ['application', '\u001b_Gi=1,a=q,t=f;L2V0Yy9wYXNzd2Q=\u001b\\'],
  ['privacy message', '\u001b^52\u001b\\'],
  ['answerback', '\u0005'],
  ['answerback in a sequence', '\u001b[\u00051m'],
  ['answerback in what some read as a title', '\u001bk\u0005\u001b\\'],
  ['answerback in a title', '\u001b]52;\u0005\u0007'],
  ['report of the title, by a number that wraps', '\u001b[65557t'],
  ['kitty, remote control', '\u001bP@kitty-cmd{"cmd":"launch","version":[0,26,0]}\u001b\\'],
  ['iTerm2, tmux control mode', '\u001bP1000p%begin\u001b\\'],
  ['screen, pass-through', '\u001bPx\u001b\\'],
  ['a macro in hexadecimal', '\u001bP0;0;1!z1b5b323174\u001b\\'],
  ['a macro, played', '\u001b[0*z'],
  ['Vim, open a file', '\u001b]51;["drop","/etc/passwd"]\u0007'],
  ['Emacs, run a function', '\u001b]51;Efind-file /etc/passwd\u001b\\'],
  ['ConEmu, start a program', '\u001b]9;7;"cmd"\u0007'],
  ['ConEmu, run a macro', '\u001b]9;6;Shell("cmd")\u0007'],
  ['ConEmu, print the environment', '\u001b]9;8;PATH\u0007'],
  ['VS Code, a command to run again', '\u001b]633;E;rm -rf ~\u0007'],
  ['the folder of new windows', '\u001b]7;file://host/tmp\u0007'],
  ['a property of the window', '\u001b]3;WM_CLASS=x\u0007'],
  ['a log file', '\u001b]46;/tmp/log\u0007'],
  ['kitty, colours by name, which come back', '\u001b]21;rm -rf ~=?\u001b\\'],
  ['kitty, a notification that reports back', '\u001b]99;i=evil:a=report;text\u001b\\'],
  ['kitty, is it alive', '\u001b]99;i=evil:p=alive;\u001b\\'],
  ['a prompt whose clicks are typed', '\u001b]133;A;click_events=1\u0007'],
  ['Terminology, set a picture', '\u001b}bp/etc/passwd\u0000'],
  ['another character set, in which bytes of UTF-8 are controls', '\u001b%@'],
  ['VT52', '\u001b[?25;2l'],
  ['Tektronix', '\u001b[?38h'],
  ['answers in eight bits', '\u001b G'],
];

/** What may be left of them: line ends, an empty sequence, the end of a string that did not begin. */
const HARMLESS = ['\n', '\u001b[1m', '\u001b\\'];

describe('does not pass', () => {
  it.each(ACTS)('%s', (name, bytes) => {
    const out = filter(`a${bytes}b`);
    expect(HARMLESS.reduce((text, rest) => text.replaceAll(rest, ''), out)).toMatch(/^a(bp\/etc\/passwd)?b$/);
    expect(out).not.toContain(bytes);
    expect(name).not.toBe('');
  });

  it('what is spelled with eight bits: of characters, or as bytes that are none', () => {
    for (const c1 of ['\u009b21t', '\u009d52;c;?\u0007', '\u0090$q"p\u001b\\', '\u009fGx\u001b\\']) {
      expect(filter(`a${utf8(c1)}b`)).toBe('ab');
      expect(filter(`a${c1}b`)).not.toMatch(/[\u0080-\u009f]/);
    }
    for (const lax of [
      '\u00c0\u009b',
      '\u00e0\u0082\u009b',
      '\u00f0\u0080\u0082\u009b',
      '\u00f8\u0088\u0080\u0080\u009b',
      '\u00e2\u009b',
    ])
      expect(filter(`${lax}21t`)).not.toMatch(/[\u0080-\u009f]/); // overlong, too long, cut short
  });

  it('bytes of characters, to a terminal that may know no UTF-8', () => {
    const text = utf8('é 漢字 ⯛21t \u{1f69b}');
    expect(filter(text)).toBe(text);
    expect(filter(text, 'eight-bit')).not.toMatch(/[\u0080-\u009f]/);
    expect(filter(text, 'eight-bit')).toContain(utf8('é'));
  });

  it('what hides behind an end that only the terminal sees', () => {
    for (const end of ['\u009c', utf8('\u009c'), '\u0018', '\u001b\\', '\u001bx']) {
      for (const act of ['\u009b21t', utf8('\u009b21t'), '\u001b[21t']) {
        const out = filter(`\u001b]0;title${end}${act}`);
        expect(out).not.toContain('\u009b');
        expect(out).not.toContain('[21t');
      }
    }
  });

  it('the clipboard, but for writing where that is allowed', () => {
    expect(filter('\u001b]52;c;YQ==\u0007', 'clipboard')).toBe('\u001b]52;c;YQ==\u0007');
    expect(filter('a\u001b]52;c;?\u0007b', 'clipboard')).toBe('ab');
    expect(filter('a\u001b]52;c;\u0007b', 'clipboard')).toBe('ab');
    expect(filter('a\u001b]52;c;?\u0007b', 'clipboard,bytewise')).toBe('ab');
  });
});

it('takes back the modes that are left', () => {
  const left = '\u001b[?1049h\u001b[?25l\u001b[?1000;1006h\u001b[?1006l';
  expect(filter(left)).toBe(`${left}\u001b[?1000l\u001b[?25h\u001b[?1049l`);
  const none = '\u001b[?1049h\u001b[?1049l\u001b[?25l\u001b[?25h';
  expect(filter(none)).toBe(none);
  // restored by the terminal, not set by name
  expect(filter('\u001b[?1003r')).toBe('\u001b[?1003r\u001b[?1003l');
  // a locked keyboard, local echo, keys in another spelling
  expect(filter('\u001b[2h\u001b[12l\u001b[?9001h')).toBe(
    '\u001b[2h\u001b[12l\u001b[?9001h\u001b[?9001l\u001b[2l\u001b[12h',
  );
  // each screen has keys of its own
  const keys = '\u001b[<99u\u001b[=0u';
  expect(filter('\u001b[>31u\u001b[?1049h')).toBe(`\u001b[>31u\u001b[?1049h${keys}\u001b[?1049l${keys}`);
});

/** What may leave the filter, as one reads a well-formed stream: an oracle that shares nothing with the filter. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x07-\x0f\x18\x1a\x20-\x7e\u{a0}-\u{10ffff}]|\x1b\[(?<control>[0-?]*[ -/]*[@-~])|\x1b\](?<command>[\x20-\x7e\u{a0}-\u{10ffff}]*)(?:\x07|\x1b\\|[\x18\x1a])|\x1bP(?<device>[\x20-\x7e\u{a0}-\u{10ffff}]*)(?:\x1b\\|[\x18\x1a])|\x1b(?<plain>[ -/]*[0-OQ-Z\\^-~])/uy;
const BAD_CONTROL = [
  /i$/,
  /[&+,%(]/,
  /\*[^x]$/,
  /^0*2[01](?:[;:].*)?t$/,
  /^\d{4,}t/,
  /^>.*t$/,
  /^\?(?:.*;)?0*(?:38|5522)(?:;.*)?h$/,
  /^\?(?:.*;)?0*2(?:;.*)?[lr]$/,
];
const GOOD_COMMAND =
  /^0*(?:(?:0|1|2|4|5|8|1\d|66|10[45]|11\d)(?:;.*)?|9(?:;4;.*|;(?!\d+(?:;|$)).+)|22;[a-z].*|99;(?!.*(?:report|alive|c=1)).*;.*|133;[A-DLNP](?:;\d*)?|777;notify;.*)$/u;
const GOOD_DEVICE = /^(?:[\d;]*q.*|\+q[\da-fA-F;]*)$/u;

function wrong(out: string): string | undefined {
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < out.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(out);
    if (!token) return `no token at ${at}: ${JSON.stringify(out.slice(at, at + 40))}`;
    const { control, command, device, plain } = token.groups ?? {};
    if (control !== undefined && BAD_CONTROL.some((bad) => bad.test(control))) return `control ${control}`;
    if (command !== undefined && !GOOD_COMMAND.test(command)) return `command ${command}`;
    if (device !== undefined && !GOOD_DEVICE.test(device)) return `device ${device}`;
    if (plain !== undefined && /^(?:[X^_k}]|%[^G]|.?%@| G)/.test(plain)) return `escape ${plain}`;
  }
  return undefined;
}

/** What an emulator answers: numbers, colours, hexadecimal names. Nothing that the program wrote. */
const ANSWER =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /^(?:\x1b\[[?>=]?[\d;]*\$?[cnRtyuxIO]|\x1b\]1?\d(?:;\d+)?;rgb:[\da-f/]+(?:\x07|\x1b\\)|\x1bP[01]\+r[\da-fA-F=;]*\x1b\\)*$/;

describe('no stream makes a sequence that acts', () => {
  const piece = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        '\u001b',
        '\u001b[',
        '\u001b]',
        '\u001bP',
        '\u001b_',
        '\u001bk',
        '\u009b',
        '\u009d',
        '\u0090',
        '\u00c2\u009b',
        '\u00c2\u009d',
        '\u00c2\u0090',
        '\u00c2\u009f',
        '\u00c2',
        '\u00e2',
        '\u00e2\u0082',
      ),
    },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        '\u0007',
        '\u001b\\',
        '\u009c',
        '\u00c2\u009c',
        '\u0018',
        '\u001a',
        '\u001bx',
        '\u007f',
        '\u0000',
        '\u0005',
        '\n',
      ),
    },
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        '21t',
        '20;1t',
        '6n',
        'c',
        '5i',
        '?38h',
        '?2l',
        '?1000h',
        '?25l',
        '1*y',
        '0*z',
        '$q"p',
        '+q544e',
        'q#0~',
        '@kitty-cmd{}',
        '1000p',
        '0;1|17/41',
        'tmux;',
        '%@',
        '%G',
        '(B',
        '}fr',
      ),
    },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        '52;c;?',
        '52;c;YQ==',
        '0;title',
        '4;1;?',
        '10;?',
        '51;E',
        '9;7;x',
        '9;hello',
        '9;4;1;50',
        '99;i=1:a=report;',
        '99;i=1;x',
        '1337;File=:',
        '633;E;x',
        '7;file:///',
        '133;A',
        '777;notify;a;b',
        '8;;http://example.com',
        '21;x=?',
      ),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        ';',
        ':',
        '?',
        '>',
        '$',
        '"',
        ' ',
        '0',
        '2',
        '1',
        't',
        'a',
        utf8('漢'),
        utf8('é'),
        '0'.repeat(300),
        'x'.repeat(300),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.string({
        unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
        maxLength: 4,
      }),
    },
  );
  const stream = fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''));

  it('the oracle sees what it is to see', () => {
    for (const [name, bytes] of ACTS) expect(wrong(bytes), name).toBeDefined();
    expect(wrong('text \u001b[31m\u001b]0;t\u0007\u001bP+q544e\u001b\\\u001b(B')).toBeUndefined();
  });

  it('by its grammar, however reads cut it, and to an emulator', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(stream, async (bytes) => {
        const out = filter(bytes);
        expect(filter(bytes, 'bytewise')).toBe(out);
        const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
          Buffer.from(out, 'latin1'),
        );
        expect(wrong(text)).toBeUndefined();
        const emulator = new xterm.Terminal({ allowProposedApi: true });
        let answers = '';
        emulator.onData((answer) => {
          answers += answer;
        });
        await new Promise<void>((resolve) => emulator.write(Buffer.from(out, 'latin1'), resolve));
        emulator.dispose();
        expect(answers).toMatch(ANSWER);
      }),
      { numRuns: Number(process.env.RINGFENCE_FUZZ_RUNS ?? 500) },
    );
  });
});
