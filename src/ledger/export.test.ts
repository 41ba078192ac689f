import { expect, test } from 'vitest';
import type { EventBody, LedgerEvent } from '../contract/index.ts';
import { EXPORT_FORMATS, exportEvents } from './export.ts';
import { collect, sampleEvent } from './fixtures.ts';
import { escapeForTerminal, formatEvent } from './format.ts';
import { checkOcsf } from './ocsf-attributes.fixture.ts';

function event(seq: number, body: EventBody): LedgerEvent {
  return { seq, time: '2026-01-02T03:04:05.000006Z', run: 'r', cell: 'c', ...body };
}

async function* stream(...bodies: EventBody[]): AsyncGenerator<LedgerEvent> {
  for (const [seq, body] of bodies.entries()) yield event(seq, body);
}

async function exported(format: string, ...bodies: EventBody[]): Promise<string> {
  return (await collect(exportEvents(stream(...bodies), format))).join('');
}

async function ocsf(...bodies: EventBody[]): Promise<Record<string, unknown>[]> {
  const text = await exported('ocsf', ...bodies);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const OWNER = { pid: 12, tid: 13, ppid: 1, exe: '/usr/bin/curl', argv: ['curl', 'https://api.example.com'] };

test('an unknown format is refused at once, with those there are', () => {
  expect(() => exportEvents(stream(), 'xml')).toThrow(
    expect.objectContaining({ code: 'export-format', hint: 'Use one of: jsonl, csv, ocsf, otlp, sarif.' }),
  );
});

test('every format has an output for every sample event', async () => {
  const bodies = Array.from({ length: 9 }, (_, index) => sampleEvent(index));
  for (const format of EXPORT_FORMATS) {
    const text = await exported(format, ...bodies);
    if (format === 'sarif') expect(JSON.parse(text).runs).toHaveLength(1);
    else expect(text.trimEnd().split('\n').length).toBe({ csv: 10, otlp: 2, jsonl: 9, ocsf: 9 }[format]);
  }
});

test('jsonl gives the events back', async () => {
  const body: EventBody = { kind: 'note', text: 'a\n\udc80' };
  expect(JSON.parse(await exported('jsonl', body))).toEqual(event(0, body));
});

test('csv quotes, and lets no formula through', async () => {
  const text = await exported('csv', { kind: 'note', text: '=cmd|"x",1' });
  const [header, row = ''] = text.split('\r\n');
  expect(header).toBe('seq,time,run,cell,kind,pid,exe,flow,denied,message,event');
  expect(row.startsWith(`0,2026-01-02T03:04:05.000006Z,r,c,note,,,,false,"'=cmd|""x"",1","{""seq"":0,`)).toBe(
    true,
  );
});

test('ocsf: process activity', async () => {
  const [launch, exit] = await ocsf(
    { kind: 'process.exec', owner: OWNER, path: '/usr/bin/curl', cwd: '/home', observed: true },
    { kind: 'process.exit', owner: OWNER, code: 3 },
  );
  expect(launch).toMatchObject({
    class_uid: 1007,
    category_uid: 1,
    activity_id: 1,
    type_uid: 100701,
    severity_id: 1,
    time: Date.UTC(2026, 0, 2, 3, 4, 5),
    metadata: { version: '1.8.0', uid: 'r/0', product: { vendor_name: 'Ringfence' } },
    device: { type_id: 99 },
    actor: { process: { pid: 12 } },
    process: {
      pid: 12,
      tid: 13,
      cmd_line: 'curl https://api.example.com',
      file: { name: 'curl', type_id: 1 },
    },
  });
  expect(exit).toMatchObject({ type_uid: 100702, exit_code: 3 });
});

test('ocsf: file activity', async () => {
  const change = (op: string, to?: string): EventBody => {
    const body = { kind: 'file.change' as const, owner: OWNER, op, path: '/w/a', observed: true as const };
    return to === undefined ? body : { ...body, to };
  };
  const ops = ['create', 'write', 'unlink', 'mkdir', 'something'].map((op) => change(op));
  const events = await ocsf(...ops, change('rename', '/w/b'));
  expect(events.map((one) => one.type_uid)).toEqual([100101, 100103, 100104, 100101, 100199, 100105]);
  expect(events[5]).toMatchObject({ file: { name: 'a', path: '/w/a' }, file_result: { name: 'b' } });
});

test('ocsf: network activity keeps a flow together', async () => {
  const [open, verdict, close, stray] = await ocsf(
    {
      kind: 'flow.open',
      flow: 'f1',
      owner: OWNER,
      host: 'api.example.com',
      address: '2001:db8::1',
      port: 443,
      transport: 'tcp',
    },
    { kind: 'flow.verdict', flow: 'f1', protocol: 'ssh', declared: 'https', ok: false },
    { kind: 'flow.close', flow: 'f1', sent: 1, received: 2, ms: 3, reason: 'violation' },
    { kind: 'flow.close', flow: 'f2', sent: 1, received: 2, ms: 3, reason: 'done' },
  );
  const endpoint = { ip: '2001:db8::1', port: 443, hostname: 'api.example.com' };
  expect(open).toMatchObject({
    type_uid: 400101,
    dst_endpoint: endpoint,
    connection_info: { direction_id: 2, protocol_num: 6, protocol_ver_id: 6 },
  });
  expect(verdict).toMatchObject({ type_uid: 400106, status_id: 2, dst_endpoint: endpoint, app_name: 'ssh' });
  expect(close).toMatchObject({
    type_uid: 400102,
    dst_endpoint: endpoint,
    traffic: { bytes_out: 1, bytes_in: 2, bytes: 3 },
  });
  expect(stray).toMatchObject({ dst_endpoint: { uid: 'f2' }, connection_info: { direction_id: 0 } });
});

test('ocsf: findings, and nothing lost of what has no class', async () => {
  const [denial, violation, note] = await ocsf(
    {
      kind: 'denial',
      layer: 'network',
      owner: OWNER,
      what: 'connect 198.51.100.7:22/tcp',
      clause: 'network',
      hazard: 'intrusion',
    },
    { kind: 'violation', what: 'ssh where https was declared', action: 'freeze' },
    { kind: 'note', text: 'hello' },
  );
  expect(denial).toMatchObject({
    type_uid: 200401,
    is_alert: false,
    status_id: 1,
    finding_info: { uid: 'r/0', title: 'Denied by network', types: ['intrusion'] },
    evidences: [{ actor: { process: { pid: 12 } } }],
    unmapped: { kind: 'denial', clause: 'network' },
  });
  expect(violation).toMatchObject({ type_uid: 200401, severity_id: 4, is_alert: true });
  expect(note).toMatchObject({ class_uid: 0, type_uid: 99, unmapped: { kind: 'note', text: 'hello' } });
});

test('a line of text is one line, whatever the agent named its files', () => {
  const path = '/w/\u001b[2J\r\n\u202egnp.\u0007\u009b\u200b\udc80\udcff\u2028\\x';
  const line = formatEvent(
    event(7, { kind: 'file.change', owner: OWNER, op: 'create', path, observed: true }),
  );
  expect(line).toBe(
    '2026-01-02T03:04:05.000006Z 7 file.change create /w/\\x1b[2J\\r\\n\\u{202e}gnp.\\x07\\u{9b}\\u{200b}\\x80\\xff\\u{2028}\\\\x by 12 /usr/bin/curl',
  );
  expect(escapeForTerminal('grün 😀 日本')).toBe('grün 😀 日本');
});

test('an event of a later version is shown, not hidden', async () => {
  const later: LedgerEvent = JSON.parse(
    '{"seq":1,"time":"2026-01-02T03:04:05Z","run":"r","cell":"c","kind":"later","x":1}',
  );
  expect(formatEvent(later)).toContain('"x":1');
});

test('ocsf: every event of the classes for files, processes, network and findings is valid by the published schema', async () => {
  const bodies: EventBody[] = [
    ...Array.from({ length: 18 }, (_, index) => sampleEvent(index)),
    { kind: 'file.change', owner: OWNER, op: 'rename', path: '/a/b', to: '/a/c', observed: true },
    { kind: 'violation', what: 'ssh', flow: 'f1', owner: OWNER, action: 'stop', hazard: 'remote-control' },
    { kind: 'tampering', what: 'ptrace', action: 'kill' },
    { kind: 'limit.reached', limit: 'time', used: 2, max: 1, action: 'kill' },
    { kind: 'probe', ok: false, reached: ['x'], changed: [], us: 1 },
    {
      kind: 'finding',
      rule: 'remote-control.reverse-ssh',
      hazard: 'remote-control',
      text: 'a reverse tunnel',
      cites: [1, 2],
      level: 'critical',
      techniques: ['T1572', 'AML.T0053'],
      pid: 7,
      count: 3,
    },
    { kind: 'finding', rule: 'x', hazard: 'deception', text: 'x', cites: [] },
  ];
  const events = await ocsf(...bodies);
  const judged = events.map((event) => checkOcsf(event));
  expect(judged.filter((problems) => problems !== undefined && problems.length > 0)).toEqual([]);
  expect(new Set(events.filter((_, index) => judged[index]).map(({ class_uid }) => class_uid))).toEqual(
    new Set([1001, 1007, 2004, 4001]),
  );
  expect(
    events.find(
      ({ finding_info }) => (finding_info as { title?: string })?.title === 'remote-control.reverse-ssh',
    ),
  ).toMatchObject({
    class_uid: 2004,
    severity_id: 5,
    is_alert: true,
    finding_info: {
      analytic: { uid: 'remote-control.reverse-ssh' },
      attacks: [{ technique: { uid: 'T1572' } }, {}],
    },
  });
});

test('ocsf: the check that says so finds what is wrong', async () => {
  const [event = {}] = await ocsf({
    kind: 'process.exec',
    owner: OWNER,
    path: '/a',
    cwd: '/',
    observed: true,
  });
  expect(checkOcsf(event)).toEqual([]);
  expect(checkOcsf({ ...event, process: undefined })).toEqual(['event.process: missing']);
  expect(checkOcsf({ ...event, severity_id: 7 })).toHaveLength(1);
  expect(checkOcsf({ ...event, made_up: 1 })).toEqual(['event.made_up: no attribute of it']);
});
