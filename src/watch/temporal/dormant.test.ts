/**
 * What is followed only from when on it must be says the same as what saw everything.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { clauseRules } from '../clauses/index.ts';
import type { Category, Observation } from '../observation.ts';
import { randomOf } from '../random.fixture.ts';
import { loadRules } from '../sigma/index.ts';
import { type MonitorRule, Monitors, observationSignature, Program } from './index.ts';

const FOLDER = join(import.meta.dirname, '../../../rules/monitors');
const own = loadRules(
  readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
).formulas.map((rule): MonitorRule => ({ ...rule, text: rule.text ?? rule.info.title }));
const loaded = parseContract(
  `ringfence: 1
name: t
files:
  write: [src/**]
network:
  - host: example.com
    methods: [GET]
    bytes: 1MB
    connections: 2
secrets:
  KEY:
    from: env:KEY
    for: [example.com]
`,
  'ringfence.yaml',
);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const rules = [...own, ...clauseRules(loaded.contract, {})];
const signature = observationSignature();
const briefOf = ({ formula, externals }: MonitorRule) => new Program(formula, { signature, externals }).brief;

/** Values that the formulas speak of, and others. */
const VALUES: Record<string, readonly (string | number | boolean | readonly string[])[]> = {
  Phase: ['open', 'close', 'kill', 'freeze', 'thaw', 'change', 'answer', 'ask'],
  By: ['supervisor', 'somebody'],
  Sensor: ['gateway', 'clock', 'other'],
  Clause: ['network[0]', 'network[1]', 'network[0].bytes'],
  Flow: ['1', '2'],
  DestinationIp: ['192.0.2.1', '::ffff:192.0.2.1'],
  DestinationHostname: ['example.com', 'example.org'],
  DestinationPort: [443, 80],
  QueryName: ['example.com', 'example.org'],
  QueryStatus: ['0', '3'],
  answer: [['192.0.2.1', '192.0.2.2'], ['198.51.100.7'], []],
  'cs-method': ['GET', 'POST'],
  'cs-host': ['example.com', 'example.org'],
  Allowed: [true, false],
  Allow: [true, 'false'],
  Secret: ['KEY', 'OTHER'],
  Sent: [1, 5e6, 40e6],
  Received: [0, 7e6],
  Path: ['src/a', 'b'],
  Cpu: [1, 1e12],
  Processes: [1, 1e6],
  Limit: ['cpu-time', 'memory'],
  Until: [0, 2e15],
  Digest: ['d', 'e'],
  Call: ['c', 'd'],
  Decision: ['held', 'allowed'],
  Direction: ['input', 'output'],
  Type: ['tool_call', 'text'],
  Tool: ['bash', 'mail'],
  Ok: [true, false],
  State: ['delivered', 'held'],
  Via: ['mcp', 'model'],
  ProcessId: [7],
  Image: ['/bin/true'],
};
const CATEGORIES: readonly Category[] = [
  ...(['egress_flow', 'dns_query', 'http_request', 'run', 'sensor', 'resource', 'process_creation'] as const),
  ...(['workspace_change', 'llm_message', 'tool_call', 'tool_result', 'message'] as const),
];

function traceOf(seed: number): Observation[] {
  const random = randomOf(seed);
  let time = 1.8e15;
  const share = 2 + random(3);
  return Array.from({ length: 1 + random(40) }, (_none, seq) => {
    time += [0, 1e4, 1e6, 6e6, 31e6][random(5)] as number;
    const fields: Record<string, string | number | boolean | readonly string[]> = {};
    for (const [name, values] of Object.entries(VALUES))
      if (random(share) > 0) fields[name] = values[random(values.length)] as string;
    const category = CATEGORIES[random(CATEGORIES.length)] as Category;
    return { category, time, run: 'r', cell: 'c', cites: [seq], fields };
  });
}

/** What a detector says of a trace, with a second passing now and then. */
function said(rule: MonitorRule, trace: readonly Observation[]): string[] {
  const detector = new Monitors('one', [rule]);
  const all: string[] = [];
  const report = ({
    text,
    cites,
    time,
    key,
  }: {
    text: string;
    cites: readonly number[];
    time: number;
    key: string;
  }) => all.push(JSON.stringify([text, cites, time, key]));
  for (const observation of trace) {
    detector.observe(observation, report);
    if (observation.cites[0] !== undefined && observation.cites[0] % 3 === 0)
      detector.tick(observation.time + 1000, report);
  }
  detector.end(report);
  return all;
}

/** The same from the beginning on, whatever it needs. */
const attentive = (rule: MonitorRule): MonitorRule => ({
  ...rule,
  brief: {
    hears: [...(briefOf(rule)?.hears ?? [])],
    wakes: [...CATEGORIES, 'tick'].map((category) => ({ category, has: [], where: [], tests: [] })),
  },
});

it('every own formula and every clause can wait', () => {
  for (const rule of rules) expect([rule.info.id, briefOf(rule)]).not.toEqual([rule.info.id, undefined]);
});

it('says the same, however late it is made', () => {
  let found = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const trace = traceOf(seed);
    for (const rule of rules) {
      const lazily = said({ ...rule, brief: briefOf(rule) }, trace);
      expect([rule.info.id, seed, lazily]).toEqual([rule.info.id, seed, said(attentive(rule), trace)]);
      found += lazily.length;
    }
  }
  expect(found).toBeGreaterThan(200);
});

it.each([
  'run(Phase: p) AND NOT (ONCE (NOT sensor(Sensor: "gateway")))',
  'run(Phase: p) AND PREVIOUS (EXISTS s. sensor(Sensor: s))',
  'run(Phase: p) AND tp(n)',
])('what remembers of itself does not wait: %s', (formula) => {
  expect(new Program(formula, { signature }).brief).toBeUndefined();
});
