/**
 * What the supervisor saw → events of the ledger, with the layer and the contract line that stand behind each denial.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { SYSCALLS, type SyscallName } from '../../cell/seccomp/index.ts';
import {
  type EventBody,
  type Hazard,
  isWithin,
  type Owner,
  type SupervisorEvent,
} from '../../contract/index.ts';

export interface TranslationContext {
  /** files that may be executed, links resolved, where `programs` is a list */
  programs?: ReadonlySet<string> | undefined;
  workspace: string;
  writable: readonly string[];
  /** folders outside of the workspace that the run has for itself: its home, temporary folders, devices */
  own: readonly string[];
  /** what is mounted read-only, in those folders too */
  readOnly: readonly string[];
  gateway: boolean;
}

const ERRNO_NAMES: Record<number, string> = {
  1: 'EPERM',
  13: 'EACCES',
  22: 'EINVAL',
  30: 'EROFS',
  38: 'ENOSYS',
  95: 'EOPNOTSUPP',
  97: 'EAFNOSUPPORT',
  101: 'ENETUNREACH',
  111: 'ECONNREFUSED',
};

const DOMAINS: Record<number, string> = {
  3: 'AF_AX25',
  15: 'AF_KEY',
  16: 'AF_NETLINK',
  17: 'AF_PACKET',
  21: 'AF_RDS',
  29: 'AF_CAN',
  30: 'AF_TIPC',
  31: 'AF_BLUETOOTH',
  38: 'AF_ALG',
  40: 'AF_VSOCK',
  43: 'AF_SMC',
  44: 'AF_XDP',
  45: 'AF_MCTP',
};

/** Refused system calls whose mere attempt says what it is after. */
const HAZARDS: Partial<Record<SyscallName, Hazard>> = {
  mount: 'escape',
  unshare: 'escape',
  setns: 'escape',
  bpf: 'escape',
  init_module: 'escape',
  finit_module: 'escape',
  kexec_load: 'escape',
  pivot_root: 'escape',
  open_by_handle_at: 'escape',
  userfaultfd: 'escape',
  perf_event_open: 'escape',
  sched_setaffinity: 'resource-acquisition',
};

function ownerOf(event: Partial<Owner>): Owner | undefined {
  if (event.pid === undefined) return undefined;
  const { pid, tid, ppid, exe, argv } = event;
  return {
    pid,
    ...(tid !== pid && { tid }),
    ...(ppid !== undefined && { ppid }),
    ...(exe && { exe }),
    ...(argv && { argv }),
  };
}

const names = () => {
  const column = process.arch === 'arm64' ? 1 : 0;
  return new Map(
    Object.entries(SYSCALLS).map(([name, numbers]): [number | undefined, SyscallName] => [
      numbers[column],
      name as SyscallName,
    ]),
  );
};

function describeCall(name: string, args: readonly string[]): string {
  const value = (index: number) => Number(BigInt(args[index] ?? '0') & 0xffffffffn);
  if (name === 'socket') {
    const domain = value(0);
    if (domain === 2 || domain === 10) {
      return `socket of ${domain === 2 ? 'IPv4' : 'IPv6'}, type ${value(1) & 15}, protocol ${value(2)}`;
    }
    return `socket of ${DOMAINS[domain] ?? `family ${domain}`}`;
  }
  return `${name}(2)`;
}

