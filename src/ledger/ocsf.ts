/**
 * Events in the Open Cybersecurity Schema Framework, version 1.8 (schema.ocsf.io).
 *
 * Process (1007), file system (1001), network (4001) and DNS (4003) activity and detection findings (2004) have classes
 * of their own; what has none becomes a base event (0). Nothing is left out: what a class has no attribute for is in `unmapped`.
 *
 * @module
 */
import type { LedgerEvent, Owner } from '../contract/index.ts';
import { describeEvent } from './format.ts';
import { parseTime } from './time.ts';

const OCSF_VERSION = '1.8.0';

type Json = Record<string, unknown>;

/** severity_id of the base event class */
const SEVERITY = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const;
const SEVERITY_NAMES = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical'];

interface Class {
  category: number;
  categoryName: string;
  uid: number;
  name: string;
}

const BASE: Class = { category: 0, categoryName: 'Uncategorized', uid: 0, name: 'Base Event' };
const FILE: Class = { category: 1, categoryName: 'System Activity', uid: 1001, name: 'File System Activity' };
const PROCESS: Class = { category: 1, categoryName: 'System Activity', uid: 1007, name: 'Process Activity' };
const NETWORK: Class = { category: 4, categoryName: 'Network Activity', uid: 4001, name: 'Network Activity' };
const DNS: Class = { category: 4, categoryName: 'Network Activity', uid: 4003, name: 'DNS Activity' };
const FINDING: Class = { category: 2, categoryName: 'Findings', uid: 2004, name: 'Detection Finding' };

const ACTIVITY = { uid: 99, name: 'Other' };

/** activity_id of File System Activity */
const FILE_ACTIVITY: Record<string, { uid: number; name: string }> = {
  create: { uid: 1, name: 'Create' },
  mkdir: { uid: 1, name: 'Create' },
  link: { uid: 1, name: 'Create' },
  symlink: { uid: 1, name: 'Create' },
  write: { uid: 3, name: 'Update' },
  truncate: { uid: 3, name: 'Update' },
  unlink: { uid: 4, name: 'Delete' },
  rmdir: { uid: 4, name: 'Delete' },
  rename: { uid: 5, name: 'Rename' },
};

/** type_id of the File object: 1 regular file, 2 folder, 7 symbolic link */
const FILE_TYPE: Record<string, number> = { mkdir: 2, rmdir: 2, symlink: 7, write: 1, truncate: 1 };

/** What an event becomes, but for the attributes that all share. */
interface Mapped {
  class: Class;
  activity: { uid: number; name: string };
  severity: number;
  status?: 'Success' | 'Failure';
  attributes: Json;
}

/** Makes a mapper for the events of one ledger in order: later events of a flow get the endpoints of its first. */
export function ocsfMapper(): (event: LedgerEvent) => Json {
  const flows = new Map<string, Json>();
  return (event) => {
    const mapped = map(event, flows);
    const { seq, time, run, cell, context } = event;
    const status = mapped.status;
    return {
      activity_id: mapped.activity.uid,
      activity_name: mapped.activity.name,
      category_uid: mapped.class.category,
      category_name: mapped.class.categoryName,
      class_uid: mapped.class.uid,
      class_name: mapped.class.name,
      type_uid: mapped.class.uid * 100 + mapped.activity.uid,
      type_name: `${mapped.class.name}: ${mapped.activity.name}`,
      severity_id: mapped.severity,
      severity: SEVERITY_NAMES[mapped.severity],
      ...(status ? { status_id: status === 'Success' ? 1 : 2, status } : {}),
      // timestamp_t is milliseconds since 1970; the microseconds are in original_time.
      time: Math.floor(parseTime(time) / 1000),
      message: describeEvent(event),
      metadata: {
        version: OCSF_VERSION,
        product: { name: 'Ringfence', vendor_name: 'Ringfence' },
        uid: `${run}/${seq}`,
        correlation_uid: run,
        sequence: seq,
        log_name: 'ledger',
        original_time: time,
        // who did it is no attribute of network classes but by this profile
        ...(mapped.class.category === NETWORK.category && 'actor' in mapped.attributes
          ? { profiles: ['host'] }
          : {}),
      },
      ...mapped.attributes,
      unmapped: {
        ...(typeof mapped.attributes.unmapped === 'object' ? mapped.attributes.unmapped : {}),
        kind: event.kind,
        run,
        cell,
        ...(context ? { context } : {}),
      },
    };
  };
}

