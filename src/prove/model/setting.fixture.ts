/**
 * Set-ups of other formats for tests: a container that is given nothing, and what is added to it.
 *
 * @module
 */
import type { Destination, FileGrant, Setting } from '../setting/index.ts';

const at = (clause: string) => ({ clause });

/** A container without network, mounts or ports, with limits, as a user of a namespace of its own. */
export const CLOSED: Setting = {
  kind: 'docker',
  name: 'closed',
  isolation: { ...at('image'), kind: 'container', user: 'other', words: [] },
  files: [],
  network: { ...at('--network'), mode: 'none', by: 'engine' },
  destinations: [],
  artefacts: [],
  inbound: [],
  sockets: [],
  programs: [{ ...at('image'), program: 'any' }],
  secrets: [],
  variables: [],
  compute: { ...at('--cpus'), text: '1 CPU for 60 s', bounded: true, gpus: [] },
  models: [],
  tools: [],
  people: [],
  grading: { ...at('image'), kind: 'unknown', protect: [] },
  controls: [],
  oversight: { asks: [], recorded: true },
  several: undefined,
  unexpressed: [],
};

export function destination(clause: string, host: string, more: Partial<Destination> = {}): Destination {
  return { clause, host, port: 443, protocol: 'any', addresses: [], services: [], shared: true, ...more };
}

export function mount(clause: string, path: string, more: Partial<FileGrant> = {}): FileGrant {
  return {
    clause,
    space: 'machine',
    path,
    read: true,
    write: true,
    execute: true,
    lands: 'at once',
    except: [],
    ...more,
  };
}

/** A container as an engine makes it where nothing is said: root, no limits, a network. */
export const USUAL: Setting = {
  ...CLOSED,
  name: 'usual',
  isolation: {
    ...at('image'),
    kind: 'container',
    user: 'root',
    words: (['runAsRoot', 'hostUsers', 'allowPrivilegeEscalation', 'writableRoot', 'noLimits'] as const).map(
      (word) => ({
        ...at('image'),
        word,
      }),
    ),
  },
  network: { ...at('--network'), mode: 'all', by: 'engine' },
  compute: { ...at('image'), text: 'all CPUs without an end', bounded: false, gpus: [] },
};
