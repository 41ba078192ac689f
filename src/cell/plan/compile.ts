/**
 * Contract → plan: the mounts, rights, filter and limits that the launcher applies, in the order it applies them.
 *
 * @module
 */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DEVICES } from '../../contract/base-view.ts';
import {
  asksForHosts,
  CALLS_ADDRESS,
  CALLS_PORT,
  type Contract,
  callVariables,
  canonicalAddress,
  directoryOf,
  isWithin,
  MODEL_ADDRESS,
  MODEL_PORT,
  modelClients,
  needsGateway,
  type PackageIndex,
  type Plan,
  type PlanOp,
  takesDeclarations,
} from '../../contract/index.ts';
import { PACKAGE_ADDRESS, PACKAGE_PORT } from '../../contract/packages.ts';
import { TOOL_ADDRESS, TOOL_PORT, toolVariables } from '../../contract/tools.ts';
import {
  cellPolicy,
  type FilterSource,
  filterName,
  filterOperations,
  filterText,
  type PolicyOptions,
} from '../seccomp/index.ts';
import { type TrustFiles, trustedView } from '../trust/index.ts';
import { expandPath, readPaths, toolchainView, withoutLinks } from '../view/index.ts';
import { type Person, scrubbedEnvironment } from './environment.ts';
import { hiddenPaths } from './hide.ts';
import { type AppliedLimit, applyLimits, type GroupLimits } from './limits.ts';
import { packageClients } from './package-clients.ts';
import { programRules } from './programs.ts';

export interface PlanInput {
  contract: Contract;
  /** folder that relative paths of the contract start at */
  base: string;
  command: readonly string[];
  /** working folder of the caller; used inside where it lies in the workspace */
  cwd: string;
  run: string;
  /** host folders of the run, absolute: the overlay's upper and work folder, and a file that must be invisible inside */
  folders: { upper: string; work: string; marker: string };
  /** layers between the workspace and the upper folder, topmost first: what an earlier run changed */
  layers?: readonly string[];
  host: {
    env: Readonly<Record<string, string | undefined>>;
    uid: number;
    gid: number;
    home: string;
    user: string;
  };
  /** kernel id of a root run's cell; ignored otherwise */
  unprivileged: number;
  processors: number;
  groups: { limits: GroupLimits; folders: readonly { path: string; role: 'freeze' | 'limit' }[] };
  /** kernels before 6.9 know no pidfd of a thread */
  pidfdThread: boolean;
  /** milliseconds between two probes */
  probeInterval: number;
  /** files of the run's certificate authority, where it has one */
  trust?: TrustFiles;
  /** variables inside that hold a placeholder in the place of a secret */
  placeholders?: Readonly<Record<string, string>>;
  /** what `packages` of the contract comes to */
  packages?: readonly PackageIndex[];
  /** names of the servers of `tools` */
  tools?: readonly string[];
  /** filters that need not be compiled */
  filters?: FilterSource;
}

export type Compiled =
  | {
      ok: true;
      plan: Plan;
      workspace: string;
      limits: Record<string, AppliedLimit>;
      writable: string[];
      inside: { uid: number; gid: number };
    }
  | { ok: false; field: string; problem: string; hint: string };

/** Places that are never a workspace: what they hold is not a project, or is Ringfence's own. */
const SYSTEM = [
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/lib64',
  '/proc',
  '/root/.ssh',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/var',
  '/tmp',
  '/home',
];

const refuse = (field: string, problem: string, hint: string): Compiled => ({
  ok: false,
  field,
  problem,
  hint,
});

/** The real path of `files.workspace`, or why it cannot be one. */
export function findWorkspace(
  input: Pick<PlanInput, 'contract' | 'base'> & { folders: { upper: string } },
  home: string,
): { ok: true; path: string } | { ok: false; problem: string; hint: string } {
  const named = expandPath(input.contract.files.workspace.path, home, input.base);
  const hint = 'name a project folder under files.workspace';
  let path: string;
  try {
    path = realpathSync(named);
  } catch {
    return { ok: false, problem: `the workspace ${named} does not exist or cannot be read`, hint };
  }
  if (!statSync(path).isDirectory())
    return { ok: false, problem: `the workspace ${path} is not a folder`, hint };
  if (SYSTEM.includes(path)) return { ok: false, problem: `the workspace ${path} is a system folder`, hint };
  if (isWithin(home, path))
    return { ok: false, problem: `the workspace ${path} holds your home folder`, hint };
  if (isWithin(input.folders.upper, path)) {
    return {
      ok: false,
      problem: `the workspace ${path} holds Ringfence’s own records`,
      hint: 'name a project folder, or set XDG_STATE_HOME elsewhere',
    };
  }
  return { ok: true, path };
}

