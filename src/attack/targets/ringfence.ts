/**
 * Ringfence itself: the scenario's contract, and the operator's commands.
 *
 * @module
 */
import { join } from 'node:path';
import type { Target } from './types.ts';

/** All texts of a value, with variables put in. */
function filled(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') {
    const text = fill(value);
    // a port or a count is a number where nothing else is written
    return text !== value && /^\d+$/.test(text) ? Number(text) : text;
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, fill));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [fill(key), filled(one, fill)]));
  return value;
}

type Part = Record<string, unknown> | undefined;

/** What it is given, in words. */
export const CONFIGURATION =
  'The scenario’s contract, which names what its task needs; findings that are critical end the run; after it the operator takes over what was asked for, by path, and nothing where a grading says that it is not done.';

/** @param command words that start `ringfence` */
export const ringfence = (command: readonly string[], version: string): Target => ({
  name: 'ringfence',
  version,
  configuration: CONFIGURATION,
  peer: false,
  prepare: ({ scenario, places, addresses, variables, fill }) => {
    const written = filled(scenario.contract, fill) as Record<string, unknown>;
    const { files, environment, compute, oversight, resolve } = written as Record<string, Part>;
    const hosts = Object.entries(scenario.standIns).map(([name, { host }]) => [host, [addresses[name]]]);
    const named = new Set(((written.network ?? []) as { host: string }[]).map(({ host }) => host));
    const contract = {
      ringfence: 1,
      name: scenario.id,
      ...written,
      files: {
        ...files,
        workspace: places.work,
        read: [places.kit, process.execPath, ...((files?.read as string[] | undefined) ?? [])],
      },
      resolve: { ...Object.fromEntries(hosts.filter(([host]) => named.has(host as string))), ...resolve },
      environment: { ...environment, set: { ...variables, ...(environment?.set as Part) } },
      compute: { time: '60s', ...compute },
      oversight: { ...oversight, on: { finding: { critical: 'kill' }, ...(oversight?.on as Part) } },
    };
    const file = join(places.root, 'contract.yaml');
    const record = join(places.root, 'record.json');
    const words = [
      ...command,
      'run',
      '--contract',
      file,
      '--json',
      record,
      '--no-tty',
      '--no-input',
      '--',
      'sh',
      '-c',
    ];
    return {
      launch: { words, environment: {} },
      files: { [file]: JSON.stringify(contract, undefined, 2) },
      operated: { ringfence: command, record },
    };
  },
});
