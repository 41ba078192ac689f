import { describe, expect, it } from 'vitest';
import { type EventBody, type LedgerEvent, parseContract } from '../../contract/index.ts';
import type { Detection } from '../detector.ts';
import { Observer } from '../observe/index.ts';
import { clauses } from './clauses.ts';
import { plainAddress } from './facts.ts';

const CONTRACT = `
ringfence: 1
name: t
files: { write: [src/**] }
network:
  - { host: api.example.com, methods: [GET], bytes: 1MiB, connections: 2 }
  - { host: '*.deep.example.com' }
  - { host: 203.0.113.9, port: 22, protocol: ssh }
  - { host: fixed.example.com }
resolve: { fixed.example.com: [203.0.113.77] }
secrets: { TOKEN: { for: api.example.com } }
`;

/** What is found in events, each a second after the one before it; the last word is the run's end. */
function found(bodies: (EventBody | number)[], text = CONTRACT): string[] {
  const loaded = parseContract(text, 'ringfence.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const detectors = clauses(loaded.contract);
  const [observer, seen] = [new Observer(), [] as Detection[]];
  const report = (detection: Detection) => seen.push(detection);
  let time = 1e15;
  for (const [seq, body] of bodies.entries()) {
    if (typeof body === 'number') {
      time += body * 1e6;
      for (const detector of detectors) detector.tick?.(time, report);
      continue;
    }
    time += 1e6;
    const event = { seq, time: '', run: 'r', cell: 'r', ...body } as LedgerEvent;
    for (const observation of observer.observe(event, time))
      for (const detector of detectors) detector.observe(observation, report);
  }
  for (const detector of detectors) detector.end?.(report);
  for (const detection of seen) expect(detection.cites.length).toBeGreaterThan(0);
  return seen.map(({ rule, key }) => `${rule.id} ${key}`);
}

const query = (name: string, ...answer: string[]): EventBody => ({
  kind: 'dns.query',
  name,
  type: 'A',
  answer,
});
const open = (flow: string, host: string, address: string, clause = 'network[0]', port = 443): EventBody => ({
  kind: 'flow.open',
  flow,
  host,
  address,
  port,
  transport: 'tcp',
  clause,
});
const close = (flow: string, sent: number, received: number): EventBody => ({
  kind: 'flow.close',
  flow,
  sent,
  received,
  ms: 1,
  reason: 'closed',
});
const exec = (pid: number): EventBody => ({
  kind: 'process.exec',
  owner: { pid, exe: '/bin/true' },
  path: '/bin/true',
  cwd: '/',
  observed: true,
});
const control = (action: 'freeze' | 'thaw' | 'kill', by = 'supervisor'): EventBody => ({
  kind: 'control',
  action,
  by,
});
/** A line that an operator adds, which ends so many seconds after the beginning. */
const change = (clause: string, seconds?: number): EventBody => ({
  kind: 'contract.change',
  clause,
  rule: 'new.example.com',
  by: 'ana',
  ...(seconds !== undefined && { until: new Date(1e12 + seconds * 1000).toISOString() }),
});
const secret = (flow: string, host: string): EventBody => ({
  kind: 'secret.use',
  flow,
  secret: 'TOKEN',
  host,
  clause: 'secrets.TOKEN',
});

it('ordinary work breaks no line', () => {
  expect(
    found([
      query('api.example.com', '203.0.113.5', '2001:db8::5'),
      open('1', 'api.example.com', '203.0.113.5'),
      secret('1', 'api.example.com'),
      {
        kind: 'http.request',
        flow: '1',
        method: 'GET',
        host: 'api.example.com',
        path: '/',
        allowed: true,
        clause: 'network[0]',
      },
      close('1', 1000, 2_000_000),
      open('2', '203.0.113.9', '203.0.113.9', 'network[2]', 22),
      query('x.y.deep.example.com', '203.0.113.8'),
      open('3', 'x.y.deep.example.com', '203.0.113.8', 'network[1]'),
      open('4', 'fixed.example.com', '203.0.113.77', 'network[3]'),
      change('network[4]', 60),
      query('new.example.com', '203.0.113.5'),
      open('5', 'new.example.com', '203.0.113.5', 'network[4]'),
      change('network[5]'),
      600,
      open('6', 'new.example.com', '203.0.113.5', 'network[5]'),
      control('freeze'),
      10,
      control('thaw'),
      exec(3),
      10,
    ]),
  ).toEqual([]);
});

describe('a line that does not hold is found', () => {
  it.each<[string, (EventBody | number)[]]>([
    [
      'contract.flow-unresolved "203.0.113.6"',
      [query('api.example.com', '203.0.113.5'), open('1', 'api.example.com', '203.0.113.6'), 4],
    ],
    // a run that is over is asked once more
    ['contract.flow-unresolved "203.0.113.6"', [open('1', 'api.example.com', '203.0.113.6')]],
    [
      'contract.flow-unlisted "x.deep.example.com",443,"network[0]"',
      [query('x.deep.example.com', '203.0.113.5'), open('1', 'x.deep.example.com', '203.0.113.5')],
    ],
    [
      'contract.flow-unlisted "api.example.com",443,"network[1]"',
      [query('api.example.com', '203.0.113.5'), open('1', 'api.example.com', '203.0.113.5', 'network[1]')],
    ],
    [
      'contract.flow-unlisted "api.example.com",22,"network[0]"',
      [
        query('api.example.com', '203.0.113.5'),
        open('1', 'api.example.com', '203.0.113.5', 'network[0]', 22),
      ],
    ],
    [
      'contract.flow-unallowed "a.deep.example.com","network[4]"',
      [
        query('a.deep.example.com', '203.0.113.5'),
        open('1', 'a.deep.example.com', '203.0.113.5', 'network[4]'),
      ],
    ],
    [
      'contract.flow-unallowed "a.deep.example.com","network[4]"',
      [
        change('network[4]', 10),
        query('a.deep.example.com', '203.0.113.5'),
        60,
        open('1', 'a.deep.example.com', '203.0.113.5', 'network[4]'),
      ],
    ],
    ['contract.name-unlisted "evil.example.com"', [query('evil.example.com', '203.0.113.5')]],
    ['contract.name-unlisted "deep.example.com"', [query('deep.example.com', '203.0.113.5')]],
    [
      'contract.method "POST","api.example.com","network[0]"',
      [
        {
          kind: 'http.request',
          flow: '1',
          method: 'POST',
          host: 'api.example.com',
          path: '/',
          allowed: true,
          clause: 'network[0]',
        },
      ],
    ],
    ['contract.secret-host "TOKEN","evil.example.com"', [secret('1', 'evil.example.com')]],
    ['contract.killed-and-active "/bin/true"', [control('kill', 'operator'), 6, exec(3)]],
    ['contract.frozen-and-active "/bin/true"', [control('freeze'), 6, exec(3)]],
    ['contract.processes ', [{ kind: 'resource.sample', cpu: 0, memory: 0, disk: 0, processes: 1000 }]],
  ])('%s', (expected, events) => {
    expect(found(events)).toContain(expected);
    expect(found(events).filter((line) => !line.startsWith(expected.split(' ')[0] as string))).toEqual([]);
  });

  it('a secret on a flow to somewhere else', () => {
    const events = [
      query('a.deep.example.com', '203.0.113.5'),
      open('1', 'a.deep.example.com', '203.0.113.5', 'network[1]'),
      secret('1', 'api.example.com'),
    ];
    expect(found(events)).toEqual(['contract.secret-flow "TOKEN","api.example.com","1"']);
  });

  it('budgets, over all flows of a line', () => {
    const flow = (id: string, bytes: number) => [
      open(id, 'api.example.com', '203.0.113.5'),
      close(id, bytes, bytes),
    ];
    const before = query('api.example.com', '203.0.113.5');
    expect(found([before, ...flow('1', 2 ** 22), ...flow('2', 2 ** 22)])).toEqual([]);
    expect(found([before, ...flow('1', 2 ** 23), ...flow('2', 2 ** 23)])).toEqual([
      'contract.bytes "network[0]"',
    ]);
    expect(found([before, ...flow('1', 1), ...flow('2', 1), ...flow('3', 1)])).toEqual([
      'contract.connections "network[0]"',
    ]);
  });

  it('CPU time beyond the limit, with nothing done about it', () => {
    const sample = (cpu: number): EventBody => ({
      kind: 'resource.sample',
      cpu,
      memory: 0,
      processes: 1,
      disk: 0,
    });
    const text = `${CONTRACT}compute: { cpu-time: 10s }\n`;
    expect(found([sample(9000), 10, sample(11_000)], text)).toEqual([]);
    expect(found([sample(13_000), 10, sample(14_000)], text)).toEqual(['contract.cpu-time ']);
    const limit: EventBody = { kind: 'limit.reached', limit: 'cpu-time', used: 10, max: 10, action: 'kill' };
    expect(found([sample(13_000), limit, 10, sample(14_000)], text)).toEqual([]);
  });
});

it('look-ups that are told later than the flow are waited for; those that were not told at all make nothing certain', () => {
  const [flow, answer] = [
    open('1', 'api.example.com', '203.0.113.6'),
    query('api.example.com', '203.0.113.6'),
  ];
  expect(found([flow, answer, 1, 1, 1, 1])).toEqual([]);
  const loss: EventBody = { kind: 'sensor.loss', sensor: 'gateway', reason: 'too fast', count: 3 };
  expect(found([flow, loss, 1, 1, 1, 1])).toEqual([]);
});

it('addresses have many spellings', () => {
  expect(plainAddress('2001:db8::5')).toBe(plainAddress('2001:0DB8:0:0:0:0:0:5'));
  expect(plainAddress('::ffff:203.0.113.5')).toBe('203.0.113.5');
  expect(plainAddress('::')).toBe('0:0:0:0:0:0:0:0');
});
