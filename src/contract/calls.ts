/**
 * What a cell and its gateway agree on about tool calls that scaffolds declare: where they are declared inside.
 *
 * @module
 */
import { canonicalAddress } from './addresses.ts';
import type { Finding } from './problem.ts';
import type { Contract } from './schema.ts';

/** Below `.internal`, which is never delegated (ICANN board resolution of 29 July 2024). */
export const CALLS_HOST = 'calls.internal';
/** The dummy address (RFC 7600 §4.8), as for packages, at a port of its own. */
export const CALLS_ADDRESS = '192.0.0.8';
export const CALLS_PORT = 8088;
export const CALLS_PATH = '/v1/calls';

/** Variable with the address, for scaffolds inside. */
export const CALLS_VARIABLE = 'RINGFENCE_CALLS';
export const CALLS_URL = `http://${CALLS_HOST}:${CALLS_PORT}${CALLS_PATH}`;

/** Whether scaffolds inside can declare their tool calls. */
export const takesDeclarations = ({ oversight }: Pick<Contract, 'oversight'>): boolean =>
  oversight.calls === 'declared';

/** What scaffolds inside are told. */
export const callVariables = (contract: Pick<Contract, 'oversight'>): Record<string, string> =>
  takesDeclarations(contract) ? { [CALLS_VARIABLE]: CALLS_URL } : {};

/** Everything wrong with it: a rule for the name or the address at which the gateway itself answers. */
export function checkCalls(contract: Contract): Finding[] {
  if (!takesDeclarations(contract)) return [];
  return contract.network.flatMap(({ host, port }, index): Finding[] =>
    host === CALLS_HOST || (port === CALLS_PORT && canonicalAddress(host) === CALLS_ADDRESS)
      ? [
          {
            path: ['network', index, 'host'],
            message: `${host} is where the cell declares its tool calls`,
            hint: 'Remove the rule: oversight.calls needs none.',
          },
        ]
      : [],
  );
}
