/**
 * What a sensor elsewhere saw, as the event that our own supervisor would have told: analysers and the table of
 * processes know no other.
 *
 * @module
 */
import type { EventBody, LedgerEvent, Owner } from '../../contract/index.ts';
import type { FieldValue, Observation } from '../observation.ts';

const text = (value: FieldValue): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: FieldValue): number | undefined => (typeof value === 'number' ? value : undefined);

function ownerOf(fields: Observation['fields']): Owner | undefined {
  const pid = number(fields.ProcessId);
  if (pid === undefined) return undefined;
  const [ppid, exe, given] = [number(fields.ParentProcessId), text(fields.Image), fields.Arguments];
  const line = text(fields.CommandLine);
  // a sensor that tells one line has lost where its words end: the shell's analyser is given what there is
  const argv = Array.isArray(given) ? [...given] : line?.split(' ');
  return {
    pid,
    ...(ppid !== undefined && { ppid }),
    ...(exe !== undefined && { exe }),
    ...(argv && { argv }),
  };
}

function bodyOf({ category, fields }: Observation): EventBody | undefined {
  const owner = ownerOf(fields);
  switch (category) {
    case 'process_creation':
      if (!owner) return undefined;
      return {
        kind: 'process.exec',
        owner,
        path: text(fields.Image) ?? owner.argv?.[0] ?? '',
        cwd: text(fields.CurrentDirectory) ?? '/',
        observed: true,
      };
    case 'process_termination': {
      const code = number(fields.ExitCode);
      return owner && { kind: 'process.exit', owner, ...(code !== undefined && { code }) };
    }
    case 'file_event': {
      const path = text(fields.TargetFilename);
      if (!owner || path === undefined) return undefined;
      return { kind: 'file.change', owner, op: text(fields.Operation) ?? 'write', path, observed: true };
    }
    default:
      return undefined;
  }
}

/** `undefined`: our supervisor has no event for it. The number is that of the line. */
export function asEvent(observation: Observation): LedgerEvent | undefined {
  const body = bodyOf(observation);
  if (!body) return undefined;
  const { run, cell, time, cites } = observation;
  return { seq: cites[0] ?? 0, time: new Date(time / 1000).toISOString(), run, cell, ...body };
}
