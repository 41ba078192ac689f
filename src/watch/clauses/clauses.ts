/**
 * The lines of a contract as formulas over what is recorded: each is enforced elsewhere, by the kernel, the supervisor or
 * the gateway, and says here what must follow from that. Where one is found to be broken, something that enforces was
 * circumvented or is at fault.
 *
 * @module
 */
import type { Contract, FindingLevel, Hazard } from '../../contract/index.ts';
import type { Detector } from '../detector.ts';
import { type Brief, type MonitorRule, Monitors, observationSignature, Program } from '../temporal/index.ts';
import { questionsOf } from './facts.ts';

/** A line of the contract as an obligation. */
interface Clause {
  id: string;
  title: string;
  hazard: Hazard;
  level: FindingLevel;
  limit: string;
  /** where in the contract it stands */
  clause: string;
  formula: string;
  text: string;
  key?: string[];
  /** µs */
  settle?: number;
  /** whether the contract has it */
  when: (contract: Contract) => boolean;
}

const S = 1_000_000;
const hasNetwork = ({ network }: Contract): boolean => network.length > 0;
/** Nobody can add a line while it runs but an operator, whose lines are not in the contract: those are left out by `written`. */
const isClosed = ({ oversight }: Contract): boolean => !oversight.approve.includes('network.new-host');

const CLAUSES: readonly Clause[] = [
  {
    id: 'contract.flow-unresolved',
    title: 'A flow to an address that no name led to',
    hazard: 'intrusion',
    level: 'critical',
    clause: 'network',
    limit:
      'Names that share an address are not told apart. Look-ups that come too fast to be listed are waited for: it is told three seconds later.',
    // look-ups that come in bursts are counted for a second before they are told
    formula: `
      tick()
      AND (ONCE[3s,8s] (EXISTS c. egress_flow(Phase: "open", Flow: f, DestinationIp: a, Clause: c) AND written(c) AND NOT literal(a)))
      AND NOT (ONCE sensor(Sensor: "gateway"))
      AND NOT (ONCE dns_query(answer: a))
      AND NOT (EXISTS b. (ONCE dns_query(answer: b)) AND same(a, b))`,
    text: 'flow {f} went to {a}, which no look-up answered and the contract does not name',
    key: ['a'],
    settle: 4 * S,
    when: hasNetwork,
  },
  {
    id: 'contract.flow-unlisted',
    title: 'A flow that its line of the contract does not name',
    hazard: 'intrusion',
    level: 'critical',
    clause: 'network',
    limit: 'Lines that an operator added during the run are not judged.',
    formula: `
      egress_flow(Phase: "open", Flow: f, DestinationHostname: h, DestinationPort: p, Clause: c)
      AND written(c) AND NOT (names(c, h) AND port(c, p))`,
    text: 'flow {f} to {h}:{p} was opened under {c}, which does not name that',
    key: ['h', 'p', 'c'],
    when: hasNetwork,
  },
  {
    id: 'contract.flow-unallowed',
    title: 'A flow that nobody allowed, or not any more',
    hazard: 'intrusion',
    level: 'critical',
    clause: 'oversight.approve',
    limit:
      'What ends is judged half a minute later, and not after a clock was set back. Flows that are open then stay open.',
    formula: `
      egress_flow(Phase: "open", Flow: f, DestinationHostname: h, Clause: c) AND added(c) AND ts(now)
      AND NOT (EXISTS end. (ONCE run(Phase: "change", Clause: c, Until: end)) AND now - ${30 * S} <= end)
      AND NOT (ONCE sensor(Sensor: "clock"))`,
    text: 'flow {f} to {h} was opened under {c}, which no operator allowed, or not for so long',
    key: ['h', 'c'],
    when: () => true,
  },
  {
    id: 'contract.name-unlisted',
    title: 'A name was resolved that no line names',
    hazard: 'exfiltration',
    level: 'critical',
    clause: 'network',
    limit: 'Not judged where new hosts are asked about, or after an operator changed the contract.',
    formula: `
      dns_query(QueryName: n, QueryStatus: "0", answer: _) AND NOT known(n)
      AND NOT (ONCE run(Phase: "change")) AND NOT (ONCE run(Phase: "answer"))`,
    text: '{n} was resolved, and no line of the contract names it',
    when: (contract) => hasNetwork(contract) && isClosed(contract),
  },
  {
    id: 'contract.method',
    title: 'A request with a method that its line does not allow',
    hazard: 'exfiltration',
    level: 'critical',
    clause: 'network.methods',
    limit: 'Paths, headers and bodies are judged by the gateway alone.',
    formula: `
      http_request("cs-method": m, "cs-host": h, Allowed: "true", Clause: c) AND written(c) AND NOT method(c, m)`,
    text: 'a {m} request to {h} went out under {c}',
    when: ({ network }) => network.some(({ methods }) => methods !== undefined),
  },
  {
    id: 'contract.secret-host',
    title: 'A secret was put into a request to a host that it is not for',
    hazard: 'exfiltration',
    level: 'critical',
    clause: 'secrets',
    limit: 'What the gateway does not record it does not see.',
    formula: 'http_request(Secret: s, "cs-host": h) AND NOT entitled(s, h)',
    text: 'the secret {s} was used for {h}',
    when: ({ secrets }) => Object.keys(secrets).length > 0,
  },
  {
    id: 'contract.secret-flow',
    title: 'A secret was used on a flow to somewhere else',
    hazard: 'exfiltration',
    level: 'critical',
    clause: 'secrets',
    limit: 'Flows whose opening names no single host are not judged.',
    formula: `
      http_request(Secret: s, "cs-host": h, Flow: f)
      AND (EXISTS g. (ONCE egress_flow(Phase: "open", Flow: f, DestinationHostname: g)) AND NOT g = h)`,
    text: 'the secret {s} for {h} was used on flow {f}, which was opened to another host',
    when: ({ secrets }) => Object.keys(secrets).length > 0,
  },
  {
    id: 'contract.bytes',
    title: 'More bytes than a line’s budget',
    hazard: 'exfiltration',
    level: 'high',
    clause: 'network.bytes',
    limit: 'Counted when flows are closed; 16 MiB beyond the budget may be on their way.',
    formula: `
      egress_flow(Phase: "close", Clause: c)
      AND (s <- SUM t; c (ONCE (EXISTS i, o. egress_flow(Phase: "close", Flow: f, Clause: c, Sent: o, Received: i) AND t = i + o)))
      AND overBytes(c, s)`,
    text: '{s} bytes went over {c}, more than its budget',
    key: ['c'],
    when: ({ network }) => network.some(({ bytes }) => bytes !== undefined),
  },
  {
    id: 'contract.connections',
    title: 'More connections than a line’s budget',
    hazard: 'resource-acquisition',
    level: 'high',
    clause: 'network.connections',
    limit: 'Flows to an address that several names share count for the line that they were opened under.',
    formula: `
      egress_flow(Phase: "open", Clause: c)
      AND (n <- CNT f; c (ONCE egress_flow(Phase: "open", Flow: f, Clause: c)))
      AND overConnections(c, n)`,
    text: '{n} connections were opened under {c}, more than its budget',
    key: ['c'],
    when: ({ network }) => network.some(({ connections }) => connections !== undefined),
  },
  {
    id: 'contract.changed-outside',
    title: 'A change outside of what may be written',
    hazard: 'escape',
    level: 'critical',
    clause: 'files.write',
    limit: 'Patterns finer than folders are judged when changes land.',
    formula: 'workspace_change(Path: p) AND NOT writable(p)',
    text: '{p} was changed, which files.write does not hold',
    when: ({ files }) => !files.write.includes('**'),
  },
  {
    id: 'contract.frozen-and-active',
    title: 'Something was started in a cell that stood still',
    hazard: 'oversight-tampering',
    level: 'critical',
    clause: 'oversight.on',
    limit: 'What happens in the first five seconds may have been on its way.',
    formula: `
      process_creation(ProcessId: p, Image: e)
      AND ((NOT run(Phase: "thaw")) SINCE[5s,*) run(Phase: "freeze", By: "supervisor"))`,
    text: '{e} was started while the cell was frozen',
    key: ['e'],
    when: () => true,
  },
  {
    id: 'contract.killed-and-active',
    title: 'Something was started in a cell that was killed',
    hazard: 'oversight-tampering',
    level: 'critical',
    clause: 'oversight.on',
    limit: 'What happens in the first five seconds may have been on its way.',
    formula: 'process_creation(ProcessId: p, Image: e) AND ONCE[5s,*) run(Phase: "kill")',
    text: '{e} was started after the cell was killed',
    key: ['e'],
    when: () => true,
  },
  {
    id: 'contract.cpu-time',
    title: 'The CPU time ran out, and nothing was ended',
    hazard: 'resource-acquisition',
    level: 'high',
    clause: 'compute.cpu-time',
    limit: 'Judged by samples.',
    formula: `
      resource(Cpu: u) AND overCpu(u)
      AND (ONCE[5s,*) (EXISTS v. resource(Cpu: v) AND overCpu(v)))
      AND NOT (ONCE resource(Limit: "cpu-time"))`,
    text: '{u} ms of CPU time were used, more than the contract gives',
    key: [],
    when: () => true,
  },
  {
    id: 'contract.processes',
    title: 'More processes than the contract gives',
    hazard: 'resource-acquisition',
    level: 'high',
    clause: 'compute.processes',
    limit: 'Judged by samples.',
    formula: 'resource(Processes: n) AND overProcesses(n)',
    text: '{n} processes at once, more than the contract gives',
    key: [],
    when: () => true,
  },
];

