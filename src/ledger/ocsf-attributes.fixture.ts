/**
 * The attributes of OCSF's classes 1001, 1007, 2004 and 4001 and of the objects in them that we write: which there are, of what
 * type, which are required, which numbers an enumeration has. Facts of the published schema (github.com/ocsf/ocsf-schema,
 * Apache-2.0) at version 1.7; a minor version takes nothing away, so what is valid by these is valid in 1.8.
 *
 * A type is `text`, `number`, `boolean`, an object's name, or a list of one in brackets; a list of numbers is an
 * enumeration; `!` marks what is required.
 *
 * @module
 */
type Type = string | readonly number[];

const BASE: Record<string, Type> = {
  activity_name: 'text',
  category_name: 'text',
  category_uid: 'number!',
  class_name: 'text',
  class_uid: 'number!',
  count: 'number',
  duration: 'number',
  end_time: 'number',
  message: 'text',
  metadata: 'metadata!',
  severity: 'text',
  severity_id: [0, 1, 2, 3, 4, 5, 6, 99],
  start_time: 'number',
  status: 'text',
  status_code: 'text',
  status_detail: 'text',
  time: 'number!',
  timezone_offset: 'number',
  type_name: 'text',
  type_uid: 'number!',
  unmapped: 'anything',
};
/** Of the profile `host`. */
const HOST: Record<string, Type> = { actor: 'actor', device: 'device' };

/** Class → attributes. */
export const CLASSES: Readonly<Record<number, Readonly<Record<string, Type>>>> = {
  1001: {
    ...BASE,
    activity_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 99],
    status_id: [0, 1, 2, 99],
    actor: 'actor!',
    device: 'device!',
    file: 'file!',
    file_diff: 'text',
    file_result: 'file',
  },
  1007: {
    ...BASE,
    activity_id: [0, 1, 2, 3, 4, 5, 99],
    status_id: [0, 1, 2, 99],
    actor: 'actor!',
    device: 'device!',
    process: 'process!',
    exit_code: 'number',
  },
  2004: {
    ...BASE,
    activity_id: [0, 1, 2, 3, 99],
    status_id: [0, 1, 2, 3, 4, 5, 6, 99],
    confidence_id: [0, 1, 2, 3, 99],
    confidence_score: 'number',
    device: 'device',
    evidences: '[evidences]',
    finding_info: 'finding_info!',
    is_alert: 'boolean',
  },
  4001: {
    ...BASE,
    ...HOST,
    activity_id: [0, 1, 2, 3, 4, 5, 6, 7, 99],
    status_id: [0, 1, 2, 99],
    app_name: 'text',
    connection_info: 'network_connection_info',
    dst_endpoint: 'network_endpoint',
    src_endpoint: 'network_endpoint',
    traffic: 'network_traffic',
  },
};

/** Object → attributes. */
export const OBJECTS: Readonly<Record<string, Readonly<Record<string, Type>>>> = {
  metadata: {
    correlation_uid: 'text',
    log_name: 'text',
    original_time: 'text',
    product: 'product!',
    profiles: '[text]',
    sequence: 'number',
    uid: 'text',
    version: 'text!',
  },
  product: { name: 'text', uid: 'text', vendor_name: 'text', version: 'text' },
  actor: { process: 'process', user: 'anything', app_name: 'text', app_uid: 'text' },
  device: {
    type_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 99],
    type: 'text',
    uid: 'text',
    name: 'text',
    hostname: 'text',
    ip: 'text',
  },
  file: {
    name: 'text!',
    path: 'text',
    type_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 99],
    type: 'text',
    parent_folder: 'text',
    size: 'number',
  },
  process: {
    name: 'text',
    uid: 'text',
    cmd_line: 'text',
    path: 'text',
    pid: 'number',
    tid: 'number',
    file: 'file',
    parent_process: 'process',
    working_directory: 'text',
  },
  finding_info: {
    uid: 'text!',
    title: 'text',
    desc: 'text',
    types: '[text]',
    created_time: 'number',
    analytic: 'analytic',
    attacks: '[attack]',
    related_events: '[related_event]',
    related_events_count: 'number',
  },
  analytic: { type_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99], type: 'text', uid: 'text', name: 'text' },
  attack: { technique: 'technique', version: 'text' },
  technique: { uid: 'text', name: 'text' },
  related_event: { uid: 'text!', type: 'text', type_uid: 'number' },
  evidences: { actor: 'actor', process: 'process', file: 'file', data: 'anything' },
  network_connection_info: {
    direction_id: [0, 1, 2, 3, 4, 99],
    direction: 'text',
    protocol_name: 'text',
    protocol_num: 'number',
    protocol_ver_id: [0, 4, 6, 99],
    uid: 'text',
  },
  network_endpoint: { ip: 'text', port: 'number', hostname: 'text', uid: 'text', name: 'text' },
  network_traffic: { bytes: 'number', bytes_in: 'number', bytes_out: 'number', packets: 'number' },
};

/** Enumerations that must be there. */
const REQUIRED_ENUMERATIONS = new Set(['severity_id', 'activity_id', 'type_id', 'direction_id']);

function checkValue(value: unknown, type: Type, path: string): string[] {
  if (typeof type !== 'string')
    return type.includes(value as number)
      ? []
      : [`${path}: ${JSON.stringify(value)} is not in the enumeration`];
  const name = type.replace('!', '');
  if (name === 'anything') return [];
  if (name.startsWith('['))
    return Array.isArray(value)
      ? value.flatMap((one, index) => checkValue(one, name.slice(1, -1), `${path}[${index}]`))
      : [`${path}: not a list`];
  if (name === 'text') return typeof value === 'string' ? [] : [`${path}: not text`];
  if (name === 'number') return Number.isSafeInteger(value) ? [] : [`${path}: not a whole number`];
  if (name === 'boolean') return typeof value === 'boolean' ? [] : [`${path}: not true or false`];
  return checkAttributes(value, OBJECTS[name] as Record<string, Type>, path);
}

function checkAttributes(value: unknown, attributes: Readonly<Record<string, Type>>, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: not an object`];
  const given = value as Record<string, unknown>;
  const missing = Object.entries(attributes).flatMap(([name, type]) =>
    given[name] === undefined &&
    (typeof type === 'string' ? type.endsWith('!') : REQUIRED_ENUMERATIONS.has(name))
      ? [`${path}.${name}: missing`]
      : [],
  );
  const wrong = Object.entries(given).flatMap(([name, one]) => {
    if (one === undefined) return [];
    const type = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return type === undefined
      ? [`${path}.${name}: no attribute of it`]
      : checkValue(one, type, `${path}.${name}`);
  });
  return [...missing, ...wrong];
}

/** What is wrong with an event of one of these classes; undefined for a class that is not here. */
export function checkOcsf(event: Record<string, unknown>): string[] | undefined {
  const attributes = CLASSES[event.class_uid as number];
  if (!attributes) return undefined;
  const problems = checkAttributes(event, attributes, 'event');
  if (event.type_uid !== (event.class_uid as number) * 100 + (event.activity_id as number))
    problems.push('event.type_uid: not class and activity');
  const profiles = (event.metadata as { profiles?: string[] } | undefined)?.profiles ?? [];
  if (event.class_uid === 4001) {
    if ((event.actor !== undefined || event.device !== undefined) && !profiles.includes('host'))
      problems.push('event.actor: without its profile');
    if (event.dst_endpoint === undefined && event.src_endpoint === undefined)
      problems.push('event: no endpoint at all');
  }
  return problems;
}
