/**
 * Runs for tests of pages: events as a ledger gives them, ordinary and hostile.
 *
 * @module
 */
import type { Context, EventBody, LedgerEvent } from '../../contract/index.ts';
import { Gathered } from './gather.ts';
import type { ReportInput } from './input.ts';

/** Markup, an end of every element it could stand in, escape sequences, directions, what is invisible, a byte, a tower of marks. */
export const EVIL = `</script></pre></style></title><!--<script>pwned=1</script><img src=x onerror=pwned=1>"'\`\${pwned} onmouseover="pwned=1" \u001b[31m\u001b]8;;x\u0007\u202e\u2066\u200b\ufeff\u0000\udc80 e${'\u0301'.repeat(80)} &lt;b&gt; __proto__ \u2028 javascript:pwned=1`;

/** Microseconds since 1970 → RFC 3339. */
const timeAt = (micros: number): string =>
  `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;

const BEGIN = Date.UTC(2026, 10, 22, 9) * 1000;

/** Numbers and times, a millisecond apart. */
export const numbered = (bodies: readonly (EventBody & { context?: Context })[]): LedgerEvent[] =>
  bodies.map(
    (body, seq) =>
      ({ ...body, seq, time: timeAt(BEGIN + seq * 1000), run: 'run-1', cell: 'cell-1' }) as LedgerEvent,
  );

export const startOf = (text: string): EventBody => ({
  kind: 'run.start',
  contract: { name: text, path: text, sha256: 'ab'.repeat(32) },
  command: ['bash', '-c', text],
  cwd: text,
  isolation: 'process',
  version: '0.1.0',
  effective: {
    namespaces: { net: 1, pid: 2 },
    seccomp: { mode: 2, filters: 1 },
    capabilities: { effective: '0', permitted: '0', inheritable: '0', bounding: '0', ambient: '0' },
    noNewPrivs: true,
    uid: [1],
    gid: [1],
    uidMap: '',
    landlock: 6,
    mounts: [],
    interfaces: ['lo'],
  },
  limits: {},
  never: { escape: { state: 'prevented', by: text }, deception: { state: 'not covered', by: text } },
});

/** One of each kind that a page shows, with the same text wherever text can be. */
export function everyKind(text: string): LedgerEvent[] {
  const owner = { pid: 100, ppid: 1, exe: text, argv: ['tool', text] };
  const context: Context = { turn: text, toolCall: text, by: 'command', confidence: 0.9 };
  const result = { runs: 1, passed: 0, ms: 5, output: `${text}\n${text}` };
  return numbered([
    startOf(text),
    { kind: 'process.exec', owner, path: text, cwd: text, observed: true, context },
    { kind: 'process.exec', owner: { ...owner, pid: 101, ppid: 100 }, path: text, cwd: text, observed: true },
    { kind: 'file.change', owner, op: 'write', path: text, to: text, observed: true },
    { kind: 'dns.query', owner, name: text, type: 'TXT', answer: [text], denied: text },
    {
      ...{ kind: 'flow.open', flow: text, owner, host: text, address: '192.0.2.7', port: 443 },
      ...{ transport: 'tcp', declared: text },
    },
    { kind: 'flow.verdict', flow: text, protocol: text, declared: text, ok: false, sni: text, detail: text },
    {
      ...{ kind: 'flow.shape', flow: text, protocol: text, port: 443, sent: 1, received: 1, ms: 1 },
      ...{ shape: text, confidence: 1, detail: text },
    },
    { kind: 'flow.close', flow: text, sent: 1, received: 2, ms: 3, reason: text },
    { kind: 'denial', layer: 'network', owner, what: text, clause: text, allow: text },
    { kind: 'violation', what: text, owner, clause: text, action: text },
    { kind: 'tampering', what: text, owner, action: text },
    { kind: 'sensor.loss', sensor: text, reason: text, count: 1 },
    { kind: 'limit.reached', limit: text, used: 2, max: 1, action: text },
    { kind: 'approval.ask', question: 1, effect: text, what: text },
    { kind: 'approval.answer', question: 1, allow: true, by: text, detail: text },
    { kind: 'contract.change', clause: text, rule: text, by: text },
    { kind: 'grade', left: result, hidden: result, reward: { visible: 1, violations: 0 }, flaky: true, text },
    {
      ...{ kind: 'model.turn', turn: text, provider: text, api: 'messages', model: text, stream: false },
      ...{ ms: 1, input: [], allowed: true, clause: text, owner },
      output: [{ role: 'assistant', type: 'text', text: `said ${text}` }],
    },
    {
      ...{ kind: 'tool.call', call: text, tool: text, arguments: `argued ${text}`, via: 'mcp' },
      decision: 'allowed',
    },
    { kind: 'tool.result', call: text, ok: true, content: `answered ${text}`, ms: 1 },
    {
      ...{ kind: 'judgement', judge: text, provider: text, model: text, of: 'tool call', about: [3] },
      ...{
        score: 1,
        threshold: 0.5,
        reason: `judged ${text}`,
        hazard: 'deception',
        level: 'high',
        clause: text,
      },
    },
    {
      ...{ kind: 'finding', rule: text, hazard: 'deception', text, cites: [3, 5], diff: `${text}\n${text}` },
      ...{ level: 'critical', turn: text, call: text, pid: 100, techniques: [text], clause: text },
    },
    { kind: 'note', text },
    {
      ...{ kind: 'run.stop', exit: { code: 0 }, reason: text },
      changes: { added: 1, changed: 0, deleted: 0 },
    },
  ] as (EventBody & { context?: Context })[]);
}

/** Event number `seq` of a long and busy run. */
function busyEvent(seq: number): EventBody & { context?: Context } {
  const owner = {
    pid: 1000 + Math.floor(seq / 8),
    ppid: 1000 + Math.floor(seq / 64),
    exe: '/usr/bin/tool',
    argv: ['tool', `--item=${seq}`],
  };
  const flow = `f${Math.floor(seq / 8)}`;
  const all: EventBody[] = [
    { kind: 'process.exec', owner, path: '/usr/bin/tool', cwd: '/home/user/project', observed: true },
    {
      ...{ kind: 'flow.open', flow, owner, host: 'api.example.com', address: '192.0.2.7', port: 443 },
      transport: 'tcp',
    } as EventBody,
    { kind: 'file.change', owner, op: 'write', path: `/home/user/project/src/${seq}.ts`, observed: true },
    { kind: 'flow.verdict', flow, protocol: 'tls', declared: 'https', ok: true, sni: 'api.example.com' },
    { kind: 'resource.sample', cpu: seq + (seq % 1000), memory: 1 << 20, processes: 3, disk: 0 },
    seq % 400 === 5
      ? ({
          ...{ kind: 'finding', rule: 'sabotage.example', hazard: 'sabotage', text: `finding ${seq}` },
          ...{ cites: [seq - 3, seq - 2], level: 'high' },
        } as EventBody)
      : { kind: 'file.change', owner, op: 'create', path: `/home/user/project/out/${seq}`, observed: true },
    { kind: 'flow.close', flow, sent: 10, received: 20, ms: 5, reason: 'done' },
    { kind: 'process.exit', owner, code: seq % 3 },
  ];
  return all[seq % all.length] as EventBody;
}

export function* busyRun(events: number): Generator<LedgerEvent> {
  for (let seq = 0; seq < events; seq += 1)
    yield {
      ...(seq === 0 ? startOf('make all') : busyEvent(seq)),
      ...{ seq, time: timeAt(BEGIN + seq * 700), run: 'run-1', cell: 'cell-1' },
    } as LedgerEvent;
}

export function gather(events: Iterable<LedgerEvent>, total: number, transcripts = false): Gathered {
  const gathered = new Gathered({ total, transcripts });
  for (const event of events) gathered.add(event);
  return gathered;
}

export const inputOf = (gathered: Gathered, more: Partial<ReportInput> = {}): ReportInput => ({
  run: 'run-1',
  version: '0.1.0',
  made: '2026-11-22T10:00:00.000Z',
  gathered,
  integrity: {
    ...{ state: 'ok', problems: [], size: gathered.events, signed: gathered.events, checkpoints: 1 },
    ...{ head: 'cd'.repeat(32), recoveries: 0 },
  },
  changes: { items: [], all: 0, digest: 'ef'.repeat(32) },
  isOngoing: false,
  landings: [],
  transcripts: false,
  ...more,
});
