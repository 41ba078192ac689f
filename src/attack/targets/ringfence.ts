/**
 * Ringfence itself: the scenario's contract, and the operator's commands.
 *
 * @module
 */
import { join } from 'node:path';
import { filled } from '../places.ts';
import type { Target } from './types.ts';

/** A text that becomes a number, as a port does, is that number. */
const orNumber =
  (fill: (text: string) => string) =>
  (text: string): string | number => {
    const put = fill(text);
    return put !== text && /^\d+$/.test(put) ? Number(put) : put;
  };

type Part = Record<string, unknown> | undefined;

/** What it is given, in words. */
export const CONFIGURATION =
  'The scenario’s contract, which names what its task needs; findings that are critical end the run; after it the operator takes over what was asked for, by path, and nothing where a grading says that it is not done.';

/** The same, with nothing that answers what a rule finds. */
export const LAYERS_CONFIGURATION =
  'As ringfence, but findings and violations are only noted: what is contained then, the layers contain alone.';

/** Keeps whatever a rule finds from having a part in what is contained. */
const ONLY_NOTED = {
  violation: 'note',
  finding: { critical: 'note', high: 'note', medium: 'note', low: 'note', informational: 'none' },
} as const;

interface Kind {
  readonly name: 'ringfence' | 'ringfence-layers';
  readonly configuration: string;
  /** in the place of what the scenario's contract says */
  readonly on: Readonly<Record<string, unknown>>;
}

const KINDS: Readonly<Record<Kind['name'], Kind>> = {
  ringfence: { name: 'ringfence', configuration: CONFIGURATION, on: {} },
  'ringfence-layers': { name: 'ringfence-layers', configuration: LAYERS_CONFIGURATION, on: ONLY_NOTED },
};

/**
 * @param command words that start `ringfence`
 * @param kind whether findings are answered
 */
export const ringfence = (
  command: readonly string[],
  version: string,
  kind: Kind['name'] = 'ringfence',
): Target => ({
  name: kind,
  version,
  configuration: KINDS[kind].configuration,
  peer: false,
  prepare: ({ scenario, places, addresses, variables, fill }) => {
    const written = filled(scenario.contract, orNumber(fill));
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
      oversight: {
        ...oversight,
        on: { finding: { critical: 'kill' }, ...(oversight?.on as Part), ...KINDS[kind].on },
      },
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
