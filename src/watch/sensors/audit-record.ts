/**
 * One record of Linux Audit, from either form.
 *
 * @module
 */
import { list, object, parseObject, SensorError, text } from './sensor.ts';

export interface AuditRecord {
  type: string;
  /** of the event that it belongs to */
  id: string;
  host?: string;
  /** microseconds since 1970 */
  time: number;
  fields: Record<string, string>;
  /** arguments of an execution */
  argv?: string[];
  /** the event has no further records */
  whole?: boolean;
}

const HINT =
  'give lines of audit.log (type=… msg=audit(SECONDS:NUMBER): …), or the JSON lines of LAUREL ({"ID":"SECONDS:NUMBER",…})';

/** Fields that hold untrusted text: in quotes, or in hexadecimal where a byte of it is special (audit_log_untrustedstring). */
const UNTRUSTED = /^(a\d+(\[\d+\])?|name|comm|exe|cwd|cmd|data|proctitle|key|file|path|acct|old-chardev|vm)$/;
/** Arguments of one execution, at most; what is beyond is not looked at. */
const MOST_ARGUMENTS = 4096;

function stamp(value: string): number {
  const match = /^(\d{1,12})\.(\d{1,6})$/.exec(value);
  if (!match) throw new SensorError(`no valid time: ${value.slice(0, 40)}`, HINT);
  return Number(match[1]) * 1e6 + Number((match[2] as string).padEnd(6, '0'));
}

function fromHexadecimal(value: string): string {
  return /^(?:[0-9A-Fa-f]{2})+$/.test(value) ? Buffer.from(value, 'hex').toString('utf8') : value;
}

/** `a0="x" a1=6162 key=(null)`; in ENRICHED logs a second part in capitals follows a group separator. */
function parseFields(body: string, type: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const match of body.matchAll(/([\w\-[\]]+)=(?:"([^"]*)"|'([^']*)'|(\S*))/g)) {
    const [, name = '', quoted, apostrophes, bare = ''] = match;
    if (name === '__proto__') continue;
    const nested = apostrophes ?? undefined;
    if (nested !== undefined) Object.assign(fields, parseFields(nested, type));
    const untrusted = UNTRUSTED.test(name) && !(type === 'SYSCALL' && /^a\d/.test(name));
    fields[name] = quoted ?? nested ?? (untrusted ? fromHexadecimal(bare) : bare);
  }
  for (const [name, value] of Object.entries(fields)) if (value === '(null)') delete fields[name];
  return fields;
}

/** a0, a1, …; long ones in pieces a1[0], a1[1], …, which are hexadecimal together. */
export function argumentsOf(fields: Record<string, string>): string[] {
  const found = new Map<number, string>();
  for (const [name, value] of Object.entries(fields)) {
    const match = /^a(\d{1,5})(?:\[\d+\])?$/.exec(name);
    const index = Number(match?.[1]);
    if (match && index < MOST_ARGUMENTS) found.set(index, (found.get(index) ?? '') + value);
  }
  return [...found].sort(([one], [other]) => one - other).map(([, value]) => value);
}

/** A line of audit.log. */
export function parseRaw(line: string): AuditRecord[] {
  if (line.trim() === '') return [];
  const match =
    /^(?:node=(\S{1,255}) )?type=([A-Z0-9_[\]]{1,64}) msg=audit\(([\d.]{3,20}):(\d{1,20})\):? ?/.exec(line);
  if (!match) throw new SensorError('not a record of Linux Audit', HINT);
  const [head, host, type = '', seconds = '', number = ''] = match;
  const fields = parseFields(line.slice(head.length).replaceAll('\u001d', ' '), type);
  return [
    {
      type,
      id: `${seconds}:${number}`,
      ...(host !== undefined && { host }),
      time: stamp(seconds),
      fields,
      ...(type === 'EXECVE' && { argv: argumentsOf(fields) }),
    },
  ];
}

/** LAUREL writes % and what does not print as %XX. */
const decode = (value: string): string =>
  value.replaceAll(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );

/** A JSON line of LAUREL: a whole event. */
export function parseTransformed(line: string): AuditRecord[] {
  const event = parseObject(line, HINT);
  const [seconds = '', number] = (text(event.ID) ?? '').split(':');
  if (number === undefined) throw new SensorError('no `ID`', HINT);
  const time = stamp(seconds);
  const host = text(event.NODE);
  const common = { id: `${seconds}:${number}`, time, ...(host !== undefined && { host }), whole: true };
  const records: AuditRecord[] = [];
  for (const [type, value] of Object.entries(event)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(type) || ['ID', 'NODE'].includes(type)) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      const fields: Record<string, string> = {};
      for (const [name, field] of Object.entries(object(one)))
        if (['string', 'number', 'boolean'].includes(typeof field) && name !== '__proto__')
          fields[name] = typeof field === 'string' ? decode(field) : String(field);
      const argv = list(object(one).ARGV).map((word) => decode(String(word)));
      argv.slice(0, MOST_ARGUMENTS).forEach((word, index) => {
        fields[`a${index}`] = word;
      });
      records.push({ ...common, type, fields, ...(type === 'EXECVE' && { argv }) });
    }
  }
  return records;
}
