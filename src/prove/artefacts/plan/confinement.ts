/**
 * Everything of a plan that is no file: who runs, in what namespaces, under which limits, watched how.
 *
 * @module
 */
import { type Contract, needsGateway, type Plan, type PlanOp } from '../../../contract/index.ts';
import { lies } from './paths.ts';
import type { Breach, CellFacts, Promised } from './types.ts';

/** Operations of which the launcher reads one: a second would be a second opinion. */
const SINGLE = [
  'kind',
  'identity',
  'hostname',
  'landlock',
  'seccomp',
  'refused',
  'answers',
  'affinity',
  'cwd',
  'time',
  'supervise',
  'gateway',
  'probe',
  'events',
  'terminal',
  'sessions',
  'end',
] as const;
const NAMES = new Set<string>([
  ...SINGLE,
  ...['tmpfs', 'bind', 'overlay', 'under', 'layer', 'proc', 'devpts', 'mask', 'dir', 'file', 'symlink'],
  ...['writable', 'readonly', 'sysctl', 'allow', 'rlimit', 'cgroup', 'env', 'arg', 'usage', 'pin', 'quiet'],
]);
const SYSCTLS = ['net.ipv4.tcp_fastopen=0', 'net.ipv4.ip_unprivileged_port_start=0'];
/** Init and warden. */
const OWN_PROCESSES = 2;
const LONGEST_PROBE_INTERVAL = 60_000;
const LONGEST_SAMPLE = 1_000;
const BYTES_LOCKED = 8 * 2 ** 20;
const MOST_FILES = 65_536;

type Named<Name extends PlanOp[0]> = Extract<PlanOp, readonly [Name, ...unknown[]]>;

/** Looks operations up by their names. */
export class Operations {
  readonly plan: Plan;
  constructor(plan: Plan) {
    this.plan = plan;
  }
  first<Name extends PlanOp[0]>(name: Name): { op: Named<Name>; operation: number } | undefined {
    const operation = this.plan.findIndex(([each]) => each === name);
    return operation < 0 ? undefined : { op: this.plan[operation] as Named<Name>, operation };
  }
  all<Name extends PlanOp[0]>(name: Name): { op: Named<Name>; operation: number }[] {
    return this.plan.flatMap((op, operation) =>
      op[0] === name ? [{ op: op as Named<Name>, operation }] : [],
    );
  }
}

const says = (promise: Promised, text: string, more: Partial<Breach> = {}): Breach => ({
  promise,
  says: text,
  ...more,
});

/** Whether the launcher reads the plan as we do: known operations, none twice that counts once, an end at the end. */
export function formBreaches(plan: Plan): Breach[] {
  const breaches: Breach[] = [];
  const seen = new Set<string>();
  plan.forEach((op, operation) => {
    if (!NAMES.has(op[0]))
      breaches.push(says('form', `an operation that nobody knows: ${op[0]}`, { operation }));
    if (seen.has(op[0]) && (SINGLE as readonly string[]).includes(op[0]))
      breaches.push(says('form', `${op[0]} twice`, { operation }));
    if (op.some((field) => field === '' || field.includes('\0')))
      breaches.push(says('form', `a field of ${op[0]} is empty or holds NUL`, { operation }));
    seen.add(op[0]);
  });
  if (plan.at(-1)?.[0] !== 'end') breaches.push(says('form', 'a plan without an end'));
  return breaches;
}

/** @param inside ids that the program has inside of a user namespace of its own, for root; others keep theirs */
export function identityBreaches(
  operations: Operations,
  kind: 'cell' | 'confined' | 'landlock',
  run: string,
  host: { uid: number; gid: number },
  unprivileged: number,
): Breach[] {
  const breaches: Breach[] = [];
  const found = operations.first('kind');
  if (found?.op[1] !== kind || found.op[2] !== run)
    breaches.push(
      says('namespaces', `it is planned as ${found?.op[1] ?? 'nothing'}, not as ${kind}`, {
        clause: 'isolation',
      }),
    );
  const privileged = host.uid === 0;
  const outside = privileged ? [unprivileged, unprivileged] : [host.uid, host.gid];
  const inside = privileged && kind !== 'landlock' ? [1000, 1000] : outside;
  const identity = operations.first('identity');
  const wanted = [...inside, ...outside].map(String);
  if (identity?.op.slice(1).join() !== wanted.join() || outside.includes(0))
    breaches.push(
      says(
        'namespaces',
        `it would run as ${identity?.op.slice(1).join(' ') ?? 'nobody'}, not as ${wanted.join(' ')}`,
        {
          ...(identity && { operation: identity.operation }),
        },
      ),
    );
  if (operations.first('hostname') === undefined && kind !== 'landlock')
    breaches.push(says('namespaces', 'the host’s name stays'));
  return breaches;
}