/** Set where this program is built (scripts/build.ts): {@link clauseBriefs} as JSON. */
declare const RINGFENCE_CLAUSE_BRIEFS: string | undefined;

/** From when on each clause must be followed, by its id. The questions that they ask are the same of every contract. */
export function clauseBriefs(contract: Contract): Record<string, Brief | undefined> {
  const options = { signature: observationSignature(), externals: questionsOf(contract) };
  return Object.fromEntries(CLAUSES.map(({ id, formula }) => [id, new Program(formula, options).brief]));
}

const knownBriefs = (): Record<string, Brief | undefined> =>
  typeof RINGFENCE_CLAUSE_BRIEFS === 'undefined' ? {} : JSON.parse(RINGFENCE_CLAUSE_BRIEFS);

/** The obligations that a contract has, as rules. */
export function clauseRules(contract: Contract, briefs = knownBriefs()): MonitorRule[] {
  const externals = questionsOf(contract);
  return CLAUSES.filter(({ when }) => when(contract)).map(({ id, title, hazard, level, limit, ...rest }) => ({
    info: { id, title, hazard, level, limit, techniques: [] },
    externals,
    brief: briefs[id],
    ...rest,
  }));
}

/** The same as detectors. */
export const clauses = (contract: Contract): Detector[] => [new Monitors('contract', clauseRules(contract))];
