/**
 * Every filter that a plan of this version can load: the cell's, the reduced isolation's, and that of helpers such as the gateway. They are
 * proved when Ringfence is built, so that a first run need not wait.
 *
 * @module
 */
import type { FilterSpecification } from '../../contract/index.ts';
import { reducedPolicy } from '../reduced/index.ts';
import {
  type Architecture,
  cellPolicy,
  type FilterText,
  filterName,
  filterText,
  HELPER_POLICY,
  type Policy,
  type PolicyOptions,
  refusedCalls,
  specificationOf,
} from '../seccomp/index.ts';

/** A filter as a plan loads it, and what it is to decide. */
export interface LoadableFilter {
  /** for people: where it is loaded, with the options that shape it */
  name: string;
  /** what it is asked for by */
  key: string;
  program: Uint8Array;
  text: FilterText;
  /** calls that a supervisor refuses; none where there is no supervisor */
  refused: ReadonlyMap<number, number>;
  specification: FilterSpecification;
}

const CHOICES = {
  affinity: ['allow', 'deny'],
  fileTables: ['separate', 'shared'],
  memoryFiles: ['any', 'sealed'],
  setIds: ['allow', 'deny'],
} as const satisfies { [Key in keyof PolicyOptions]?: readonly PolicyOptions[Key][] };

function combinations(): PolicyOptions[] {
  let found: PolicyOptions[] = [{ fileEvents: 'on', affinity: 'allow', fileTables: 'separate' }];
  for (const [key, values] of Object.entries(CHOICES))
    found = found.flatMap((options) => values.map((value) => ({ ...options, [key]: value })));
  return found;
}

/** A policy's filter for an architecture, with the table that it is to be proved to decide. */
function filterOf(name: string, key: string, policy: Policy, architecture: Architecture): LoadableFilter {
  const text = filterText(policy, architecture);
  return {
    name: `${name}, ${architecture}`,
    key,
    text,
    program: Buffer.from(text.program, 'hex'),
    specification: specificationOf(policy, architecture),
    refused: key.startsWith('helper') ? new Map() : refusedCalls(policy, architecture),
  };
}

/** All filters that plans ask for on an architecture, by their names. */
export function namedFilters(architecture: Architecture): LoadableFilter[] {
  const found: LoadableFilter[] = [];
  const add = (kind: 'cell' | 'reduced' | 'helper', said: string, policy: Policy, options: PolicyOptions) =>
    found.push(filterOf(said, filterName(kind, architecture, options), policy, architecture));
  for (const options of combinations()) {
    const { affinity, fileTables, memoryFiles, setIds } = options;
    const said = `affinity ${affinity}, file tables ${fileTables}, memory files ${memoryFiles}, set-ids ${setIds}`;
    add('cell', `cell (${said})`, cellPolicy(options), options);
    // the reduced isolation has no direct workspace
    if (setIds === 'allow') add('reduced', `reduced (${said})`, reducedPolicy(options), options);
  }
  add('helper', 'helper', cellPolicy(HELPER_POLICY), HELPER_POLICY);
  return found;
}

/** All filters that plans load on an architecture, each program once. */
export function loadableFilters(architecture: Architecture): LoadableFilter[] {
  const found = new Map<string, LoadableFilter>();
  for (const filter of namedFilters(architecture))
    if (!found.has(filter.text.program)) found.set(filter.text.program, filter);
  return [...found.values()];
}
