/**
 * One more clause for a contract that is in force: what an operator allows while a run goes on is checked exactly as
 * what stands in the file.
 *
 * @module
 */
import { checkContract } from './checks.ts';
import { needsGateway } from './needs-gateway.ts';
import { hostCovers } from './network-checks.ts';
import { formatPath } from './problem.ts';
import { type Contract, type NetworkRule, networkRule } from './schema.ts';
import { unsupported } from './support.ts';
import { terminates } from './termination.ts';

/** A rule as it was written: host, and what is not left to its default. */
export interface WrittenRule {
  host: string;
  port?: number;
  protocol?: string;
  /** addresses for the host, instead of the machine's resolver; private ones are allowed by being written */
  addresses?: readonly string[];
}

export type Amended =
  | { ok: true; contract: Contract; rule: NetworkRule }
  | { ok: false; message: string; hint: string };

const refuse = (message: string, hint: string): Amended => ({ ok: false, message, hint });

/**
 * The contract with one more network rule, or why it cannot have it. Changes nothing.
 *
 * @example
 * amendContract(contract, { host: 'api.example.com' }) // port 443, https
 */
export function amendContract(contract: Contract, written: WrittenRule): Amended {
  if (!needsGateway(contract))
    return refuse(
      'this run was started without any network, and cannot be given one',
      'Start it anew with the host under network, or with oversight: { approve: [network.new-host] }.',
    );
  const { host, port, protocol, addresses = [] } = written;
  const raw = { host, ...(port !== undefined && { port }), ...(protocol !== undefined && { protocol }) };
  const parsed = networkRule.safeParse(raw, { jitless: true });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    return refuse(
      `${field === '' ? 'the rule' : field}: ${issue?.message ?? 'not valid'}`,
      'Write HOST[:PORT] and a protocol of the contract format, such as api.example.com:443 https.',
    );
  }
  const rule = parsed.data;
  const known = contract.resolve[rule.host];
  if (addresses.length > 0 && known && known.join() !== addresses.join())
    return refuse(
      `${rule.host} has addresses already: ${known.join(', ')}`,
      'Leave the addresses out; those of the contract are used.',
    );
  const changed: Contract = {
    ...contract,
    network: [...contract.network, rule],
    resolve: addresses.length > 0 ? { ...contract.resolve, [rule.host]: [...addresses] } : contract.resolve,
  };
  const [finding] = [...checkContract(changed), ...unsupported(changed)];
  if (finding) {
    const last = `network[${contract.network.length}]`;
    const path = formatPath(finding.path);
    return refuse(path.startsWith(last) ? finding.message : `${path}: ${finding.message}`, finding.hint);
  }
  // the run's authority vouches for the hosts that it was made for, and the cell's trust stores are as they are
  const vouched = contract.network.some(
    (known) => terminates(contract, known) && hostCovers(known.host, rule.host),
  );
  if (terminates(changed, rule) && !vouched)
    return refuse(
      `TLS to ${rule.host} would have to be terminated, and this run’s certificate authority was not made for it`,
      'Write the rule into the contract and start anew.',
    );
  return { ok: true, contract: changed, rule };
}