function device(event: LedgerEvent): Json {
  // type_id 99 "Other": a cell is none of the listed kinds of device.
  return { device: { type_id: 99, type: 'Cell', uid: event.cell } };
}

function fileOf(path: string, type = 0): Json {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return { name: name || path, path, type_id: type, ...(parent ? { parent_folder: parent } : {}) };
}

function processOf(owner: Owner): Json {
  return {
    pid: owner.pid,
    ...(owner.tid === undefined ? {} : { tid: owner.tid }),
    ...(owner.exe === undefined ? {} : { file: fileOf(owner.exe, 1), name: owner.exe.split('/').at(-1) }),
    ...(owner.argv === undefined ? {} : { cmd_line: owner.argv.join(' ') }),
    ...(owner.ppid === undefined ? {} : { parent_process: { pid: owner.ppid } }),
  };
}

/** The actor: an unknown one is an empty object, because the class requires the attribute. */
function actor(owner: Owner | undefined): Json {
  return { actor: owner ? { process: processOf(owner) } : {} };
}

/** The event's own fields, for classes that have no attributes for them. */
function fields(event: LedgerEvent): Json {
  const { seq: _seq, time: _time, run: _run, cell: _cell, context: _context, kind: _kind, ...own } = event;
  return { unmapped: own };
}

function other(event: LedgerEvent, severity: number, status?: Mapped['status']): Mapped {
  return {
    class: BASE,
    activity: ACTIVITY,
    severity,
    ...(status ? { status } : {}),
    attributes: fields(event),
  };
}

function finding(event: LedgerEvent, title: string, severity: number, owner: Owner | undefined): Mapped {
  const hazard = 'hazard' in event && event.hazard !== undefined ? { types: [event.hazard] } : {};
  return {
    class: FINDING,
    activity: { uid: 1, name: 'Create' },
    severity,
    attributes: {
      is_alert: event.kind !== 'denial',
      // A finding's status_id is its workflow: 1 is New.
      status_id: 1,
      status: 'New',
      finding_info: {
        uid: `${event.run}/${event.seq}`,
        title,
        desc: describeEvent(event),
        created_time: Math.floor(parseTime(event.time) / 1000),
        ...hazard,
      },
      ...(owner ? { evidences: [{ actor: { process: processOf(owner) } }] } : {}),
      ...fields(event),
    },
  };
}

/** A rule's statement, with the rule, what it cites, and the techniques of ATT&CK and ATLAS. */
function ruled(event: Extract<LedgerEvent, { kind: 'finding' }>): Mapped {
  const mapped = finding(event, event.rule, SEVERITY[event.level ?? 'high'], undefined);
  const info = mapped.attributes.finding_info as Json;
  return {
    ...mapped,
    attributes: {
      ...mapped.attributes,
      is_alert: event.level !== 'informational' && event.level !== 'low',
      ...(event.count === undefined ? {} : { count: event.count }),
      finding_info: {
        ...info,
        // type_id 1: Rule
        analytic: { type_id: 1, type: 'Rule', uid: event.rule, name: event.rule },
        ...(event.techniques ? { attacks: event.techniques.map((uid) => ({ technique: { uid } })) } : {}),
        related_events: event.cites.map((seq) => ({ uid: `${event.run}/${seq}` })),
        related_events_count: event.cites.length,
      },
      ...(event.pid === undefined ? {} : { evidences: [{ actor: { process: { pid: event.pid } } }] }),
    },
  };
}

function endpoints(event: Extract<LedgerEvent, { kind: 'flow.open' }>): Json {
  const six = event.address.includes(':');
  return {
    dst_endpoint: {
      ip: event.address,
      port: event.port,
      ...(event.host === undefined ? {} : { hostname: event.host }),
    },
    connection_info: {
      uid: event.flow,
      direction_id: 2,
      direction: 'Outbound',
      protocol_name: event.transport,
      protocol_num: event.transport === 'tcp' ? 6 : 17,
      protocol_ver_id: six ? 6 : 4,
    },
    ...actor(event.owner),
  };
}

function network(
  event: Extract<LedgerEvent, { flow: string }>,
  flows: Map<string, Json>,
  activity: { uid: number; name: string },
  attributes: Json,
): Mapped {
  const known = flows.get(event.flow) ?? {
    // The class wants at least one endpoint; of this flow only the name is known.
    dst_endpoint: { uid: event.flow },
    connection_info: { uid: event.flow, direction_id: 0 },
  };
  return {
    class: NETWORK,
    activity,
    severity: SEVERITY.informational,
    attributes: { ...known, ...attributes },
  };
}