export function supervisionBreaches(operations: Operations, facts: CellFacts): Breach[] {
  const breaches: Breach[] = [];
  const probe = operations.first('probe');
  if (probe?.op[1] !== facts.folders.marker || Number(probe.op[2]) > LONGEST_PROBE_INTERVAL)
    breaches.push(says('supervision', 'the probes do not look for the run’s marker, or too seldom'));
  const events = operations.first('events')?.op[1].split(',') ?? [];
  for (const kind of ['exec', 'file', 'sample'])
    if (!events.includes(kind)) breaches.push(says('supervision', `no events of kind ${kind} would be sent`));
  const own = facts.copy
    ? [facts.copy.home, facts.copy.temporary, '/tmp', '/dev', '/proc']
    : [facts.host.home, '/tmp', '/var/tmp', '/dev', '/proc'];
  for (const { op, operation } of operations.all('quiet'))
    if (!own.includes(op[1]))
      breaches.push(
        says('supervision', `changes in ${op[1]} would not be recorded`, { operation, witness: op[1] }),
      );
  const sessions = operations.first('sessions');
  if (
    sessions &&
    !facts.own.some(
      (folder) => lies(sessions.op[1], folder) && sessions.op[1] === `${folder}/${facts.run}.tty`,
    )
  )
    breaches.push(
      says('supervision', `further programs could be started through ${sessions.op[1]}`, {
        operation: sessions.operation,
      }),
    );
  const terminal = operations.first('terminal');
  if (terminal && terminal.op[2] !== '-' && facts.clipboard !== true)
    breaches.push(
      says('supervision', 'the program could read and set the clipboard', { operation: terminal.operation }),
    );
  return breaches;
}

/** That the program and its arguments are these. */
export function commandIs(operations: Operations, wanted: readonly string[]): Breach[] {
  const command = operations.all('arg').map(({ op }) => op[1].slice(1));
  if (command.length === wanted.length && command.every((argument, index) => argument === wanted[index]))
    return [];
  return [says('command', `it would start ${command[0] ?? 'nothing'}`)];
}

export function commandBreaches(operations: Operations, facts: CellFacts, workspace: string): Breach[] {
  const breaches = commandIs(operations, facts.command);
  const cwd = operations.first('cwd');
  if (!cwd || !lies(cwd.op[1], facts.copy?.copy ?? workspace))
    breaches.push(says('command', `it would start in ${cwd?.op[1] ?? 'no folder'}`));
  return breaches;
}

/** The network of the kernel: a namespace of its own, and the gateway only where the contract names something. */
export function networkBreaches(
  operations: Operations,
  contract: Contract,
  kind: 'cell' | 'landlock',
): Breach[] {
  const breaches: Breach[] = [];
  const gateway = operations.first('gateway');
  const wanted = kind === 'cell' && needsGateway(contract) ? 'on' : 'off';
  if (gateway?.op[1] !== wanted)
    breaches.push(
      says('network', `the gateway is ${gateway?.op[1] ?? 'not decided'}, planned ${wanted}`, {
        clause: 'network',
      }),
    );
  if (kind !== 'cell') return breaches;
  const sysctls = operations.all('sysctl').map(({ op }) => `${op[1]}=${op[2]}`);
  for (const one of sysctls) if (!SYSCTLS.includes(one)) breaches.push(says('network', `${one} is set`));
  if (!sysctls.includes(SYSCTLS[0] as string))
    breaches.push(
      says('network', 'connections could carry data before they are judged (net.ipv4.tcp_fastopen)'),
    );
  return breaches;
}

/** Clauses that limits of the kernel come from. */
const CLAUSES: Readonly<Record<string, string>> = {
  nproc: 'compute.processes',
  data: 'compute.memory',
  fsize: 'compute.disk',
  cpu: 'compute.cpu-time',
};

