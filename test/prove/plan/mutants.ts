/**
 * Plans that are wrong in one way each: what a broken compiler, or a bit that flipped, could hand to the launcher.
 */
import type { Plan, PlanOp } from '../../../src/contract/index.ts';
import type { CellFacts, Promised } from '../../../src/prove/artefacts/plan/index.ts';
import type { Bench } from './cases.ts';

export interface Mutant {
  name: string;
  /** a promise that it breaks */
  breaks: Promised;
  /** `undefined`: nothing to be changed in this plan */
  make(plan: Plan, facts: CellFacts, bench: Bench): Plan | undefined;
}

type Fields = readonly string[];
const op = (...fields: string[]) => fields as unknown as PlanOp;

/** Changes the operations that `is` finds, one of them: the one of that number among them. */
function change(
  plan: Plan,
  is: (fields: Fields) => boolean,
  to: (fields: Fields) => Fields[] | undefined,
  which = 0,
): Plan | undefined {
  const places = plan.flatMap((each, index) => (is(each) ? [index] : []));
  const at = places[which % Math.max(1, places.length)];
  if (at === undefined) return undefined;
  const made = to(plan[at] as Fields);
  return made && ([...plan.slice(0, at), ...made, ...plan.slice(at + 1)] as unknown as Plan);
}

const named = (name: string) => (fields: Fields) => fields[0] === name;
const drop = (is: (fields: Fields) => boolean) => (plan: Plan) => change(plan, is, () => []);
const add =
  (...fields: string[]) =>
  (plan: Plan): Plan => [...plan.slice(0, -1), op(...fields), op('end')];
/** Adds an operation before the root becomes read-only. */
const mount =
  (...fields: string[]) =>
  (plan: Plan): Plan | undefined =>
    change(
      plan,
      (each) => each[0] === 'readonly' && each[1] === '/',
      (root) => [fields, root],
    );
const field =
  (name: string, index: number, value: string | ((old: string) => string)) =>
  (plan: Plan): Plan | undefined =>
    change(plan, named(name), (fields) => [
      fields.map((old, at) => (at !== index ? old : typeof value === 'string' ? value : value(old))),
    ]);
const withoutFlag =
  (is: (fields: Fields) => boolean, flag: string, index = 3) =>
  (plan: Plan) =>
    change(
      plan,
      (fields) => is(fields) && (fields[index] ?? '').split(',').includes(flag),
      (fields) => [
        fields.map((old, at) =>
          at === index
            ? old
                .split(',')
                .filter((each) => each !== flag)
                .join() || '-'
            : old,
        ),
      ],
    );
const isSystem = (fields: Fields) => fields[0] === 'bind' && fields[2] === '/usr';
const isDevice = (fields: Fields) => fields[0] === 'bind' && (fields[2] ?? '').startsWith('/dev/');
const limit = (name: string) => (fields: Fields) => fields[0] === 'rlimit' && fields[1] === name;
const times = (factor: number) => (old: string) => (old === '-' ? old : String(Number(old) * factor));
const partly = ({ contract }: CellFacts) => !contract.files.write.includes('**');
const copied = ({ contract }: CellFacts) => contract.files.workspace.mode === 'overlay';
const listed = ({ contract }: CellFacts) => contract.programs !== 'any';

