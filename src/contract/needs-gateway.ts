/**
 * Whether a run has a gateway at all. One that starts without has no sockets for it, and cannot be given one later.
 *
 * @module
 */
import { takesDeclarations } from './calls.ts';
import type { Contract } from './schema.ts';

/** Hosts, packages, models or tools that are named, tool calls that are declared, or the wish to be asked about others, need the gateway. */
export const needsGateway = (contract: Contract): boolean =>
  contract.network.length > 0 ||
  contract.packages.length > 0 ||
  contract.models.length > 0 ||
  contract.tools.length > 0 ||
  takesDeclarations(contract) ||
  asksForHosts(contract);

/** Whether anything of the agent's choosing can reach something outside. Listed packages alone leave no such way. */
export const reachesOut = (contract: Contract): boolean =>
  contract.network.length > 0 ||
  contract.models.length > 0 ||
  contract.tools.length > 0 ||
  asksForHosts(contract) ||
  asksForPackages(contract);

/** Whether a package that no list names is asked about instead of denied. */
export const asksForPackages = (contract: Pick<Contract, 'packages' | 'oversight'>): boolean =>
  contract.packages.length > 0 && contract.oversight.approve.includes('packages.new');

/** Whether a name that the contract does not know is asked about instead of denied. */
export const asksForHosts = (contract: Contract): boolean =>
  contract.oversight.approve.includes('network.new-host');
