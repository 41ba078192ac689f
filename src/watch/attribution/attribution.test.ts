import { describe, expect, test } from 'vitest';
import type { Context, EventBody, LedgerEvent, ModelPart } from '../../contract/index.ts';
import { Processes } from '../observe/index.ts';
import { Attribution } from './attribution.ts';

const AGENT = 100;

function run() {
  const processes = new Processes();
  const attribution = new Attribution(processes);
  let seq = 0;
  const see = (body: EventBody): Context | undefined => {
    const context = attribution.contextOf(body, seq * 1000);
    processes.hear(body as LedgerEvent, seq, seq * 1000);
    seq += 1;
    return context;
  };
  const exec = (
    pid: number,
    ppid: number,
    argv: string[],
    more: { path?: string; traceparent?: string } = {},
  ) =>
    see({
      kind: 'process.exec',
      owner: { pid, ppid, exe: more.path ?? `/usr/bin/${argv[0]}`, argv },
      path: more.path ?? `/usr/bin/${argv[0]}`,
      cwd: '/w',
      ...(more.traceparent !== undefined && { traceparent: more.traceparent }),
      observed: true,
    });
  const turn = (
    id: string,
    calls: { id: string; name?: string; input: unknown }[],
    results: string[] = [],
    traceparent?: string,
  ) =>
    see({
      kind: 'model.turn',
      turn: id,
      provider: 'anthropic',
      api: 'messages',
      model: 'm',
      owner: { pid: AGENT },
      ...(traceparent !== undefined && { traceparent }),
      stream: false,
      ms: 1,
      input: results.map(
        (each): ModelPart => ({ role: 'tool', type: 'tool_result', text: 'done', id: each }),
      ),
      output: calls.map(
        (each): ModelPart => ({
          role: 'assistant',
          type: 'tool_call',
          text: JSON.stringify(each.input),
          id: each.id,
          name: each.name ?? 'Bash',
        }),
      ),
      allowed: true,
      clause: 'models[0]',
    });
  exec(AGENT, 1, ['node', 'agent.js']);
  return { see, exec, turn };
}

const SPAN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';

describe('by the command that a call named', () => {
  test.each([
    ['as it is', 'npm test', ['bash', '-c', 'npm test']],
    ['by a login shell', 'npm test', ['bash', '-lc', 'npm test']],
    [
      'inside a scaffold’s own script',
      'npm test -- x',
      ['bash', '-c', 'set -e; cd /w && npm test -- x; pwd'],
    ],
    [
      'quoted for eval',
      "echo 'a b' > c",
      ['zsh', '-c', "source x && eval 'echo '\\''a b'\\'' > c' < /dev/null"],
    ],
    ['without a shell', 'curl -s https://a.example.com', ['curl', '-s', 'https://a.example.com']],
    ['one of several', 'cd src && make -j2 && ./go --now', ['./go', '--now']],
    ['a script by its path', './build.sh release', ['./build.sh', 'release']],
    ['behind a wrapper', 'nohup python3 -m http.server 8000 &', ['python3', '-m', 'http.server', '8000']],
    [
      'with a variable',
      'curl -o "$OUT" https://a.example.com/x',
      ['curl', '-o', '/tmp/x', 'https://a.example.com/x'],
    ],
  ])('%s', (_, command, argv) => {
    const { exec, turn } = run();
    turn('t1', [{ id: 'c1', input: { command } }]);
    const context = exec(200, AGENT, argv);
    expect(context).toMatchObject({ turn: 't1', toolCall: 'c1', by: 'command' });
    expect(context?.confidence).toBeGreaterThanOrEqual(0.7);
  });

  test('of two calls at once each has its own', () => {
    const { exec, turn } = run();
    turn('t1', [
      { id: 'c1', input: { command: 'npm test' } },
      { id: 'c2', input: { command: 'npm run lint' } },
    ]);
    expect(exec(200, AGENT, ['bash', '-c', 'npm run lint'])?.toolCall).toBe('c2');
    expect(exec(201, AGENT, ['bash', '-c', 'npm test'])?.toolCall).toBe('c1');
  });

  test('the same command twice: each call once, and it is said that it is a guess', () => {
    const { exec, turn } = run();
    turn('t1', [
      { id: 'c1', input: { command: 'make all' } },
      { id: 'c2', input: { command: 'make all' } },
    ]);
    const first = exec(200, AGENT, ['bash', '-c', 'make all']);
    const second = exec(201, AGENT, ['bash', '-c', 'make all']);
    expect([first?.toolCall, second?.toolCall]).toEqual(['c1', 'c2']);
    expect(first?.confidence).toBeLessThan(0.6);
  });

  test('a shell that stays has each of its commands joined to the call that is going on', () => {
    const { exec, turn } = run();
    turn('t1', [{ id: 'c1', input: { command: 'make first' } }]);
    exec(200, AGENT, ['bash', '-c', 'make first']);
    turn('t2', [{ id: 'c2', input: { command: 'make second' } }], ['c1']);
    expect(exec(201, 200, ['make', 'second'])).toMatchObject({ turn: 't2', toolCall: 'c2', by: 'command' });
  });

  test('a call that is told of after its program started explains what the program does from then on', () => {
    const { see, exec, turn } = run();
    expect(exec(200, AGENT, ['bash', '-c', 'wget http://a.example.com'])).toBeUndefined();
    turn('t1', [{ id: 'c1', input: { command: 'wget http://a.example.com' } }]);
    const opened = see({
      kind: 'flow.open',
      flow: 'f1',
      owner: { pid: 200 },
      address: '192.0.2.1',
      port: 80,
      transport: 'tcp',
    });
    expect(opened).toMatchObject({ turn: 't1', toolCall: 'c1' });
  });
});

