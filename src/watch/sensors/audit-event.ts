/**
 * The records of one event of Linux Audit, joined.
 *
 * @module
 */
import { SYSCALLS } from '../../cell/seccomp/index.ts';
import type { Category, FieldValue, Observation } from '../observation.ts';
import { type AuditRecord, argumentsOf } from './audit-record.ts';
import type { Programs } from './programs.ts';
import { defined, UNNAMED_HOST, whole } from './sensor.ts';

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64, as `arch=` has them, → column of the table. */
const ARCHITECTURES: Readonly<Record<string, 0 | 1>> = { c000003e: 0, c00000b7: 1 };
/** O_WRONLY | O_RDWR | O_CREAT | O_TRUNC */
const WRITES = 0o1 | 0o2 | 0o100 | 0o1000;
/** Which argument holds the flags. */
const OPENS: Readonly<Record<string, string>> = { open: 'a1', openat: 'a2' };
const OPERATIONS: Readonly<Record<string, string>> = {
  CREATE: 'create',
  DELETE: 'unlink',
};
const BY_CALL: Readonly<Record<string, string>> = {
  rename: 'rename',
  renameat: 'rename',
  renameat2: 'rename',
  mkdir: 'mkdir',
  mkdirat: 'mkdir',
  rmdir: 'rmdir',
  link: 'link',
  linkat: 'link',
  symlink: 'symlink',
  symlinkat: 'symlink',
};

function callName({ SYSCALL, syscall, arch }: Record<string, string>): string | undefined {
  if (SYSCALL !== undefined) return SYSCALL;
  const column = ARCHITECTURES[arch ?? ''];
  const number = whole(syscall);
  if (column === undefined || number === undefined) return undefined;
  return Object.entries(SYSCALLS).find(([, numbers]) => numbers[column] === number)?.[0];
}

/** sockaddr in hexadecimal, in the machine's byte order for the family: sockaddr_in and sockaddr_in6. */
function destination(
  fields: Record<string, string>,
): { DestinationIp: string; DestinationPort: number } | undefined {
  const given = fields.laddr ?? fields.addr;
  const port = whole(fields.lport ?? fields.port);
  if (given !== undefined && port !== undefined) return { DestinationIp: given, DestinationPort: port };
  const bytes = /^[0-9A-Fa-f]*$/.test(fields.saddr ?? '')
    ? Buffer.from(fields.saddr ?? '', 'hex')
    : Buffer.alloc(0);
  if (bytes.length >= 8 && bytes[0] === 2)
    return { DestinationIp: [...bytes.subarray(4, 8)].join('.'), DestinationPort: bytes.readUInt16BE(2) };
  if (bytes.length < 24 || bytes[0] !== 10) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(8 + 2 * index).toString(16));
  return {
    DestinationIp: new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1),
    DestinationPort: bytes.readUInt16BE(2),
  };
}

/** Paths in the event are relative to its working folder. */
function absolute(path: string, cwd: string | undefined): string {
  return path.startsWith('/') || cwd === undefined
    ? path
    : `${cwd.replace(/\/$/, '')}/${path.replace(/^\.\//, '')}`;
}

function fileEvents(
  call: string | undefined,
  records: readonly AuditRecord[],
  fields: Record<string, string>,
  cwd: string | undefined,
): Record<string, FieldValue>[] {
  const flags = Number.parseInt(fields[OPENS[call ?? ''] ?? ''] ?? '0', 16);
  return records
    .filter(({ type }) => type === 'PATH')
    .flatMap(({ fields: path }) => {
      const operation =
        OPERATIONS[path.nametype ?? ''] ??
        (path.nametype === 'NORMAL' && (flags & WRITES) !== 0 ? 'write' : undefined);
      if (operation === undefined || path.name === undefined) return [];
      const known =
        BY_CALL[call ?? ''] ?? (path.mode?.startsWith('040') && operation === 'unlink' ? 'rmdir' : undefined);
      return [{ TargetFilename: absolute(path.name, cwd), Operation: known ?? operation }];
    });
}

/** All observations of an event: each record by itself, and what they are together. */
export function joinRecords(records: readonly AuditRecord[], programs: Programs): Observation[] {
  const [first] = records;
  if (!first) return [];
  const find = (type: string) => records.find((record) => record.type === type);
  const run = first.host ?? UNNAMED_HOST;
  const call = find('SYSCALL')?.fields ?? {};
  const cwd = find('CWD')?.fields.cwd;
  const pid = whole(call.pid);
  const parent = programs.get(run, whole(call.ppid));
  const executions = records.filter(({ type }) => type === 'EXECVE');
  const [execution] = executions;
  const argv =
    executions.length > 1
      ? argumentsOf(Object.assign({}, ...executions.map(({ fields }) => fields)))
      : execution?.argv;
  const own = programs.get(run, pid);
  const image = call.exe ?? own?.image;
  const commandLine = argv?.join(' ') ?? own?.commandLine;
  const process = defined<FieldValue>({
    Image: image,
    CommandLine: commandLine,
    Arguments: argv,
    ProcessId: pid,
    ParentProcessId: whole(call.ppid),
    ParentImage: parent?.image,
    ParentCommandLine: parent?.commandLine,
    CurrentDirectory: cwd,
    User: call.UID ?? (call.uid === '0' ? 'root' : call.uid),
    LogonId: call.auid,
  });
  const observation = (category: Category, fields: Record<string, FieldValue>): Observation => ({
    category,
    time: first.time,
    run,
    cell: run,
    cites: [],
    fields,
  });
  const name = callName(call);
  const observations = records
    .filter(({ type }) => type !== 'EOE')
    .map((record) =>
      observation('auditd', {
        ...defined<FieldValue>({
          exe: call.exe,
          comm: call.comm,
          key: call.key,
          pid: call.pid,
          ppid: call.ppid,
          cwd,
        }),
        ...record.fields,
        ...(record.type === 'SYSCALL' && name !== undefined && { SYSCALL: name }),
        type: record.type,
      }),
    );
  const worked = call.success === undefined || call.success === 'yes';
  if (execution && worked) {
    observations.push(observation('process_creation', process));
    if (image !== undefined) programs.set(run, pid, { image, commandLine: commandLine ?? image });
  }
  const address = find('SOCKADDR');
  const to = address && (name === 'connect' || name === 'sendto') ? destination(address.fields) : undefined;
  // a connection that was refused was tried all the same; EINPROGRESS is no failure
  if (to) observations.push(observation('network_connection', { ...process, ...to, Initiated: 'true' }));
  if (worked && !execution)
    for (const file of fileEvents(name, records, call, cwd))
      observations.push(observation('file_event', { ...process, ...file }));
  return observations;
}