/** Each of these resources is limited, once, and to no more (setrlimit(2)). */
export function rlimitBreaches(operations: Operations, wanted: Readonly<Record<string, number>>): Breach[] {
  return Object.entries(wanted).flatMap(([name, maximum]): Breach[] => {
    const found = operations.all('rlimit').filter(({ op }) => op[1] === name);
    const [one] = found;
    const values = one ? [one.op[2], one.op[3]] : ['-'];
    if (found.length === 1 && values.every((value) => value !== '-' && Number(value) <= maximum)) return [];
    const text =
      found.length > 1
        ? `${name} is limited twice`
        : `${name} is limited to ${values.at(-1)}, not to ${maximum}`;
    const clause = CLAUSES[name];
    return [
      says('limits', text, {
        ...(one && { operation: one.operation }),
        ...(clause !== undefined && { clause }),
      }),
    ];
  });
}

/** Numbers are never larger than the contract's. */
export function limitBreaches(operations: Operations, facts: CellFacts): Breach[] {
  const { compute } = facts.contract;
  const { limits } = facts.groups;
  const breaches: Breach[] = [];
  const cpuSeconds = Math.ceil(compute['cpu-time'].max / 1000) + 1;
  // on a copy an ordinary user's own tasks count, too, and how many there are only the start knows
  if (
    facts.copy &&
    operations.all('rlimit').filter(({ op }) => op[1] === 'nproc' && op[3] !== '-').length !== 1
  )
    breaches.push(says('limits', 'nproc is not limited', { clause: 'compute.processes' }));
  breaches.push(
    ...rlimitBreaches(operations, {
      ...(!facts.copy && { nproc: compute.processes.max + OWN_PROCESSES }),
      data: compute.memory.max,
      fsize: compute.disk.max,
      cpu: cpuSeconds,
      core: 0,
      memlock: BYTES_LOCKED,
      nofile: MOST_FILES,
    }),
  );

  const time = operations.first('time');
  if (!time || !(Number(time.op[1]) <= compute.time.max))
    breaches.push(
      says('limits', `the time is limited to ${time?.op[1] ?? 'nothing'} ms`, { clause: 'compute.time' }),
    );
  const supervise = operations.first('supervise')?.op ?? ['supervise', '-', '-', '-', '-'];
  const supervised = (value: string, maximum: number, clause: string) => {
    if (value === '-' || !(Number(value) <= maximum))
      breaches.push(
        says('limits', `${clause} is supervised up to ${value}, not up to ${maximum}`, { clause }),
      );
  };
  supervised(supervise[1], compute['cpu-time'].max, 'compute.cpu-time');
  if (limits.memory === undefined) supervised(supervise[2], compute.memory.max, 'compute.memory');
  supervised(supervise[3], compute.disk.max + (facts.present ?? 0), 'compute.disk');
  supervised(supervise[4], LONGEST_SAMPLE, 'compute');
  if (operations.first('usage') === undefined)
    breaches.push(says('limits', 'no folder counts as used disk', { clause: 'compute.disk' }));

  if (limits.cpus === undefined && compute.cpus.max < facts.processors) {
    const affinity = operations.first('affinity');
    const count = affinity === undefined ? Number.POSITIVE_INFINITY : processorsOf(affinity.op[1]);
    if (!(count <= compute.cpus.max))
      breaches.push(
        says('limits', `it may use ${affinity?.op[1] ?? 'all'} processors`, { clause: 'compute.cpus' }),
      );
  }
  const groups = new Map(facts.groups.folders.map(({ path, role }) => [path, role]));
  const planned = operations.all('cgroup');
  for (const { op, operation } of planned)
    if (groups.get(op[1]) !== op[2])
      breaches.push(
        says('limits', `it would join the control group ${op[1]}`, { operation, witness: op[1] }),
      );
  for (const path of groups.keys())
    if (!planned.some(({ op }) => op[1] === path))
      breaches.push(says('limits', `it would not join the control group ${path}`, { witness: path }));
  return breaches;
}

/** How many processors a list such as `0-1,4` names. */
function processorsOf(list: string): number {
  let count = 0;
  for (const part of list.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) return Number.POSITIVE_INFINITY;
    count += Number(match[2] ?? match[1]) - Number(match[1]) + 1;
  }
  return count;
}