describe('by descent', () => {
  test('children, their files and their flows to the end', () => {
    const { see, exec, turn } = run();
    turn('t1', [{ id: 'c1', input: { command: './run' } }]);
    exec(200, AGENT, ['bash', '-c', './run'], { path: '/bin/bash' });
    const child = exec(201, 200, ['python3', 'x.py']);
    expect(child).toMatchObject({ toolCall: 'c1', by: 'ancestor' });
    const open = see({
      kind: 'flow.open',
      flow: 'f1',
      owner: { pid: 201 },
      address: '192.0.2.1',
      port: 443,
      transport: 'tcp',
    });
    expect(open?.toolCall).toBe('c1');
    expect(
      see({ kind: 'flow.verdict', flow: 'f1', protocol: 'ssh', declared: 'https', ok: false })?.toolCall,
    ).toBe('c1');
    expect(
      see({ kind: 'flow.close', flow: 'f1', sent: 1, received: 1, ms: 1, reason: 'end' })?.toolCall,
    ).toBe('c1');
    expect(
      see({ kind: 'file.change', owner: { pid: 201 }, op: 'write', path: '/w/a', observed: true })?.toolCall,
    ).toBe('c1');
  });

  test('a daemon that forks twice and is adopted, long after the call is over', () => {
    const { see, exec, turn } = run();
    turn('t1', [{ id: 'c1', input: { command: 'setsid ./daemon &' } }]);
    exec(200, AGENT, ['bash', '-c', 'setsid ./daemon &']);
    exec(201, 200, ['setsid', './daemon']);
    exec(201, 200, ['./daemon']);
    see({ kind: 'process.exit', owner: { pid: 200 }, code: 0 });
    turn('t2', [], ['c1']);
    expect(exec(202, 201, ['nc', '192.0.2.1', '99'])).toMatchObject({ turn: 't1', toolCall: 'c1' });
    // adopted: its parent is the init of the cell now
    expect(exec(202, 1, ['nc', 'again'])).toMatchObject({ toolCall: 'c1' });
  });

  test('a number that is given again is another process', () => {
    const { see, exec, turn } = run();
    turn('t1', [{ id: 'c1', input: { command: 'true --now' } }]);
    exec(200, AGENT, ['bash', '-c', 'true --now']);
    see({ kind: 'process.exit', owner: { pid: 200 }, code: 0 });
    turn('t2', [], ['c1']);
    expect(exec(200, 1, ['cron'])).toBeUndefined();
  });
});

describe('by span', () => {
  test('TRACEPARENT of a process, declared by the scaffold with its call', () => {
    const { see, exec, turn } = run();
    turn('t1', [], [], OTHER);
    see({
      kind: 'tool.call',
      call: 'd1',
      tool: 'shell',
      arguments: '{}',
      via: 'declared',
      owner: { pid: AGENT },
      traceparent: SPAN,
      decision: 'allowed',
    });
    expect(exec(200, AGENT, ['x'], { traceparent: SPAN })).toEqual({
      turn: 't1',
      toolCall: 'd1',
      by: 'span',
      confidence: 0.9,
    });
  });

  test('the same trace alone is near, and what is no trace context is nothing', () => {
    const { exec, turn } = run();
    turn('t1', [], [], SPAN);
    expect(exec(200, AGENT, ['x'], { traceparent: OTHER })).toMatchObject({ turn: 't1', confidence: 0.7 });
    for (const traceparent of ['', 'x', '00-abc', `ff-${SPAN.slice(3)}`, `${SPAN}x`, SPAN.toUpperCase()])
      expect(exec(300, 2, ['x'], { traceparent })).toBeUndefined();
  });
});