function map(event: LedgerEvent, flows: Map<string, Json>): Mapped {
  switch (event.kind) {
    case 'process.exec':
      return {
        class: PROCESS,
        activity: { uid: 1, name: 'Launch' },
        severity: SEVERITY.informational,
        attributes: {
          ...device(event),
          // execve(2) replaces the caller's own program: the actor is the process itself.
          ...actor(event.owner),
          process: {
            ...processOf(event.owner),
            file: fileOf(event.path, 1),
            working_directory: event.cwd,
          },
          unmapped: { observed: event.observed, argv: event.owner.argv },
        },
      };
    case 'process.exit':
      return {
        class: PROCESS,
        activity: { uid: 2, name: 'Terminate' },
        severity: SEVERITY.informational,
        attributes: {
          ...device(event),
          ...actor(event.owner),
          process: processOf(event.owner),
          ...(event.code === undefined ? {} : { exit_code: event.code }),
          ...(event.signal === undefined ? {} : { unmapped: { signal: event.signal } }),
        },
      };
    case 'file.change': {
      const type = FILE_TYPE[event.op] ?? 0;
      // For links, `path` is the target's or the old name and `to` the new one, as in link(2) and rename(2).
      return {
        class: FILE,
        activity: FILE_ACTIVITY[event.op] ?? ACTIVITY,
        severity: SEVERITY.informational,
        attributes: {
          ...device(event),
          ...actor(event.owner),
          file: fileOf(event.path, type),
          ...(event.to === undefined ? {} : { file_result: fileOf(event.to, type) }),
          unmapped: { op: event.op, observed: event.observed },
        },
      };
    }
    case 'dns.query':
      return {
        class: DNS,
        activity: { uid: 6, name: 'Traffic' },
        severity: event.denied === undefined ? SEVERITY.informational : SEVERITY.low,
        status: event.denied === undefined ? 'Success' : 'Failure',
        attributes: {
          ...(event.count === undefined ? {} : { count: event.count }),
          ...(event.denied === undefined ? {} : { status_detail: event.denied }),
          ...actor(event.owner),
          query: { hostname: event.name, type: event.type },
          answers: event.answer.map((rdata) => ({
            rdata,
            type: event.type,
            ...(event.ttl === undefined ? {} : { ttl: event.ttl }),
          })),
        },
      };
    case 'flow.open': {
      const known = endpoints(event);
      flows.set(event.flow, known);
      const { declared, clause } = event;
      return network(event, flows, { uid: 1, name: 'Open' }, { unmapped: { declared, clause } });
    }
    case 'flow.verdict': {
      const mapped = network(
        event,
        flows,
        { uid: 6, name: 'Traffic' },
        { app_name: event.protocol, ...fields(event) },
      );
      return {
        ...mapped,
        severity: event.ok ? SEVERITY.informational : SEVERITY.high,
        status: event.ok ? 'Success' : 'Failure',
      };
    }
    case 'flow.close': {
      const mapped = network(
        event,
        flows,
        { uid: 2, name: 'Close' },
        {
          traffic: {
            bytes_out: event.sent,
            bytes_in: event.received,
            bytes: event.sent + event.received,
          },
          duration: event.ms,
          status_detail: event.reason,
        },
      );
      flows.delete(event.flow);
      return mapped;
    }
    case 'finding':
      return ruled(event);
    case 'denial':
      return finding(event, `Denied by ${event.layer}`, SEVERITY.low, event.owner);
    case 'violation':
      return finding(event, 'Contract violation', SEVERITY.high, event.owner);
    case 'tampering':
      return finding(event, 'Tampering with supervision', SEVERITY.critical, event.owner);
    case 'limit.reached':
      return finding(event, `Limit reached: ${event.limit}`, SEVERITY.medium, undefined);
    case 'probe':
      return event.ok
        ? other(event, SEVERITY.informational, 'Success')
        : finding(event, 'Isolation probe reached something', SEVERITY.critical, undefined);
    case 'sensor.loss':
    case 'ledger.recover':
      return other(event, SEVERITY.medium, 'Failure');
    case 'judgement':
      return event.score === undefined
        ? other(event, SEVERITY.medium, 'Failure')
        : other(event, SEVERITY.informational);
    case 'run.start':
    case 'run.stop':
    case 'resource.sample':
    case 'control':
    case 'note':
    case 'ledger.close':
      return other(event, SEVERITY.informational);
    default:
      // A record of a later version is passed on, not dropped.
      return other(event, 0);
  }
}
