/**
 * Which services take which keys: so that a key that is read, and a service that is reached, lead further together.
 *
 * @module
 */
import type { Sheet } from './sheet.ts';

/** Kind of secret → the catalogue's entries for services that take it. */
export const TAKEN_BY: Readonly<Record<string, readonly string[]>> = {
  'secrets:git': ['relays.git-hosts'],
  'secrets:ci': ['relays.git-hosts', 'authorities.ci-oidc'],
  'secrets:ssh': ['relays.ssh-forward', 'relays.git-hosts'],
  'secrets:cloud': ['relays.object-stores', 'authorities.sts', 'authorities.secret-managers'],
  'secrets:registry': ['relays.package-registries', 'boundary.package-cache'],
  'secrets:container': ['relays.container-registries', 'boundary.container-registry'],
  'secrets:kubernetes': ['authorities.cluster-api'],
  'secrets:database': ['boundary.database', 'boundary.key-value'],
  'secrets:model': ['relays.model-apis'],
  'secrets:payment': ['authorities.payment'],
  'secrets:mail': ['relays.mail'],
  'secrets:vpn': ['boundary.mesh-vpn'],
  'secrets:data': ['boundary.dataset-hub'],
};

/** `accepts`, for what is served; among all hosts there is one for every key. */
export function addAcceptance(sheet: Sheet): void {
  const facts = [...sheet.facts];
  const secrets = facts.flatMap(([predicate, kind]) => (predicate === 'secret' ? [kind as string] : []));
  if (secrets.length === 0) return;
  for (const [predicate, host, entry] of facts) {
    if (predicate !== 'serves') continue;
    for (const kind of secrets)
      if (TAKEN_BY[kind]?.includes(entry as string))
        sheet.add(['accepts', host as string, kind], 'model', `${entry} takes ${kind}`);
  }
  for (const kind of secrets)
    sheet.add(['accepts', 'anywhere', kind], 'model', `among all hosts there is one that takes ${kind}`);
  sheet.add(['posts', 'anywhere'], 'model', 'among all hosts are those where something can be changed');
}
