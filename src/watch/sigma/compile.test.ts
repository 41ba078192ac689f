import { expect, test } from 'vitest';
import type { Detection } from '../detector.ts';
import type { Observation } from '../observation.ts';
import { compileSigma } from './compile.ts';
import { loadRules } from './read/rule.ts';

function rulesOf(text: string) {
  const loaded = loadRules([['rules.yml', text]]);
  expect(loaded.problems).toEqual([]);
  return loaded.rules;
}

function observation(fields: Observation['fields'], seconds = 0, cites = [0]): Observation {
  const category = 'process_creation';
  return { category, time: seconds * 1e6, run: 'r', cell: 'c', cites, fields };
}

function detections(text: string, observations: readonly Observation[]): Detection[] {
  const found: Detection[] = [];
  for (const detector of compileSigma(rulesOf(text)))
    for (const one of observations) detector.observe(one, (detection) => found.push(detection));
  return found;
}

const rule = (detection: string, extra = '') =>
  `title: T\nname: t\nlogsource: { category: process_creation, product: linux }\ndetection:\n${detection
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n${extra}`;

const finds = (detection: string, fields: Observation['fields']): boolean =>
  detections(rule(detection), [observation(fields)]).length > 0;

test('a rule finds what it names, whatever its case, and says what and where', () => {
  const [found, ...more] = detections(
    rule(
      "sel:\n  Image|endswith: '/SSH'\n  CommandLine|contains: ' -r '\ncondition: sel",
      'level: high\ntags: [attack.t1572]',
    ),
    [
      observation({ Image: '/usr/bin/ls', CommandLine: 'ls -R /' }, 1, [4]),
      observation({ Image: '/usr/bin/ssh', CommandLine: 'ssh -R 1:2:3 host.example.com' }, 2, [5, 6]),
    ],
  );
  expect(more).toEqual([]);
  expect(found).toMatchObject({ cites: [5, 6], time: 2_000_000, run: 'r', cell: 'c' });
  expect(found?.text).toBe('T: ssh -R 1:2:3 host.example.com');
  expect(found?.rule).toMatchObject({
    id: 't',
    level: 'high',
    hazard: 'remote-control',
    techniques: ['T1572'],
  });
});