/** Pure but for looking at the file system. */
export function compilePlan(input: PlanInput): Compiled {
  const { contract, host } = input;
  const privileged = host.uid === 0;
  const inside = privileged ? { uid: 1000, gid: 1000 } : { uid: host.uid, gid: host.gid };
  const outside = privileged ? { uid: input.unprivileged, gid: input.unprivileged } : inside;
  const person: Person = { name: privileged ? 'agent' : host.user, home: host.home, shell: '/bin/sh' };
  const found = findWorkspace(input, host.home);
  if (!found.ok) return refuse('files.workspace', found.problem, found.hint);
  const workspace = found.path;

  const limits = applyLimits(contract, input.groups.limits, input.processors);
  if (!limits.ok) return refuse(limits.field, limits.problem, limits.hint);
  const hidden = hiddenPaths(workspace, contract.files.hide);
  if (!hidden.ok) return refuse('files.hide', hidden.problem, 'name fewer or exact paths');
  const read = readPaths(contract.files.read, { home: host.home, base: input.base });
  if (!read.ok) return refuse('files.read', `${read.path}: ${read.problem}`, read.hint);

  const toolchain = toolchainView({
    env: host.env,
    home: host.home,
    present: [workspace],
    identity: {
      user: person.name,
      uid: inside.uid,
      gid: inside.gid,
      shell: person.shell,
      hostname: 'cell',
      patient: asksForHosts(contract),
    },
  });
  const { view, over } = input.trust ? trustedView(toolchain, input.trust) : { view: toolchain, over: [] };
  const owner = (path: string) => {
    if (!privileged) return '-';
    const { uid, gid } = lstatSync(path);
    return `${uid}:${gid}`;
  };
  const size = String(contract.compute.disk.max);
  const operations: PlanOp[] = [
    ['kind', 'cell', input.run],
    ['identity', String(inside.uid), String(inside.gid), String(outside.uid), String(outside.gid)],
    ['hostname', 'cell'],
    ['sysctl', 'net.ipv4.tcp_fastopen', '0'],
    ['sysctl', 'net.ipv4.ip_unprivileged_port_start', '0'],
    ['dir', '/dev', '755', 'setup'],
    // before what is shown of the host: a toolchain may lie in one of them
    ['tmpfs', '/tmp', size, '1777', 'nosuid,nodev'],
    ['tmpfs', '/var/tmp', size, '1777', 'nosuid,nodev'],
  ];
  const secureHome = (path: string) => isWithin(path, host.home);
  for (const { path, link } of view.symlinks) operations.push(['symlink', link, path]);
  for (const { path, mode, content } of view.files) {
    operations.push([
      'file',
      path,
      mode,
      content === '' ? '-' : Buffer.from(content).toString('hex'),
      'setup',
    ]);
  }
  for (const bind of view.binds.filter(({ target }) => !secureHome(target))) {
    if (bind.target === '/opt') operations.push(['layer', bind.source, bind.target, '-']);
    else operations.push(['bind', bind.source, bind.target, bind.flags, '-']);
  }
  for (const device of DEVICES)
    operations.push(['bind', `/dev/${device}`, `/dev/${device}`, 'nosuid,noexec', '-']);
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
    ['ptmx', 'pts/ptmx'],
  ] as const) {
    operations.push(['symlink', target, `/dev/${name}`]);
  }
  operations.push(
    ['devpts', '/dev/pts'],
    ['tmpfs', '/dev/shm', size, '1777', 'nosuid,nodev,noexec'],
    ['proc', '/proc'],
    ['tmpfs', '/run/ringfence', '4096', '1777', 'nosuid,nodev,noexec'],
    ['tmpfs', host.home, size, '755', 'nosuid,nodev'],
    ['dir', host.home, '755', 'agent'],
  );
  const inHome = [...view.binds, ...read.binds].map(({ target }) => target).filter(secureHome);
  for (const folder of foldersBetween(host.home, inHome)) operations.push(['dir', folder, '755', 'agent']);
  for (const bind of view.binds.filter(({ target }) => secureHome(target))) {
    operations.push(['bind', bind.source, bind.target, bind.flags, owner(bind.source)]);
  }
  for (const bind of read.binds) {
    // a folder comes as a layer: the host's sockets and pipes in it are then names that nobody answers to
    if (bind.directory) operations.push(['layer', bind.source, bind.target, owner(bind.source)]);
    else operations.push(['bind', bind.source, bind.target, bind.flags, owner(bind.source)]);
  }
  for (const { source, target, flags } of over)
    operations.push(['bind', withoutLinks(source), target, flags, '-']);
  for (const mask of view.masks) operations.push(['mask', mask]);
  for (const layer of input.layers ?? []) operations.push(['under', withoutLinks(layer)]);
  operations.push(
    contract.files.workspace.mode === 'direct' && input.layers === undefined
      ? ['bind', workspace, workspace, 'nosuid,nodev', owner(workspace)]
      : ['overlay', workspace, workspace, ...overFolders(input.folders), owner(workspace)],
  );
  const writable = writableFolders(workspace, contract.files.write);
  if (!writable.ok) return refuse('files.write', writable.problem, writable.hint);
  if (!writable.whole) {
    for (const folder of writable.folders) operations.push(['writable', folder]);
    operations.push(['readonly', workspace]);
  }
  for (const path of hidden.paths) operations.push(['mask', path]);
  operations.push(['readonly', '/']);

  const programs =
    contract.programs === 'any' ? undefined : programRules(contract.programs, host.env.PATH ?? '', host.home);
  if (programs && !programs.ok) return refuse('programs', programs.problem, programs.hint);
  operations.push(['landlock', programs ? 'write,execute' : 'write']);
  for (const folder of writable.folders) operations.push(['allow', folder, 'write']);
  for (const folder of [host.home, '/tmp', '/var/tmp', '/dev', '/proc'])
    operations.push(['allow', folder, 'write']);
  if (programs) {
    for (const path of programs.paths) operations.push(['allow', path, 'execute']);
  }
  const options: PolicyOptions = {
    fileEvents: 'on',
    affinity: limits.affinity ? 'deny' : 'allow',
    fileTables: input.pidfdThread ? 'separate' : 'shared',
    memoryFiles: programs ? 'sealed' : 'any',
    setIds: contract.files.workspace.mode === 'direct' ? 'deny' : 'allow',
  };
  const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const shipped = input.filters?.(filterName('cell', architecture, options));
  operations.push(...filterOperations(shipped ?? filterText(cellPolicy(options), architecture)));
  operations.push(...limits.operations);
  for (const { path, role } of input.groups.folders) operations.push(['cgroup', path, role]);
  operations.push(
    // the record counts, too: an agent that makes events must not fill the host's disk with them
    ['usage', dirname(dirname(input.folders.upper))],
    ['gateway', needsGateway(contract) ? 'on' : 'off'],
    ...staticPins(contract),
    ['probe', input.folders.marker, String(input.probeInterval)],
    ['events', 'exec,file,sample'],
  );
  for (const folder of ['/tmp', '/var/tmp', '/dev', '/proc', host.home]) operations.push(['quiet', folder]);
  const environment = {
    ...packageClients(contract, input.packages ?? []),
    ...modelClients(contract.models),
    ...toolVariables(input.tools ?? []),
    ...callVariables(contract),
    ...scrubbedEnvironment(host.env, contract, person, input),
  };
  for (const [name, value] of Object.entries(environment)) operations.push(['env', `${name}=${value}`]);
  operations.push(['cwd', isWithin(input.cwd, workspace) ? input.cwd : workspace]);
  for (const argument of input.command) operations.push(['arg', `=${argument}`]);
  operations.push(['end']);
  return {
    ok: true,
    plan: operations,
    workspace,
    limits: limits.applied,
    writable: writable.folders,
    inside,
  };
}

