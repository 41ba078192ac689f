import { describe, expect, test } from 'vitest';
import type { Context, EventBody, LedgerEvent } from '../../contract/index.ts';
import { TraceGraph } from './graph.ts';
import { type TraceLine, traceOf } from './tree.ts';

const cause: Context = { turn: 't1', toolCall: 'c1', by: 'command', confidence: 0.99 };
const inherited: Context = { ...cause, by: 'ancestor' };
const exec = (pid: number, ppid: number, line: string): EventBody => ({
  kind: 'process.exec',
  owner: { pid, ppid, argv: line.split(' ') },
  path: `/bin/${line.split(' ')[0]}`,
  cwd: '/',
  observed: true,
});

const EVENTS: [EventBody, Context?][] = [
  [exec(100, 1, 'node agent.js')],
  [
    {
      kind: 'model.turn',
      turn: 't1',
      provider: 'anthropic',
      api: 'messages',
      model: 'm',
      owner: { pid: 100 },
      stream: false,
      ms: 1,
      input: [],
      output: [{ role: 'assistant', type: 'tool_call', text: '{"command":"x"}', id: 'c1', name: 'bash' }],
      allowed: true,
      clause: 'models[0]',
    },
    { turn: 't1', by: 'gateway', confidence: 1 },
  ],
  [exec(200, 100, 'bash -c x'), cause],
  [exec(201, 200, 'curl h'), inherited],
  [
    {
      kind: 'flow.open',
      flow: 'f1',
      owner: { pid: 201 },
      host: 'h.example.com',
      address: '192.0.2.1',
      port: 443,
      transport: 'tcp',
    },
    inherited,
  ],
  [{ kind: 'flow.verdict', flow: 'f1', protocol: 'ssh', declared: 'https', ok: false }, inherited],
  [{ kind: 'process.exit', owner: { pid: 201 }, code: 0 }],
  [exec(201, 1, 'cron')],
  [
    {
      kind: 'finding',
      rule: 'remote-control.reverse-ssh',
      hazard: 'remote-control',
      text: 'a way in',
      cites: [4, 5],
    },
    inherited,
  ],
];

const graph = new TraceGraph((event) => ('path' in event ? String(event.path) : event.kind));
EVENTS.forEach(([body, context], seq) => {
  graph.add({ seq, time: '', run: 'r', cell: 'r', ...(context && { context }), ...body } as LedgerEvent);
});

const names = (lines: readonly TraceLine[]): string[] =>
  lines.flatMap(({ what, id, below }) => [`${what} ${id}`, ...names(below)]);

describe('a trace', () => {
  test('goes up from a verdict to the turn, with how each was joined', () => {
    const place = graph.placeOf(5);
    const { up, findings } = traceOf(graph, place as NonNullable<typeof place>);
    expect(names(up)).toEqual(['turn t1', 'call c1', 'process 100', 'process 200', 'process 201', 'flow f1']);
    expect(up.map(({ by }) => by)).toEqual([
      undefined,
      'gateway',
      undefined,
      'command',
      'ancestor',
      'ancestor',
    ]);
    expect(names(findings)).toEqual(['finding 8']);
  });

  test('goes down from a turn to the flow', () => {
    const place = graph.placeOf(1);
    const { down } = traceOf(graph, place as NonNullable<typeof place>);
    expect(names(down)).toEqual(['call c1', 'process 200', 'process 201', 'flow f1']);
  });

  test('a number that was given again is another process', () => {
    const place = graph.placeOf(7);
    const { up } = traceOf(graph, place as NonNullable<typeof place>);
    expect(names(up)).toEqual(['process 201']);
  });

  test('counts what has no known cause', () => {
    expect(graph.joined).toMatchObject({
      programs: { joined: 2, all: 4 },
      connections: { joined: 1, all: 1 },
    });
  });
});