/** Every way that we know to make a plan give more than its contract. */
export const MUTANTS: readonly Mutant[] = [
  { name: 'a system folder without ro', breaks: 'write', make: withoutFlag(isSystem, 'ro') },
  { name: 'a system folder without nosuid', breaks: 'flags', make: withoutFlag(isSystem, 'nosuid') },
  { name: 'a system folder without nodev', breaks: 'flags', make: withoutFlag(isSystem, 'nodev') },
  { name: 'a device without noexec', breaks: 'flags', make: withoutFlag(isDevice, 'noexec') },
  {
    name: 'shared memory without noexec',
    breaks: 'flags',
    make: withoutFlag((fields) => fields[1] === '/dev/shm', 'noexec', 4),
  },
  {
    name: 'the root stays writable',
    breaks: 'write',
    make: drop((fields) => fields[0] === 'readonly' && fields[1] === '/'),
  },
  {
    name: 'the workspace stays writable',
    breaks: 'write',
    make: (plan, facts) =>
      partly(facts) ? drop((fields) => fields[0] === 'readonly' && fields[1] !== '/')(plan) : undefined,
  },
  {
    name: 'one more folder is opened',
    breaks: 'write',
    make: (plan, facts, { project }) =>
      partly(facts)
        ? change(
            plan,
            (fields) => fields[0] === 'readonly' && fields[1] === project,
            (fields) => [['writable', `${project}/private`], fields],
          )
        : undefined,
  },
  {
    name: 'the home of the host',
    breaks: 'records',
    make: (plan, _, { root }) => mount('layer', root, '/srv', '-')(plan),
  },
  { name: 'the whole host', breaks: 'own', make: mount('bind', '/', '/srv', 'ro,nosuid,nodev,rec', '-') },
  {
    name: 'the keys of the user',
    breaks: 'read',
    make: (plan, _, { home }) =>
      mount('bind', `${home}/.ssh`, `${home}/.ssh`, 'ro,nosuid,nodev,rec', '-')(plan),
  },
  {
    name: 'a note at its own place',
    breaks: 'read',
    make: (plan, { contract }, { home }) =>
      contract.files.read.some((path) => path.includes('notes'))
        ? undefined
        : mount('layer', `${home}/notes`, `${home}/notes`, '-')(plan),
  },
  {
    name: 'a folder of tools that nothing leads to',
    breaks: 'read',
    make: (plan, _, { home }) =>
      mount('bind', `${home}/.cargo`, `${home}/.cargo`, 'ro,nosuid,nodev,rec', '-')(plan),
  },
  {
    name: 'the shadow file',
    breaks: 'read',
    make: mount('bind', '/etc/shadow', '/etc/shadow', 'ro,nosuid,nodev,rec', '-'),
  },
  {
    name: 'records of other runs',
    breaks: 'records',
    make: (plan, _, { state }) => mount('layer', `${state}/runs`, `${state}/runs`, '-')(plan),
  },
  {
    name: 'another folder as /usr',
    breaks: 'own',
    make: (plan, _, { home }) =>
      change(plan, isSystem, ([name, , target, ...rest]) => [
        [name as string, home, target as string, ...rest],
      ]),
  },
  {
    name: 'owners are mapped',
    breaks: 'read',
    make: (plan) => change(plan, isSystem, (fields) => [[...fields.slice(0, 4), '0:0']]),
  },
  {
    name: 'no cover over a credential',
    breaks: 'read',
    make: drop((fields) => fields[0] === 'mask' && (fields[1] ?? '').endsWith('.npmrc')),
  },
  {
    name: 'no cover over what is hidden',
    breaks: 'hidden',
    make: (plan, { contract }, { project }) =>
      contract.files.hide.length === 0
        ? undefined
        : drop((fields) => fields[0] === 'mask' && (fields[1] ?? '').startsWith(project))(plan),
  },
  {
    name: 'covered before the workspace lies over it',
    breaks: 'hidden',
    make: (plan, _, { project }) => {
      const mask = plan.find((fields) => fields[0] === 'mask' && fields[1].startsWith(project));
      const rest = plan.filter((fields) => fields !== mask);
      return mask && [...rest.slice(0, 3), mask, ...rest.slice(3)];
    },
  },
  {
    name: 'the original in the place of the overlay',
    breaks: 'write',
    make: (plan, facts, { project }) =>
      copied(facts)
        ? change(plan, named('overlay'), () => [['bind', project, project, 'nosuid,nodev', '-']])
        : undefined,
  },
  {
    name: 'changes land in another folder',
    breaks: 'write',
    make: (plan, _, { home }) => field('overlay', 3, `${home}/notes`)(plan),
  },
  {
    name: 'another folder below the overlay',
    breaks: 'own',
    make: (plan, _, { home }) => field('overlay', 2, home)(plan),
  },
  {
    name: 'a layer that nobody asked for',
    breaks: 'read',
    make: (plan, facts, { home }) =>
      copied(facts)
        ? change(plan, named('overlay'), (fields) => [['under', `${home}/.ssh`], fields])
        : undefined,
  },
  {
    name: 'a link to elsewhere',
    breaks: 'own',
    make: (plan) => mount('symlink', '/proc/1/root', '/host')(plan),
  },
  {
    name: 'a folder reached through a link',
    breaks: 'own',
    make: (plan, _, { home }) =>
      mount('bind', '/usr', `${home}/.local/../usr`, 'ro,nosuid,nodev,rec', '-')(plan) &&
      change(
        plan,
        (each) => each[0] === 'readonly' && each[1] === '/',
        (root) => [['symlink', '/usr', '/s'], ['tmpfs', '/s/bin', '0', '755', '-'], root],
      ),
  },
  {
    name: 'accounts of the host',
    breaks: 'own',
    make: (plan) =>
      change(
        plan,
        (fields) => fields[0] === 'file' && fields[1] === '/etc/passwd',
        (fields) => [
          fields.map((old, at) =>
            at === 3
              ? Buffer.from('root:x:0:0::/root:/bin/sh\nanna:x:1:1::/:/bin/sh\n').toString('hex')
              : old,
          ),
        ],
      ),
  },
  {
    name: 'another resolver',
    breaks: 'own',
    make: (plan) =>
      change(
        plan,
        (fields) => fields[0] === 'file' && fields[1] === '/etc/resolv.conf',
        (fields) => [
          fields.map((old, at) => (at === 3 ? Buffer.from('nameserver 192.0.2.9\n').toString('hex') : old)),
        ],
      ),
  },
  { name: 'a file of our own', breaks: 'read', make: mount('file', '/etc/extra', '0644', '6869', 'setup') },
  {
    name: 'a file that the program owns',
    breaks: 'own',
    make: (plan) => change(plan, named('file'), (fields) => [[...fields.slice(0, 4), 'agent']]),
  },
  { name: 'an empty folder over programs', breaks: 'own', make: mount('tmpfs', '/usr/bin', '0', '755', '-') },
  { name: 'a second /proc', breaks: 'own', make: mount('proc', '/srv') },
  { name: 'no Landlock', breaks: 'landlock', make: drop(named('landlock')) },
  {
    name: 'Landlock handles programs only',
    breaks: 'landlock',
    make: (plan, facts) => (listed(facts) ? undefined : field('landlock', 1, 'execute')(plan)),
  },
  {
    name: 'Landlock does not handle programs',
    breaks: 'programs',
    make: (plan, facts) => (listed(facts) ? field('landlock', 1, 'write')(plan) : undefined),
  },
  { name: 'Landlock lets /usr be written', breaks: 'landlock', make: add('allow', '/usr', 'write') },
  { name: 'Landlock lets all be written', breaks: 'landlock', make: add('allow', '/', 'write') },
  {
    name: 'Landlock lets the rest of the workspace be written',
    breaks: 'landlock',
    make: (plan, facts, { project }) => (partly(facts) ? add('allow', project, 'write')(plan) : undefined),
  },
  {
    name: 'Landlock lets a neighbour be written',
    breaks: 'landlock',
    make: (plan, facts, { project }) =>
      partly(facts) ? add('allow', `${project}/private`, 'write')(plan) : undefined,
  },
  {
    name: 'a rule through a link',
    breaks: 'landlock',
    make: (plan, facts, { project }) =>
      partly(facts) ? add('allow', `${project}/src/link`, 'write')(plan) : undefined,
  },
  {
    name: 'one more program',
    breaks: 'programs',
    make: (plan, facts) => (listed(facts) ? add('allow', '/usr/bin/find', 'execute')(plan) : undefined),
  },
  {
    name: 'a folder of programs',
    breaks: 'programs',
    make: (plan, facts) => (listed(facts) ? add('allow', '/usr/bin', 'execute')(plan) : undefined),
  },
  { name: 'no filter', breaks: 'filter', make: drop(named('seccomp')) },
  { name: 'half an instruction', breaks: 'filter', make: field('seccomp', 1, (old) => old.slice(0, -2)) },
  { name: 'the host’s namespaces', breaks: 'namespaces', make: field('kind', 1, 'confined') },
  { name: 'no namespaces', breaks: 'namespaces', make: field('kind', 1, 'landlock') },
  { name: 'the host’s root', breaks: 'namespaces', make: field('identity', 3, '0') },
  { name: 'the host’s name', breaks: 'namespaces', make: drop(named('hostname')) },
  ...(['nproc', 'data', 'fsize', 'cpu', 'core', 'memlock', 'nofile'] as const).flatMap((name): Mutant[] => [
    { name: `no limit on ${name}`, breaks: 'limits', make: drop(limit(name)) },
    {
      name: `a higher limit on ${name}`,
      breaks: 'limits',
      make: (plan) =>
        change(plan, limit(name), ([first, what, , hard]) => [
          [first as string, what as string, '999999999999999', hard as string],
        ]),
    },
    {
      name: `an open hard limit on ${name}`,
      breaks: 'limits',
      make: (plan) =>
        change(plan, limit(name), ([first, what, soft]) => [
          [first as string, what as string, soft as string, '-'],
        ]),
    },
  ]),
  { name: 'more time', breaks: 'limits', make: field('time', 1, times(2)) },
  { name: 'no time', breaks: 'limits', make: drop(named('time')) },
  { name: 'more CPU time', breaks: 'limits', make: field('supervise', 1, times(3)) },
  { name: 'memory is not watched', breaks: 'limits', make: field('supervise', 2, '-') },
  { name: 'disk is not watched', breaks: 'limits', make: field('supervise', 3, '-') },
  { name: 'looked at once an hour', breaks: 'limits', make: field('supervise', 4, '3600000') },
  { name: 'nothing counts as disk', breaks: 'limits', make: drop(named('usage')) },
  { name: 'all processors', breaks: 'limits', make: drop(named('affinity')) },
  { name: 'more processors', breaks: 'limits', make: field('affinity', 1, '0-63') },
  { name: 'no control group', breaks: 'limits', make: drop(named('cgroup')) },
  { name: 'another control group', breaks: 'limits', make: field('cgroup', 1, '/sys/fs/cgroup') },
  { name: 'a variable of the host', breaks: 'environment', make: add('env', 'TOKEN=a value of the host') },
  { name: 'a loader’s variable', breaks: 'environment', make: add('env', 'LD_PRELOAD=/tmp/a.so') },
  {
    name: 'another home',
    breaks: 'environment',
    make: (plan) =>
      change(
        plan,
        (fields) => fields[0] === 'env' && (fields[1] ?? '').startsWith('HOME='),
        () => [['env', 'HOME=/root']],
      ),
  },
  { name: 'a variable twice', breaks: 'form', make: add('env', 'RINGFENCE=1') },
  {
    name: 'a gateway that nothing needs',
    breaks: 'network',
    make: (plan, { contract }) => (contract.network.length > 0 ? undefined : field('gateway', 1, 'on')(plan)),
  },
  { name: 'one more address', breaks: 'network', make: add('pin', '4', '198.51.100.7', '443', 'tcp') },
  {
    name: 'somewhere to declare calls',
    breaks: 'network',
    make: (plan, { contract }) =>
      contract.oversight.calls === 'declared' ? undefined : add('pin', '4', '192.0.0.8', '8088', 'tcp')(plan),
  },
  {
    name: 'where to declare calls',
    breaks: 'environment',
    make: (plan, { contract }) =>
      contract.oversight.calls === 'declared'
        ? undefined
        : add('env', 'RINGFENCE_CALLS=http://calls.internal:8088/v1/calls')(plan),
  },
  { name: 'another port', breaks: 'network', make: field('pin', 3, '22') },
  { name: 'another transport', breaks: 'network', make: field('pin', 4, 'udp') },
  {
    name: 'data before the verdict',
    breaks: 'network',
    make: (plan) => change(plan, named('sysctl'), (fields) => [[...fields.slice(0, 2), '1']]),
  },
  { name: 'another kernel setting', breaks: 'network', make: add('sysctl', 'net.ipv4.ip_forward', '1') },
  { name: 'a marker that is nowhere', breaks: 'supervision', make: field('probe', 1, '/nonexistent') },
  { name: 'one probe a day', breaks: 'supervision', make: field('probe', 2, '86400000') },
  { name: 'no events of files', breaks: 'supervision', make: field('events', 1, 'exec,sample') },
  {
    name: 'a workspace whose changes nobody sees',
    breaks: 'supervision',
    make: (plan, _, { project }) => add('quiet', project)(plan),
  },
  {
    name: 'another door for further programs',
    breaks: 'supervision',
    make: add('sessions', '/tmp/door.tty'),
  },
  { name: 'the clipboard', breaks: 'supervision', make: add('terminal', '0,1', 'clipboard') },
  { name: 'another program', breaks: 'command', make: field('arg', 1, '=false') },
  { name: 'one argument more', breaks: 'command', make: add('arg', '=--force') },
  { name: 'another folder to start in', breaks: 'command', make: field('cwd', 1, '/') },
  {
    name: 'two filters',
    breaks: 'form',
    make: (plan) => {
      const filter = plan.find(([name]) => name === 'seccomp');
      return filter && [filter, ...plan];
    },
  },
  { name: 'an operation of the future', breaks: 'form', make: add('host', '/') },
  { name: 'no end', breaks: 'form', make: (plan) => plan.slice(0, -1) },
];