describe('by what the gateways know', () => {
  test('a tool’s server is asked with the arguments that the model gave', () => {
    const { see, turn } = run();
    turn('t1', [{ id: 'c1', name: 'mcp__mail__send_email', input: { to: 'a@example.com', body: 'x' } }]);
    const context = see({
      kind: 'tool.call',
      call: 'g7',
      server: 'mail',
      tool: 'send_email',
      arguments: '{"body":"x","to":"a@example.com"}',
      via: 'mcp',
      owner: { pid: AGENT },
      decision: 'allowed',
    });
    expect(context).toEqual({ turn: 't1', toolCall: 'g7', by: 'gateway', confidence: 1 });
  });

  test('what becomes of a call at the gateway has the cause that the call had: its message, its end, its result', () => {
    const { see, turn } = run();
    const input = { to: 'a@example.com', body: 'x' };
    turn('t1', [{ id: 'c1', name: 'send_email', input }]);
    const call = (decision: 'held' | 'denied') =>
      see({
        kind: 'tool.call',
        call: 'g7',
        server: 'mail',
        tool: 'send_email',
        arguments: JSON.stringify(input),
        via: 'mcp',
        owner: { pid: AGENT },
        decision,
      });
    const cause = { turn: 't1', toolCall: 'g7', by: 'gateway', confidence: 1 };
    expect(call('held')).toEqual(cause);
    const message = { channel: 'email', to: ['a@example.com'], text: 'x', clause: 'people[0].approve' };
    expect(see({ kind: 'message', call: 'g7', ...message, state: 'held' })).toEqual(cause);
    turn('t2', [], ['c1']);
    expect(see({ kind: 'message', call: 'g7', ...message, state: 'refused' })).toEqual(cause);
    expect(call('denied')).toEqual(cause);
    expect(see({ kind: 'tool.result', call: 'g7', ok: true, content: '', ms: 1 })).toEqual(cause);
  });

  test('the only call that is going on has what the agent’s children do, with little confidence', () => {
    const { exec, turn } = run();
    turn('t1', [{ id: 'c1', name: 'compile', input: { target: 'all' } }]);
    expect(exec(200, AGENT, ['cc', 'x.c'])).toEqual({
      turn: 't1',
      toolCall: 'c1',
      by: 'gateway',
      confidence: 0.5,
    });
  });

  test('of several calls only the turn is known', () => {
    const { exec, turn } = run();
    turn('t1', [
      { id: 'c1', name: 'compile', input: {} },
      { id: 'c2', name: 'format', input: {} },
    ]);
    expect(exec(200, AGENT, ['cc', 'x.c'])).toEqual({ turn: 't1', by: 'gateway', confidence: 0.5 });
  });

  test('a file that the agent writes itself belongs to the call that names it', () => {
    const { see, turn } = run();
    turn('t1', [
      { id: 'c1', name: 'Write', input: { file_path: '/w/a.txt', content: 'x' } },
      { id: 'c2', name: 'Write', input: { file_path: '/w/b.txt', content: 'x' } },
    ]);
    const change = (path: string) =>
      see({ kind: 'file.change', owner: { pid: AGENT }, op: 'write', path, observed: true });
    expect(change('/w/b.txt')).toMatchObject({ toolCall: 'c2', by: 'command' });
    expect(change('/w/a.txt')).toMatchObject({ toolCall: 'c1', by: 'command' });
    expect(change('/w/log')).toEqual({ turn: 't1', by: 'gateway', confidence: 0.5 });
  });

  test('what is over causes nothing new, and nothing is caused before the first turn', () => {
    const { exec, turn } = run();
    expect(exec(150, AGENT, ['git', 'status'])).toBeUndefined();
    turn('t1', [{ id: 'c1', name: 'compile', input: {} }]);
    turn('t2', [], ['c1']);
    expect(exec(200, AGENT, ['cc', 'x.c'])).toBeUndefined();
    expect(exec(201, 1, ['sshd'])).toBeUndefined();
  });
});

