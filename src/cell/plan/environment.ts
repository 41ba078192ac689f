/**
 * The environment inside: what programs need to work, and what the contract names. Nothing else of the host's.
 *
 * @module
 */
import { HARMLESS_VARIABLES } from '../../contract/base-view.ts';
import type { Contract } from '../../contract/index.ts';
import { trustEnvironment } from '../trust/index.ts';

export interface Person {
  name: string;
  home: string;
  shell: string;
}

/** `NAME` → value, sorted by name so that equal contracts make equal plans. */
export function scrubbedEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  contract: Contract,
  person: Person,
  added: { trust?: object; placeholders?: Readonly<Record<string, string>> } = {},
): Record<string, string> {
  const names = [
    ...HARMLESS_VARIABLES,
    ...Object.keys(host).filter((name) => name.startsWith('LC_')),
    ...contract.environment.pass,
  ];
  const environment: Record<string, string> = {};
  for (const name of names) {
    const value = host[name];
    if (value !== undefined) environment[name] = value;
  }
  environment.PATH ??= '/usr/local/bin:/usr/bin:/bin';
  Object.assign(environment, {
    HOME: person.home,
    USER: person.name,
    LOGNAME: person.name,
    SHELL: person.shell,
    TMPDIR: '/tmp',
    RINGFENCE: '1',
    // a list handed in from the host is in ours already; one that the contract writes out is its own decision
    ...(added.trust && trustEnvironment()),
    ...added.placeholders,
    ...contract.environment.set,
  });
  return Object.fromEntries(Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
