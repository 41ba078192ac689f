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
  compileSeccomp,
  HELPER_POLICY,
  type Policy,
  type PolicyOptions,
  specificationOf,
} from '../seccomp/index.ts';

/** A filter as a plan loads it, and what it is to decide. */
export interface LoadableFilter {
  /** for people: where it is loaded, with the options that shape it */
  name: string;
  program: Uint8Array;
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
function filterOf(name: string, policy: Policy, architecture: Architecture): LoadableFilter {
  const program = compileSeccomp(policy, architecture);
  return { name: `${name}, ${architecture}`, program, specification: specificationOf(policy, architecture) };
}

/** All filters that plans load on an architecture, each program once. */
export function loadableFilters(architecture: Architecture): LoadableFilter[] {
  const found = new Map<string, LoadableFilter>();
  const add = (name: string, policy: Policy) => {
    const filter = filterOf(name, policy, architecture);
    const key = Buffer.from(filter.program).toString('base64');
    if (!found.has(key)) found.set(key, filter);
  };
  for (const options of combinations()) {
    const { affinity, fileTables, memoryFiles, setIds } = options;
    const said = `affinity ${affinity}, file tables ${fileTables}, memory files ${memoryFiles}, set-ids ${setIds}`;
    add(`cell (${said})`, cellPolicy(options));
    // the reduced isolation has no direct workspace
    if (setIds === 'allow') add(`reduced (${said})`, reducedPolicy(options));
  }
  add('helper', cellPolicy(HELPER_POLICY));
  return [...found.values()];
}