test.each([
  [
    'begin, end, all of it',
    'sel:\n  A|startswith: ab\n  B|endswith: yz\n  C: whole\ncondition: sel',
    { A: 'abc', B: 'xyz', C: 'WHOLE' },
    true,
  ],
  ['a part is not all', 'sel:\n  C: whole\ncondition: sel', { C: 'the whole' }, false],
  ['empty', "sel:\n  A: ''\ncondition: sel", { A: '' }, true],
  ['empty is not absent', "sel:\n  A: ''\ncondition: sel", { B: '' }, false],
  ['null is absent', 'sel:\n  A: null\ncondition: sel', { B: 'x' }, true],
  ['null is not empty', 'sel:\n  A: null\ncondition: sel', { A: '' }, false],
  ['wildcards', "sel:\n  A: 'a?c*z'\ncondition: sel", { A: 'abc--z' }, true],
  ['? is one character', "sel:\n  A: 'a?c'\ncondition: sel", { A: 'ac' }, false],
  [
    '? is one character beyond the first plane',
    "sel:\n  A: 'a?c'\ncondition: sel",
    { A: 'a\u{1f600}c' },
    true,
  ],
  ['an escaped wildcard is plain', "sel:\n  A: 'a\\*c'\ncondition: sel", { A: 'a*c' }, true],
  ['an escaped wildcard is no wildcard', "sel:\n  A: 'a\\*c'\ncondition: sel", { A: 'abc' }, false],
  ['an escaped backslash, then a wildcard', "sel:\n  A: 'a\\\\*'\ncondition: sel", { A: 'a\\bc' }, true],
  ['a backslash before a letter is one', "sel:\n  A: 'a\\b'\ncondition: sel", { A: 'a\\b' }, true],
  ['numbers', 'sel:\n  A: 22\ncondition: sel', { A: 22 }, true],
  ['numbers as text', 'sel:\n  A: 22\ncondition: sel', { A: '22' }, true],
  ['booleans as text', "sel:\n  A: 'true'\ncondition: sel", { A: true }, true],
  ['one of a list', 'sel:\n  A|endswith: c\ncondition: sel', { A: ['ab', 'bc'] }, true],
  ['all of a list', 'sel:\n  A|contains|all: [a, b]\ncondition: sel', { A: 'xbxa' }, true],
  ['all but one of a list', 'sel:\n  A|contains|all: [a, b, c]\ncondition: sel', { A: 'xbxa' }, false],
  ['keywords', 'sel: [needle]\ncondition: sel', { Z: 'a NEEDLE b' }, true],
  ['all keywords', "sel:\n  '|all': [one, two]\ncondition: sel", { Y: 'one', Z: 'two' }, true],
  ['keywords with wildcards', "sel: ['a*d']\ncondition: sel", { Z: 'xabcdx' }, true],
  ['maps of a list are alternatives', 'sel:\n  - A: x\n  - B: y\ncondition: sel', { B: 'y' }, true],
  ['cased', 'sel:\n  A|contains|cased: Ab\ncondition: sel', { A: 'xAbx' }, true],
  ['cased, of another case', 'sel:\n  A|contains|cased: Ab\ncondition: sel', { A: 'xabx' }, false],
  [
    'a regular expression, found anywhere',
    "sel:\n  A|re: '\\s-[FT]\\s'\ncondition: sel",
    { A: 'curl -F x' },
    true,
  ],
  ['regular expressions mind the case', "sel:\n  A|re: 'abc'\ncondition: sel", { A: 'ABC' }, false],
  ['unless told not to', "sel:\n  A|re|i: 'abc'\ncondition: sel", { A: 'ABC' }, true],
  [
    'case beyond ASCII',
    "sel:\n  A|re|i: 'kit'\ncondition: sel",
    { A: 'K\u{49}t'.replace('K', '\u{212a}') },
    true,
  ],
  ['lines', "sel:\n  A|re|m: '^b$'\ncondition: sel", { A: 'a\nb\nc' }, true],
  ['one line', "sel:\n  A|re: 'a.b'\ncondition: sel", { A: 'a\nb' }, false],
  ['as one line', "sel:\n  A|re|s: 'a.b'\ncondition: sel", { A: 'a\nb' }, true],
  ['cidr', 'sel:\n  A|cidr: 192.0.2.0/25\ncondition: sel', { A: '192.0.2.77' }, true],
  ['beyond it', 'sel:\n  A|cidr: 192.0.2.0/25\ncondition: sel', { A: '192.0.2.177' }, false],
  ['cidr of IPv6', "sel:\n  A|cidr: '2001:db8::/32'\ncondition: sel", { A: '2001:db8:1::5' }, true],
  ['IPv4 as IPv6', 'sel:\n  A|cidr: 192.0.2.0/24\ncondition: sel', { A: '::ffff:192.0.2.1' }, true],
  ['no address', 'sel:\n  A|cidr: 192.0.2.0/24\ncondition: sel', { A: 'host.example.com' }, false],
  ['exists', 'sel:\n  A|exists: true\ncondition: sel', { A: '' }, true],
  ['exists not', 'sel:\n  A|exists: false\ncondition: sel', { A: '' }, false],
  ['less', 'sel:\n  A|lt: 10\ncondition: sel', { A: '9.5' }, true],
  ['more, beyond 2^53', 'sel:\n  A|gt: "9007199254740992"\ncondition: sel', { A: '9007199254740993' }, true],
  ['no number', 'sel:\n  A|gte: 0\ncondition: sel', { A: 'zero' }, false],
  ['not equal', 'sel:\n  A|neq: [x, z]\ncondition: sel', { A: 'y' }, true],
  ['not equal to one', 'sel:\n  A|neq: [x, y]\ncondition: sel', { A: 'y' }, false],
  ['what is absent differs from nothing', 'sel:\n  A|neq: x\ncondition: sel', { B: 'y' }, false],
  ['another field', 'sel:\n  A|fieldref: B\ncondition: sel', { A: 'Same', B: 'same' }, true],
  [
    'ends with another field',
    'sel:\n  A|endswith|fieldref: B\ncondition: sel',
    { A: '/bin/sh', B: 'SH' },
    true,
  ],
  ['differs from another field', 'sel:\n  A|fieldref|neq: B\ncondition: sel', { A: 'a', B: 'b' }, true],
  [
    'base64',
    'sel:\n  A|base64|contains: /bin/sh\ncondition: sel',
    { A: 'echo L2Jpbi9zaA== | base64 -d' },
    true,
  ],
  ['windash', "sel:\n  A|windash|contains: ' -f '\ncondition: sel", { A: 'x /f y' }, true],
  ['a long dash', "sel:\n  A|windash|contains: ' -f '\ncondition: sel", { A: 'x \u{2014}f y' }, true],
  ['hour', 'sel:\n  A|hour|gte: 22\ncondition: sel', { A: '2026-02-03T23:10:00Z' }, true],
  ['week', 'sel:\n  A|week: 53\ncondition: sel', { A: '2021-01-01' }, true],
  ['precedence', 'a: [aaa]\nb: [bbb]\nc: [ccc]\ncondition: a or b and not c', { Z: 'aaa ccc' }, true],
  ['brackets', 'a: [aaa]\nb: [bbb]\nc: [ccc]\ncondition: (a or b) and not c', { Z: 'aaa ccc' }, false],
  ['1 of', 'sel_a: [aaa]\nsel_b: [bbb]\ncondition: 1 of sel_*', { Z: 'bbb' }, true],
  ['all of', 'sel_a: [aaa]\nsel_b: [bbb]\ncondition: all of sel_*', { Z: 'bbb' }, false],
  ['them leaves out _', 'sel_a: [aaa]\n_b: [bbb]\ncondition: all of them', { Z: 'aaa' }, true],
  ['a list of conditions', 'a: [aaa]\nb: [bbb]\ncondition: [a, b]', { Z: 'bbb' }, true],
  ['the final sigma', 'sel:\n  A|contains: ΟΔΟΣ\ncondition: sel', { A: 'οδοσx' }, true],
  ['a long literal', `sel:\n  A: ${'x'.repeat(70)}y\ncondition: sel`, { A: `${'x'.repeat(70)}Y` }, true],
  [
    'a long literal, not all of it',
    `sel:\n  A: ${'x'.repeat(70)}y\ncondition: sel`,
    { A: `${'x'.repeat(70)}z` },
    false,
  ],
])('%s', (_name, detection, fields, expected) => {
  expect(finds(detection, fields)).toBe(expected);
});