/** Programs lie at the same place inside as outside; what does not exist outside the agent made itself. */
function resolveProgram(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Makes a translator; it keeps the names of system calls, nothing of the run. */
export function makeTranslator(
  context: TranslationContext,
): (event: SupervisorEvent) => EventBody | undefined {
  let byNumber: Map<number | undefined, SyscallName> | undefined;
  return (event) => {
    switch (event.ev) {
      case 'exec': {
        const { pid, tid, ppid, argv } = event;
        const owner: Owner = {
          pid,
          ...(tid !== pid && { tid }),
          ...(ppid !== undefined && { ppid }),
          exe: event.path,
          ...(argv && { argv }),
        };
        if (context.programs && !context.programs.has(resolveProgram(event.path))) {
          return {
            kind: 'denial',
            layer: 'landlock',
            owner,
            what: `execute ${event.path}`,
            clause: 'programs',
            allow: `add ${event.path} to programs`,
            errno: 'EACCES',
            observed: true,
          };
        }
        const { traceparent } = event;
        return {
          kind: 'process.exec',
          owner,
          path: event.path,
          cwd: event.cwd,
          ...(traceparent !== undefined && { traceparent }),
          observed: true,
        };
      }
      case 'exit':
        return {
          kind: 'process.exit',
          owner: { pid: event.pid },
          ...(event.code !== undefined && { code: event.code }),
          ...(event.signal !== undefined && { signal: event.signal }),
        };
      case 'file':
        return translateFile(event, context);
      case 'connect':
        return translateConnect(event, context);
      case 'deny': {
        byNumber ??= names();
        const name = byNumber.get(event.syscall) ?? `system call ${event.syscall}`;
        const owner = ownerOf(event);
        const hazard = HAZARDS[name as SyscallName];
        return {
          kind: 'denial',
          layer: 'seccomp',
          ...(owner && { owner }),
          what: describeCall(name, event.args),
          allow: 'nothing: no contract opens this system call',
          errno: ERRNO_NAMES[event.errno] ?? String(event.errno),
          ...(hazard && { hazard }),
        };
      }
      case 'sample':
        return {
          kind: 'resource.sample',
          cpu: event.cpu,
          memory: event.memory,
          processes: event.processes,
          disk: event.disk,
        };
      case 'probe':
        return { kind: 'probe', ok: event.ok, reached: event.reached, changed: event.changed, us: event.us };
      case 'tamper': {
        const owner = ownerOf(event);
        return { kind: 'tampering', what: event.what, ...(owner && { owner }), action: 'note' };
      }
      case 'loss':
        return { kind: 'sensor.loss', sensor: event.sensor, reason: event.reason, count: event.count };
      case 'frozen':
        return {
          kind: 'control',
          action: 'freeze',
          by: 'supervisor',
          detail: `${event.tasks} tasks in ${event.us} µs${event.ok ? '' : ', not all of them stopped'}`,
        };
      case 'thawed':
        return { kind: 'control', action: 'thaw', by: 'supervisor' };
      case 'session': {
        const { session, command, terminal } = event;
        return { kind: 'session.open', session, command, by: 'operator', terminal };
      }
      case 'session-end': {
        const { session, code, signal } = event;
        const exit = { ...(code !== undefined && { code }), ...(signal !== undefined && { signal }) };
        return { kind: 'session.close', session, exit };
      }
      case 'limit':
        return {
          kind: 'limit.reached',
          limit: event.limit,
          used: event.used,
          max: event.max,
          action: 'kill',
        };
      case 'ready':
      case 'fail':
      case 'done':
        return undefined;
    }
  };
}

/** Whether the view and Landlock let a path be written: what happens there is no denial. */
function isOpen(path: string, { workspace, writable, own, readOnly }: TranslationContext): boolean {
  const isIn = (folder: string) => isWithin(path, folder);
  if (isIn(workspace)) return writable.some(isIn);
  return own.some(isIn) && !readOnly.some(isIn);
}

function translateFile(
  event: Extract<SupervisorEvent, { ev: 'file' }>,
  context: TranslationContext,
): EventBody {
  const owner = ownerOf(event) as Owner;
  const to = event.to;
  const shut = [event.path, ...(to === undefined ? [] : [to])].find((path) => !isOpen(path, context));
  if (shut === undefined) {
    return {
      kind: 'file.change',
      owner,
      op: event.op,
      path: event.path,
      ...(to !== undefined && { to }),
      observed: true,
    };
  }
  const inside = isWithin(shut, context.workspace);
  return {
    kind: 'denial',
    layer: inside ? 'landlock' : 'file-view',
    owner,
    what: `${event.op} ${shut}`,
    clause: inside ? 'files.write' : 'files',
    allow: inside
      ? `add a folder pattern that holds ${shut} to files.write`
      : 'nothing: outside the workspace a run writes only to its own home and temporary folders',
    errno: inside ? 'EACCES' : 'EROFS',
    observed: true,
  };
}

function translateConnect(
  event: Extract<SupervisorEvent, { ev: 'connect' }>,
  context: TranslationContext,
): EventBody | undefined {
  const owner = ownerOf(event) as Owner;
  const where = `${event.family === 6 ? `[${event.address}]` : event.address}:${event.port}`;
  if (event.outcome === 'denied') {
    const gatewayPort = event.errno === 111;
    return {
      kind: 'denial',
      layer: 'network',
      owner,
      what: gatewayPort
        ? `connect to the gateway’s own port ${event.port}`
        : `connect ${where}/${event.type}`,
      clause: 'network',
      allow: gatewayPort
        ? 'nothing: the gateway is reached by connecting to what the contract names'
        : `network: [{ host: ${event.address}, port: ${event.port}, protocol: ${event.type === 'udp' ? 'udp' : 'tcp'} }]`,
      errno: ERRNO_NAMES[event.errno] ?? String(event.errno),
    };
  }
  if (event.outcome === 'local' && event.port === 53 && !context.gateway) {
    return {
      kind: 'denial',
      layer: 'dns',
      owner,
      what: 'name look-up',
      clause: 'network',
      allow: 'name the host under network',
      errno: 'ECONNREFUSED',
      observed: true,
    };
  }
  return undefined; // the gateway itself tells what flows it carried
}