/** Upper and work folder: they are made for the run, in one folder. */
function overFolders({ upper, work }: PlanInput['folders']): [string, string] {
  const folder = withoutLinks(dirname(upper));
  return [join(folder, basename(upper)), join(folder, basename(work))];
}

type Writable =
  | { ok: true; whole: boolean; folders: string[] }
  | { ok: false; problem: string; hint: string };

function writableFolders(workspace: string, patterns: readonly string[]): Writable {
  const folders: string[] = [];
  for (const pattern of patterns) {
    const folder = directoryOf(pattern);
    if (folder === undefined)
      return { ok: false, problem: `${pattern} is not a folder pattern`, hint: 'write for example src/**' };
    const path = join(workspace, folder);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) {
      return {
        ok: false,
        problem: `${pattern} names ${path}, which is not a folder`,
        hint: 'create the folder first, or correct the pattern',
      };
    }
    folders.push(path);
  }
  return { ok: true, whole: folders.includes(workspace), folders };
}

/**
 * The folders of the private home in which something of the host is shown, parents first. They are the agent's, like
 * the home itself: a program whose settings or executables are shown keeps its state beside them.
 */
function foldersBetween(home: string, targets: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const target of targets)
    for (let at = dirname(target); at !== home && isWithin(at, home); at = dirname(at)) folders.add(at);
  return [...folders].sort();
}

/** Addresses that the contract itself writes out: allowed before the gateway has answered a single question. */
function staticPins(contract: Contract): PlanOp[] {
  const pins = new Map<string, PlanOp>();
  for (const rule of contract.network) {
    const transport = rule.protocol === 'udp' ? 'udp' : 'tcp';
    const addresses = isAddress(rule.host) ? [rule.host] : (contract.resolve[rule.host] ?? []);
    for (const address of addresses) {
      const canonical = canonicalAddress(address);
      const family = canonical.includes(':') ? '6' : '4';
      pins.set(`${canonical} ${rule.port} ${transport}`, [
        'pin',
        family,
        canonical,
        String(rule.port),
        transport,
      ]);
    }
  }
  if (contract.packages.length > 0)
    pins.set('packages', ['pin', '4', PACKAGE_ADDRESS, String(PACKAGE_PORT), 'tcp']);
  if (contract.models.length > 0) pins.set('models', ['pin', '4', MODEL_ADDRESS, String(MODEL_PORT), 'tcp']);
  if (contract.tools.length > 0) pins.set('tools', ['pin', '4', TOOL_ADDRESS, String(TOOL_PORT), 'tcp']);
  if (takesDeclarations(contract)) pins.set('calls', ['pin', '4', CALLS_ADDRESS, String(CALLS_PORT), 'tcp']);
  return [...pins.values()];
}

const isAddress = (host: string) => host.includes(':') || /^\d+(\.\d+){3}$/.test(host);
