import { expect, test } from 'vitest';
import type { EventBody, LedgerEvent } from '../contract/index.ts';
import { OtlpMapper } from './otlp.ts';
import { SarifMaker } from './sarif.ts';

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: number };
}

interface Log {
  severityText: string;
  spanId?: string;
  body: { stringValue: string };
}
interface Request {
  resourceSpans?: { scopeSpans: { spans: Span[] }[] }[];
  resourceLogs?: { scopeLogs: { logRecords: Log[] }[] }[];
}

const at = (seq: number, body: EventBody): LedgerEvent => ({
  seq,
  time: `2026-01-02T03:04:0${seq % 10}.000006Z`,
  run: 'r',
  cell: 'c',
  ...body,
});

function mapped(...bodies: EventBody[]) {
  const mapper = new OtlpMapper();
  const requests = bodies.flatMap((body, seq) => mapper.add(at(seq, body)));
  const all = JSON.parse(JSON.stringify([...requests, ...mapper.end()])) as Request[];
  return {
    spans: all.flatMap(({ resourceSpans }) => resourceSpans?.[0]?.scopeSpans[0]?.spans ?? []),
    logs: all.flatMap(({ resourceLogs }) => resourceLogs?.[0]?.scopeLogs[0]?.logRecords ?? []),
  };
}

const owner = { pid: 7, ppid: 1, argv: ['sh', '-c', 'true'] };
const start = {
  kind: 'run.start',
  contract: { name: 'demo', path: '/p/ringfence.yaml', sha256: 'ab' },
  command: ['agent'],
  cwd: '/p',
  isolation: 'process',
  version: '0',
  effective: {},
  limits: {},
  never: {},
} as unknown as EventBody;
const turn: EventBody = {
  kind: 'model.turn',
  turn: 't1',
  provider: 'anthropic',
  api: 'messages',
  model: 'm-1',
  stream: true,
  status: 200,
  ms: 500,
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  input: [],
  output: [],
  usage: { input: 3, output: 4 },
  allowed: true,
  clause: 'models[0]',
};
const stop: EventBody = {
  kind: 'run.stop',
  exit: { code: 0 },
  reason: 'ended',
  changes: { added: 0, changed: 0, deleted: 0 },
};

test('spans for the run, turns, tool calls and processes; model turns keep the agent’s own trace', () => {
  const { spans } = mapped(
    start,
    turn,
    { kind: 'tool.call', call: 'x1', tool: 'send', arguments: '{}', via: 'mcp', decision: 'allowed' },
    { kind: 'tool.result', call: 'x1', ok: false, content: '', ms: 3 },
    { kind: 'process.exec', owner, path: '/bin/sh', cwd: '/p', observed: true },
    { kind: 'process.exit', owner, code: 1 },
    stop,
  );
  expect(spans.map(({ name }) => name)).toEqual([
    'chat m-1',
    'execute_tool send',
    'process /bin/sh',
    'run demo',
  ]);
  const [chat, tool, process, run] = spans as [Span, Span, Span, Span];
  expect(chat).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) });
  expect(BigInt(chat.endTimeUnixNano) - BigInt(chat.startTimeUnixNano)).toBe(500_000_000n);
  expect(chat.attributes).toContainEqual({ key: 'gen_ai.usage.input_tokens', value: { intValue: '3' } });
  expect(tool.status.code).toBe(2);
  expect(process.parentSpanId).toBe(run.spanId);
  for (const { traceId, spanId } of spans) {
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spanId).toMatch(/^[0-9a-f]{16}$/);
  }
});

test('each event is a log record of its severity, joined to the span it belongs to; what did not end says so', () => {
  const { logs, spans } = mapped(
    start,
    { kind: 'process.exec', owner, path: '/bin/sh', cwd: '/p', observed: true },
    {
      kind: 'finding',
      rule: 'remote-control.x',
      hazard: 'remote-control',
      text: 'a\u001b[31m',
      cites: [1],
      level: 'critical',
    },
  );
  expect(logs.map(({ severityText }) => severityText)).toEqual(['INFO', 'INFO', 'FATAL']);
  expect(logs[1]?.spanId).toBe(spans.find(({ name }) => name === 'process /bin/sh')?.spanId);
  expect(logs[2]?.body.stringValue).not.toContain('\u001b');
  expect(spans.every(({ attributes }) => attributes.some(({ key }) => key === 'ringfence.unfinished'))).toBe(
    true,
  );
});

test('sarif: results with rules, contract clause, cited events and stable fingerprints', () => {
  const maker = new SarifMaker('1.2.3');
  maker.add(at(0, start));
  maker.add(
    at(1, {
      kind: 'finding',
      rule: 'sabotage.x',
      hazard: 'sabotage',
      text: 'x',
      cites: [0],
      level: 'low',
      clause: 'files.write',
      techniques: ['T1485'],
    }),
  );
  maker.add(at(2, { kind: 'violation', what: 'ssh', action: 'stop' }));
  const log = JSON.parse(JSON.stringify(maker.log()));
  const [run] = log.runs;
  expect(log.version).toBe('2.1.0');
  expect(run.tool.driver.rules).toEqual([
    { id: 'sabotage.x', properties: { tags: ['T1485', 'sabotage'] } },
    { id: 'contract.violation', properties: { tags: [] } },
  ]);
  expect(
    run.results.map(({ level, ruleIndex }: { level: string; ruleIndex: number }) => [level, ruleIndex]),
  ).toEqual([
    ['note', 0],
    ['error', 1],
  ]);
  expect(run.results[0].locations[0]).toMatchObject({
    physicalLocation: { artifactLocation: { uri: 'file:///p/ringfence.yaml' } },
    logicalLocations: [{ fullyQualifiedName: 'files.write' }, { fullyQualifiedName: 'r/0' }],
  });
});
