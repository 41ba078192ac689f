/**
 * Contract → plan of the reduced isolation: no mounts, no namespaces, so only rights, filter, limits and environment.
 *
 * @module
 */
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { directoryOf, type PlanOp } from '../../contract/index.ts';
import {
  applyLimits,
  type Compiled,
  hiddenPaths,
  type Person,
  type PlanInput,
  programRules,
  scrubbedEnvironment,
} from '../plan/index.ts';
import { answeredCalls, compileSeccomp, deniedCalls } from '../seccomp/index.ts';
import { readPaths, toolchainView } from '../view/index.ts';
import { type CopyResult, copyWorkspace } from './copy.ts';
import type { ReducedFolders } from './folders.ts';
import { reducedPolicy } from './policy.ts';
import { grant, rulesOf, usablePath, viewRights } from './rules.ts';
import { tasksOfUser } from './tasks.ts';

export interface ReducedInput extends Omit<PlanInput, 'folders'> {
  folders: ReducedFolders & { marker: string };
  /** real path of the workspace */
  workspace: string;
}

export type CompiledReduced =
  | (Extract<Compiled, { ok: true }> & Pick<Extract<CopyResult, { ok: true }>, 'manifest' | 'leftOut'>)
  | Extract<Compiled, { ok: false }>;

const OPENSSL = '/etc/ssl/openssl.cnf';

/** Init, the warden and, where it shares the program's user, the supervisor with its threads. */
const OWN_TASKS = 10;

const refuse = (field: string, problem: string, hint: string) =>
  ({ ok: false, field, problem, hint }) as const;

/** Copies the workspace, and plans a run on the copy. */
export function compileReduced(input: ReducedInput): CompiledReduced {
  const { contract, host, folders, workspace } = input;
  const privileged = host.uid === 0;
  const id = privileged
    ? { uid: input.unprivileged, gid: input.unprivileged }
    : { uid: host.uid, gid: host.gid };
  const limits = applyLimits(contract, input.groups.limits, input.processors);
  if (!limits.ok) return limits;
  const { processes } = contract.compute;
  if (processes.hard && !privileged) {
    return refuse(
      'compute.processes',
      'processes is `hard`, and without namespaces the kernel counts all that your user runs',
      'drop `hard`, or run as root',
    );
  }
  const hidden = hiddenPaths(workspace, contract.files.hide);
  if (!hidden.ok) return refuse('files.hide', hidden.problem, 'name fewer or exact paths');
  const read = readPaths(contract.files.read, { home: host.home, base: input.base });
  if (!read.ok) return refuse('files.read', `${read.path}: ${read.problem}`, read.hint);
  const programs =
    contract.programs === 'any' ? undefined : programRules(contract.programs, host.env.PATH ?? '', host.home);
  if (programs && !programs.ok) return refuse('programs', programs.problem, programs.hint);

  const copied = copyWorkspace({
    workspace,
    copy: folders.copy,
    hidden: hidden.paths,
    maximum: contract.compute.disk.max,
    owner: privileged ? id.uid : undefined,
  });
  if (!copied.ok) return copied;
  const copy = realpathSync(folders.copy);
  const writable: string[] = [];
  for (const pattern of contract.files.write) {
    const path = join(copy, directoryOf(pattern) ?? '.');
    if (directoryOf(pattern) === undefined || !lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      return refuse('files.write', `${pattern} names no folder of the workspace`, 'write for example src/**');
    }
    writable.push(path);
  }

  const view = toolchainView({
    env: host.env,
    home: host.home,
    present: [workspace],
    identity: { user: host.user, ...id, shell: '/bin/sh', hostname: 'cell' },
  });
  const rights = viewRights({
    view,
    read: read.binds.map(({ source }) => source),
    programs: programs?.paths,
    foreign: privileged,
  });
  const execute = programs ? '' : ',execute';
  grant(rights, copy, `read${execute}`);
  for (const folder of writable) grant(rights, folder, 'write,truncate');
  const own = [folders.home, folders.temporary].map((path) => realpathSync(path));
  for (const folder of own) grant(rights, folder, `read,write,truncate${execute}`);

  const policy = reducedPolicy({
    fileEvents: 'on',
    affinity: limits.affinity ? 'deny' : 'allow',
    fileTables: input.pidfdThread ? 'separate' : 'shared',
    memoryFiles: programs ? 'sealed' : 'any',
  });
  const move = (path: string) =>
    path === workspace || path.startsWith(`${workspace}/`) ? copy + path.slice(workspace.length) : undefined;
  const person: Person = {
    name: privileged ? 'agent' : host.user,
    home: own[0] as string,
    shell: '/bin/sh',
  };
  const environment = scrubbedEnvironment(host.env, contract, person);
  if (contract.environment.set.TMPDIR === undefined) environment.TMPDIR = own[1] as string;
  // a file that is there and closed is an error to OpenSSL, and so to Node; one that is absent would not be
  if (existsSync(OPENSSL) && !rights.has(realpathSync(OPENSSL))) environment.OPENSSL_CONF ??= '/dev/null';
  environment.PATH = usablePath(environment.PATH ?? '', rights, move);
  const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const refused = deniedCalls(policy, architecture).map(({ number, errno }) => `${number}:${errno}`);
  const answers = answeredCalls(policy, architecture).map((call) => call.join(':'));
  const operations: PlanOp[] = [
    ['kind', 'landlock', input.run],
    ['identity', String(id.uid), String(id.gid), String(id.uid), String(id.gid)],
    ['landlock', 'read,write,execute,truncate'],
    ...rulesOf(rights),
    ['refused', `,${refused.join(',')},`],
    ['answers', `,${answers.join(',')},`],
    ['seccomp', Buffer.from(compileSeccomp(policy, architecture)).toString('hex')],
    ...limits.operations.filter(([name, what]) => name !== 'rlimit' || what !== 'nproc'),
  ];
  const tasks = String(processes.max + OWN_TASKS + (privileged ? 0 : tasksOfUser(host.uid)));
  operations.push(['rlimit', 'nproc', tasks, tasks]);
  for (const { path, role } of input.groups.folders) operations.push(['cgroup', path, role]);
  operations.push(
    ['usage', folders.base],
    ['gateway', 'off'],
    ['probe', folders.marker, String(input.probeInterval)],
    ['events', 'exec,file,sample'],
    ...[...own, '/tmp', '/dev', '/proc'].map((folder): PlanOp => ['quiet', folder]),
    ...Object.entries(environment).map(([name, value]): PlanOp => ['env', `${name}=${value}`]),
    ['cwd', move(input.cwd) ?? copy],
    ...input.command.map((argument): PlanOp => ['arg', `=${argument}`]),
    ['end'],
  );
  const applied = {
    ...limits.applied,
    processes: privileged
      ? { max: processes.max, by: 'hard' as const, how: 'RLIMIT_NPROC of the run’s own user' }
      : {
          max: processes.max,
          by: 'supervised' as const,
          how: 'RLIMIT_NPROC above what your user ran at the start: approximate',
        },
    time: {
      max: contract.compute.time.max,
      by: 'hard' as const,
      how: 'timer of the supervisor, kill by Landlock domain',
    },
    disk: {
      max: contract.compute.disk.max,
      by: 'supervised' as const,
      how: 'copy of the workspace, home and temporary folder together, sampled, then killed; RLIMIT_FSIZE per file',
    },
  };
  return {
    ok: true,
    plan: operations,
    workspace,
    limits: applied,
    writable,
    inside: id,
    manifest: copied.manifest,
    leftOut: copied.leftOut,
  };
}