test.each([0, 1, 2])('base64offset, after %i bytes', (offset) => {
  const text = Buffer.from(`${'-'.repeat(offset)}bash -i >& /dev/tcp/ and more`).toString('base64');
  const detection = "sel:\n  A|base64offset|contains: 'bash -i >& /dev/tcp/'\ncondition: sel";
  expect(finds(detection, { A: `echo ${text}|base64 -d|sh` })).toBe(true);
  expect(finds(detection, { A: Buffer.from(`${'-'.repeat(offset)}bash -c`).toString('base64') })).toBe(false);
});

test('UTF-16 in Base64', () => {
  const text = Buffer.from('a ping b', 'utf16le').toString('base64');
  expect(finds('sel:\n  A|wide|base64offset|contains: ping\ncondition: sel', { A: text })).toBe(true);
});

const counted = (correlation: string) =>
  `${rule('sel: { Image: x }\ncondition: sel')}\n---\n${rule('sel: { Image: y }\ncondition: sel').replace('name: t', 'name: u')}\n---\ntitle: C\nname: c\ncorrelation:\n${correlation
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
const seen = (text: string, ...steps: [fields: Observation['fields'], seconds: number][]) =>
  detections(
    counted(text),
    steps.map(([fields, seconds], index) => observation(fields, seconds, [index])),
  ).map(({ time, cites }) => [time / 1e6, cites]);

test('events are counted per group, within the span, both ends included', () => {
  const text = 'type: event_count\nrules: [t]\ngroup-by: [User]\ntimespan: 10s\ncondition: { gte: 3 }';
  const [a, b] = [
    { Image: 'x', User: 'a' },
    { Image: 'x', User: 'b' },
  ];
  expect(seen(text, [a, 0], [b, 1], [a, 5], [a, 10])).toEqual([[10, [0, 2, 3]]]);
  expect(seen(text, [a, 0], [a, 5], [a, 11])).toEqual([]);
});

test('values are counted once each', () => {
  const text = 'type: value_count\nrules: [t]\ntimespan: 10s\ncondition: { field: User, gte: 2 }';
  const [a, b] = [
    { Image: 'x', User: 'a' },
    { Image: 'x', User: 'b' },
  ];
  expect(seen(text, [a, 0], [a, 1], [b, 2])).toEqual([[2, [1, 2]]]);
  expect(seen(text, [b, 0], [a, 9], [a, 12])).toEqual([[9, [0, 1]]]);
});

test('in any order, and in order', () => {
  const any = 'type: temporal\nrules: [t, u]\ntimespan: 10s';
  const ordered = any.replace('temporal', 'temporal_ordered');
  const [x, y] = [{ Image: 'x' }, { Image: 'y' }];
  expect(seen(any, [y, 0], [x, 5])).toEqual([[5, [0, 1]]]);
  expect(seen(any, [y, 0], [x, 11])).toEqual([]);
  expect(seen(ordered, [y, 0], [x, 5])).toEqual([]);
  expect(seen(ordered, [y, 0], [x, 5], [y, 9])).toEqual([[9, [1, 2]]]);
  expect(seen(`${any}\ncondition: t and not u`, [x, 0], [y, 1], [x, 5], [x, 20])).toEqual([
    [0, [0]],
    [20, [3]],
  ]);
});

test('in order, and without what must not have been', () => {
  const ordered = 'type: temporal_ordered\nrules: [t, u]\ntimespan: 10s\ncondition:';
  const [x, y] = [{ Image: 'x' }, { Image: 'y' }];
  expect(seen(`${ordered} t and u`, [y, 0], [x, 1], [y, 2]).map(([time]) => time)).toEqual([2]);
  expect(seen(`${ordered} u and not t`, [y, 0], [x, 1], [y, 2], [y, 12]).map(([time]) => time)).toEqual([
    0, 12,
  ]);
  expect(seen(`${ordered} { gte: 1 }`, [y, 0]).map(([time]) => time)).toEqual([0]);
});

test('sums, averages, percentiles', () => {
  const text = (type: string, condition: string) =>
    `type: value_${type}\nrules: [t]\ntimespan: 10s\ncondition: { field: N, ${condition} }`;
  const steps: [Observation['fields'], number][] = [1, 2, 3, 10].map((N, index) => [
    { Image: 'x', N },
    index,
  ]);
  expect(seen(text('sum', 'gt: 15'), ...steps).length).toBe(1);
  expect(seen(text('avg', 'gte: 4'), ...steps).length).toBe(1);
  expect(seen(text('median', 'eq: 2.5'), ...steps).length).toBe(1);
  expect(seen(text('percentile', 'percentile: 100, gte: 10'), ...steps).length).toBe(1);
  expect(seen(text('sum', 'gt: 15'), ...steps.map(([f], i) => [f, i * 20] as (typeof steps)[0]))).toEqual([]);
});

test('correlations rest on correlations, and on fields of other names', () => {
  const text = `type: temporal_ordered
