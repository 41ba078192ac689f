/**
 * The temporal monitor: a contract's lines over ordinary events, and one formula beside a scan of the past.
 *
 * @module
 */
import { parseContract } from '../../src/contract/index.ts';
import { clauses } from '../../src/watch/clauses/index.ts';
import type { Detector, Observation } from '../../src/watch/index.ts';
import { compileMonitor } from '../../src/watch/temporal/index.ts';
import type { Line } from '../line.ts';
import { summarize } from '../statistics.ts';
import type { Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const EVENTS = 200_000;
/** A scan takes time with the square of this. */
const SCANNED = 10_000;

const CONTRACT = `
ringfence: 1
name: bench
files: { write: [src/**] }
network:
  - { host: api.example.com, methods: [GET], bytes: 1GiB, connections: 1M }
  - { host: '*.wide.example.com' }
secrets: { TOKEN: { for: api.example.com } }
`;

function observation(index: number): Observation {
  const common = { time: 1e15 + index * 50, run: 'r', cell: 'r', cites: [index] };
  const flow = String(Math.floor(index / 16));
  const host = `h${Math.floor(index / 16) % 500}.wide.example.com`;
  const address = `192.0.2.${Math.floor(index / 16) % 250}`;
  const clause = 'network[1]';
  switch (index % 16) {
    case 0:
      return {
        ...common,
        category: 'dns_query',
        fields: { QueryName: host, QueryStatus: '0', answer: [address] },
      };
    case 1:
      return {
        ...common,
        category: 'egress_flow',
        fields: {
          Phase: 'open',
          Flow: flow,
          DestinationHostname: host,
          DestinationIp: address,
          DestinationPort: 443,
          Clause: clause,
        },
      };
    case 2:
      return {
        ...common,
        category: 'egress_flow',
        fields: {
          Phase: 'close',
          Flow: flow,
          DestinationHostname: host,
          DestinationIp: address,
          Clause: clause,
          Sent: 100,
          Received: 2000,
        },
      };
    case 3:
    case 4:
    case 5:
    case 6:
      return {
        ...common,
        category: 'process_creation',
        fields: {
          ProcessId: index,
          Image: '/usr/bin/cc',
          CommandLine: 'cc -c a.c',
          ParentImage: '/usr/bin/make',
        },
      };
    default:
      return {
        ...common,
        category: 'file_event',
        fields: { ProcessId: index, Operation: 'write', TargetFilename: `/home/me/src/${index}.o` },
      };
  }
}

/** Events a second of one core's time: what else the machine does is left out. */
function rate(detector: Detector, observations: readonly Observation[]): number {
  let found = 0;
  const before = process.threadCpuUsage();
  for (const [index, one] of observations.entries()) {
    detector.observe(one, () => {
      found += 1;
    });
    if (index % 20_000 === 0) detector.tick?.(one.time, () => {});
  }
  const { user, system } = process.threadCpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (found > 0) throw new Error('ordinary events broke a line');
  return observations.length / seconds;
}

/** The same question by a look at all that came before. */
class Scan implements Detector {
  readonly #past: Observation[] = [];

  observe(observation: Observation, report: (found: never) => void): void {
    this.#past.push(observation);
    const { category, fields, time } = observation;
    if (category !== 'egress_flow' || fields.Phase !== 'open') return;
    const isKnown = this.#past.some(
      (one) =>
        one.category === 'dns_query' &&
        one.time >= time - 3600e6 &&
        one.fields.QueryName === fields.DestinationHostname &&
        (one.fields.answer as readonly string[]).includes(String(fields.DestinationIp)),
    );
    if (!isKnown) report(undefined as never);
  }
}

async function measure(workshop: Workshop): Promise<Line[]> {
  const loaded = parseContract(CONTRACT, 'ringfence.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join());
  const observations = Array.from({ length: EVENTS }, (_, index) => observation(index));
  const few = observations.slice(0, SCANNED);
  const formula =
    'egress_flow(Phase: "open", DestinationHostname: h, DestinationIp: a) AND NOT (ONCE[0,1h] dns_query(QueryName: h, answer: a))';
  const info = { id: 'x', title: '', hazard: 'intrusion', level: 'low', techniques: [], limit: '' } as const;
  const [all, one, scan] = [[] as number[], [] as number[], [] as number[]];
  for (let round = -1; round < Math.max(3, Math.ceil(workshop.rounds / 3)); round += 1) {
    const rates = [
      rate(clauses(loaded.contract)[0] as Detector, observations),
      rate(compileMonitor({ info, formula, text: '' }), few),
      rate(new Scan(), few),
    ];
    if (round < 0) continue;
    for (const [index, list] of [all, one, scan].entries()) list.push(rates[index] as number);
  }
  return [
    {
      what: 'temporal monitor, the lines of a contract',
      goal: { of: 'value', is: 'at least', bound: 400_000 },
      ours: { name: 'monitor', unit: 'events/s', value: summarize(all) },
      note: `${EVENTS} events a round: files, processes, look-ups, flows; 12 formulas`,
    },
    {
      what: 'one formula over an hour',
      ours: { name: 'monitor', unit: 'events/s', value: summarize(one) },
      peer: { name: 'scan of the past', unit: 'events/s', value: summarize(scan) },
      compared: summarize(one.map((ours, round) => ours / (scan[round] as number))),
      note: `${SCANNED} events, as a scan takes time with the square of their number`,
    },
  ];
}

export const monitor: Row = { id: 'monitor', measures: 'temporal monitor', run: measure };
