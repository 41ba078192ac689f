/**
 * Tetragon's exported events (https://tetragon.io/docs/reference/grpc-api/, as `tetra getevents -o json` and its export
 * file write them): executions, exits, and what tracing policies attach to. What a policy's probe means is read from
 * the function's name; one that is not known becomes a `sensor` observation with its arguments.
 *
 * @module
 */
import type { Category, FieldValue, Observation } from '../observation.ts';
import {
  defined,
  type Json,
  list,
  object,
  parseObject,
  type Sensor,
  SensorError,
  text,
  UNNAMED_HOST,
  whole,
} from './sensor.ts';

const HINT = 'give what Tetragon exports: one JSON object a line, as `tetra getevents -o json` prints them';

/** Probes on connecting sockets. */
const CONNECTS = new Set(['tcp_connect', 'security_socket_connect', 'udp_sendmsg', 'ip4_datagram_connect']);
/** Probes on files, and the operation where the name alone says it. */
const FILES: Readonly<Record<string, string | undefined>> = {
  security_file_permission: undefined,
  security_mmap_file: undefined,
  fd_install: undefined,
  security_file_open: undefined,
  do_filp_open: undefined,
  security_path_truncate: 'truncate',
  security_path_unlink: 'unlink',
  security_path_rmdir: 'rmdir',
  security_path_mkdir: 'mkdir',
  security_path_symlink: 'symlink',
  security_path_link: 'link',
  security_path_rename: 'rename',
  security_path_mknod: 'create',
};
/** Bits of the mask of security_file_permission: include/linux/fs.h. */
const MAY_WRITE_OR_APPEND = 2 | 8;

/** RFC 3339 with up to nanoseconds → microseconds since 1970. */
function microseconds(time: unknown): number {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text(time) ?? '');
  const seconds = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  if (!match || Number.isNaN(seconds)) throw new SensorError('no valid `time`', HINT);
  return seconds * 1000 + Math.floor(Number(`0.${match[2] ?? '0'}`) * 1e6);
}

const commandLine = (process: Json): string =>
  [text(process.binary), text(process.arguments)].filter(Boolean).join(' ');

/** Arguments come as one text; those with a space in them stand in double quotes, and quotes inside are not escaped. */
function splitArguments(line: string): string[] {
  return [...line.matchAll(/"((?:[^"]|"(?! |$))*)"(?= |$)|[^ ]+/g)].map(([whole, quoted]) => quoted ?? whole);
}

function processFields(process: Json, parent: Json): Record<string, FieldValue> {
  const uid = whole(process.uid);
  return defined<FieldValue>({
    Image: text(process.binary),
    CommandLine: commandLine(process) || undefined,
    ProcessId: whole(process.pid),
    CurrentDirectory: text(process.cwd),
    User: uid === undefined ? undefined : uid === 0 ? 'root' : String(uid),
    LogonId: whole(process.auid),
    ParentProcessId: whole(parent.pid),
    ParentImage: text(parent.binary),
    ParentCommandLine: commandLine(parent) || undefined,
  });
}

/** Of a kprobe's arguments, the first of this kind. */
const argument = (event: Json, kind: string): Json | undefined => {
  const found = list(event.args).find((value) => kind in object(value));
  return found === undefined ? undefined : object(object(found)[kind]);
};

const numbers = (event: Json): number[] =>
  list(event.args).flatMap((value) => {
    const entry = object(value);
    const number = whole(entry.int_arg ?? entry.uint_arg ?? entry.size_arg ?? entry.long_arg);
    return number === undefined ? [] : [number];
  });

interface Meaning {
  category: Category;
  fields: Record<string, FieldValue>;
}

function connection(event: Json): Meaning | undefined {
  const socket = argument(event, 'sock_arg') ?? argument(event, 'sockaddr_arg');
  const address = text(socket?.daddr ?? socket?.addr);
  if (!socket || address === undefined) return undefined;
  const protocol = text(socket.protocol)
    ?.replace(/^IPPROTO_/, '')
    .toLowerCase();
  return {
    category: 'network_connection',
    fields: defined<FieldValue>({
      DestinationIp: address,
      DestinationPort: whole(socket.dport ?? socket.port),
      SourceIp: text(socket.saddr),
      SourcePort: whole(socket.sport),
      Protocol: protocol,
      Initiated: 'true',
    }),
  };
}

function file(name: string, event: Json): Meaning | undefined {
  const path = text((argument(event, 'file_arg') ?? argument(event, 'path_arg'))?.path);
  if (path === undefined) return undefined;
  const known = FILES[name];
  const mask = numbers(event)[0];
  // reading is not told of by our own sensors either: what asks for it would else be an alarm of another kind
  const writes =
    known !== undefined || (name === 'security_file_permission' && ((mask ?? 0) & MAY_WRITE_OR_APPEND) !== 0);
  return {
    category: writes ? 'file_event' : 'sensor',
    fields: {
      TargetFilename: path,
      Operation: known ?? (writes ? 'write' : 'open'),
      Sensor: `tetragon ${name}`,
    },
  };
}

function probe(event: Json): Meaning {
  const name = (text(event.function_name) ?? '').replace(/^__(x64|arm64)_/, '');
  const known = CONNECTS.has(name)
    ? connection(event)
    : Object.hasOwn(FILES, name)
      ? file(name, event)
      : undefined;
  if (known) return known;
  const words = list(event.args).flatMap((value) =>
    Object.values(object(value)).map((one) => text(one) ?? JSON.stringify(one)),
  );
  return { category: 'sensor', fields: { Sensor: `tetragon ${name}`, Arguments: words.map(String) } };
}

export class TetragonSensor implements Sensor {
  line(line: string): Observation[] {
    const event = parseObject(line, HINT);
    const time = microseconds(event.time);
    const kind = Object.keys(event).find((key) => key.startsWith('process_'));
    if (kind === undefined) return []; // its own notices: rate limits, tests
    const body = object(event[kind]);
    const process = object(body.process);
    const pod = object(process.pod);
    const meaning = this.#meaning(kind, body, process);
    const run = text(event.node_name) || UNNAMED_HOST;
    return [
      {
        category: meaning.category,
        time,
        run,
        cell: text(object(pod.container).id) ?? text(process.docker) ?? run,
        cites: [],
        fields: {
          ...processFields(process, object(body.parent)),
          ...meaning.fields,
          ...defined<FieldValue>({ Policy: text(body.policy_name), Pod: text(pod.name) }),
        },
      },
    ];
  }

  #meaning(kind: string, body: Json, process: Json): Meaning {
    switch (kind) {
      case 'process_exec': {
        const words = [text(process.binary), text(process.arguments)].filter(
          (word) => word !== undefined && word !== '',
        );
        return {
          category: 'process_creation',
          fields:
            words.length === 0
              ? {}
              : {
                  CommandLine: words.join(' '),
                  Arguments: [text(process.binary) ?? '', ...splitArguments(text(process.arguments) ?? '')],
                },
        };
      }
      case 'process_exit':
        return {
          category: 'process_termination',
          fields: defined<FieldValue>({ ExitCode: whole(body.status), Signal: text(body.signal) }),
        };
      case 'process_throttle':
        return {
          category: 'sensor',
          fields: { Sensor: 'tetragon', Reason: 'its events are throttled: some are missing' },
        };
      default:
        return probe(body);
    }
  }

  end(): Observation[] {
    return [];
  }
}
