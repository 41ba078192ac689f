/**
 * A gateway's configuration grants no host, port, protocol, method, path, secret or package beyond the contract.
 *
 * @module
 */
import type { GatewayConfig } from '../../../contract/index.ts';
import { addressBytes } from '../plan/index.ts';
import { modelBreaches } from './models.ts';
import { packageBreaches } from './packages.ts';
import { ruleBreaches } from './rules.ts';
import { toolBreaches } from './tools.ts';
import type { EgressBreach, EgressFacts, EgressVerdict } from './types.ts';

/** Milliseconds above which a bound is none. */
const LONGEST = { dial: 60_000, verdict: 60_000, registration: 60_000, idle: 3_600_000 };

export function proveEgress(config: GatewayConfig, facts: EgressFacts): EgressVerdict {
  const { contract } = facts;
  const breaches = [
    ...ruleBreaches(config.network, contract.network),
    ...resolveBreaches(config, facts),
    ...secretBreaches(config, facts),
    ...packageBreaches(config, facts),
    ...modelBreaches(config, facts),
    ...toolBreaches(config, facts),
    ...oversightBreaches(config, facts),
    ...Object.keys(config.trusted?.rules ?? {}).flatMap((index): EgressBreach[] =>
      contract.network[Number(index)]?.ca === undefined
        ? [{ says: `authorities for rule ${index}, which names none`, clause: `network[${index}]` }]
        : [],
    ),
  ];
  return breaches.length === 0 ? { verdict: 'proved' } : { verdict: 'refuted', breaches };
}

export function resolveBreaches(
  { resolve }: Pick<GatewayConfig, 'resolve'>,
  { contract }: Pick<EgressFacts, 'contract'>,
): EgressBreach[] {
  return Object.entries(resolve).flatMap(([name, addresses]) => {
    const written = (contract.resolve[name] ?? []).map(addressBytes);
    return addresses
      .filter((address) => !written.includes(addressBytes(address)))
      .map((address) => ({
        says: `${name} would stand for ${address}`,
        witness: address,
        clause: `resolve.${name}`,
      }));
  });
}

function secretBreaches({ secrets = [], network }: GatewayConfig, { contract }: EgressFacts): EgressBreach[] {
  return secrets.flatMap((secret): EgressBreach[] => {
    const rule = Object.hasOwn(contract.secrets, secret.name) ? contract.secrets[secret.name] : undefined;
    const told = (says: string, witness: string): EgressBreach[] => [
      { says, witness, clause: `secrets.${secret.name}` },
    ];
    if (rule === undefined) return told(`the secret ${secret.name} is none of the contract`, secret.name);
    const host = secret.hosts.find((one) => !rule.for.includes(one));
    if (host !== undefined) return told(`the secret ${secret.name} would be sent to ${host}`, host);
    if (secret.as !== rule.as || secret.parameter !== rule.name || secret.user !== rule.user)
      return told(`the secret ${secret.name} would be sent as ${secret.as}`, secret.as);
    if (secret.placeholder.includes(secret.value))
      return told(`the placeholder of ${secret.name} is its value`, secret.name);
    const stray = secret.hosts.find(
      (one) =>
        !network.some(
          (each) => each.host === one || (each.host.startsWith('*.') && one.endsWith(each.host.slice(1))),
        ),
    );
    return stray === undefined
      ? []
      : told(`the secret ${secret.name} is for ${stray}, which no rule names`, stray);
  });
}

function oversightBreaches(
  config: GatewayConfig,
  { contract, learning, copiesOnly }: EgressFacts,
): EgressBreach[] {
  const breaches: EgressBreach[] = [];
  const asked = (config.approve?.effects ?? []).find(
    (effect) => !(contract.oversight.approve as readonly string[]).includes(effect),
  );
  if (asked !== undefined)
    breaches.push({
      says: `${asked} would be asked about, not denied`,
      witness: asked,
      clause: 'oversight.approve',
    });
  if ((config.approve?.patience ?? 0) > contract.oversight.patience)
    breaches.push({ says: 'a question would wait for longer', clause: 'oversight.patience' });
  if (config.declarations === true && (contract.oversight.calls !== 'declared' || copiesOnly === true))
    breaches.push({ says: 'tool calls could be declared', clause: 'oversight.calls' });
  if (config.permissive === true && learning !== 'network')
    breaches.push({
      says: 'every public name would be let through',
      witness: 'example.com',
      clause: 'network',
    });
  for (const [name, most] of Object.entries(LONGEST) as [keyof typeof LONGEST, number][])
    if (!(config.timeouts[name] > 0 && config.timeouts[name] <= most))
      breaches.push({ says: `${name} may take ${config.timeouts[name]} ms`, clause: 'network' });
  return breaches;
}

/** A breach as one line. */
export const egressText = ({ says, clause }: EgressBreach): string =>
  `nothing can be reached but what the contract names: ${says}; the contract says so under ${clause}`;
