/**
 * A plan for a process of Ringfence's own that parses hostile input, such as the gateway: it sees the runtime and its
 * own code, read-only, and nothing else; it keeps the host's network, which is its work.
 *
 * @module
 */
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Plan, PlanOp } from '../../contract/index.ts';
import { cellPolicy, compileSeccomp, HELPER_POLICY } from '../seccomp/index.ts';
import { withoutLinks } from '../view/index.ts';

const READ_ONLY = 'ro,nosuid,nodev,rec';

/** Where the dynamic loader looks. */
const LIBRARIES = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/etc/ld.so.cache'];

export interface ConfinedInput {
  name: string;
  /** program and arguments; the first is an absolute path */
  command: readonly string[];
  /** folders and files it needs besides the system's libraries */
  needs: readonly string[];
  host: { uid: number; gid: number };
  /** kernel id of the process when we are root; ignored otherwise */
  unprivileged: number;
  /** bytes of private memory */
  memory: number;
}

export function confinedPlan(input: ConfinedInput): Plan {
  const privileged = input.host.uid === 0;
  const id = privileged ? { uid: input.unprivileged, gid: input.unprivileged } : input.host;
  const inside = privileged ? { uid: 1000, gid: 1000 } : input.host;
  const operations: PlanOp[] = [
    ['kind', 'confined', input.name],
    ['identity', String(inside.uid), String(inside.gid), String(id.uid), String(id.gid)],
    ['hostname', input.name],
  ];
  for (const path of LIBRARIES) {
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) operations.push(['symlink', readlinkSync(path), path]);
    else operations.push(['bind', withoutLinks(path), path, READ_ONLY, '-']);
  }
  for (const path of new Set([...input.needs, input.command[0] as string])) {
    if (!LIBRARIES.some((folder) => path.startsWith(`${folder}/`)))
      operations.push(['bind', withoutLinks(path), path, READ_ONLY, '-']);
  }
  for (const device of ['null', 'urandom'])
    operations.push(['bind', `/dev/${device}`, `/dev/${device}`, 'nosuid,noexec', '-']);
  const policy = cellPolicy(HELPER_POLICY);
  const memory = String(input.memory);
  operations.push(
    ['proc', '/proc'],
    ['readonly', '/'],
    ['landlock', 'write'],
    ['allow', '/dev/null', 'write'],
    [
      'seccomp',
      Buffer.from(compileSeccomp(policy, process.arch === 'arm64' ? 'aarch64' : 'x86_64')).toString('hex'),
    ],
    ['rlimit', 'data', memory, memory],
    ['rlimit', 'core', '0', '0'],
    ['rlimit', 'fsize', '0', '0'],
    ['rlimit', 'nofile', '65536', '65536'],
    ['env', 'NODE_CHANNEL_FD=3'],
    ['env', 'NODE_CHANNEL_SERIALIZATION_MODE=json'],
    ['cwd', '/'],
  );
  for (const argument of input.command) operations.push(['arg', `=${argument}`]);
  operations.push(['end']);
  return operations;
}