describe('by what a scaffold declares', () => {
  type Call = Extract<EventBody, { kind: 'tool.call' }>;
  const declares = (see: (body: EventBody) => Context | undefined) => ({
    start: (call: string, id: string, pid: number, more: Partial<Call> & { ppid?: number } = {}) => {
      const { ppid, ...rest } = more;
      const owner = { pid, ...(ppid !== undefined && { ppid }) };
      const about = { kind: 'tool.call', call, tool: 'x', arguments: '{}', via: 'declared' } as const;
      return see({ ...about, owner, decision: 'allowed', told: { call: id }, ...rest });
    },
    end: (call: string, pid: number) =>
      see({ kind: 'tool.result', call, ok: true, content: '', ms: 1, via: 'declared', owner: { pid } }),
  });

  test('the model’s own call, by its id, where the process fits: its turn, with less than certainty', () => {
    const { see, exec, turn } = run();
    const { start, end } = declares(see);
    turn('t1', [
      { id: 'c1', name: 'compile', input: { target: 'all' } },
      { id: 'c2', name: 'format', input: {} },
    ]);
    const cause = { turn: 't1', toolCall: 'c2' };
    expect(start('declared-1', 'c2', AGENT)).toEqual({ ...cause, by: 'span', confidence: 0.9 });
    expect(exec(200, AGENT, ['fmt'])).toEqual({ ...cause, by: 'span', confidence: 0.8 });
    expect(end('declared-1', AGENT)).toMatchObject(cause);
    expect(exec(201, AGENT, ['else'])?.toolCall).toBeUndefined();
    expect(exec(202, 200, ['late'])).toMatchObject({ ...cause, by: 'ancestor' });
  });

  test('the model’s own call, by its id, from a process that has nothing to do with it: not believed', () => {
    const { see, exec, turn } = run();
    const { start } = declares(see);
    exec(300, 1, ['stranger']);
    turn('t1', [{ id: 'c1', name: 'compile', input: {} }]);
    expect(start('declared-1', 'c1', 300)).toEqual({ toolCall: 'declared-1', by: 'span', confidence: 0.6 });
    expect(start('declared-2', 'x', 300, { told: { call: 'x', turn: 't1' } })?.turn).toBeUndefined();
    expect(start('declared-3', 'x', AGENT, { told: { call: 'x', turn: 't1' } })?.turn).toBe('t1');
  });

  test('what the gateways know comes first: a command that the model named, and what descends from it', () => {
    const { see, exec, turn } = run();
    const { start } = declares(see);
    turn('t1', [{ id: 'c1', input: { command: './evil --now' } }]);
    exec(200, AGENT, ['bash', '-c', './evil --now']);
    // what it started says that it, or its starter, is something else
    exec(201, 200, ['liar']);
    start('declared-1', 'harmless', 201);
    start('declared-2', 'harmless', 201, { process: 200, told: { call: 'harmless', pid: 2 } });
    start('declared-3', 'harmless', 201, { process: AGENT, told: { call: 'harmless', pid: 2 } });
    start('declared-4', 'span', 201, { traceparent: SPAN });
    for (const [pid, parent] of [
      [202, 201],
      [203, 200],
    ] as const)
      expect(exec(pid, parent, ['more'], { traceparent: SPAN })).toMatchObject({
        turn: 't1',
        toolCall: 'c1',
      });
    turn('t2', [{ id: 'c2', input: { command: 'make the rest' } }], ['c1']);
    expect(exec(204, AGENT, ['bash', '-c', 'make the rest'])).toMatchObject({
      toolCall: 'c2',
      by: 'command',
    });
  });

  test('what stays behind when its call is over is that call’s still, whatever it declares', () => {
    const { see, exec, turn } = run();
    const { start, end } = declares(see);
    turn('t1', [{ id: 'c1', input: { command: './evil --now' } }], [], SPAN);
    exec(200, AGENT, ['bash', '-c', './evil --now']);
    exec(201, 200, ['./evil', '--now']);
    turn('t2', [{ id: 'c2', name: 'harmless', input: {} }], ['c1']);
    exec(202, 201, ['child']);
    const cause = { turn: 't1', toolCall: 'c1', by: 'ancestor' };
    for (const [index, more] of [
      { process: 202, told: { call: 'c2', pid: 3 } },
      { process: 202, told: { call: 'x', turn: 't2', pid: 3 } },
      { process: AGENT, told: { call: 'c2', pid: 2 } },
      { traceparent: SPAN },
    ].entries()) {
      expect(start(`declared-${index}`, 'c2', 201, more)).toMatchObject(cause);
      expect(exec(202, 201, ['again'])).toMatchObject(cause);
      expect(end(`declared-${index}`, 201)).toMatchObject(cause);
    }
    expect(exec(210, AGENT, ['x'], { traceparent: SPAN })).toEqual({
      turn: 't1',
      by: 'span',
      confidence: 1,
    });
    // nor does it help to ask a model first
    see({
      ...{
        kind: 'model.turn',
        turn: 't3',
        provider: 'anthropic',
        api: 'messages',
        model: 'm',
        stream: false,
      },
      ...{ owner: { pid: 201 }, ms: 1, input: [], output: [], allowed: true, clause: 'models[0]' },
    });
    start('declared-9', 'c2', 201, { process: 202, told: { call: 'c2', pid: 3 } });
    expect(exec(202, 201, ['more'])).toMatchObject(cause);
  });

  test('a word that names the model’s call gives way to the command that the model named', () => {
    const { see, exec, turn } = run();
    const { start } = declares(see);
    turn('t1', [
      { id: 'c1', input: { command: './evil --now' } },
      { id: 'c2', name: 'harmless', input: {} },
    ]);
    exec(200, AGENT, ['sh']);
    start('declared-1', 'c2', AGENT, { process: 200, told: { call: 'c2', pid: 2 } });
    expect(exec(201, 200, ['other'])).toMatchObject({ toolCall: 'c2' });
    expect(exec(202, 200, ['bash', '-c', './evil --now'])).toMatchObject({ toolCall: 'c1', by: 'command' });
    expect(exec(203, 202, ['child'])).toMatchObject({ toolCall: 'c1' });
    expect(exec(204, 201, ['./evil', '--now'])).toMatchObject({ toolCall: 'c1', by: 'command' });
  });

  test('a span that a turn carried cannot be taken over', () => {
    const { see, exec, turn } = run();
    const { start } = declares(see);
    exec(300, 1, ['stranger']);
    turn('t1', [], [], SPAN);
    turn('t2', [], [], OTHER);
    see({
      ...{ kind: 'tool.call', call: 'mcp-1', tool: 'x', arguments: '{}', via: 'mcp', decision: 'allowed' },
      traceparent: SPAN,
    });
    start('declared-1', 'x', 300, { traceparent: SPAN });
    expect(exec(200, AGENT, ['x'], { traceparent: SPAN })?.toolCall).toBe('mcp-1');
  });

  test('only who began a call, or is on a line with it, ends it; an end that is told of late ends it when it was', () => {
    const { see, exec } = run();
    const { start, end } = declares(see);
    exec(300, 1, ['stranger']);
    start('declared-1', 'x', AGENT);
    expect(end('declared-1', 300)).toBeUndefined();
    expect(exec(200, AGENT, ['a'])?.toolCall).toBe('declared-1');
    expect(end('declared-1', AGENT)?.toolCall).toBe('declared-1');
    expect(exec(201, AGENT, ['b'])).toBeUndefined();
    expect(end('declared-9', AGENT)).toBeUndefined();
  });

  test('by when it was, not by when it is told of: two sensors are not in step', () => {
    const processes = new Processes();
    const attribution = new Attribution(processes);
    const see = (body: EventBody, at: number) => {
      const context = attribution.contextOf(body, at);
      processes.hear(body as LedgerEvent, at, at);
      return context;
    };
    const exec = (pid: number, at: number) =>
      see(
        {
          ...{ kind: 'process.exec', path: '/bin/x', cwd: '/w', observed: true },
          owner: { pid, ppid: AGENT, argv: ['x'] },
        } as EventBody,
        at,
      );
    const { start, end } = declares((body) => see(body, body.kind === 'tool.result' ? 2000 : 1000));
    start('declared-1', 'x', AGENT);
    end('declared-1', AGENT);
    expect(exec(200, 999)).toBeUndefined();
    expect(exec(201, 1500)?.toolCall).toBe('declared-1');
    expect(exec(202, 2001)).toBeUndefined();
  });

  test('no number of declarations makes it remember without bound, or take long', () => {
    const { see, exec } = run();
    const { start } = declares(see);
    const begun = performance.now();
    for (let index = 0; index < 10_000; index += 1)
      start(`declared-${index}`, 'x', 1000 + (index % 50), { ppid: AGENT });
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(exec(200, AGENT, ['a'])).toBeUndefined();
  });
});
