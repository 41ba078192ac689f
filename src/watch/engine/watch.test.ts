import { describe, expect, test } from 'vitest';
import { type Contract, type EventBody, type LedgerEvent, parseContract } from '../../contract/index.ts';
import type { Detector, RuleInfo } from '../detector.ts';
import { type Finding, Watch } from './watch.ts';

function contractOf(text = ''): Contract {
  const loaded = parseContract(`ringfence: 1\nname: t\n${text}`, 'ringfence.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded));
  return loaded.contract;
}

const rule = (level: RuleInfo['level'], id = 'sabotage.test'): RuleInfo => ({
  id,
  title: 'a test',
  hazard: 'sabotage',
  level,
  techniques: ['T1485'],
  limit: 'sees nothing else',
});

/** Finds each program of that name. */
const finder = (
  program: string,
  info: RuleInfo,
  key = (_image: string, pid: number) => String(pid),
): Detector => ({
  name: 'finder',
  observe({ category, fields, cites, time, run, cell }, report) {
    if (category !== 'process_creation' || fields.Image !== program) return;
    const text = `${program} was executed`;
    report({ rule: info, text, cites, time, run, cell, key: key(program, Number(fields.ProcessId)) });
  },
});

function watched(detectors: Detector[], contract = contractOf()) {
  const findings: Finding[] = [];
  const responses: string[] = [];
  const failures: string[] = [];
  const matters: string[] = [];
  let seq = 0;
  const watch = new Watch({
    contract,
    detectors,
    record: (finding) => {
      findings.push(finding);
      return seq++;
    },
    respond: (response, _finding, matter) => {
      responses.push(response);
      matters.push(matter);
    },
    fail: (part, reason, count) => failures.push(`${part}: ${reason} ×${count}`),
    now: () => 1000,
  });
  const see = (body: EventBody, context?: LedgerEvent['context']) => {
    const event = {
      seq: seq++,
      time: '2026-01-01T00:00:00.000000Z',
      run: 'r',
      cell: 'r',
      ...(context && { context }),
      ...body,
    };
    watch.observe(event, 400);
  };
  const execute = (path: string, pid = 7, context?: LedgerEvent['context']) =>
    see(
      { kind: 'process.exec', owner: { pid, exe: path, argv: [path] }, path, cwd: '/', observed: true },
      context,
    );
  return { watch, findings, responses, failures, matters, see, execute };
}

describe('a command and its effect', () => {
  const command = rule('critical', 'remote-control.command');
  const effect = (level: RuleInfo['level']): RuleInfo => ({
    ...rule(level, 'remote-control.effect'),
    effectOf: ['remote-control.command'],
  });
  const run = (level: RuleInfo['level'], executed: readonly (readonly [string, number, number])[]) => {
    const { watch, findings, responses, see } = watched([
      finder('/bin/command', command, () => ''),
      finder('/bin/effect', effect(level)),
    ]);
    for (const [path, pid, ppid] of executed)
      see({
        kind: 'process.exec',
        owner: { pid, ppid, exe: path, argv: [path] },
        path,
        cwd: '/',
        observed: true,
      });
    watch.end();
    return { responses, found: findings.map(({ rule: id, count, cites }) => [id, count, cites]) };
  };

  test('are one finding, which cites both', () => {
    const { found, responses } = run('critical', [
      ['/bin/command', 7, 1],
      ['/bin/between', 8, 7],
      ['/bin/effect', 9, 8],
    ]);
    expect(found).toEqual([
      [command.id, undefined, [0]],
      [command.id, 1, [0, 3]],
    ]);
    expect(responses).toHaveLength(1);
  });

  test.each<[string, RuleInfo['level'], [string, number, number][]]>([
    ['of another process', 'critical', [['/bin/effect', 9, 1]]],
    ['of one above', 'critical', [['/bin/effect', 1, 0]]],
    [
      'of more than was commanded',
      'critical',
      [
        ['/bin/effect', 8, 7],
        ['/bin/effect', 9, 7],
      ],
    ],
  ])('an effect %s is news', (_, level, effects) => {
    const { found, responses } = run(level, [['/bin/command', 7, 1], ...effects]);
    expect(found.filter(([id, count]) => id === 'remote-control.effect' && count === undefined)).toHaveLength(
      1,
    );
    expect(responses).toHaveLength(2);
  });

  test.each([
    ['ask', 4],
    ['freeze', 1],
  ])(
    'where the answer is %s, the same matter is answered again each time (%s), its effect is not, what others do is',
    (answer, times) => {
      const { findings, responses, see } = watched(
        [finder('/bin/command', command, () => ''), finder('/bin/effect', effect('critical'), () => '')],
        contractOf(`oversight: { on: { finding: { critical: ${answer} } } }`),
      );
      const execute = (path: string, pid: number, ppid: number) =>
        see({
          kind: 'process.exec',
          owner: { pid, ppid, exe: path, argv: [path] },
          path,
          cwd: '/',
          observed: true,
        });
      execute('/bin/command', 7, 1);
      execute('/bin/effect', 8, 7);
      execute('/bin/command', 7, 1);
      execute('/bin/effect', 9, 7);
      execute('/bin/command', 10, 1);
      execute('/bin/effect', 11, 1);
      expect(findings).toHaveLength(1);
      expect(responses).toEqual(Array.from({ length: times }, () => answer));
    },
  );

  test('an effect that is graver than the command is news', () => {
    const { watch, findings, execute } = watched([
      finder('/bin/command', rule('low', 'remote-control.command'), () => ''),
      finder('/bin/effect', effect('critical')),
    ]);
    execute('/bin/command', 7);
    execute('/bin/effect', 7);
    watch.end();
    expect(findings.map(({ rule: id }) => id)).toEqual(['remote-control.command', 'remote-control.effect']);
  });
});

describe('what somebody inside declares', () => {
  const declared: EventBody = {
    ...{ kind: 'tool.call', call: 'declared-1', tool: 'bad', arguments: '{}', via: 'declared' },
    ...{ owner: { pid: 7 }, decision: 'allowed' },
  };
  const dropped: EventBody = { ...declared, call: 'mcp-1', via: 'mcp' };
  /** Finds calls and programs alike, as one matter: a rule of the user's may. */
  const either = (info: RuleInfo, key: (what: string) => string = () => ''): Detector => ({
    name: 'either',
    observe({ category, fields, cites, time, run, cell }, report) {
      const what = category === 'tool_call' ? fields.Tool : fields.Image;
      if (typeof what === 'string' && what !== '/bin/effect')
        report({ rule: info, text: what, cites, time, run, cell, key: key(what) });
    },
  });

  test('is a matter of its own: no act counts as its repetition, and each is answered', () => {
    const { watch, findings, responses, see, execute } = watched([either(rule('critical'))]);
    see(declared);
    execute('/bin/bad');
    see(dropped);
    execute('/bin/bad');
    see(declared);
    watch.end();
    expect(findings.map(({ cites, count }) => [cites, count])).toEqual([
      [[0], undefined],
      [[2], undefined],
      [[0, 6], 1],
      [[2, 4, 5], 2],
    ]);
    expect(responses).toEqual(['freeze', 'freeze']);
  });

  test('is asked about for itself: what is allowed of it allows no act', () => {
    const asking = contractOf('oversight: { on: { finding: { critical: ask } } }');
    const { matters, see, execute } = watched([either(rule('critical'))], asking);
    see(declared);
    see(declared);
    execute('/bin/bad');
    execute('/bin/bad');
    expect(matters[1]).toBe(matters[0]);
    expect(matters[2]).not.toBe(matters[0]);
    expect(matters[3]).toBe(matters[2]);
  });

  test('takes up no room of what is told of acts, and is no command that an effect belongs to', () => {
    const effect: RuleInfo = { ...rule('low', 'sabotage.effect'), effectOf: ['sabotage.test'] };
    const detectors = [either(rule('low'), (what) => what), finder('/bin/effect', effect)];
    const { findings, see, execute } = watched(detectors);
    for (let index = 0; index < 200; index += 1) see({ ...declared, tool: `t${index}` });
    const told = findings.length;
    expect(told).toBe(100);
    execute('/bin/effect', 7);
    execute('/bin/bad', 7);
    expect(findings.slice(told).map(({ rule: id }) => id)).toEqual(['sabotage.effect', 'sabotage.test']);
  });
});

describe('what is found', () => {
  test('is on record with its level, chain, response and time', () => {
    const { findings, responses, execute } = watched([finder('/bin/bad', rule('critical'))]);
    execute('/bin/good');
    execute('/bin/bad', 9, { turn: 't1', toolCall: 'c1', by: 'span', confidence: 1 });
    expect(findings).toEqual([
      {
        kind: 'finding',
        rule: 'sabotage.test',
        hazard: 'sabotage',
        text: '/bin/bad was executed',
        cites: [1],
        level: 'critical',
        response: 'freeze',
        techniques: ['T1485'],
        turn: 't1',
        call: 'c1',
        pid: 9,
        us: 600,
      },
    ]);
    expect(responses).toEqual(['freeze']);
  });

  test('is told once for each matter, and at the end how often it was seen again', () => {
    const { watch, findings, responses, execute } = watched([
      finder('/bin/bad', rule('high'), () => 'the same'),
    ]);
    for (let time = 0; time < 5; time++) execute('/bin/bad');
    expect(findings).toHaveLength(1);
    expect(responses).toEqual(['alert']);
    watch.end();
    expect(findings.map(({ count }) => count)).toEqual([undefined, 4]);
  });

  test('a rule that finds a new matter at each step fills neither the record nor the memory', () => {
    const { watch, findings, execute } = watched([finder('/bin/bad', rule('low'))]);
    for (let pid = 1; pid <= 1000; pid++) execute('/bin/bad', pid);
    expect(findings).toHaveLength(100);
    watch.end();
    expect(findings.at(-1)?.count).toBe(900);
  });

  test('each matter is answered, those that are only counted, too', () => {
    const { responses, execute } = watched([finder('/bin/bad', rule('critical'))]);
    for (let pid = 1; pid <= 300; pid++) execute('/bin/bad', pid);
    expect(responses).toHaveLength(300);
  });

  test.each([
    ['critical', 'freeze'],
    ['high', 'alert'],
    ['medium', 'note'],
    ['low', 'note'],
  ] as const)('of level %s leads to %s unless the contract says otherwise', (level, response) => {
    const { responses, execute } = watched([finder('/bin/bad', rule(level))]);
    execute('/bin/bad');
    expect(responses).toEqual([response]);
    const strict = watched(
      [finder('/bin/bad', rule(level))],
      contractOf(`oversight: { on: { finding: { ${level}: kill } } }`),
    );
    strict.execute('/bin/bad');
    expect(strict.responses).toEqual(['kill']);
  });

  test('is on record alone where the contract wants nothing done', () => {
    const { responses, findings, execute } = watched([finder('/bin/bad', rule('informational'))]);
    execute('/bin/bad');
    expect(responses).toEqual([]);
    expect(findings.map(({ response }) => response)).toEqual([undefined]);
  });
});

test('a detector that fails is said to have failed, once, and the others go on', () => {
  const broken: Detector = {
    name: 'broken',
    observe() {
      throw new Error('what it does not expect');
    },
  };
  const { failures, findings, execute } = watched([broken, finder('/bin/bad', rule('high'))]);
  execute('/bin/bad');
  execute('/bin/other');
  expect(failures).toEqual(['broken: what it does not expect ×1']);
  expect(findings).toHaveLength(1);
});

test('an analyser that cannot be made ready is said to be out before any act, and the others go on', () => {
  const told: string[] = [];
  const watch = new Watch({
    contract: contractOf(),
    detectors: [],
    analysers: [
      {
        name: 'broken',
        pieces: () => [
          () => {
            throw new Error('its file is gone');
          },
        ],
        observe: () => told.push('broken was asked'),
      },
      { name: 'whole', pieces: () => [() => told.push('ready')], observe: () => told.push('asked') },
    ],
    record: () => undefined,
    respond: () => {},
    fail: (part, reason) => told.push(`${part}: ${reason}`),
    now: () => 1000,
  });
  for (const piece of watch.pieces()) piece();
  watch.observe({ seq: 0, time: '', run: 'r', cell: 'c', kind: 'note', text: 'something' }, 1000);
  expect(told).toEqual(['broken: its file is gone', 'ready', 'asked']);
});

test('what a detector had to forget is told', () => {
  const lost = [3, 0];
  const forgetful: Detector = { name: 'forgetful', observe() {}, lost: () => lost.shift() ?? 0 };
  const { watch, failures } = watched([forgetful]);
  watch.tick(1);
  watch.tick(2);
  expect(failures).toEqual(['forgetful: it had to forget to stay within its bounds ×3']);
});
