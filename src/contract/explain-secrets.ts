/**
 * What `check` says about secrets: where each goes, how, and where it is not.
 *
 * @module
 */
import type { State, Statement } from './explain.ts';
import { hostCovers } from './network-checks.ts';
import { formatPath } from './problem.ts';
import type { Contract, NetworkRule, SecretRule } from './schema.ts';
import { terminates } from './termination.ts';
import { TRUST_VARIABLES } from './trust-variables.ts';

function placeOf({ as, name = '', user = '' }: SecretRule): string {
  if (as === 'header') return `as the header ${name}`;
  if (as === 'query') return `as the query parameter ${name}`;
  if (as === 'basic') return `as Authorization: Basic${user === '' ? '' : `, with the user ${user}`}`;
  return 'as Authorization: Bearer';
}

function requestsOf({ methods, paths }: NetworkRule): string {
  if (methods === undefined && paths === undefined) return 'every request';
  const which = methods === undefined ? 'requests' : `${methods.join(', ')} requests`;
  return paths === undefined ? which : `${which} for ${paths.join(', ')}`;
}

const hostName = (host: string) => (host.startsWith('*.') ? `any name below ${host.slice(2)}` : host);

/** What the agent may do with each secret, which it never sees. */
export function explainSecrets(contract: Contract, state: State): Statement[] {
  return Object.entries(contract.secrets).map(([name, secret]) => {
    const where = secret.for.map((host) => {
      const rules = contract.network.filter(
        (rule) => terminates(contract, rule) && (hostCovers(rule.host, host) || hostCovers(host, rule.host)),
      );
      const requests = [...new Set(rules.map(requestsOf))];
      return `${requests.join(' and ')} to ${hostName(host)}`;
    });
    const from = secret.from ?? `env:${name}`;
    const source = from.startsWith('env:') ? `your variable ${from.slice(4)}` : `the file ${from.slice(5)}`;
    return state(
      formatPath(['secrets', name]),
      `use ${name} without seeing it: the gateway puts ${source} into ${where.join(', and into ')}, ${placeOf(secret)}; inside, ${name} holds a placeholder`,
    );
  });
}

/** Where secrets are not. */
export function explainSecretLimits(contract: Contract, state: State): Statement[] {
  const names = Object.keys(contract.secrets);
  if (names.length === 0) return [];
  return [
    state(
      'secrets',
      `read ${names.join(', ')}: no variable, file or process inside holds the value, and what an answer repeats of it becomes the placeholder; a host that answers with it in a form of its own gives it away`,
    ),
  ];
}

/** What breaks the trust that a terminated rule needs. */
export function secretNotes(contract: Contract, state: State): Statement[] {
  const terminated = contract.network.filter((rule) => terminates(contract, rule));
  if (terminated.length === 0) return [];
  const hosts = terminated.map(({ host }) => host).join(', ');
  return Object.keys(contract.environment.set)
    .filter((name) => TRUST_VARIABLES.includes(name))
    .map((name) =>
      state(
        formatPath(['environment', 'set', name]),
        `${name} decides which certificates a client believes; one that reads it will refuse ${hosts}, whose certificate inside is the run’s own, unless the line is removed`,
      ),
    );
}