rules: [many, u]
group-by: [who]
aliases: { who: { many: User, u: ParentUser } }
timespan: 1m
---
title: Many
name: many
correlation: { type: event_count, rules: [t], group-by: [User], timespan: 10s, condition: { gte: 2 } }`;
  const [x, y] = [
    { Image: 'x', User: 'a' },
    { Image: 'y', ParentUser: 'a' },
  ];
  const documents =
    counted('X').replace(/ {2}X[\s\S]*/, '') +
    text.split('\n---')[0]?.replace(/^/gm, '  ') +
    '\n---' +
    text.split('\n---')[1];
  const steps = [
    observation(x, 0, [0]),
    observation(x, 1, [1]),
    observation(y, 2, [2]),
    observation({ ...y, ParentUser: 'b' }, 3, [3]),
  ];
  expect(detections(documents, steps).map(({ rule: { id }, cites }) => [id, cites])).toEqual([
    ['c', [0, 1, 2]],
  ]);
});

test('memory is bounded, and what was forgotten is told', () => {
  const text = counted(
    'type: event_count\nrules: [t]\ngroup-by: [User]\ntimespan: 1d\ncondition: { gte: 3 }',
  );
  const [detector] = compileSigma(rulesOf(text));
  for (let user = 0; user < 6000; user += 1)
    detector?.observe(observation({ Image: 'x', User: user }), () => undefined);
  expect(detector?.lost()).toBeGreaterThan(1000);
  expect(detector?.lost()).toBe(0);
});
